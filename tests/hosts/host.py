"""The Python host of tests/hosts/run.sh, which also makes the data.

make x.npy new.npy
fit x.npy y.f32 model.npz
place model.npz new.npy y.f32
"""

import sys

import numpy as np

import opentsne_go


def make(x: str, new: str) -> None:
    """Ten classes of 64 small whole numbers each, as 8 x 8 digits are."""
    rng = np.random.default_rng(11)
    classes = rng.integers(0, 17, (10, 64))
    rows = classes[np.arange(900) % 10] + rng.normal(0, 3, (900, 64)).round()
    rows = rows.clip(0, 16).astype(np.float32)
    np.save(x, rows[:800])
    np.save(new, rows[800:])


def fit(x: str, to: str, model: str) -> None:
    embedding = opentsne_go.TSNE(
        perplexity=25,
        early_exaggeration_iter=100,
        n_iter=150,
        exaggeration=2,
        initialization="random",
        initial_momentum=0.5,  # openTSNE's default differs
        random_state=42,
    ).fit(np.load(x))
    embedding.save(model)
    np.asarray(embedding, np.float32).tofile(to)


def place(model: str, new: str, to: str) -> None:
    placed = opentsne_go.load(model).transform(np.load(new), k=15, n_iter=40)
    np.asarray(placed, np.float32).tofile(to)


{"make": make, "fit": fit, "place": place}[sys.argv[1]](*sys.argv[2:])
