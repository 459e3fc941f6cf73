"""docs/benchmarks.md from build/bench/results.json."""

import data
import pictures
from run import PEERS, TARGETS, TITLES, medians

HEAD = """# Benchmarks

Made by `./build.sh bench`. All programs run interleaved in one run on the same rows, start, perplexity 30, 250 + 500 iterations,
learning rate n/12 and momentum 0.5 then 0.8, wherever they can be told so; libtsne runs once after each of the others and
its median counts. Whole job: from the matrix in memory to the finished map, no imports, no files, no compiling. Peak is the highest resident set
of the process that did the work, Python and the data included where it runs in Python. Quality is one evaluator's
(`bench/evaluate.py`): KL with the normalisation over all pairs on affinities of exact neighbours, 10-nearest-neighbour recall, and
leave-one-out 10-nearest-neighbour accuracy of the labels.

Time only means something beside quality: the tree programs at their usual angles end at a higher KL.

"""


def num(v, form):
    return "" if v is None else format(v, form)


def section(name, run):
    m = medians(run["rows"])
    us = m.get("libtsne")
    text = [f"## {TITLES.get(name, name)}\n", f"{run['date']}; {run['machine']}; {run['threads']} threads.\n",
            "| | version | whole job s | times libtsne | neighbours s | optimise s | ms/iteration early | late | peak MiB | KL | recall | accuracy |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|"]
    for label, r in sorted(m.items(), key=lambda kv: kv[1]["seconds"]):
        q = r.get("quality", {})
        text.append("| " + " | ".join([
            f"**{label}**" if label.startswith("libtsne") else label, str(r.get("version", "")), f"{r['seconds']:.2f}",
            f"{r['seconds'] / us['seconds']:.1f}" if us else "", num(r.get("neighbors"), ".2f"), num(r.get("optimize"), ".2f"),
            num(r.get("early"), ".1f"), num(r.get("late"), ".1f"), num(r.get("peak_mib"), ".0f"), num(q.get("kl"), ".3f"),
            num(q.get("recall"), ".3f"), num(q.get("accuracy"), ".4f")]) + " |")
    for r in run["rows"]:
        if "error" in r:
            text.append(f"| {r['label']} | | {r['error'].replace('|', '/')[:120]} |" + " |" * 9)
    text.append("")
    if us:
        ours = sorted(r["seconds"] for r in run["rows"] if r.get("label") == "libtsne" and "seconds" in r)
        if len(ours) > 1:
            text.append(f"libtsne's {len(ours)} runs took {ours[0]:.2f} to {ours[-1]:.2f} s.\n")
        text += targets(name, m, us)
    return text


def targets(name, m, us):
    if name not in TARGETS:
        return []
    peers = {k: r for k, r in m.items() if k in PEERS}
    if not peers:
        return []
    fastest = min(peers, key=lambda k: peers[k]["seconds"])
    rows = [(who, want) for who, want in zip(("openTSNE", "FIt-SNE", "scikit-learn-intelex, angle 0.25"), TARGETS[name]) if who in m]
    rows.append((fastest, TARGETS[name][3]))
    text = ["| beside | target | measured | |", "|---|---|---|---|"]
    for i, (who, want) in enumerate(rows):
        got = m[who]["seconds"] / us["seconds"]
        text.append(f"| {'the fastest at any quality, ' if i == len(rows) - 1 else ''}{who} | {want:g} x | {got:.1f} x | {'pass' if got >= want else '**miss**'} |")
    f = m.get("FIt-SNE", {})
    if "quality" in f and "quality" in us:
        gap = us["quality"]["kl"] / f["quality"]["kl"] - 1
        text.append(f"| KL beside FIt-SNE | at most 0.5 % above | {gap * 100:+.2f} % | {'pass' if gap <= 0.005 else '**miss**'} |")
    if "peak_mib" in f:
        text.append(f"| peak MiB beside FIt-SNE | no higher | {us['peak_mib']:.0f} against {f['peak_mib']:.0f} | {'pass' if us['peak_mib'] <= f['peak_mib'] else '**miss**'} |")
    return text + [""]


def growth(rows):
    text = ["## How the cost grows\n", "libtsne at its defaults on simulated cells (`bench/data.py`); columns at 30,000 rows.\n",
            "| rows | columns | threads | whole job s | neighbours s | optimise s | ms/iteration late |", "|---|---|---|---|---|---|---|"]
    for r in rows:
        text.append(f"| {r['n']:,} | {r['d']} | {r['threads']} | {r['seconds']:.2f} | {num(r['neighbors'], '.2f')} | {num(r['optimize'], '.2f')} | {num(r['late'], '.1f')} |")
    n = [r for r in rows if r["kind"] == "rows"]
    if len(n) > 2:
        pictures.lines(data.ROOT / "docs" / "img" / "growth.png", {
            "whole job": ([r["n"] for r in n], [r["seconds"] for r in n]),
            "optimise": ([r["n"] for r in n], [r["optimize"] for r in n])}, "rows", "seconds", "Seconds by rows, 50 columns")
        text += ["", "![seconds by rows](img/growth.png)"]
    return text + [""]


def kernels(rows):
    units = sorted({u for r in rows for u in r if u not in ("package", "name", "ns/op", "B/op", "allocs/op")})
    text = ["## Kernels\n", "`go test -bench`, portable loops and vector paths.\n", "| kernel | ns/op | " + " | ".join(units) + " |", "|---|---|" + "---|" * len(units)]
    for r in rows:
        text.append(f"| {r['package']} {r['name']} | {r.get('ns/op', 0):,.0f} | " + " | ".join(num(r.get(u), ",.2f") for u in units) + " |")
    return text + [""]


def write(results):
    text = [HEAD]
    for name in TITLES:
        if name in results["runs"]:
            text += section(name, results["runs"][name])
    if results["growth"]:
        text += growth(results["growth"])
    if results["kernels"]:
        text += kernels(results["kernels"])
    for label, why in results["left_out"].items():
        text.append(f"{label} was left out: {why}.\n")
    path = data.ROOT / "docs" / "benchmarks.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(text))
    print(f"report: {path}")
