"""docs/benchmarks.md and docs/kernels.md from build/bench/results.json."""

import statistics

import data
import pictures
from plan import AT_SCALE_TARGETS, CHART, LATE_TARGET, PEERS, TARGETS, TITLES

HEAD = """# Benchmarks

Made by `./build.sh bench`. All programs run interleaved in one run on the same rows, start, perplexity 30, 250 + 500 iterations,
learning rate n/12 and momentum 0.5 then 0.8, wherever they can be told so. libtsne runs after each of the others, at its defaults (from 10,000 points on
150 + 350 iterations with a momentum that rises to 0.95, [schedule.md](schedule.md)) and with what they are given, and
its medians count. Whole job: from the matrix in memory to the finished map, no imports, no files, no compiling. Peak is the highest resident set
of the process that did the work, Python and the data included where it runs in Python. Quality is one evaluator's
(`bench/evaluate.py`): KL with the normalisation over all pairs on affinities of exact neighbours, 10-nearest-neighbour recall, and
leave-one-out 10-nearest-neighbour accuracy of the labels.

Time only means something beside quality: the tree programs at their usual angles end at a higher KL.

"""


def medians(rows):
    """One row a label: the median of each number."""
    out = {}
    for r in rows:
        if "error" not in r:
            out.setdefault(r["label"], []).append(r)
    return {label: {k: statistics.median(x[k] for x in rs if k in x) if isinstance(rs[0].get(k), float) else rs[0][k]
                    for k in {k for x in rs for k in x} if any(k in x for x in rs) and k in rs[0]} for label, rs in out.items()}


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
    peers = {k: r for k, r in m.items() if k in PEERS}
    rule = m.get("libtsne, 250 + 500")
    if name not in TARGETS or not peers or not rule:
        return []
    tsne = [k for k in peers if "not t-SNE" not in k]
    text = ["| beside | target | at the defaults | | at 250 + 500 |", "|---|---|---|---|---|"]
    for who, want in TARGETS[name].items():
        if who == "the fastest t-SNE" and tsne:
            other = min(tsne, key=lambda k: peers[k]["seconds"])
            who = f"{who}, {other}"
        else:
            other = who
        if other in peers:
            took = peers[other]["seconds"]
            text.append(f"| {who} | {want:g} x | {took / us['seconds']:.1f} x | {verdict(took / us['seconds'] >= want)} | {took / rule['seconds']:.1f} x |")
    ours = us.get("quality")
    for who in ("openTSNE", "FIt-SNE"):
        if ours and "quality" in peers.get(who, {}):
            theirs = peers[who]["quality"]
            text.append(f"| KL less that of {who} | 0 or less | {ours['kl'] - theirs['kl']:+.3f} | {verdict(ours['kl'] <= theirs['kl'])} | {rule['quality']['kl'] - theirs['kl']:+.3f} |")
            for what, most in (("recall", 0.003), ("accuracy", 0.002)):
                gap = ours[what] - theirs[what]
                text.append(f"| {what} less that of {who} | -{most:g} or more | {gap:+.4f} | {verdict(gap >= -most)} | {rule['quality'][what] - theirs[what]:+.4f} |")
    c, f = m.get("libtsne, C program"), peers.get("FIt-SNE")
    if name == "mnist70k" and f and "late" in f and "late" in rule:
        ratio = f["late"] / rule["late"]
        text.append(f"| late iterations beside FIt-SNE | {LATE_TARGET} x, at most 10 ms | | {verdict(ratio >= LATE_TARGET and rule['late'] <= 10)} | {ratio:.1f} x, {rule['late']:.1f} ms |")
    if c and f:
        text.append(f"| peak MiB of the C program, and FIt-SNE's | no higher | {c['peak_mib']:.0f}, {f['peak_mib']:.0f} | {verdict(c['peak_mib'] <= f['peak_mib'])} | |")
    return text + [""]


def verdict(good):
    return "pass" if good else "**miss**"


def chart(results):
    """KL against seconds, of every program that has a KL and of libtsne with fewer iterations."""
    panels = {}
    for name in CHART:
        if name not in results["runs"]:
            continue
        m = medians(results["runs"][name]["rows"])
        points = {k: (r["seconds"], r["quality"]["kl"]) for k, r in m.items()
                  if "kl" in r.get("quality", {}) and k in (*PEERS, "libtsne", "libtsne, 250 + 500")}
        line = [(r["seconds"], r["quality"]["kl"]) for r in results.get("fewer", {}).get(name, []) if "quality" in r]
        panels[TITLES[name]] = points, line
    if not panels:
        return []
    pictures.bought(data.ROOT / "docs" / "img" / "bought.png", panels)
    return ["## What time buys\n", "![KL divergence against seconds, of each program](img/bought.png)\n",
            "Each point is a program's whole job above, nearer to the lower left corner is better; the line is libtsne with 250 iterations of the first phase and 100 to 300 of the second.\n"]


def fewer(name, rows, run):
    """How few iterations give a map as good as FIt-SNE's."""
    m = medians(run["rows"])
    f = m.get("FIt-SNE")
    if not f:
        return []
    text = [f"### As good a map in less time: {TITLES[name]}\n",
            "libtsne at its default learning rate (n / exaggeration of the phase) with fewer iterations, beside FIt-SNE's 250 + 500.\n",
            "| iterations | whole job s | KL | recall | accuracy | |", "|---|---|---|---|---|---|"]
    q = f["quality"]
    text.append(f"| FIt-SNE, 250 + 500 | {f['seconds']:.2f} | {q['kl']:.3f} | {q['recall']:.3f} | {q['accuracy']:.4f} | |")
    for r in rows:
        g = r["quality"]
        good = g["kl"] <= q["kl"] and g["recall"] >= q["recall"] - 0.005 and g["accuracy"] >= q["accuracy"] - 0.002
        text.append(f"| {r['label']} | {r['seconds']:.2f} | {g['kl']:.3f} | {g['recall']:.3f} | {g['accuracy']:.4f} | "
                    + (f"as good, {f['seconds'] / r['seconds']:.1f} x faster" if good else "") + " |")
    return text + [""]


def whole(r, iterations=750):
    """Seconds of a whole job, from one with few iterations."""
    return r["seconds"] - r["optimize"] + r["optimize"] / r["iterations"] * iterations


MIB = 2**20


def scale(found):
    ours, peers = {label: r for label, r in found["ours"].items() if "error" not in r}, found["peers"]
    text = ["## Millions of rows\n",
            ("Simulated cells (`bench/data.py`), 50 columns, from one call, at the defaults where nothing else is said; `./build.sh bench --data --scale`. Memory is what is not of files, "
             "above what the process had with the data in memory; init has the making of P symmetric in it, which comes before it and tells nothing of itself. A hundred million rows: [large-data.md](large-data.md).\n")]
    for label, r in ours.items():
        text += [f"### {label}\n", f"{r['date']}; {r['machine']}; {r['threads']} threads.\n",
                 "| stage | seconds | peak MiB | bytes a point |", "|---|---|---|---|"]
        for s, v in r["stages"].items():
            text.append(f"| {s} | {v['seconds']:.1f} | {v['peak'] / MIB:,.0f} | {v['peak'] / r['n']:,.0f} |")
        peak = max(v["peak"] for v in r["stages"].values())
        text += [f"| **whole job** | **{r['seconds']:.0f}** | **{peak / MIB:,.0f}** | **{peak / r['n']:,.0f}** |", "",
                 f"{r['early']:.0f} ms an iteration early and {r['late']:.0f} ms late; KL {r['kl']:.3f}; recall {r['recall']:.3f} and accuracy {r['accuracy']:.4f} on 2,000 points.\n"]
    both = [ours.get("1,000,000 rows"), ours.get("1,000,000 rows, 250 + 500")]
    if not peers or None in both:
        return text
    text += ["### Others at 1,000,000 rows\n", "Their neighbours and some early iterations were run; 750 iterations are extrapolated from those, and late ones take longer (libtsne's were run).\n",
             "| | neighbours s | ms/iteration | 750 iterations, whole job | times libtsne at its defaults | at 250 + 500 | target | peak MiB |", "|---|---|---|---|---|---|---|---|"]
    for label, r in peers.items():
        if "error" in r:
            text.append(f"| {label} | {r['error']} | | | | | | |")
            continue
        if "optimize" not in r:
            least = " | ".join(f"over {r['seconds'] / us['seconds']:.1f}" for us in both)
            text.append(f"| {label} | | | over {r['seconds']:.0f} s: {r['iterations']} iterations took that | {least} | | {r['peak_mib']:,.0f} |")
            continue
        want = AT_SCALE_TARGETS.get(label)
        missed = f"{want} x: {verdict(whole(r) / both[0]['seconds'] >= want)}" if want else ""
        text.append(f"| {label} | {num(r.get('neighbors'), '.0f')} | {r['optimize'] / r['iterations'] * 1e3:,.0f} | {whole(r) / 60:.0f} min | "
                    + " | ".join(f"{whole(r) / us['seconds']:.1f}" for us in both) + f" | {missed} | {r['peak_mib']:,.0f} |")
    for r in both:
        text.append(f"| **libtsne** | {r['stages']['neighbors']['seconds']:.0f} | {r['early']:.0f} to {r['late']:.0f} | **{r['seconds'] / 60:.1f} min**, {r['iterations']} iterations | | | | |")
    return [*text, ""]


def growth(rows):
    text = ["## How the cost grows\n", "libtsne at its defaults on simulated cells (`bench/data.py`); columns at 30,000 rows, threads at 70,000.\n",
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


def kernels(rows, bounds, made):
    """The rates that each benchmark reports; a rate in GFLOP/s or GB/s also as a share of what two cores can do."""
    text = ["# Kernels\n", f"{made['date']}; {made['machine']}.\n", "`./build.sh bench --data --kernels`: `go test -bench` of each package, portable loops beside vector paths. Per point, edge, pair or exponential in "
            "nanoseconds, else a rate. Beside the machine's bounds, measured with them: " + "; ".join(
                f"{b['cores']} core{'s' if b['cores'] > 1 else ''} {b['GFLOP/s']:.0f} GFLOP/s (BLAS, float32) and {b['GB/s']:.0f} GB/s (copying)" for b in bounds) + ".\n",
            "| kernel | ms/op | rate | share of two cores' bound |", "|---|---|---|---|"]
    for r in rows:
        rates = {u: v for u, v in r.items() if u not in ("package", "name", "ns/op", "B/op", "allocs/op")}
        share = next((f"{v / bounds[-1][u]:.0%}" for u, v in rates.items() if bounds and u in bounds[-1]), "")
        text.append(f"| {r['package']} {r['name']} | {r.get('ns/op', 0) / 1e6:,.3g} | {', '.join(f'{v:,.3g} {u}' for u, v in rates.items())} | {share} |")
    return text + [""]


def write(results):
    text = [HEAD, *(f"{remark}\n" for remark in results.get("remarks", [])), *chart(results)]
    for name in TITLES:
        if name in results["runs"]:
            text += section(name, results["runs"][name])
            if name in results.get("fewer", {}):
                text += fewer(name, results["fewer"][name], results["runs"][name])
    if results.get("scale", {}).get("ours"):
        text += scale(results["scale"])
    if results["growth"]:
        text += growth(results["growth"])
    text += [(data.ROOT / "bench" / page).read_text() for page in ("starts.md", "misses.md", "arm64.md")]
    for label, why in results["left_out"].items():
        text.append(f"{label} was left out: {why}.\n")
    if results["kernels"]:
        (data.ROOT / "docs" / "kernels.md").write_text("\n".join(kernels(results["kernels"], results.get("bounds", []), results["kernels_made"])))
    path = data.ROOT / "docs" / "benchmarks.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(text))
    print(f"report: {path}")
