#!/usr/bin/env python3
"""The table "Over three starts" of docs/benchmarks.md: libtsne beside openTSNE and FIt-SNE, all from the same starts.

    python bench/starts.py [DATA[,DATA]]

Starts are two of principal components, turned and mirrored at random, and a Gaussian; columns are schedule.py's. Maps and figures stay in
build/bench/starts, from where it goes on when it is called again.
"""

import json
import sys

import numpy as np

import data
import jobs
import paired
import plan
import schedule

DATA = "digits,mnist10k,thymus,mnist70k,mnist784"
STARTS = (("pca", 0), ("pca", 1), ("random", 0))
THEIRS = ("openTSNE", "FIt-SNE")
OURS = ("libtsne", "libtsne, 250 + 500")
FOLDER = data.BUILD / "bench" / "starts"
BOUNDS = {"kl": 0, "recall": -0.003, "accuracy": -0.002, "knc": -0.02}


def figures(name, label, kind, seed):
    path = FOLDER / f"{name}-{label.replace(', ', '-').replace(' ', '')}-{kind}{seed}.json"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        judge = schedule.judge(name)
        start, out = FOLDER / f"{name}-{kind}{seed}.npy", path.with_suffix(".npy")
        np.save(start, paired.start(judge.X, kind, 2, seed))
        peer, options = {**plan.PEERS, **plan.OURS}[label]
        told = jobs.report(peer, [*jobs.command(peer, name, out, start=None, **options), "--init", str(start)])
        if "error" in told:
            raise SystemExit(f"{label} on {name}: {told['error']}")
        path.write_text(json.dumps(judge(np.load(out), schedule.affinities(name, 30), 1)))
    return json.loads(path.read_text())


def main(names=DATA):
    print("| data | program | KL | recall | accuracy | KNC | CPD |\n|---|---|---|---|---|---|---|")
    missed = []
    for name in names.split(","):
        found = {label: [figures(name, label, *start) for start in STARTS] for label in (*OURS, *THEIRS)}
        mean = {label: {c: float(np.mean([f[c] for f in of])) for c in (*BOUNDS, "cpd")} for label, of in found.items()}
        for label, m in mean.items():
            print(f"| {plan.TITLES[name]} | {label} | {m['kl']:.3f} | {m['recall']:.3f} | {m['accuracy']:.4f} | {m['knc']:.3f} | {m['cpd']:.3f} |", flush=True)
        for ours in OURS:
            for theirs in THEIRS:
                off = {c: mean[ours][c] - mean[theirs][c] for c in BOUNDS}
                missed += [f"{plan.TITLES[name]}: {c} of {ours} less that of {theirs} is {off[c]:+.4f}, bound {bound}"
                           for c, bound in BOUNDS.items() if (off[c] > bound if c == "kl" else off[c] < bound)]
    print("\n" + ("\n".join(missed) or "No figure is beyond its bound."))


if __name__ == "__main__":
    schedule.JOBS = 2
    main(*sys.argv[1:])
