"""Data that lie in a file: a model reads them there."""

import copy
import gc
import pickle

import numpy as np
import pytest

from opentsne_go import TSNE

ASKED = dict(perplexity=10, early_exaggeration_iter=10, n_iter=10, random_state=1)


@pytest.fixture
def stored(tmp_path):
    X = np.random.default_rng(1).normal(size=(120, 6)).astype(np.float32)
    path = tmp_path / "X.npy"
    np.save(path, X)
    return X, path


@pytest.mark.parametrize("through", [lambda e: e, copy.deepcopy, lambda e: e.optimize(5), lambda e: pickle.loads(pickle.dumps(e))])
def test_model_of_a_mapped_file_is_that_of_the_array(stored, through):
    X, path = stored
    new = X[:7] + np.float32(0.1)
    want = through(TSNE(**ASKED).fit(X))
    fitted = TSNE(**ASKED).fit(np.load(path, mmap_mode="r"))
    assert fitted._model.lent is not None
    got = through(fitted)
    del fitted
    gc.collect()
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(got.transform(new), want.transform(new))


def test_saved_whole(stored, tmp_path):
    X, path = stored
    for name, data in (("a", X), ("b", np.load(path, mmap_mode="r"))):
        TSNE(**ASKED).fit(data).save(tmp_path / f"{name}.npz")
    a, b = (np.load(tmp_path / f"{name}.npz") for name in "ab")
    np.testing.assert_array_equal(a["data"], b["data"])


@pytest.mark.parametrize("mode", ["r+", "c"])
def test_what_may_be_written_to_is_copied(stored, mode):
    X, path = stored
    mapped = np.load(path, mmap_mode=mode)
    embedding = TSNE(**ASKED).fit(mapped)
    assert embedding._model.lent is None
    want = embedding.transform(X[:5])
    mapped[:] = 0
    np.testing.assert_array_equal(embedding.transform(X[:5]), want)


@pytest.mark.parametrize("of", [lambda m: m[::2], lambda m: m[:, 1:], lambda m: m.astype(float)])
def test_what_does_not_lie_there_as_it_is_read_is_copied(stored, of):
    _, path = stored
    assert TSNE(**ASKED).fit(of(np.load(path, mmap_mode="r")))._model.lent is None


def test_a_part_of_a_file(stored):
    X, path = stored
    embedding = TSNE(**ASKED).fit(np.load(path, mmap_mode="r")[20:])
    assert embedding._model.lent is not None
    np.testing.assert_array_equal(embedding.transform(X[:5]), TSNE(**ASKED).fit(X[20:]).transform(X[:5]))
