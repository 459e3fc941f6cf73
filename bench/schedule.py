#!/usr/bin/env python3
"""The figures of docs/schedule.md: maps by several schedules of iterations from the same starts, and what each is worth.

    python bench/schedule.py run DATA[,DATA] SCHEDULE[,SCHEDULE] [STARTS] [OPTION=VALUE ...]
    python bench/schedule.py table [SCHEDULE ...]
    python bench/schedule.py worse SCHEDULE [RULE]
    python bench/schedule.py candidates [STARTS [DATA[,DATA]]]
    python bench/schedule.py differences [DATA[,DATA]]

`candidates` runs four shorter schedules and 250 + 500 on sets of 10,000 rows and more, and prints
the differences; interrupted it goes on where it was when it is called again, and `differences` prints what there is. JOBS are the threads.

SCHEDULE is as 250@.8+500@.8: iterations and momentum of the early phase and of those after it; 150@.8+350@.95/250: the momentum rises from
0.8 over 250 of the 350. STARTS are as p3r3: so many of principal components turned and mirrored at random (p), of
Gaussians (r), spectral (s). Affinities are made once for a set; figures are kept in
build/schedule.jsonl. DATA are those of data.py, blood: cells of all centres, and cytof1 and on: 20,000 cells of that sample at most.

kl        KL divergence of the affinities and the map, summed over all pairs (by the grid above 100,000 points)
recall    share of each point's 10 nearest in the data that are among its 10 nearest in the map
knc, cpd  share of the 4 nearest class means kept; Spearman correlation of the distances of 1,000 points
accuracy  leave-one-out by the 10 nearest in the map
torn      pieces of a class beyond the first, over all classes of 100 points and more, as docs/fidelity.md counts them
span      the larger side of the map
"""

import functools
import json
import re
import sys
import time

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

import data
import evaluate
import opentsne_go as og
import paired
from trust import pieces

KEPT = data.BUILD / "schedule.jsonl"
COLUMNS = ("kl", "recall", "knc", "cpd", "accuracy", "torn", "span")
LESS = ("kl", "torn")  # is better; of the others, but for the span, more is
RULE = "250@.8+500@.8"
CANDIDATES = ("150@.8+350@.95/250", "150@.8+300@.95/200", "150@.8+250@.95/200", "150@.8+250@.95/150")
LARGE = "mnist10k,mnist70k,cells10000,simulated,thymus,blood/50000,cytof1,cytof2,cytof3,cytof4,cytof5"
KINDS = {"p": "pca", "r": "random", "s": "spectral"}


def phases(schedule):
    """Of each phase its iterations, its momentum, and over how many that rises from the one before."""
    found = re.findall(r"(\d+)@([.\d]+)(?:/(\d+))?", schedule)
    return [(int(n), float(m), int(over or 0)) for n, m, over in found]


def load(name):
    if re.fullmatch(r"cytof\d+", name):
        return data.cytof(int(name[5:]), 20_000)
    if not name.startswith("blood"):
        return data.load(name)
    z = data.held("multicenter_cytof.npz")
    X, y = data.shuffled(z["X"], z["y"])
    n = int(name.partition("/")[2] or len(X))
    return X[:n], y[:n]


def classes(X, y):
    """What KNC is of: the labels where they are eight or more, else 20 groups of k-means."""
    if len(np.unique(y)) >= 8:
        return y
    from sklearn.cluster import KMeans
    some = X[:20_000]
    return KMeans(min(20, len(X) // 10), random_state=0, n_init=1).fit(some).predict(X)


class Judge:
    """A data set, and what its maps are measured against."""

    def __init__(self, name):
        self.X, self.y = load(name)
        self.n = len(self.X)
        self.groups = classes(self.X, self.y)
        self.means = paired.nearest_means(self.X, self.groups)
        self.near = og.neighbors(self.X, 10, n_jobs=JOBS)[0]
        r = np.random.default_rng(0)
        self.some = r.choice(self.n, min(self.n, 1000), replace=False)
        self.far = pdist(self.X[self.some].astype(np.float64))
        sizes = dict(zip(*np.unique(self.y, return_counts=True)))
        self.large = np.isin(self.y, [c for c, k in sizes.items() if k >= 100])

    def torn(self, Y):
        if self.n > 100_000 or not self.large.any():
            return None
        piece, y = pieces(Y[self.large], self.y[self.large]), self.y[self.large]
        return sum(max(0, len(np.unique(piece[(y == c) & (piece >= 0)])) - 1) for c in np.unique(y))

    def __call__(self, e, affinities, dof):
        Y = np.asarray(e, np.float64)
        near = evaluate.nearest_in_map(Y)
        how = "exact" if self.n <= 100_000 else "auto"
        return dict(kl=float(og.gradient(np.asarray(e), affinities, dof=dof, negative_gradient_method=how, n_jobs=JOBS)[1]),
                    recall=evaluate.recall(self.near, near),
                    knc=evaluate.recall(self.means, paired.nearest_means(Y, self.groups)),
                    cpd=float(spearmanr(self.far, pdist(Y[self.some])).statistic),
                    accuracy=evaluate.accuracy(self.y, near), torn=self.torn(Y), span=evaluate.span(Y))


@functools.lru_cache(1)
def judge(name):
    return Judge(name)


@functools.lru_cache(1)
def affinities(name, perplexity):
    several = [float(p) for p in str(perplexity).split("/")]
    return og.affinity.PerplexityBasedNN(judge(name).X, perplexity=several[0], n_jobs=JOBS) if len(several) == 1 else og.affinity.Multiscale(
        judge(name).X, several, n_jobs=JOBS)


def fit(name, schedule, kind, seed, options):
    """A map: what is not of a first and a second phase goes on from there."""
    settings = {k: v for k, v in options.items() if k != "perplexity"}
    P = affinities(name, options.get("perplexity", 30))
    start = "spectral" if kind == "spectral" else paired.start(judge(name).X, kind, settings.get("n_components", 2), seed)
    (early, slow, _), (late, fast, over), *more = phases(schedule)
    e = og.TSNE(initialization=start, random_state=seed, n_jobs=JOBS, early_exaggeration_iter=early, initial_momentum=slow, n_iter=late,
                final_momentum=fast, momentum_iterations=over, **settings).fit(affinities=P)
    for n, momentum, _ in more:
        e = e.optimize(n, momentum=momentum, exaggeration=settings.get("exaggeration"))
    return e


@functools.cache
def kept():
    lines = KEPT.read_text().splitlines() if KEPT.exists() else []
    return {json.dumps(r["key"]): r["figures"] for r in map(json.loads, lines)}


def made(name, schedule, kind, seed, options):
    key = [name, schedule, kind, seed, dict(sorted(options.items()))]
    if json.dumps(key) not in kept():
        began = time.time()
        e = fit(name, schedule, kind, seed, options)
        took = time.time() - began
        figures = judge(name)(e, affinities(name, options.get("perplexity", 30)), options.get("dof", 1))
        kept()[json.dumps(key)] = figures
        with KEPT.open("a") as f:
            f.write(json.dumps(dict(key=key, figures=figures)) + "\n")
        print(f"{name} {schedule} {kind} {seed} {options}: " + " ".join(f"{k} {v:.4g}" for k, v in figures.items() if v is not None) + f"  {took:.1f} s", flush=True)
    return kept()[json.dumps(key)]


def value(text):
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def run(names, schedules, starts="p3r3", *given):
    options = {k: value(v) for k, v in (g.split("=") for g in given)}
    for name in names.split(","):
        for kind, many in re.findall(r"([prs])(\d+)", starts):
            for seed in range(int(many)):
                for schedule in schedules.split(","):
                    made(name, schedule, KINDS[kind], seed, options)


def groups_of():
    """Figures by data set and options, then by schedule, then by start."""
    found = {}
    for text, figures in kept().items():
        name, schedule, kind, seed, options = json.loads(text)
        label = " ".join([name, *(f"{k}={v}" for k, v in options.items())])
        found.setdefault(label, {}).setdefault(schedule, {})[kind, seed] = figures
    return found


def beside(of, rule, column):
    """Differences to a rule over the starts that both have: mean, standard error, how many."""
    both = [s for s in of if s in rule and of[s][column] is not None and rule[s][column] is not None]
    d = np.array([of[s][column] - rule[s][column] for s in both], float)
    return (d.mean(), d.std(ddof=1) / len(d) ** 0.5 if len(d) > 1 else np.nan, len(d)) if len(d) else (np.nan, np.nan, 0)


def is_worse(column, mean, error):
    return column != "span" and (mean if column in LESS else -mean) > 2 * error and abs(mean) > 1e-12


def table(*schedules):
    for label, by in groups_of().items():
        for schedule in [s for s in schedules or by if s in by]:
            cells = []
            for c in COLUMNS:
                values = [f[c] for f in by[schedule].values() if f[c] is not None]
                mean, error, _ = beside(by[schedule], by.get(RULE, {}), c)
                mark = " **worse**" if schedule != RULE and is_worse(c, mean, error) else ""
                cells.append(f"{np.mean(values):.4g}" + (f" ({mean:+.4f} ± {error:.4f}){mark}" if schedule != RULE else "") if values else "")
            print(f"| {label} | {schedule} | {len(by[schedule])} | " + " | ".join(cells) + " |")


def worse(schedule, rule=RULE):
    """What is worse than by a rule, over two standard errors of the starts."""
    for label, by in groups_of().items():
        if schedule in by and rule in by:
            for c in COLUMNS:
                mean, error, n = beside(by[schedule], by[rule], c)
                if is_worse(c, mean, error):
                    print(f"{label}: {c} {mean:+.4f} ± {error:.4f}, {n} starts")


def candidates(starts="p3r3", names=LARGE):
    for name in names.split(","):
        try:
            run(name, ",".join((RULE, *CANDIDATES)), starts)
        except data.Missing as missing:
            print(missing, flush=True)
    differences(names)


def differences(names=LARGE):
    """Those of each candidate to the rule with their standard errors, and how many are worse by over two of these."""
    columns = [c for c in COLUMNS if c != "span"]
    found = groups_of()
    print("| schedule | data | starts | " + " | ".join(columns) + " |\n|" + "---|" * (len(columns) + 3))
    for schedule in CANDIDATES:
        count = dict.fromkeys(columns, 0)
        for name in names.split(","):
            by = found.get(name, {})
            if schedule not in by or RULE not in by:
                continue
            cells, starts = [], 0
            for c in columns:
                mean, error, n = beside(by[schedule], by[RULE], c)
                worse_here = bool(is_worse(c, mean, error))
                count[c] += worse_here
                starts = max(starts, n)
                cells.append(f"{mean:+.4f} ± {error:.4f}" + " **worse**" * worse_here if n else "")
            print(f"| {schedule} | {name} | {starts} | " + " | ".join(cells) + " |")
        print(f"| {schedule} | sets where it is worse | | " + " | ".join(str(count[c]) for c in columns) + " |")


if __name__ == "__main__":
    JOBS = int(__import__("os").environ.get("JOBS", "1"))
    what, *rest = sys.argv[1:] or [""]
    if what not in ("run", "table", "worse", "candidates", "differences"):
        sys.exit(__doc__)
    globals()[what](*rest)
