"""The same bits from Python as from Go; tests/c/run.sh holds C against Go."""

from __future__ import annotations

import os
import subprocess

import numpy as np

from conftest import ROOT
from opentsne_go import TSNE


def test_python_gives_the_bits_of_go(digits, tmp_path):
    X, _ = digits
    np.save(tmp_path / "x.npy", X)
    go = os.environ.get("GO", "go")
    subprocess.run([go, "run", "./cmd/tsne", tmp_path / "x.npy", tmp_path / "y.npy", "--progress", "none"], cwd=ROOT, check=True)
    # 0.8 throughout is openTSNE's momentum and so Python's default.
    ours = TSNE(initial_momentum=0.5, random_state=0, n_jobs=3).fit(X)
    assert np.array_equal(np.asarray(ours), np.load(tmp_path / "y.npy"))
