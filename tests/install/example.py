"""What a user does first, with the installed package: README's lines on made data.

example.py GOLDEN: also goes on from the models of former releases in that
folder, and holds the bits. Prints the SHA-256 of a map, one on every platform.
"""

import hashlib
import sys
import tempfile
from pathlib import Path

import numpy as np

import opentsne_go
from opentsne_go import TSNE


def digest(y):
    return hashlib.sha256(np.asarray(y).astype("<f4").tobytes()).hexdigest()


golden = Path(sys.argv[1]).resolve()
here = Path(opentsne_go.__file__).resolve().parent
assert golden.parents[1] not in here.parents or "site-packages" in here.parts, f"{here} is the source tree's"

# Integers, so that they are the same wherever they are made.
X = (np.arange(3000).reshape(300, 10) * 2654435761 % 4294967296 >> 22).astype(np.float32)
X[::3] += 2000
embedding = TSNE(n_jobs=-1, random_state=42).fit(X)
assert embedding.shape == (300, 2) and 0 < embedding.kl_divergence < 5
denser = embedding.optimize(100, exaggeration=4)
new = embedding.transform(X[:10])
assert new.shape == (10, 2) and np.isfinite(new).all()
with tempfile.TemporaryDirectory() as folder:
    file = str(Path(folder, "map.npz"))
    embedding.save(file)
    assert digest(opentsne_go.load(file)) == digest(embedding)
refused = ""
try:
    TSNE().fit(np.full((50, 4), np.nan))
except ValueError as error:
    refused = str(error)
assert "row 0, column 0" in refused, refused

sums = dict(reversed(line.split("  ", 1)) for line in (golden / "models.txt").read_text("utf-8").splitlines())
models = sorted(golden.glob("model-*.npz"))
assert models
for model in models:
    e = opentsne_go.load(str(model))
    assert digest(e) == sums[f"{model.stem}, loaded"], model
    e.optimize(30, exaggeration=1.5, momentum=0.8, learning_rate="auto", inplace=True)
    assert digest(e) == sums[f"{model.stem}, 30 iterations on"], model

print(opentsne_go.__version__, digest(denser))
