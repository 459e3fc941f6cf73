"""Models that former releases saved; tsne/golden_model_test.go has the rest."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from conftest import ROOT
from opentsne_go import load

GOLDEN = ROOT / "tests" / "golden"
SUMS = {
    name: digest
    for digest, name in (line.split("  ", 1) for line in (GOLDEN / "models.txt").read_text("utf-8").splitlines())
}


def digest(y):
    return hashlib.sha256(np.asarray(y).astype("<f4").tobytes()).hexdigest()


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("model-*.npz")), ids=lambda file: file.stem)
def test_models_of_former_releases_go_on(file):
    embedding = load(file)
    assert digest(embedding) == SUMS[f"{file.stem}, loaded"]
    embedding.optimize(30, exaggeration=1.5, momentum=0.8, learning_rate="auto", inplace=True)
    assert digest(embedding) == SUMS[f"{file.stem}, 30 iterations on"]
