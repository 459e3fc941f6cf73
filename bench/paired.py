"""Maps of one data set by us and by openTSNE from the same starts, and what each is worth: kept as JSON lines.

A start is principal components turned and mirrored at random, or noise: jitter alone leaves a PCA start what it is.
"""

import dataclasses
import functools
import hashlib
import json
import os

import numpy as np
from scipy.spatial.distance import cdist, pdist
from scipy.stats import spearmanr

import data
import evaluate
import jobs

KEPT = data.BUILD / "fidelity" / "real.jsonl"
COLUMNS = ("kl", "recall", "accuracy", "knc", "cpd")  # of the first less is better, of the others more
THREADS = 1  # more would not change a figure
PERPLEXITY = 30
US, THEM = "libtsne", "openTSNE"


class NotRun(Exception):
    """A map whose figures are not kept, where no new ones are to be made."""


@dataclasses.dataclass(frozen=True)
class Task:
    """n rows of a data set, the same for all starts or drawn anew for each.

    settings: "defaults"; "equal"; "exact", where openTSNE's tree opens every cell; "grid", where it takes its grid; "early N", defaults but for the
    exaggeration of the early phase.
    """

    data: str
    n: int
    settings: str = "defaults"
    metric: str = "euclidean"
    dims: int = 2
    drawn: bool = False


@functools.lru_cache(2)
def groups(name):
    """The classes that KNC is of: the labels where they are eight or more, else 20 of k-means."""
    X, y = data.load(name)
    if len(np.unique(y)) >= 8:
        return y
    from sklearn.cluster import KMeans
    return KMeans(20, random_state=0, n_init=1).fit_predict(X)


class Truth:
    """What maps of some rows are measured against."""

    def __init__(self, name, n, metric, draw):
        X, y = data.load(name)
        some = slice(n) if draw is None else np.random.default_rng(draw).choice(len(X), n, replace=False)
        self.X, self.labels, self.groups = np.ascontiguousarray(X[some]), y[some], groups(name)[some]
        self.graph = evaluate.neighbors(self.X, min(3 * PERPLEXITY, n - 1), metric)
        self.P = evaluate.affinities(self.X, PERPLEXITY, self.graph)
        self.by = evaluate.CDIST.get(metric, metric)
        self.means = nearest_means(self.X, self.groups, self.by)
        self.some = np.random.default_rng(0).choice(n, min(n, 1000), replace=False)
        self.far = pdist(self.X[self.some].astype(np.float64), self.by)

    def __call__(self, Y):
        Y = np.asarray(Y, np.float64)
        near = evaluate.nearest_in_map(Y)
        return dict(kl=evaluate.kl(self.P, Y), recall=evaluate.recall(self.graph[0][:, :10], near),
                    accuracy=evaluate.accuracy(self.labels, near),
                    knc=evaluate.recall(self.means, nearest_means(Y, self.groups)),
                    cpd=float(spearmanr(self.far, pdist(Y[self.some])).statistic))


@functools.lru_cache(1)
def truth(name, n, metric, draw):
    return Truth(name, n, metric, draw)


def nearest_means(X, labels, metric="euclidean", k=4):
    means = np.array([X[labels == c].mean(0) for c in np.unique(labels)], np.float64)
    d = cdist(means, means, metric)
    np.fill_diagonal(d, np.inf)
    return np.argsort(d, 1)[:, :k]


def start(X, kind, dims, seed):
    r = np.random.default_rng([seed, 7])
    if kind == "random":
        return r.normal(scale=1e-4, size=(len(X), dims))
    Y = data.principal(X, dims)
    return Y * (1e-4 / Y[:, 0].std()) @ np.linalg.qr(r.normal(size=(dims, dims)))[0]


def options(task, n, seed):
    """Arguments that both programs take."""
    same = dict(n_components=task.dims, perplexity=PERPLEXITY, metric=task.metric, random_state=seed, n_jobs=THREADS, early_exaggeration_iter=250, n_iter=500)
    if task.dims == 3:
        same["negative_gradient_method"] = "bh"
    if task.settings == "equal":
        same.update(learning_rate=n / 12, initial_momentum=0.5, final_momentum=0.8)
    if task.settings.startswith("early"):
        same["early_exaggeration"] = float(task.settings.split()[1])
    return same


def ours(task, t, y0, seed):
    import opentsne_go
    exact = dict(neighbors="exact") if task.settings == "equal" else {}
    return opentsne_go.TSNE(initialization=y0, **options(task, len(y0), seed), **exact).fit(t.X)


def theirs(task, t, y0, seed):
    import openTSNE
    from openTSNE.nearest_neighbors import PrecomputedNeighbors
    exact = {"exact": dict(theta=1e-6), "grid": dict(negative_gradient_method="fft")}.get(task.settings, {})
    job = openTSNE.TSNE(initialization=y0, **options(task, len(y0), seed), **exact)
    if task.settings != "equal":
        return job.fit(t.X)
    graph = PrecomputedNeighbors(*t.graph)
    return job.fit(affinities=openTSNE.affinity.PerplexityBasedNN(knn_index=graph, perplexity=PERPLEXITY), initialization=y0)


@functools.cache
def version(who):
    """Of openTSNE its number; of ours what pins the bits of maps, which most commits leave alone."""
    if who == US:
        return hashlib.sha256((data.ROOT / "tests" / "golden" / "maps.txt").read_bytes()).hexdigest()[:10]
    import openTSNE
    return openTSNE.__version__


def key(who, task, kind, seed):
    return json.dumps([who, version(who), *dataclasses.astuple(task), kind, seed])


@functools.cache
def kept():
    lines = KEPT.read_text().splitlines() if KEPT.exists() else []
    return {json.dumps(r["key"]): r["figures"] for r in map(json.loads, lines)}


def figures(who, task, kind, seed):
    """What one map is worth; the map is made unless its figures are kept."""
    name = key(who, task, kind, seed)
    if name not in kept():
        if os.environ.get("FIDELITY_KEPT"):
            raise NotRun
        t = truth(task.data, task.n, task.metric, seed if task.drawn else None)
        with jobs.turn():
            Y = (ours if who == US else theirs)(task, t, start(t.X, kind, task.dims, seed), seed)
        kept()[name] = t(np.asarray(Y))
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        with KEPT.open("a") as f:
            f.write(json.dumps(dict(key=json.loads(name), figures=kept()[name])) + "\n")
    return kept()[name]


def pairs(task, starts):
    """Figures of both programs, one row a start, one column a figure: two arrays."""
    for s in starts:  # start by start, so that rows that are drawn serve both
        for who in (US, THEM):
            figures(who, task, *s)
    return [np.array([[figures(who, task, *s)[c] for c in COLUMNS] for s in starts]) for who in (US, THEM)]


def compare(us, them):
    """Means of both, of their differences, and the standard error of that."""
    d = us - them
    return us.mean(0), them.mean(0), d.mean(0), d.std(0, ddof=1) / np.sqrt(len(d))


def worse(us, them):
    """Columns that are worse than openTSNE's by over two standard errors."""
    _, _, d, error = compare(us, them)
    sign = np.array([1 if c == "kl" else -1 for c in COLUMNS])
    return [c for c, bad in zip(COLUMNS, sign * d > 2 * error) if bad]
