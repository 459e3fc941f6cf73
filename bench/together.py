"""Figures of docs/together.md: python bench/together.py series|pulls|update|picture.

Displacement: how far a row (or the mean of a class) lies from itself in the map beside,
as a share of the root mean square distance from the mean in these maps."""

import itertools
import os
import sys
import warnings

import matplotlib.pyplot
import numpy as np

import data
import engine
import opentsne_go as og

JOBS = int(os.environ.get("JOBS", "2"))
T = {"n_jobs": JOBS, "random_state": 0, **engine.BY_RULE}


def load(name):
    return np.load(data.shared() / "data" / f"{name}.npz", allow_pickle=True)


def digits(n, seed=0):
    z = load("mnist70k")
    at = np.random.default_rng(seed).permutation(len(z["X"]))[:n]
    x = z["X"][at].astype(np.float32) / 255
    return (x - x.mean(0)) @ np.linalg.svd(np.cov(x.T))[0][:, :50].astype(np.float32), z["y"][at]


def series():
    """name: data sets, labels, keys (None: no shared rows)."""
    x, y = digits(8_000)
    sizes = (2_000, 4_000, 6_000, 8_000)
    yield "MNIST, growing", [x[:n] for n in sizes], [y[:n] for n in sizes], [np.arange(n) for n in sizes]
    z = load("thymus_masscyt")
    order = np.random.default_rng(0).permutation(len(z["X"]))
    parts = [order[a : a + 5_000] for a in (0, 2_500, 5_000, 7_500)]
    yield "mouse thymus, half shared", [z["X"][p] for p in parts], [z["y"][p] for p in parts], parts
    z = load("multicenter_cytof")
    sets, labels = [], []
    for b in (1, 6, 9, 13):
        own = np.flatnonzero((z["batch"] == b) & (z["y"] >= 0))
        own = np.sort(np.random.default_rng(0).choice(own, 3_000, replace=False))
        sets.append(z["X"][own])
        labels.append(z["y"][own])
    yield "blood, four centres", sets, labels, None


def size(y):
    return np.sqrt(((y - y.mean(0)) ** 2).sum(1).mean())


def relation(a, b):
    at = {key: i for i, key in enumerate(b)}
    return {i: at[key] for i, key in enumerate(a) if key in at}


def figures(maps, sets, labels, keys):
    """Displacement of rows, of class means; mean KNN."""
    maps = [np.asarray(m, float) for m in maps]
    rows, means = [], []
    for k in range(len(maps) - 1):
        unit = (size(maps[k]) + size(maps[k + 1])) / 2
        if keys is not None:
            pairs = np.array(list(relation(keys[k], keys[k + 1]).items()))
            rows.append(np.linalg.norm(maps[k][pairs[:, 0]] - maps[k + 1][pairs[:, 1]], axis=1).mean() / unit)
        both = np.intersect1d(labels[k], labels[k + 1])
        at = [np.array([m[one == c].mean(0) for c in both]) for m, one in ((maps[k], labels[k]), (maps[k + 1], labels[k + 1]))]
        means.append(np.linalg.norm(at[0] - at[1], axis=1).mean() / unit)
    knn = np.mean([og.quality(x, m.astype(np.float32), n_jobs=JOBS).knn for x, m in zip(sets, maps)])
    return np.mean(rows) if rows else np.nan, np.mean(means), knn


def line(name, how, maps, sets, labels, keys, kl):
    rows, means, knn = figures(maps, sets, labels, keys)
    print(f"| {name} | {how} | {rows:.3f} | {means:.3f} | {kl:.3f} | {knn:.3f} |", flush=True)


def kl(maps):
    return np.mean([m.kl_divergence for m in maps])


def compare():
    import umap

    for name, sets, labels, keys in series():
        alone = [og.TSNE(**T).fit(x) for x in sets]
        line(name, "each alone", alone, sets, labels, keys, kl(alone))
        for pull in (None, 0.005):
            maps = og.fit_together(sets, og.TSNE(pull=pull, **T), keys=keys)
            line(name, f"fit_together, pull {pull or 0.0005:g}", maps, sets, labels, keys, first_kl(maps))
        if keys is not None:
            between = [relation(a, b) for a, b in itertools.pairwise(keys)]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                maps = umap.AlignedUMAP(random_state=0).fit(sets, relations=between).embeddings_
            line(name, "AlignedUMAP", maps, sets, labels, keys, np.nan)


def first_kl(maps):
    return np.mean([m._info()[1] for m in maps])


def atlas():
    """name: atlas, new rows, labels of both."""
    x, y = digits(70_000)
    yield "MNIST, 60,000 + 10,000", x[:60_000], x[60_000:], y[:60_000], y[60_000:]
    z = load("multicenter_cytof")
    own = np.flatnonzero((z["batch"] == 1) & (z["y"] >= 0))
    own = np.random.default_rng(0).choice(own, min(len(own), 22_000), replace=False)
    x, y = z["X"][own], z["y"][own]
    yield "blood, 18,000 + 4,000", x[:18_000], x[18_000:], y[:18_000], y[18_000:]
    rare = y == np.bincount(y).argsort()[-3]
    old = ~rare
    yield f"blood, one of {len(np.unique(y))} types new", x[old], x[rare], y[old], y[rare]


def accuracy(y, labels, of):
    """Share of some points whose 10 nearest have their label, by majority."""
    near, _ = og.neighbors(y, 10, n_jobs=JOBS)
    votes = labels[near[of]]
    won = [np.bincount(v).argmax() for v in votes]
    return np.mean(np.array(won) == labels[of])


def updates():
    for name, x, new, y, fresh in atlas():
        old = og.TSNE(**T).fit(x)
        both, labels, n = np.vstack([x, new]), np.concatenate([y, fresh]).astype(int), len(x)
        is_new = np.arange(len(both)) >= n
        ways = {hold: lambda h=hold: old.update(new, h) for hold in ("pinned", "held", "free")}
        for way, do in {**ways, "fitted anew": lambda: og.TSNE(**T).fit(both)}.items():
            e = do()
            moved = np.linalg.norm(np.asarray(e)[:n] - old, axis=1).mean() / size(np.asarray(old, float))
            q = og.quality(both, e, n_jobs=JOBS)
            right = accuracy(np.asarray(e), labels, is_new)
            print(f"| {name} | {way} | {moved:.3f} | {right:.3f} | {e._info()[1]:.3f} | {q.knn:.3f} |", flush=True)


def picture():
    x, y = digits(6_000)
    sizes = (2_000, 4_000, 6_000)
    maps = og.fit_together([x[:n] for n in sizes], og.TSNE(**T), keys=[range(n) for n in sizes])
    og.pl.side_by_side(maps, [y[:n] for n in sizes], [f"{n:,} digits" for n in sizes])
    matplotlib.pyplot.savefig("docs/img/together.png", dpi=100, bbox_inches="tight")


def pulls():
    for name, sets, labels, keys in series():
        alone = [og.TSNE(**T).fit(x) for x in sets]
        line(name, "alone", alone, sets, labels, keys, kl(alone))
        for pull in (1e-4, 3e-4, 5e-4, 1e-3, 3e-3, 1e-2, 3e-2):
            for rounds in (0, 5, 10):
                maps = og.fit_together(sets, og.TSNE(pull=pull, **T), keys=keys, rounds=rounds)
                line(name, f"{pull:g} x {rounds}", maps, sets, labels, keys, first_kl(maps))


if __name__ == "__main__":
    {"series": compare, "pulls": pulls, "update": updates, "picture": picture}[sys.argv[1]]()
