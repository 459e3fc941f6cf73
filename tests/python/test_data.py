"""What data are made of: doubles far from zero, memory orders, names of columns,
and what of it outlives the session."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import opentsne_go
from opentsne_go import TSNE, initialization, nearest_neighbors
from opentsne_go.affinity import FixedSigmaNN, PerplexityBasedNN, neighbors

QUICK = {"perplexity": 15, "early_exaggeration_iter": 60, "n_iter": 120, "random_state": 0}
OFFSETS = [1e8, -1e9, 1.7e12]


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(3)
    centres = rng.normal(0, 6, (5, 8))
    return rng.normal(size=(400, 8)) + centres[np.arange(400) % 5]


def recall(a, b) -> float:
    return float(np.mean([len(set(p) & set(q)) / len(p) for p, q in zip(a, b, strict=True)]))


def near(X, **how):
    return neighbors(X, 10, **how)[0]


# Far from zero.


@pytest.mark.parametrize("metric", ["euclidean", "correlation", "manhattan", "chebyshev"])
@pytest.mark.parametrize("offset", OFFSETS)
def test_neighbours_do_not_depend_on_zero(blobs, metric, offset):
    truth = near(blobs, metric=metric)
    forms = {
        "C": blobs + offset,
        "Fortran": np.asfortranarray(blobs + offset),
        "view": np.repeat(blobs + offset, 2, axis=1)[:, ::2],
        "frame": pd.DataFrame(blobs + offset),
        "big-endian": (blobs + offset).astype(">f8"),
        "longdouble": (blobs + offset).astype(np.longdouble),
    }
    found = {name: near(X, metric=metric) for name, X in forms.items()}
    for name, one in found.items():
        assert recall(truth, one) > 0.99, name
        assert_array_equal(one, found["C"], name)


@pytest.mark.parametrize("offset", OFFSETS)
def test_recall_of_the_map_is_at_least_opentsnes(blobs, offset):
    import openTSNE

    theirs = openTSNE.TSNE(**QUICK, neighbors="exact", n_jobs=1).fit(blobs + offset)
    ours = TSNE(**QUICK).fit(blobs + offset)
    about_zero = TSNE(**QUICK).fit(blobs)
    score = lambda y: opentsne_go.quality(blobs, np.asarray(y)).knn
    assert score(ours) >= score(about_zero) - 0.02
    assert score(ours) >= score(theirs) - 0.02


def test_a_clock_beside_other_columns(blobs):
    clock = blobs.copy()
    clock[:, 2] += 1.7e12  # milliseconds since 1970
    assert recall(near(blobs), near(clock)) > 0.99
    clock[7::40, 2] = 0  # not known
    known = np.flatnonzero(clock[:, 2])
    assert recall(near(blobs[known]), near(clock[known])) > 0.99
    assert_array_equal(known[near(clock[known])], near(clock)[known])
    whole = np.rint(blobs * 1000)
    assert_array_equal(near(whole), near((whole + 1.7e12).astype(np.int64)))
    assert_array_equal(near(whole), near((whole + 2**31).astype(np.uint32)))


def test_every_stage_is_right_far_from_zero(blobs, tmp_path):
    X = blobs + 1e8
    fit = TSNE(**QUICK).fit(X)
    assert recall(near(blobs), fit.affinities.knn_index.build()[0]) > 0.99
    made = PerplexityBasedNN(X, perplexity=15, random_state=0)
    assert abs(fit.affinities.P - made.P).max() == 0
    staged = TSNE(**QUICK).prepare_initial(X)
    assert_array_equal(staged, initialization.pca(X, random_state=0))
    bare = [initialization.pca(one, add_jitter=False) for one in (X, blobs)]
    assert_allclose(*bare, atol=1e-9)
    assert_array_equal(TSNE(**QUICK).fit(X, affinities=made), fit)

    first = [fit.transform(X[:30], k=1, n_iter=0)]
    fit.save(tmp_path / "map.npz")
    loaded = opentsne_go.load(tmp_path / "map.npz")
    written = copy.copy(fit)
    written[0] = written[0]
    for one in (loaded, pickle.loads(pickle.dumps(fit)), copy.deepcopy(fit), written):
        first.append(one.transform(X[:30], k=1, n_iter=0))
    moved = copy.copy(fit)
    moved[:] = moved[::-1]
    moved.save(tmp_path / "moved.npz")
    again = opentsne_go.load(tmp_path / "moved.npz")
    assert_array_equal(again.transform(X[:30], k=1, n_iter=0), fit[::-1][:30])
    for one in first:
        assert_array_equal(one, fit[:30])
    x = loaded.affinities.knn_index.data
    assert x.dtype == np.float64 and np.abs(x - X).max() < 1e-6

    spread = fit.bootstrap(X[:5], 3, random_state=0)
    assert np.isfinite(spread.samples).all()
    assert opentsne_go.quality(X, fit).knn == opentsne_go.quality(blobs, fit).knn
    other = opentsne_go.align(fit, X[:200] + 0.01, TSNE(**QUICK))
    assert other.overlap > 0.3 and other.disparity < 0.5
    new, _ = fit.affinities.knn_index.query(X[:30], 1)
    assert_array_equal(new.ravel(), np.arange(30))
    P = FixedSigmaNN(X, sigma=2.0).to_new(X[:3])
    assert_allclose(P.toarray(), FixedSigmaNN(blobs, sigma=2.0).to_new(blobs[:3]).toarray(), atol=1e-5)


def test_floats_of_new_rows_are_counted_from_the_same_place(blobs):
    X = np.rint(blobs * 64) + 2.0**24 * 3  # float32 holds every fourth
    fit = TSNE(**QUICK).fit(X)
    new = X[:40] - X[:40] % 4
    assert_array_equal(
        fit.transform(new.astype(np.float32), n_iter=20), fit.transform(new, n_iter=20)
    )


# The same numbers, whatever they come in.


def test_numbers_that_float32_holds_give_the_bits_of_float32(blobs):
    x = np.rint(blobs * 8).astype(np.float32) + 4096
    forms = [
        x.astype(np.float64),
        np.asfortranarray(x, np.float64),
        x.astype(np.int64),
        x.astype(np.int32),
        x.astype(np.longdouble),
        pd.DataFrame(x.astype(float)),
        x.astype(float).tolist(),
    ]
    want = TSNE(**QUICK).fit(x)
    new = want.transform(x[:9] + 1, n_iter=10)
    for one in forms:
        got = TSNE(**QUICK).fit(one)
        assert_array_equal(got, want)
        assert_array_equal(got.transform(np.asarray(one)[:9] + 1, n_iter=10), new)
        assert_array_equal(initialization.pca(one, random_state=0), initialization.pca(x, random_state=0))


def test_columns_about_zero_are_rounded_as_they_are(blobs):
    assert_array_equal(TSNE(**QUICK).fit(blobs), TSNE(**QUICK).fit(blobs.astype(np.float32)))


def test_data_are_never_written(blobs):
    for X in (blobs + 1e8, np.asfortranarray(blobs + 1e8)):
        before = X.copy()
        X.setflags(write=False)
        TSNE(**QUICK).fit(X).transform(X[:5])
        assert_array_equal(X, before)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(
    "value, says",
    [
        (np.nan, "^X: row 300, column 2 is nan, want a finite value"),
        (-np.inf, "^X: row 300, column 2 is -inf, want a finite value"),
        (1e300, r"is 1e\+300, beyond the 3.403e\+38 that float32 reaches"),
    ],
)
def test_doubles_that_cannot_be_used_are_named(blobs, order, value, says):
    X = np.array(blobs, order=order)
    X[300, 2] = value
    with pytest.raises(ValueError, match=says):
        TSNE(**QUICK).fit(X)
    with pytest.raises(ValueError, match=says):
        TSNE(**QUICK).fit(blobs).transform(X)


# Columns by name.


@pytest.fixture(scope="module")
def frame(blobs):
    return pd.DataFrame(blobs + 1e5, columns=[*"abcdef", "ä ö", "h"])


@pytest.fixture(scope="module")
def named(frame):
    return TSNE(**QUICK).fit(frame)


def test_columns_are_found_by_name(frame, named, tmp_path):
    assert named.feature_names == list(frame.columns)
    named.save(tmp_path / "map.npz")
    want = named.transform(frame[:20], n_iter=10)
    turned = frame[frame.columns[::-1]][:20]
    written = copy.copy(named)
    written[0] += 1e-7
    written.transform(frame[:2])  # on a model made anew
    maps = [named, opentsne_go.load(tmp_path / "map.npz"), pickle.loads(pickle.dumps(named))]
    for one in [*maps, copy.copy(named), TSNE(**QUICK).prepare_initial(frame), written]:
        assert one.feature_names == list(frame.columns)
        assert_array_equal(one.transform(turned, n_iter=10), one.transform(frame[:20], n_iter=10))
    for one in maps:
        assert_array_equal(one.transform(turned, n_iter=10), want)
        assert_array_equal(one.transform(turned.to_numpy()[:, ::-1], n_iter=10), want)
        assert_array_equal(
            one.bootstrap(turned, 2, random_state=0).samples,
            one.bootstrap(frame[:20], 2, random_state=0).samples,
        )
    near_turned = named.affinities.to_new(turned)
    assert abs(near_turned - named.affinities.to_new(frame[:20])).max() == 0
    aligned = opentsne_go.align(named, frame[frame.columns[::-1]], TSNE(**QUICK)).embedding
    assert aligned.feature_names == named.feature_names
    assert_array_equal(aligned, opentsne_go.align(named, frame, TSNE(**QUICK)).embedding)


def test_points_keep_their_names(blobs, tmp_path):
    fit = TSNE(**QUICK).fit(blobs)
    assert fit.row_names is None
    fit.save(tmp_path / "without.npz")
    names = [f"Zelle {i} ä" for i in range(len(blobs))]
    names[4], names[9] = "", names[8]
    fit.row_names = pd.Index(names)
    fit.save(tmp_path / "map.npz")
    written = copy.copy(fit)
    written[0] += 1e-3
    written.save(tmp_path / "written.npz")  # by a model made anew
    loaded = opentsne_go.load(tmp_path / "map.npz")
    for one in [fit, copy.copy(fit), loaded, pickle.loads(pickle.dumps(fit)), opentsne_go.load(tmp_path / "written.npz")]:
        assert one.row_names == names
    assert loaded.optimize(5).row_names == names
    assert loaded.zoom(range(3, 60), TSNE(**QUICK)).row_names == names[3:60]
    assert loaded.zoom(np.arange(len(blobs)) % 2 == 1, TSNE(**QUICK)).row_names == names[1::2]
    assert loaded.update(blobs[:3] + 0.1).row_names is None
    with np.load(tmp_path / "map.npz") as parts:
        assert parts["row_names"].tobytes().decode().split("\0") == [*names, ""]
    fit.row_names = None
    fit.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "without.npz").read_bytes()
    for bad in (names[1:], [*names[1:], "a\0b"], range(len(blobs))):
        with pytest.raises(ValueError, match=f"row_names: got .*{len(blobs)} texts"):
            fit.row_names = bad


def test_columns_that_do_not_match_are_named(frame, named):
    with pytest.raises(ValueError, match="X: column 'ä ö' of the map's data is not there"):
        named.transform(frame.drop(columns="ä ö"))
    with pytest.raises(ValueError, match="X: column 'z' is not one of the map's data"):
        named.transform(frame.assign(z=1.0))
    with pytest.raises(ValueError, match="matched by name, and X has 'c' twice"):
        named.transform(frame.rename(columns={"a": "c"}))
    with pytest.raises(ValueError, match=r"X\.columns: got 'a\\x00b'"):
        TSNE(**QUICK).fit(frame.rename(columns={"a": "a\0b"}))


def test_without_names_columns_are_by_position(blobs, frame, named):
    bare = TSNE(**QUICK).fit(frame.to_numpy())
    assert bare.feature_names is None and TSNE(**QUICK).fit(pd.DataFrame(blobs)).feature_names is None
    assert_array_equal(bare, named)
    turned = frame[frame.columns[::-1]]
    assert_array_equal(bare.transform(turned[:9]), bare.transform(turned[:9].to_numpy()))
    unnamed = pd.DataFrame(frame.to_numpy())
    assert_array_equal(named.transform(unnamed[:9]), named.transform(frame[:9]))
    # Numbers that say columns do so, whatever these are called.
    places = named.transform(turned[:9], columns=range(7, -1, -1))
    assert_array_equal(places, named.transform(frame[:9]))
    years = TSNE(**QUICK).fit(pd.DataFrame(blobs, columns=range(2000, 2008)))
    assert years.feature_names[:2] == ["2000", "2001"]


def test_tables_of_other_libraries_have_names(frame, named):
    class Table:  # as polars and others have it
        def __init__(self, columns, values):
            self.columns, self.values, self.shape = columns, values, values.shape

        def __array__(self, dtype=None, copy=None):
            return self.values

    turned = Table(list(frame.columns[::-1]), frame.to_numpy()[:9, ::-1])
    assert_array_equal(named.transform(turned), named.transform(frame[:9]))
    assert TSNE(**QUICK).fit(Table(list(frame.columns), frame.to_numpy())).feature_names == named.feature_names


def test_indices_find_columns_by_name(frame):
    index = nearest_neighbors.KNNIndex(frame, 5)
    turned = frame[frame.columns[::-1]][:9]
    assert_array_equal(index.query(turned, 3)[0], index.query(frame[:9], 3)[0])
    made = TSNE(**QUICK).fit(affinities=PerplexityBasedNN(frame, perplexity=15))
    assert made.feature_names == list(frame.columns)
    assert_array_equal(made.transform(turned, n_iter=5), made.transform(frame[:9], n_iter=5))
    by_function = TSNE(**{**QUICK, "n_iter": 20}, metric=lambda a, b: abs(a - b).max()).fit(frame[:60])
    assert_array_equal(by_function.transform(turned, n_iter=5), by_function.transform(frame[:9], n_iter=5))


def test_sklearns_estimator_names_columns_as_sklearn_does(frame, tmp_path):
    from opentsne_go.sklearn import TSNE as Estimator

    made = Estimator(**QUICK).fit(frame)
    with pytest.raises(ValueError, match="Feature names must be in the same order"):
        made.transform(frame[frame.columns[::-1]])
    made.tsne_embedding_.save(tmp_path / "map.npz")
    assert opentsne_go.load(tmp_path / "map.npz").feature_names == list(made.feature_names_in_)
    Estimator(**QUICK, metric="precomputed", init="random").fit(
        pd.DataFrame(np.abs(frame.to_numpy()[:50, :1] - frame.to_numpy()[:50, :1].T)).rename(columns=str)
    )


# What is known of a map is known of what comes back.


def public(one):
    """Attributes that a user may look at, but for ndarray's own."""
    kind = type(one)
    names = {*dir(kind), *one.__dict__} - set(dir(np.ndarray))
    return {
        name: getattr(one, name)
        for name in sorted(names)
        if not name.startswith("_") and (name in one.__dict__ or isinstance(getattr(kind, name), property))
    }


def same(a, b, name):
    if hasattr(a, "toarray"):
        assert abs(a - b).max() == 0, name
    elif isinstance(a, (opentsne_go.affinity.Affinities, nearest_neighbors.KNNIndex)):
        assert type(a) is type(b), name
        first, second = public(a), public(b)
        assert set(first) == set(second), name
        for inner in first:
            same(first[inner], second[inner], f"{name}.{inner}")
    else:
        assert_array_equal(a, b, name)


@pytest.mark.parametrize(
    "settings",
    [
        {"perplexity": 60},
        {"perplexity": [5, 70]},
        {"perplexity": [7], "metric": "cosine", "exaggeration": 2},
        {"affinity": "multiscale", "perplexity": [5, 20], "dof": 0.7, "theta": 0.3},
        {"affinity": "uniform", "k": 12, "negative_gradient_method": "exact"},
        {"affinity": "fixed_sigma", "sigma": 1.5, "max_step_norm": None, "learning_rate": 50.0},
        {"density_lambda": 0.2, "density_shift": 0.2, "auto_stop": 4000, "max_grad_norm": 3.0},
    ],
    ids=str,
)
def test_every_attribute_comes_back(frame, settings, tmp_path):
    few = frame[:120]
    made = TSNE(**{**QUICK, **settings}).fit(few)
    made.save(tmp_path / "map.npz")
    for how, one in {
        "load": opentsne_go.load(tmp_path / "map.npz"),
        "pickle": pickle.loads(pickle.dumps(made)),
        "copy": copy.copy(made),
        "deepcopy": copy.deepcopy(made),
    }.items():
        assert_array_equal(one, made, how)
        before, after = public(made), public(one)
        assert set(before) == set(after)
        for name in before:
            same(before[name], after[name], f"{how}: {name}")
    if settings.get("perplexity") == 60:
        assert made.affinities.perplexities == 60
        assert_allclose(made.affinities.effective_perplexities_, [119 / 3])
