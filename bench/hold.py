"""On what the pull of align was chosen (docs/align.md, "What holds a map"): python bench/hold.py sets|few.

One thread: maps of one data set at a time. No cell of the batches that the page reports on is among these.
"""

import sys

import numpy as np

import data
import engine
import opentsne_go as og
from mapping_common import share_right
from pull import load, some, turned

#: Pull, and the iteration of the second phase from which there is none.
GRID = ((None, 500), (0.001, 500), (0.001, 400), (0.002, 400), (0.004, 400))


def digits(lo, hi, n, seed=0):
    X, y = data.load("mnist70k")
    return some(X[lo:hi], y[lo:hi], n, seed)


def simulated(half, keep, n, seed=0):
    X, y = data.cells(40_000, seed=3)
    X, y = np.split(X, 2)[half], np.split(y, 2)[half]
    use = keep(y)
    return some(X[use], y[use], n, seed)


def sets():
    """Name: the reference, new data, the metric that places them, how many free fits, the label of none."""
    def half_of_the_digits():
        X, y = digits(35_000, 70_000, 16_000)
        use = np.isin(y, (1, 3, 4, 7, 9))
        return some(X[use], y[use], 6_000)

    def half_of_the_types():
        X, y = simulated(1, lambda y: y % 2 == 0, 20_000)
        return some((X / 3 + 5) * np.exp(np.random.default_rng(0).normal(0, 0.2, 50)), y, 6_000)

    def sample(b):
        z = load("multicenter_cytof")
        return some(z["X"][z["batch"] == b], z["y"][z["batch"] == b], 10_000)
    first = digits(0, 35_000, 10_000)
    yield "digits", first, digits(35_000, 70_000, 10_000), "euclidean", 3, None
    yield "half of the digits", first, half_of_the_digits(), "euclidean", 3, None
    yield "half of the types", simulated(0, lambda y: y >= 0, 10_000), half_of_the_types(), "correlation", 3, None
    for b in (5, 8, 10, 12):
        yield f"sample {b}", sample(1), sample(b), "euclidean", 3, 0


def few():
    z = load("cell_lines")
    for s in range(6):
        n = 150 + 20 * s
        yield f"digits {s}", digits(0, 35_000, 300, s), digits(35_000, 70_000, n, s), "euclidean", 6, None

        def largest(y, k):
            return np.isin(y, np.argsort(-np.bincount(y))[:k])
        yield (f"types {s}", simulated(0, lambda y: largest(y, 5), 160, s), simulated(1, lambda y: largest(y, 3 if s % 2 else 5), n, s),
               "correlation", 6, None)
        one = z["batch"] == 0
        yield f"lines {s}", some(z["X"][one], z["y"][one], 200, s), some(z["X"][~one], z["y"][~one], n, s), "euclidean", 6, None


def fit(X, **how):
    return og.TSNE(**{"n_jobs": 1, "random_state": 0, **engine.BY_RULE, **how}).fit(X)


def laid(Y, places):
    """A map as align lays it."""
    to, at = places - places.mean(0), Y - Y.mean(0)
    return places.mean(0) + at / max(1, (at * to).sum() / (to * to).sum())


def main(which):
    found = {}
    for name, (X, y), (Z, z), metric, starts, none in which():
        reference = fit(X)
        places = np.asarray(reference.transform(Z, k=10, n_iter=0, metric=metric))
        free = np.mean([fit(np.ascontiguousarray(Z @ turned(s, Z.shape[1]))).kl_divergence for s in range(starts)])

        def share(Y):
            return share_right(np.asarray(reference)[y != none], y[y != none], np.asarray(Y)[z != none], z[z != none])
        for pull, until in GRID:
            e = fit(Z, n_iter=until, pull=pull, pull_y=places, pull_frame="grown", initialization=og.initialization.rescale(places))
            e = e.optimize(500 - until, pull=None)
            got = 100 * (e.kl_divergence / free - 1), share(laid(np.asarray(e), places)) - share(places)
            found.setdefault((pull, until), []).append(got)
            print(f"{name}: {pull}, {until}: KL {got[0]:+.1f} %, on island {got[1]:+.3f}", flush=True)
    for (pull, until), got in found.items():
        kl, share = np.array(got).T
        print(f"| {pull or 0:g} | {until} | {kl.mean():+.1f} % | {kl.max():+.1f} % | {share.mean():+.3f} | {share.min():+.3f} |")


if __name__ == "__main__":
    main({"sets": sets, "few": few}[sys.argv[1]])
