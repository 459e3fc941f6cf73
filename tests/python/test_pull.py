"""A pull towards reference positions: pinned, held and free points, in fits, in files and onwards."""

import re

import numpy as np
import pytest

import opentsne_go
from opentsne_go import TSNE

rng = np.random.default_rng(3)
N = 200
X = (rng.normal(size=(N, 6)) + np.repeat(np.eye(4, 6) * 6, N // 4, axis=0)).astype(np.float32)
AT = rng.normal(size=(N, 2)) * 20 + [100, -30]
QUICK = {"early_exaggeration_iter": 40, "n_iter": 60, "perplexity": 10, "random_state": 0}


def test_pinned_points_stay_to_the_bit():
    w = np.tile([np.inf, 0, 1, 2], N // 4)
    e = TSNE(**QUICK, pull=0.1, pull_y=AT, pull_weights=w, pull_frame="fixed").fit(X)
    on = e.optimize(20)
    for y in (e, on):
        same = (np.asarray(y) == AT.astype(np.float32)).all(axis=1)
        assert (same == np.isinf(w)).all()


def test_a_pull_without_end_is_the_reference_up_to_the_frame():
    for frame, off in (("scaled", True), ("similar", True), ("fixed", False)):
        e = np.asarray(TSNE(**{**QUICK, "n_iter": 300}, pull=1e20, pull_y=AT, pull_frame=frame).fit(X))
        if off:
            assert opentsne_go.procrustes(AT, e, scale=True).disparity < 1e-5
        else:
            np.testing.assert_allclose(e, AT, rtol=1e-3)


def test_none_is_no_pull_and_the_default_reference_is_the_start():
    free = TSNE(**QUICK).fit(X)
    assert np.array_equal(free, TSNE(**QUICK, pull_y=AT).fit(X))
    assert np.array_equal(free, TSNE(**QUICK, pull=1, pull_weights=np.zeros(N)).fit(X))
    start = opentsne_go.initialization.pca(X, random_state=0)
    one = TSNE(**QUICK, pull=0.3, initialization=start).fit(X)
    assert np.array_equal(one, TSNE(**QUICK, pull=0.3, initialization=start, pull_y=start).fit(X))
    assert not np.array_equal(one, free)


def test_a_file_and_going_on_keep_it(tmp_path):
    whole = TSNE(**QUICK, pull=0.1, pull_y=AT, pull_frame="grown").fit(X)
    e = TSNE(**{**QUICK, "n_iter": 30}, pull=0.1, pull_y=AT, pull_frame="grown").fit(X)
    e.save(tmp_path / "m.npz")
    for one in (e, opentsne_go.load(tmp_path / "m.npz")):
        assert np.array_equal(one.optimize(30, momentum=0.8), whole)
        assert not np.array_equal(one.optimize(30, momentum=0.8, pull=None), whole)


@pytest.mark.parametrize(
    "says, settings",
    [
        ("pull_y: got (200, 3); allowed: an array of shape (200, 2)", {"pull_y": np.zeros((N, 3))}),
        ("pull_y: row 1, column 0 is nan", {"pull_y": np.where(np.arange(2 * N).reshape(N, 2) == 2, np.nan, AT)}),
        ("pull_weights: got (199,)", {"pull_weights": np.ones(N - 1)}),
        ("pull_weights: got '-1.0 in row 3'; allowed: 0 or more", {"pull_weights": np.where(np.arange(N) == 3, -1.0, 1)}),
        ("pull_weights", {"pull_weights": np.full(N, np.inf), "pull_frame": "fixed"}),
        ("pull_frame", {"pull_weights": np.where(np.arange(N) == 3, np.inf, 1)}),
        ("pull_frame: got 'loose'; allowed: 'scaled', 'similar', 'fixed', 'grown'", {"pull_frame": "loose"}),
        ("pull: got -1", {"pull": -1}),
    ],
)
def test_what_cannot_be_pulled(says, settings):
    with pytest.raises(ValueError, match="^" + re.escape(says)) as e:
        TSNE(**{**QUICK, "pull": 1, **settings}).fit(X)
    assert "\n" not in str(e.value)


def test_aligned_maps_lie_on_the_reference():
    reference = TSNE(**QUICK).fit(X)
    new = X[::2] + 0.1
    found = opentsne_go.align(reference, new, TSNE(**QUICK))
    labels = np.arange(N) // (N // 4)
    y, z = np.asarray(reference), np.asarray(found.embedding)
    near = np.argmin(((z[:, None] - y) ** 2).sum(-1), axis=1)
    assert (labels[near] == labels[::2]).mean() > 0.98
    pins = np.where(np.arange(N // 2) == 5, np.inf, 1)
    held = opentsne_go.align(reference, new, TSNE(**QUICK, pull_weights=pins))
    assert np.array_equal(np.asarray(held.embedding)[5], np.asarray(reference.transform(new, k=10, n_iter=0))[5])
