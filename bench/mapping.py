"""Makes the figures of docs/transform.md, align.md, large-data.md and models.md, and writes them into the pages.

    ./build.sh mapping [--only SECTION ...] [--list] [--assemble]

Every section runs alone and leaves its text and its numbers in build/mapping/. In a page its figures stand between
<!-- figures SECTION --> and <!-- end -->; all else there is written by hand.
"""

import argparse
import datetime
import json
import re
import sys
import time
import traceback

import data
import engine
import mapping_align
import mapping_large
import mapping_points
import mapping_starts
from fidelity import machine
from mapping_common import OUT, Part

SECTIONS = {**mapping_points.SECTIONS, **mapping_starts.SECTIONS, **mapping_align.SECTIONS, **mapping_large.SECTIONS}
PAGES = ("transform.md", "align.md", "large-data.md", "models.md")
PLACE = re.compile(r"(<!-- figures (\w+) -->\n).*?(<!-- end -->)", re.S)


def run(name, make):
    part, t0 = Part(name), time.time()
    try:
        make(part)
    except data.Missing as e:
        print(f"{name}: left out: {e}", flush=True)
        return True
    except Exception:
        traceback.print_exc()
        print(f"{name}: failed", flush=True)
        return False
    part.save(dict(date=datetime.date.today().isoformat(), machine=machine(), build=engine.build()))
    print(f"{name}: done in {time.time() - t0:.0f} s", flush=True)
    for verdict, what in part.verdicts:
        print(f"  {verdict}: {what}")
    return True


def figures(match):
    file = OUT / f"{match[2]}.json"
    if not file.exists():
        return match[0]
    s = json.loads(file.read_text())
    foot = f"`./build.sh mapping --only {match[2]}`; {s['notes']['date']}; {s['notes']['machine']}.\n"
    return f"{match[1]}{s['text']}\n{foot}{match[3]}"


def assemble():
    for name in PAGES:
        page = data.ROOT / "docs" / name
        page.write_text(PLACE.sub(figures, page.read_text()))
        print(f"written: {page}")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--only", nargs="+", metavar="SECTION", choices=sorted(SECTIONS))
    a.add_argument("--list", action="store_true")
    a.add_argument("--assemble", action="store_true", help="only put what is there into the pages")
    args = a.parse_args()
    if args.list:
        print("\n".join(SECTIONS))
        return
    wanted = () if args.assemble else args.only or SECTIONS
    ok = not [name for name in wanted if not run(name, SECTIONS[name])]
    assemble()
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
