"""What the figures of the mapping pages share: a page's part, turns at the machine, places of labels."""

import contextlib
import functools
import json
import statistics
import time

import numpy as np
from scipy.spatial import cKDTree

import data
import engine
import jobs
import opentsne_go as og
from fidelity_common import Section

OUT = data.BUILD / "mapping"
IMG = data.ROOT / "docs" / "img"
THREADS = 2


class Part(Section):
    """Figures between two marks of a docs page: text, tables, verdicts, and the numbers behind them."""

    def __init__(self, name):
        super().__init__(name)
        self.numbers = {}

    def save(self, notes):
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / f"{self.name}.json").write_text(json.dumps(
            dict(text="\n".join(self.parts), verdicts=self.verdicts, numbers=self.numbers, notes=notes), indent=1))


def seconds(work):
    """What work() gives, and the seconds it took; the caller has the turn."""
    t0 = time.perf_counter()
    made = work()
    return made, time.perf_counter() - t0


@contextlib.contextmanager
def turn(what):
    """A turn at the machine, with a line on what it was for."""
    with jobs.turn():
        t0 = time.time()
        yield
    print(f"  {what}: {time.time() - t0:.1f} s", flush=True)


def fit(X, **settings):
    """A map by the package's defaults and openTSNE's iterations unless told otherwise."""
    return og.TSNE(**{"n_jobs": THREADS, "random_state": 0, **engine.BY_RULE, **settings}).fit(X)


def median(values):
    return statistics.median(values)


def duration(t):
    """Seconds in words."""
    return f"{t * 1e3:.1f} ms" if t < 0.1 else f"{t * 1e3:.0f} ms" if t < 1 else f"{t:.1f} s"


def vote(Y, labels, points, k=10):
    """The most frequent label among the k nearest of Y, the smallest on a tie, for each point."""
    near = cKDTree(np.asarray(Y, np.float64)).query(np.asarray(points, np.float64), k, workers=THREADS)[1]
    values, code = np.unique(labels, return_inverse=True)
    votes = np.zeros((len(near), len(values)), np.int32)
    for j in range(k):
        np.add.at(votes, (np.arange(len(near)), code[near[:, j]]), 1)
    return values[votes.argmax(1)]


def share_right(Y, labels, points, own):
    return float((vote(Y, labels, points) == own).mean())


def side(Y):
    """The larger side of a map."""
    return float(np.ptp(np.asarray(Y), axis=0).max())


def centroids(Y, labels, classes):
    return np.array([np.asarray(Y, np.float64)[labels == c].mean(0) for c in classes])


def apart(A, a, B, b):
    """Mean distance of the means of shared classes, in sides of map A."""
    classes = np.intersect1d(a, b)
    return float(np.linalg.norm(centroids(A, a, classes) - centroids(B, b, classes), axis=1).mean() / side(A))


@functools.cache
def mnist_reference():
    """The map of the 60,000 training digits, made once for each build of the library."""
    path = OUT / f"mnist60k-{engine.build()}.npz"
    if not path.exists():
        X, _ = data.load("mnist70k")
        OUT.mkdir(parents=True, exist_ok=True)
        with turn("map of 60,000 digits"):
            fit(X[:60_000]).save(path)
    return og.load(path, n_jobs=THREADS)
