"""Makes docs/fidelity.md: what the maps are worth, figure by figure, beside other programs.

    ./build.sh fidelity [--only SECTION ...] [--list] [--keep]

Every section runs alone and leaves its text in build/fidelity/. In the report it stands between <!-- figures SECTION --> and
<!-- end -->, and stays as it is until it is run again. Other programs' maps are kept in build/fidelity/ too. Ours are made anew when the library has changed.
FIt-SNE takes part where FITSNE_BIN names its program, and by its kept maps.
"""

import argparse
import datetime
import json
import os
import platform
import re
import sys
import time
import traceback

import data
import engine
import fidelity_exact
import fidelity_maps
import fidelity_real
from fidelity_common import OUT, Section

SECTIONS = {**fidelity_exact.SECTIONS, **fidelity_maps.SECTIONS, **fidelity_real.SECTIONS}

HEAD = """# Fidelity

What the maps are worth, made by `./build.sh fidelity`. Each table says its target, what was measured, and whether that
is a pass. KL is the Kullback-Leibler divergence with the normalisation summed over all pairs, by one evaluator for all
programs (`bench/evaluate.py`), on affinities of exact neighbours; recall is the share of a point's 10 nearest neighbours in the data
that are among its 10 nearest in the map; accuracy is that of the most frequent label among those 10, the point itself left out.

"""


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 platform.processor())
    return f"{model}, {len(os.sched_getaffinity(0))} threads; libtsne {engine.version()} ({engine.cpu()} kernels)"


def run(name, make):
    s = Section(name)
    t0 = time.time()
    try:
        make(s)
        state = "done"
    except data.Missing as e:
        print(f"{name}: left out: {e}", flush=True)
        return None
    except Exception:
        traceback.print_exc()
        print(f"{name}: failed", flush=True)
        return False
    s.save(dict(date=datetime.date.today().isoformat(), machine=machine(), seconds=round(time.time() - t0), build=engine.build()))
    print(f"{name}: {state} in {time.time() - t0:.0f} s", flush=True)
    return True


PART = re.compile(r"<!-- figures (\w+) -->\n(.*?)<!-- end -->\n", re.S)


def latest(name, before):
    """A section's text: of its last run here, else as the report has it."""
    file = OUT / f"{name}.json"
    if not file.exists():
        return before.get(name)
    s = json.loads(file.read_text())
    return f"{s['text']}\n`./build.sh fidelity --only {name}`; {s['notes']['date']}; {s['notes']['machine']}.\n"


def verdicts(text):
    """Of a section's tables of targets: (title, figure, target, measured, verdict)."""
    title = re.match(r"## (.*)", text)[1]
    for line in text.splitlines():
        cells = [c.strip() for c in line.split("|")[1:-1]]
        if cells and cells[-1] in ("pass", "**miss**"):
            yield title, *cells


def assemble():
    path = data.ROOT / "docs" / "fidelity.md"
    before = dict(PART.findall(path.read_text())) if path.exists() else {}
    texts = {name: text for name in SECTIONS if (text := latest(name, before))}
    judged = [v for text in texts.values() for v in verdicts(text)]
    missed = [v for v in judged if v[-1] != "pass"]
    summary = f"{len(judged) - len(missed)} of {len(judged)} targets are met.\n"
    if missed:
        summary += "\nNot met:\n\n" + "".join(f"- {title}: {what}: {got}, target {want}\n" for title, what, want, got, _ in missed)
    summary += "".join(f"\n{name}: not run.\n" for name in SECTIONS if name not in texts)
    path.write_text(HEAD + summary + "\n" + "\n".join(f"<!-- figures {name} -->\n{text}<!-- end -->\n" for name, text in texts.items()))
    print(summary + f"report: {path}")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--only", nargs="+", metavar="SECTION", choices=sorted(SECTIONS))
    a.add_argument("--list", action="store_true")
    a.add_argument("--assemble", action="store_true", help="only put the report together from what is there")
    args = a.parse_args()
    if args.list:
        print("\n".join(SECTIONS))
        return
    ok = True
    if not args.assemble:
        for name, make in SECTIONS.items():
            if not args.only or name in args.only:
                ok &= run(name, make) is not False
    assemble()
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
