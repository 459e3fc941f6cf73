"""The Python host of tests/hosts/run.sh, which also makes the data.

make x.npy new.npy
fit x.npy y.f32 model.npz
place model.npz new.npy y.f32

grow model.npz new.npy y.f32
trust model.npz new.npy y.f32

Placing is by the median and 40 iterations, the same with affinities of two
scales, and by affinities that are given. Grown: the map with the rows pinned, every
eighth of its points fitted anew, and the first and last 60 rows together. Trust: all
scores of the map beside the same backwards, and how far outside of it the rows lie.
"""

import sys

import numpy as np
from scipy.sparse import csr_matrix

import opentsne_go


def make(x: str, new: str) -> None:
    """Ten classes of 64 small whole numbers each, as 8 x 8 digits are."""
    rng = np.random.default_rng(11)
    classes = rng.integers(0, 17, (10, 64))
    rows = classes[np.arange(900) % 10] + rng.normal(0, 3, (900, 64)).round()
    rows = rows.clip(0, 16).astype(np.float32)
    np.save(x, rows[:800])
    np.save(new, rows[800:])


def far(name: str) -> np.ndarray:
    """The rows far from zero, where single precision would not do."""
    return np.load(name).astype(float) + 1e8 / 3


def fit(x: str, to: str, model: str) -> None:
    embedding = opentsne_go.TSNE(
        perplexity=[10, 30],
        affinity="multiscale",
        early_exaggeration_iter=100,
        n_iter=150,
        exaggeration=2,
        initialization="random",
        initial_momentum=0.5,  # openTSNE's default differs
        random_state=42,
    ).fit(far(x))
    embedding.save(model)
    np.asarray(embedding, np.float32).tofile(to)


def place(model: str, new: str, to: str) -> None:
    reference = opentsne_go.load(model)
    rows = far(new)
    one = reference.transform(rows, k=15, n_iter=40)
    two = reference.prepare_partial(rows, k=15, perplexities=[3, 12])
    given = drawn(reference, len(rows))
    for points in two, given:
        points.optimize(
            40,
            inplace=True,
            learning_rate=0.1,
            exaggeration=1.5,
            momentum=0.8,
            max_grad_norm=0.25,
            max_step_norm=None,
        )
    np.concatenate([one, two, given]).astype(np.float32).tofile(to)


def drawn(
    reference: opentsne_go.TSNEEmbedding, m: int
) -> opentsne_go.PartialTSNEEmbedding:
    """Point i at (i % 10, i / 10), where 1 + i % 4 points of the map draw it."""
    i = np.arange(m)
    many = 1 + i % 4
    start = np.append(0, np.cumsum(many))
    row = np.repeat(i, many)
    j = np.arange(len(row)) - start[row]
    P = csr_matrix((j + 1.0, 5 * row + 13 * j, start), shape=(m, len(reference)))
    return opentsne_go.PartialTSNEEmbedding(np.column_stack([i % 10, i // 10]), reference, P)


def grow(model: str, new: str, to: str) -> None:
    reference = opentsne_go.load(model)
    rows = far(new)
    tsne = opentsne_go.TSNE(
        perplexity=10, early_exaggeration_iter=30, n_iter=60, initial_momentum=0.5, random_state=5
    )
    both = reference.update(rows, "pinned", tsne)
    part = reference.zoom(np.arange(100) * 8, tsne)
    maps = opentsne_go.fit_together(
        [rows[:60], rows[-60:]], tsne, keys=[np.arange(60), np.arange(40, 100)], rounds=2
    )
    np.concatenate([both, part, *maps]).astype(np.float32).tofile(to)


def trust(model: str, new: str, to: str) -> None:
    reference = opentsne_go.load(model)
    rows = far(new)
    said = reference.diagnose(k=7, maps=[np.asarray(reference)[::-1]], random_state=5)
    beyond = opentsne_go.diagnose(reference.transform(rows), rows, k=7)
    columns = [said[name] for name in said]
    columns += [beyond[name] for name in ("distance", "quantile", "ratio")]
    np.concatenate(columns).astype(np.float32).tofile(to)


{"make": make, "fit": fit, "place": place, "grow": grow, "trust": trust}[sys.argv[1]](*sys.argv[2:])
