"""Figures of docs/choosing.md: python bench/advice.py rates|starts|perplexity|iterations|spread|large."""

import sys

import numpy as np

import data
import engine
import opentsne_go as og
from mapping_common import share_right

HOW = {"n_jobs": 1, "random_state": 0, **engine.BY_RULE}


def row(*cells):
    print("| " + " | ".join(c if isinstance(c, str) else f"{c:,}" if isinstance(c, int) else f"{c:.3f}" for c in cells) + " |", flush=True)


def subsets(n, count=3):
    """Rows of the digits, or of MNIST where there are not as many, drawn count times."""
    X, y = data.load("digits" if n <= 1797 else "mnist70k")
    for seed in range(count if n < len(X) else 1):
        at = np.sort(np.random.default_rng(seed).choice(len(X), n, replace=False))
        yield np.ascontiguousarray(X[at]), y[at]


def mean_kl(n, count=3, **settings):
    return float(np.mean([og.TSNE(**HOW | settings).fit(X).kl_divergence for X, _ in subsets(n, count)]))


def rates():
    """The KL divergence by the learning rate, in n / 12."""
    for n in (100, 300, 1000, 1797, 10_000):
        auto = mean_kl(n)
        row(n, auto, *(f"{mean_kl(n, learning_rate=n / 12 * f) / auto - 1:+.1%}" for f in (0.02, 0.1, 0.5, 2, 5, 10, 20, 40, 80, 120)))
    row("100, rate 1000", mean_kl(100), mean_kl(100, learning_rate=1000))


def far(e):
    """The share of the affinities that is between points over a quarter of the map apart."""
    y, P = np.asarray(e), e.affinities.P.tocoo()
    reach = np.ptp(y, axis=0).max() / 4
    return float(P.data[np.linalg.norm(y[P.row] - y[P.col], axis=1) > reach].sum() / P.data.sum())


def starts():
    """PCA and random starts: neighbours, classes, distances, and affinities that reach across the map."""
    for name, n in (("digits", 1797), ("MNIST", 10_000)):
        X, y = next(subsets(n, 1))
        for start, rate in (("pca", "auto"), ("random", "auto"), ("pca", 200), ("random", 200), ("random", 20)):
            made = [og.TSNE(n_jobs=1, random_state=s, initialization=start, learning_rate=rate, **engine.BY_RULE).fit(X) for s in range(1 if start == "pca" else 5)]
            q = [og.quality(X, e, y, n_jobs=1) for e in made]
            row(name, start, str(rate), *(float(np.mean([getattr(one, f) for one in q])) for f in ("knn", "knc", "cpd")),
                float(np.mean([e.kl_divergence for e in made])), max(map(far, made)))


def perplexity():
    """One perplexity and two, from both starts; and what large data have instead."""
    for name, n in (("MNIST", 10_000), ("MNIST", 30_000)):
        X, y = next(subsets(n, 1))
        for start, settings in (("random", {}), ("random", {"perplexity": [30, n / 100]}), ("pca", {}), ("pca", {"perplexity": [30, n / 100]}),
                                ("sample", {"sample_size": n // 4}), ("pca", {"pull": 0.001})):
            q = []
            for seed in range(3 if start == "random" else 1):
                e = og.TSNE(n_jobs=1, random_state=seed, initialization=start, **engine.BY_RULE | settings).fit(X)
                q.append(og.quality(X, e, y, n_jobs=1))
            row(name, n, start, str(settings), *(float(np.mean([getattr(one, f) for one in q])) for f in ("knn", "knc", "cpd")))


def iterations():
    """The KL divergence after so many iterations of the second phase, and how much 50 more lower it."""
    for n in (1797, 10_000):
        X, _ = next(subsets(n, 1))
        for early, late in ((250, 50), (250, 100), (250, 250), (250, 500), (250, 750), (250, 1000), (50, 200)):
            e = og.TSNE(**HOW | {"early_exaggeration_iter": early, "n_iter": late}).fit(X)
            more = e.optimize(50)
            row(n, f"{early} + {late}", e.kl_divergence, f"{1 - more.kl_divergence / e.kl_divergence:.2%}")


def spread():
    """Held-out digits on maps that are larger than t-SNE made them: accuracy of the places, and refined; how far refinement goes."""
    X, y = data.load("digits")
    old = og.TSNE(**HOW).fit(X[:1400])
    for factor in (1, 3, 10, 30, 100, 1000):
        wide = old.optimize(0)
        wide[:] = np.asarray(old) * factor
        kl = wide.kl_divergence
        places, refined = wide.transform(X[1400:], n_iter=0), wide.transform(X[1400:])
        moved = np.linalg.norm(np.asarray(refined) - np.asarray(places), axis=1)
        row(f"{np.ptp(np.asarray(wide), axis=0).max():.0f}", kl, share_right(np.asarray(wide), y[:1400], np.asarray(places), y[1400:]),
            share_right(np.asarray(wide), y[:1400], np.asarray(refined), y[1400:]), float(np.median(moved)))


def large():
    """Blood, 929,685 cells: how much of a map is empty, by exaggeration."""
    X = np.load(data.shared() / "data" / "multicenter_cytof.npz")["X"]
    for exaggeration in (1, 4):
        e = np.asarray(og.TSNE(**HOW, exaggeration=exaggeration, initialization="sample").fit(X))
        low, high = e.min(axis=0), e.max(axis=0)
        count = np.histogram2d(*e.T, bins=200, range=list(zip(low, high, strict=True)))[0]
        inside = np.linalg.norm((np.indices((200, 200)) + 0.5) / 100 - 1, axis=0) < 0.8
        row(len(X), str(exaggeration), float(np.ptp(e, axis=0).max()), float((count[inside] == 0).mean()))


if __name__ == "__main__":
    for what in sys.argv[1:]:
        globals()[what]()
