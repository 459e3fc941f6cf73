"""Data and helpers. The tests run against the installed package, with real
peers: a peer that is missing is an error, not a skip."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def digits():
    from sklearn.datasets import load_digits

    x, labels = load_digits(return_X_y=True)
    x = np.ascontiguousarray(x, np.float32)
    x.setflags(write=False)
    return x, labels


@pytest.fixture(scope="module")
def pbmc():
    """Scanpy's 700 blood cells, without its map."""
    import scanpy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = scanpy.datasets.pbmc68k_reduced()
    for key in ("X_tsne", "tsne"):
        made.obsm.pop(key, None)
        made.uns.pop(key, None)
    return made


@pytest.fixture(scope="session")
def small():
    """150 points in three groups, 8 columns."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(150, 8)) + np.repeat(np.eye(3, 8) * 6, 50, axis=0)
    x = x.astype(np.float32)
    x.setflags(write=False)
    return x


@pytest.fixture(scope="module")
def data(digits):
    """Digits of a map and new ones: x, labels, new x, new labels."""
    x, labels = digits
    return x[:1000], labels[:1000], x[1000:1300], labels[1000:1300]


@pytest.fixture(scope="module")
def embedding(data):
    from opentsne_go import TSNE

    return TSNE(random_state=0, n_jobs=-1).fit(data[0])


@pytest.fixture(scope="module")
def untied(data):
    """Digits moved a little, so that no two distances are equal."""
    noise = np.random.default_rng(0)
    return [(v + noise.normal(0, 0.1, v.shape)).astype("f4") for v in (data[0], data[2])]


@pytest.fixture(scope="module")
def places(untied):
    from opentsne_go import TSNE

    return np.asarray(TSNE(random_state=0, n_iter=50, n_jobs=-1).fit(untied[0]))


@pytest.fixture
def python():
    """Runs a program in a fresh interpreter and gives what it printed."""

    def run(program: str, *, timeout: float = 900, **env: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={k: v for k, v in {**os.environ, **env}.items() if v},
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def same_bits(a, b) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
