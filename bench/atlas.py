#!/usr/bin/env python3
"""The figures of docs/large-data.md on settings for millions of cells, and on neighbours that are missed.

    python bench/atlas.py presets DATA[,DATA] [SEEDS [WORDS]]
    python bench/atlas.py recall DATA[,DATA] [SEEDS]
    python bench/atlas.py costs [ROWS]
    python bench/atlas.py picture MAP.png

presets: maps by perplexity 30 and by what large maps are made with, from the library's own starts; with WORDS those that are called so.
recall: maps of neighbours of which a share is found, by the effort of the approximate search.

costs: processor seconds of one thread on data of one shape, the lesser of two runs: of the approximate search, and milliseconds of a late iteration.

picture: the 929,685 blood cells by perplexity 30, by the preset and by it with exaggeration 4, and the seconds of each fit.

The columns are schedule.py's; KL is that of the affinities of perplexity 30 and all neighbours. `found` is the share of the 90 nearest
that the search found. Seconds are those of the whole fit.
"""

import sys
import time

import numpy as np

import data
import engine
import evaluate
import opentsne_go as og
import schedule

UNIFORM = dict(affinity="uniform", k=15)
PRESETS = {
    "perplexity 30": {},
    "perplexity 30, sample, exaggeration 4": dict(initialization="sample", exaggeration=4),
    "uniform 15": UNIFORM,
    "uniform 15, sample, exaggeration 4": dict(UNIFORM, initialization="sample", exaggeration=4),
    "uniform 15, sample, annealed": dict(preset="atlas"),
    "uniform 10, sample, annealed": dict(preset="atlas", k=10),
}
EFFORTS = (0.012, 0.02, 0.04, 0.1, 0.3, 1)
COLUMNS = ("kl", "recall", "knc", "cpd", "accuracy", "span")


def told(name, what, n, rows):
    cells = []
    for c in (*COLUMNS, "seconds", "found"):
        values = [r[c] for r in rows if r.get(c) is not None]
        if values:
            spread = f" ± {np.std(values, ddof=1) / len(values) ** 0.5:.2g}" if len(values) > 1 and c != "seconds" else ""
            cells.append(f"{np.mean(values):.4g}{spread}")
    print(f"| {name} | {n:,} | {what} | " + " | ".join(cells) + " |", flush=True)


def presets(names, seeds=1, words=""):
    for name in names.split(","):
        judge = schedule.judge(name)
        for what, settings in PRESETS.items():
            if words not in what:
                continue
            rows = []
            for seed in range(int(seeds)):
                began = time.perf_counter()
                e = og.TSNE(random_state=seed, n_jobs=2, **engine.BY_RULE | settings).fit(judge.X)
                rows.append({"seconds": time.perf_counter() - began, **judge(e, schedule.affinities(name, 30), 1)})
            told(name, what, judge.n, rows)


def recall(names, seeds=1):
    for name in names.split(","):
        judge = schedule.judge(name)
        k = 90
        true = og.neighbors(judge.X, k, n_jobs=2, method="exact")[0]
        for effort in (*EFFORTS, None):
            rows = []
            for seed in range(int(seeds)):
                began = time.perf_counter()
                how = dict(neighbors="exact") if effort is None else dict(neighbors="approx", neighbors_effort=effort)
                index, distance = engine.neighbors(judge.X, k, seed=seed, **how)
                P = og.affinity.PerplexityBasedNN(knn_index=og.nearest_neighbors.PrecomputedNeighbors(index, distance), perplexity=30, n_jobs=2)
                start = og.initialization.pca(judge.X, random_state=seed)
                e = og.TSNE(random_state=seed, n_jobs=2, initialization=start, **engine.BY_RULE).fit(affinities=P)
                found = float(np.mean([len(np.intersect1d(a, b)) for a, b in zip(index[::7], true[::7])]) / k)
                rows.append({"seconds": time.perf_counter() - began, "found": found, **judge(e, schedule.affinities(name, 30), 1)})
            told(name, "exact" if effort is None else f"effort {effort:g}", judge.n, rows)


class Clock:
    """Processor time of this process as each stage and each fifty iterations end."""

    def __init__(self):
        self.began, self.stages, self.steps = time.process_time(), {}, []

    def stage_progress(self, stage, _done):
        self.stages[stage] = time.process_time() - self.began

    def __call__(self, *_):
        self.steps.append(time.process_time() - self.began)
        return False


def costs(rows=30_000):
    n = int(rows)
    r = np.random.default_rng(0)
    sheet = r.random((n, 3))
    kinds = {
        "simulated cells": data.cells(n)[0],
        "MNIST, 50 components": schedule.load("mnist70k")[0][:n],
        "a sheet of three dimensions": np.hstack([np.cos(f * sheet) + np.sin(f * sheet[:, ::-1]) for f in range(1, 17)] + [sheet[:, :2]]),
        "Gaussian noise": r.normal(size=(n, 50)),
    }
    told = {}
    for _ in range(2):
        for name, X in kinds.items():
            for what in ("perplexity 30", "uniform 15", "uniform 15, sample, annealed"):
                clock = Clock()
                e = og.TSNE(random_state=0, neighbors="approx", n_iter=300, callbacks=clock, **PRESETS[what]).fit(np.ascontiguousarray(X, np.float32))
                now = clock.stages["neighbors"], (clock.steps[-1] - clock.steps[-4]) / 150 * 1e3, time.process_time() - clock.began, np.ptp(np.asarray(e), axis=0).max()
                told[name, what] = min(told.get((name, what), now), now, key=lambda one: one[2])
    for (name, what), (search, late, whole, span) in told.items():
        print(f"| {name} | {what} | {search:.2f} | {late:.2f} | {whole:.1f} | {span:.0f} |")


def picture(out):
    from matplotlib import pyplot as plt
    X, y = schedule.load("blood")
    names = np.array(["not gated", "class 1", "class 2", "class 3", "class 4"])[y]
    colours = dict(zip(sorted(set(names)), ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#bbbbbb"], strict=True))
    figure, axes = plt.subplots(1, 3, figsize=(18, 6.4), layout="constrained")
    wanted = {"perplexity 30": {}, 'preset="atlas"': dict(preset="atlas"), 'preset="atlas", exaggeration 4': dict(preset="atlas", exaggeration=4)}
    for ax, (what, settings) in zip(axes, wanted.items()):
        began = time.perf_counter()
        e = og.TSNE(random_state=0, n_jobs=2, **settings).fit(X)
        seconds = time.perf_counter() - began
        print(f"{what}: {seconds:.0f} s, {e.n_iter} iterations, span {evaluate.span(np.asarray(e)):.0f}", flush=True)
        og.pl.scatter(np.asarray(e), names, palette=colours, title=f"{what}, {seconds:.0f} s", legend=ax is axes[-1], ax=ax)
    figure.savefig(out, dpi=110)


if __name__ == "__main__":
    schedule.JOBS = 2
    what, *rest = sys.argv[1:] or [""]
    if what not in ("presets", "recall", "costs", "picture"):
        sys.exit(__doc__)
    globals()[what](*rest)
