"""Several data sets in one call, a map that takes new points in, and a part of one fitted anew."""

import re

import numpy as np
import pandas
import pytest
from numpy.testing import assert_array_equal

import opentsne_go
from opentsne_go import TSNE, fit_together

rng = np.random.default_rng(3)
N = 240
LABELS = np.arange(N) % 4
X = (rng.normal(size=(N, 6)) + np.eye(4, 6)[LABELS] * 6).astype(np.float32)
QUICK = {"early_exaggeration_iter": 60, "n_iter": 90, "perplexity": 10, "random_state": 0}
SETS = [X[:160], X[40:200], X[80:]]
KEYS = [np.arange(160), np.arange(40, 200), np.arange(80, 240)]


def apart(a, b, shift):
    a, b = np.asarray(a)[shift:], np.asarray(b)[: len(a) - shift]
    return np.linalg.norm(a - b, axis=1).mean() / a.std()


def test_maps_are_near_those_beside_them():
    maps = fit_together(SETS, TSNE(**QUICK), keys=KEYS)
    alone = [TSNE(**{**QUICK, "initialization": "random", "random_state": i}).fit(x) for i, x in enumerate(SETS)]
    strong = fit_together(SETS, TSNE(**QUICK, pull=0.05), keys=KEYS)
    near, free, least = ([apart(m[k], m[k + 1], 40) for k in (0, 1)] for m in (maps, alone, strong))
    assert max(near) < min(free) / 2 and max(least) < min(near)
    first = fit_together(SETS, TSNE(**QUICK), keys=KEYS, rounds=0)[0]
    assert_array_equal(first, TSNE(**QUICK).fit(SETS[0]))
    assert [m.n_iter for m in maps] == [150 + 250] * 3
    assert all(m.gradient_descent_params["pull"] is None and m.optimize(2).n_iter == 402 for m in maps)


def test_what_says_the_same_gives_the_same_bits():
    maps = fit_together(SETS, TSNE(**QUICK), keys=KEYS)
    pairs = [np.column_stack([np.arange(40, 160), np.arange(120)])] * 2
    names = [pandas.Index([f"cell {i}" for i in k]) for k in KEYS]
    doubles = [x.astype(float) for x in SETS]
    fortran = [SETS[0], np.asfortranarray(doubles[1]), doubles[2]]
    for others in (
        fit_together(SETS, TSNE(**QUICK), keys=names),
        fit_together(doubles, TSNE(**QUICK, n_jobs=3), keys=KEYS),
        fit_together(fortran, TSNE(**QUICK), keys=KEYS, window=1, rounds=5),
        fit_together(SETS, TSNE(**QUICK), relations=pairs),
        fit_together(SETS, TSNE(**QUICK), relations=[{int(i): int(j) for i, j in p} for p in pairs]),
    ):
        for one, other in zip(maps, others, strict=True):
            assert_array_equal(one, other)
    # Relations lead no further than keys: from the first to the third set through the second.
    wide = fit_together(SETS, TSNE(**QUICK), keys=KEYS, window=2)
    linked = fit_together(SETS, TSNE(**QUICK), relations=pairs, window=2)
    assert not np.array_equal(wide[0], maps[0])
    assert_array_equal(linked[0], fit_together(SETS, TSNE(**QUICK), keys=_through(), window=2)[0])


def _through():
    """A row of the first set is one of the third where one of the second leads to it."""
    third = np.arange(80, 240)
    return [np.arange(160), np.arange(40, 200), np.where(third < 200, third, third + 1000)]


def test_sets_without_shared_rows_are_matched_by_their_columns():
    frames = [pandas.DataFrame(x, columns=list("abcdef")) for x in (X[:120], X[120:])]
    one = fit_together(frames, TSNE(**QUICK))
    turned = fit_together([frames[0], frames[1][list("fedcba")]], TSNE(**QUICK))
    assert_array_equal(one[1], turned[1])
    assert one[1].feature_names == list("abcdef")
    means = [np.array([np.asarray(m)[LABELS[:120] == c].mean(0) for c in range(4)]) for m in one]
    assert np.linalg.norm(means[0] - means[1], axis=1).max() < 0.3 * np.asarray(one[0]).std()
    # A key that is missing is none.
    some = [list(range(120)), [i if i < 60 else None for i in range(120)]]
    maps = fit_together([X[:120], X[:120]], TSNE(**QUICK), keys=some)
    assert apart(*maps, 0) < 0.5
    pandas_own = [pandas.Series([i if i is not None else pandas.NA for i in of], dtype="Int64") for of in some]
    for one, other in zip(maps, fit_together([X[:120], X[:120]], TSNE(**QUICK), keys=pandas_own), strict=True):
        assert_array_equal(one, other)


@pytest.mark.parametrize(
    "says, sets, how",
    [
        ("X: got 'ndarray'; allowed: a list of 2 data sets or more", X, {}),
        ("X: got '1 data sets'; allowed: a list of 2 data sets or more", [X], {}),
        ("X[1]: got (3, 6); allowed: 4 rows or more", [X, X[:3]], {}),
        ("X[1]: got 5 columns, want those of X[0], 6, or keys", [X, X[:, :5]], {}),
        ("X[1]: row 3, column 2 is nan", [X, np.where(np.arange(N * 6).reshape(N, 6) == 20, np.nan, X)], {}),
        ("keys: got 'those of 1 sets'; allowed: those of 2", [X, X], {"keys": [range(N)]}),
        (f"keys[1]: got '9 keys'; allowed: {N}, one for each row of X[1]", [X, X], {"keys": [range(N), range(9)]}),
        ("keys[1]: rows 0 and 2 have the same key", [X, X], {"keys": [range(N), [5, 6, 5, *range(7, N + 4)]]}),
        ("keys[1]: no key is one of keys[0]", [X, X], {"keys": [range(N), range(N, 2 * N)]}),
        ("keys[0]: got 'keys that cannot be compared'", [X, X], {"keys": [[[1]] * N, range(N)]}),
        ("relations: got '2'; allowed: 1, one between each set and the next", [X, X], {"relations": [{0: 0}] * 2}),
        ("relations[0]: got 'row 240 of X[1]'; allowed: 0 to 239", [X, X], {"relations": [{0: N}]}),
        ("relations[0]: got 'row 4 of X[1] twice'; allowed: each row once", [X, X], {"relations": [{0: 4, 1: 4}]}),
        ("relations[0]: got 'none'; allowed: at least one row of both", [X, X], {"relations": [{}]}),
        ("relations[0]: got 'none'", [X, X], {"relations": [np.zeros((0, 2), int)]}),
        ("relations[0]: got 'rows of several lengths'", [X, X], {"relations": [[(1, 2), (3,)]]}),
        ("relations: got 'int'; allowed: a sequence", [X, X], {"relations": 5}),
        ("keys: got 'int'; allowed: a sequence", [X, X], {"keys": 5}),
        ("keys[1]: got 'NoneType'; allowed: a sequence", [X, X], {"keys": [range(N), None]}),
        ("X[1]: column 'f' of X[0] is not there", [pandas.DataFrame(X, columns=[*"abcdef"]), pandas.DataFrame(X, columns=[*"abcdeg"])], {}),
        ("tsne: got 'dict'; allowed: an opentsne_go.TSNE, or None", [X, X], {"tsne": {}}),
        ("checkpoint: got 'run.npz'; allowed: None: a file is of one map", [X, X], {"tsne": TSNE(checkpoint="run.npz")}),
        ("relations: got 'both'; allowed: either keys or relations", [X, X], {"relations": [{0: 0}], "keys": [range(N)] * 2}),
        ("window: got 0", [X, X], {"window": 0}),
        ("rounds: got -1", [X, X], {"rounds": -1}),
        ("metric: got 'precomputed'", [X, X], {"tsne": TSNE(metric="precomputed")}),
    ],
)
def test_what_cannot_be_fitted_together(says, sets, how):
    with pytest.raises(ValueError, match="^" + re.escape(says)) as e:
        fit_together(sets, **{"tsne": TSNE(**QUICK), **how})
    assert "\n" not in str(e.value)


def test_an_atlas_takes_new_points_in(tmp_path):
    old = TSNE(**QUICK).fit(X[:180])
    before = np.array(old)
    moved = {}
    for hold in ("pinned", "held", "free"):
        both = old.update(X[180:], hold)
        moved[hold] = np.abs(np.asarray(both)[:180] - before).mean()
        near = opentsne_go.neighbors(np.asarray(both), 10)[0]
        assert (LABELS[near] == LABELS[:, None])[180:].mean() > 0.9
        assert both.n_iter == 90  # as the map was fitted, without an early phase
        assert both.affinities.n_samples == N
    assert moved["pinned"] == 0 < moved["held"] < moved["free"]
    assert_array_equal(old, before)
    assert_array_equal(old.update(X[180:], np.inf), old.update(X[180:], "pinned"))
    assert_array_equal(old.update(X[180:].astype(float)), old.update(X[180:], tsne=TSNE(**QUICK)))
    assert not np.array_equal(old.update(X[180:], "held"), old.update(X[180:], 0.1))
    # What goes on holds them, from a file too, and takes in more.
    pinned = old.update(X[180:220])
    pinned.save(tmp_path / "m.npz")
    for one in (pinned, opentsne_go.load(tmp_path / "m.npz")):
        assert_array_equal(one.optimize(5)[:180], before)
        assert_array_equal(one.update(X[220:])[:220], pinned)
    assert not np.array_equal(pinned.optimize(5, pull=None, pull_frame="scaled")[:180], before)


def test_new_columns_are_found_by_name():
    frame = pandas.DataFrame(X, columns=list("abcdef"))
    old = TSNE(**QUICK).fit(frame[:180])
    both = old.update(frame[180:][list("fedcba")])
    assert_array_equal(both, old.update(frame[180:]))
    assert both.feature_names == old.zoom(np.arange(9)).feature_names == list("abcdef")


def test_a_part_is_fitted_anew_in_its_place():
    e = TSNE(**QUICK).fit(X)
    island = np.flatnonzero(LABELS == 2)
    part = e.zoom(island)
    there = np.asarray(e)[island]
    assert np.abs(part.mean(0) - there.mean(0)).max() < 1e-3
    reach = [np.median(np.linalg.norm(y - y.mean(0), axis=1)) for y in (np.asarray(part), there)]
    assert abs(reach[0] / reach[1] - 1) < 0.05  # of an even number, either median
    assert_array_equal(part, e.zoom(LABELS == 2))
    assert not np.array_equal(part, e.zoom(island, TSNE(**{**QUICK, "perplexity": 5})))
    own = TSNE(**QUICK).fit(X[island])
    assert part._info()[1] < own.kl_divergence + 0.05
    whole = e.put_back(island, part)
    assert_array_equal(whole[island], part)
    assert_array_equal(np.delete(whole, island, 0), np.delete(np.asarray(e), island, 0))


@pytest.mark.parametrize(
    "says, do",
    [
        ("hold: got 'glued'; allowed: 'pinned', 'held', 'free'", lambda e: e.update(X[:2], "glued")),
        ("hold: got -1; allowed: 'pinned', 'held', 'free', or a weight, 0 or more", lambda e: e.update(X[:2], -1)),
        ("X: got (0, 6); allowed: 1 row or more", lambda e: e.update(X[:0])),
        ("X: got 5 columns, want 6", lambda e: e.update(X[:2, :5])),
        ("X: row 1, column 0 is nan", lambda e: e.update(np.array([X[0], [np.nan] * 6]))),
        ("n_components: got 3; allowed: 2, as the map has", lambda e: e.update(X[:2], tsne=TSNE(n_components=3))),
        ("n_components: got 3; allowed: 2, as the map has", lambda e: e.zoom(range(9), TSNE(n_components=3))),
        ("rows: got '3 rows'; allowed: 4 or more", lambda e: e.zoom([1, 2, 3])),
        ("rows: got '240 at 3'; allowed: 0 to 239, the rows of the map", lambda e: e.zoom([1, 2, 3, 240])),
        ("rows: got '-1 at 0'", lambda e: e.zoom([-1, 2, 3, 4])),
        ("rows: got '2 twice'; allowed: different rows", lambda e: e.zoom([1, 2, 2, 4])),
        ("rows: got 'float64 of shape (4,)'", lambda e: e.zoom([1.0, 2, 3, 4])),
        ("part: got (3, 2); allowed: an array of shape (4, 2)", lambda e: e.put_back([1, 2, 3, 4], np.zeros((3, 2)))),
        ("part: row 1, column 0 is nan", lambda e: e.put_back([1, 2], [[0, 0], [np.nan, 0]])),
        ("tsne: got 'dict'; allowed: an opentsne_go.TSNE, or None", lambda e: e.zoom(range(9), {})),
        ("tsne: got 'dict'; allowed: an opentsne_go.TSNE, or None", lambda e: e.update(X[:2], tsne={})),
        ("tsne: got 'dict'; allowed: an opentsne_go.TSNE, or None", lambda e: opentsne_go.align(e, X, {})),
        ("reference: got 'ndarray'; allowed: a TSNEEmbedding", lambda e: opentsne_go.align(np.zeros((9, 2)), X)),
    ],
)
def test_what_cannot_be_taken_in_or_zoomed_into(says, do):
    e = TSNE(**QUICK, n_jobs=1).fit(X)
    before = np.array(e)
    with pytest.raises(ValueError, match="^" + re.escape(says)) as error:
        do(e)
    assert "\n" not in str(error.value)
    assert_array_equal(e, before)


def test_without_data_there_is_nothing_to_fit():
    far = np.sqrt(((X[:, None] - X) ** 2).sum(-1))
    bare = TSNE(**QUICK, metric="precomputed", initialization="random").fit(far)
    for do in (lambda: bare.update(X[:2]), lambda: bare.zoom(range(9))):
        with pytest.raises(opentsne_go.NoDataError, match="has no data"):
            do()
