"""Names, signatures and habits that programs written for the peers rely on."""

import importlib
import inspect
import pickle
import warnings

import numpy as np
import openTSNE
import pytest
from scipy.spatial.distance import cdist
from sklearn.manifold import TSNE as SklearnsTSNE

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, TSNEEmbedding, affinity, initialization, nearest_neighbors
from opentsne_go.sklearn import TSNE as Estimator

MODULES = (
    "",
    ".affinity",
    ".callbacks",
    ".initialization",
    ".metrics",
    ".nearest_neighbors",
    ".sklearn",
)

_COMPILED = "a routine of openTSNE's own optimiser, which is not documented"
_METADATA = "scikit-learn's metadata routing, which openTSNE's TSNE only inherits"
_FORWARDS = "forwards its arguments there; has the names here"

#: Names of openTSNE that are not here, and why.
ABSENT = {
    ".TSNE.set_fit_request": _METADATA,
    ".sklearn.TSNE.set_fit_request": _METADATA,
    ".sklearn.TSNE.prepare_initial": "an estimator is not an opentsne_go.TSNE",
    ".TSNEEmbedding.prepare_interpolation_grid": _COMPILED,
    ".affinity.get_knn_index": "not documented; the classes take its arguments",
    ".affinity.joint_probabilities_nn": "not documented; affinity.Affinities.from_neighbors",
}

#: Signatures that differ, and why.
DIFFERENT = {
    ".nearest_neighbors.Sklearn": _FORWARDS,
    ".nearest_neighbors.NNDescent": _FORWARDS,
    ".nearest_neighbors.HNSW": _FORWARDS,
    ".nearest_neighbors.PrecomputedNeighbors.query": _FORWARDS,
    ".sklearn.TSNE.transform": _FORWARDS,
    ".sklearn.TSNE": "n_jobs is None as in scikit-learn, which is all processors",
}


def public(module):
    """(path, object) of what openTSNE's module defines or gives on."""
    for name, value in vars(importlib.import_module("openTSNE" + module)).items():
        if name.startswith("_") or not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        if value.__module__.split(".")[0] != "openTSNE":
            continue
        if module and value.__module__ != "openTSNE" + module:
            continue  # imported there for its own use
        yield f"{module}.{name}", value
        if inspect.isclass(value):
            for method, function in inspect.getmembers(value, callable):
                home = next((one for one in value.__mro__ if method in vars(one)), object)
                if method[0] != "_" and home.__module__.split(".")[0] == "openTSNE":
                    yield f"{module}.{name}.{method}", function


NAMES = {path: value for module in MODULES for path, value in public(module)}


def ours(path):
    module = next(one for one in sorted(MODULES, key=len, reverse=True) if f"{path}.".startswith(f"{one}."))
    value = importlib.import_module("opentsne_go" + module)
    for name in path[len(module) + 1 :].split("."):
        value = getattr(value, name)
    return value


def signature(function):
    given = [one for one in inspect.signature(function).parameters.values() if one.name != "self"]
    return {
        one.name: (place, one.kind, repr(one.default))
        for place, one in enumerate(given)
        if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
    }


def test_no_exception_is_out_of_date():
    assert set(ABSENT) | set(DIFFERENT) <= set(NAMES)
    for path in ABSENT:
        with pytest.raises(AttributeError):
            ours(path)


#: What depends on the number of points where nobody says it (docs/schedule.md).
BY_SCHEDULE = ("early_exaggeration_iter", "n_iter", "final_momentum")


@pytest.mark.parametrize("path", sorted(set(NAMES) - set(ABSENT)))
def test_signature_is_opentsnes(path):
    """Ours may have more arguments, after or by keyword, but not other ones."""
    theirs, mine = signature(NAMES[path]), signature(ours(path))
    missing = {name: value for name, value in theirs.items() if mine.get(name) != value}
    if path in (".TSNE", ".sklearn.TSNE"):
        said = {name: (*value[:2], "'auto'") for name, value in theirs.items() if name in BY_SCHEDULE}
        missing = {name: value for name, value in missing.items() if mine[name] != said.get(name)}
    if path in DIFFERENT:
        assert missing or theirs != mine or path.endswith(("query", "transform")), "out of date"
        missing = {} if path != ".sklearn.TSNE" else {k: v for k, v in missing.items() if k != "n_jobs"}
    assert not missing
    extra = [name for name in mine if name not in theirs]
    required = [n for n in extra if mine[n][2] == repr(inspect.Parameter.empty)]
    assert not required or path in DIFFERENT


def test_attributes_are_opentsnes(small):
    """What an object there has once it is made, ours has."""
    settings = dict(n_iter=20, early_exaggeration_iter=20, random_state=0)
    hidden = {"interp_coeffs", "box_x_lower_bounds", "box_y_lower_bounds", "optimizer"}
    theirs = openTSNE.TSNE(**settings).fit(small)
    mine = TSNE(**settings).fit(small)
    pairs = [
        (theirs, mine),
        (theirs.prepare_partial(small[:9]), mine.prepare_partial(small[:9])),
        (openTSNE.TSNE(), TSNE()),
    ]
    for name in ("PerplexityBasedNN", "Uniform"):
        pairs.append((getattr(openTSNE.affinity, name)(small), getattr(affinity, name)(small)))
    for name in ("Multiscale", "MultiscaleMixture"):
        pairs.append(
            tuple(getattr(one, name)(small, [5, 20]) for one in (openTSNE.affinity, affinity))
        )
    pairs.append(
        tuple(one.FixedSigmaNN(small, sigma=1.0, k=9) for one in (openTSNE.affinity, affinity))
    )
    for theirs, mine in pairs:
        for name in set(vars(theirs)) - hidden:
            assert name[0] == "_" or hasattr(mine, name), f"{type(theirs).__name__}.{name}"
    assert issubclass(opentsne_go.OptimizationInterrupt, InterruptedError)


def test_scikit_learns_arguments_and_attributes(small):
    mine = signature(Estimator)
    assert set(signature(SklearnsTSNE)) <= set(mine)
    assert list(mine)[0] == "n_components"
    settings = dict(max_iter=260, random_state=0)
    theirs, fitted = SklearnsTSNE(**settings).fit(small), Estimator(**settings).fit(small)
    for name in vars(theirs):
        assert name[0] == "_" or hasattr(fitted, name), name


def test_scanpys_arguments():
    import scanpy as sc

    theirs, mine = signature(sc.tl.tsne), signature(opentsne_go.tl.tsne)
    for name, (_, kind, default) in theirs.items():
        assert mine[name][1] == kind
        assert name == "learning_rate" or mine[name][2] == default, name
    assert mine["learning_rate"][2] == "'auto'"


def test_options_keep_the_arrays_they_point_at():
    """A start of float64 is converted, and the copy must live until the call."""
    import gc
    import weakref

    from opentsne_go._native import arrays, kinds, structures

    class Watched(np.ndarray):
        pass

    def fields():
        start = np.zeros((10, 2), np.float32).view(Watched)
        columns = np.zeros(3, np.int32).view(Watched)
        return (
            {"init_y": arrays.floats(start)},
            {"columns": arrays.pointer(columns, kinds.I32)},
            [weakref.ref(start), weakref.ref(columns)],
        )

    start, columns, alive = fields()
    options = structures.options(**start), structures.transform_options(**columns)
    del start, columns
    gc.collect()
    assert all(one() is not None for one in alive)
    del options
    gc.collect()
    assert all(one() is None for one in alive), "kept for ever"


# Steps by hand are the fit.


@pytest.mark.parametrize("method", ["exact", "approx"])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_stages_by_hand_are_the_fit(small, method, metric):
    fit = TSNE(
        early_exaggeration_iter=25,
        n_iter=50,
        neighbors=method,
        metric=metric,
        negative_gradient_method="bh",
        random_state=42,
    ).fit(small)
    start = initialization.pca(small, random_state=42)
    given = affinity.PerplexityBasedNN(small, method=method, metric=metric, random_state=42)
    assert same_bits(given.P.data, fit.affinities.P.data)
    by_hand = TSNEEmbedding(start, given, negative_gradient_method="bh")
    by_hand = by_hand.optimize(n_iter=25, exaggeration=12).optimize(n_iter=50)
    assert same_bits(by_hand, fit)


def test_search_after_the_affinities_is_the_same(small):
    """P is made without the graph; the graph that is asked for later is P's."""
    made = affinity.PerplexityBasedNN(small, method="approx", random_state=None)
    near, far = made.knn_index.build()
    again = affinity.PerplexityBasedNN(
        knn_index=nearest_neighbors.PrecomputedNeighbors(near, far)
    )
    assert np.array_equal(made.P.indices, again.P.indices)
    assert np.allclose(made.P.data, again.P.data, rtol=1e-4)


@pytest.mark.parametrize("start", ["random", "spectral"])
def test_starts_by_hand_are_those_of_fit(small, start):
    given = affinity.PerplexityBasedNN(small)
    fit = TSNE(
        initialization=start, early_exaggeration_iter=0, n_iter=0, random_state=42
    ).fit(affinities=given)
    by_hand = getattr(initialization, start)(
        given.P if start == "spectral" else small, random_state=42
    )
    assert same_bits(fit, by_hand)
    if start == "spectral":
        bare = initialization.spectral(given.P, random_state=42, add_jitter=False)
        assert 0 < np.abs(by_hand - bare).max() < 1e-5


def test_precomputed_distances_start_as_spectral(small):
    given = cdist(small, small)
    none = dict(early_exaggeration_iter=0, n_iter=0, random_state=42)
    fit = TSNE(metric="precomputed", **none).fit(given)
    P = affinity.PerplexityBasedNN(given, metric="precomputed").P
    assert same_bits(fit, initialization.spectral(P, random_state=42))


def test_names_of_the_module_tsne():
    for name in ("TSNE", "TSNEEmbedding", "PartialTSNEEmbedding", "OptimizationInterrupt"):
        assert getattr(opentsne_go.tsne, name) is getattr(opentsne_go, name)


# Metrics of scikit-learn.


@pytest.mark.parametrize(
    "metric, params",
    [
        ("canberra", None),
        ("braycurtis", None),
        ("minkowski", {"p": 3}),
        ("mahalanobis", "V"),
        ("seuclidean", "v"),
        ("sqeuclidean", None),
    ],
)
def test_metrics_of_scikit_learn(small, metric, params):
    rows = np.abs(small).astype(float)
    if isinstance(params, str):
        params = {"V": np.cov(rows.T) if params == "V" else rows.var(axis=0)}
    names = {"VI" if k == "V" and metric == "mahalanobis" else k: v for k, v in (params or {}).items()}
    if "VI" in names:
        names["VI"] = np.linalg.inv(names["VI"])
    want = cdist(rows, rows, metric, **names)
    index = nearest_neighbors.Sklearn(rows, 9, metric, metric_params=params)
    near, far = index.build()
    assert np.allclose(far, np.sort(want, axis=1)[:, 1:10], rtol=1e-4, atol=1e-6)
    assert np.allclose(far, np.take_along_axis(want, near, axis=1), rtol=1e-4, atol=1e-6)
    settings = dict(n_iter=30, early_exaggeration_iter=30, random_state=0)
    named = TSNE(metric=metric, metric_params=params, initialization="random", **settings)
    given = TSNE(metric="precomputed", initialization="random", **settings)
    mine, theirs = named.fit(rows), given.fit(want)
    # Distances are rounded to float32 at different times.
    assert np.allclose(mine.affinities.P.toarray(), theirs.affinities.P.toarray(), atol=1e-6)
    placed = mine.transform(rows[:20])
    assert placed.shape == (20, 2) and np.isfinite(placed).all()


def test_mahalanobis_wants_its_matrix(small):
    with pytest.raises(ValueError, match="Must provide either V or VI for Mahalanobis distance"):
        Estimator(metric="mahalanobis").fit(small)


def test_negative_distances_of_a_function_are_refused(small):
    with pytest.raises(ValueError, match="All distances should be positive, the metric given"):
        Estimator(metric=lambda a, b: -1.0).fit(small)


def test_binary_metric(small):
    rows = small > 0
    _, far = nearest_neighbors.KNNIndex(rows, 5, "jaccard").build()
    assert np.allclose(far, np.sort(cdist(rows, rows, "jaccard"), axis=1)[:, 1:6], atol=1e-6)


def test_mapping_by_another_metric_is_the_librarys(small):
    fit = TSNE(n_iter=10, early_exaggeration_iter=10, random_state=0).fit(small)
    for metric in ("minkowski", lambda a, b: abs(a - b).sum()):
        with pytest.raises(ValueError, match="^metric: got"):
            fit.transform(small[:5], metric=metric)


# Errors of the types that are caught.


def test_wrong_width_of_a_start_is_refused_when_it_is_given():
    with pytest.raises(ValueError, match="^initialization: got .* 2 columns"):
        TSNE(n_components=2, initialization=np.zeros((10, 4)))
    TSNE(n_components=1, initialization=np.zeros((10, 1)))


def test_fft_in_three_dimensions_is_both_errors(small):
    for kind in (RuntimeError, ValueError):
        with pytest.raises(kind, match="negative_gradient_method"):
            TSNE(n_components=3, negative_gradient_method="fft").fit(small)


@pytest.mark.parametrize(
    "given, message",
    [
        ([[0.0], [1.0]], ".*square distance matrix"),
        ([[0.0, -1.0], [1.0, 0.0]], ".*positive"),
        ([[0.0, 1.0], [1.0, 0.0]], "minimum of 4"),
    ],
)
@pytest.mark.parametrize("sparse", [False, True])
def test_estimator_refuses_distances(given, message, sparse):
    from scipy.sparse import csr_matrix

    given = csr_matrix(given) if sparse else np.array(given)
    with pytest.raises(ValueError, match=message):
        Estimator(metric="precomputed", init="random").fit(given)


def test_estimator_refuses_what_scikit_learn_does(small):
    from scipy.sparse import csr_matrix

    far = cdist(small, small)
    with pytest.raises(TypeError, match="sparse"):
        Estimator(metric="precomputed", init="random", method="exact").fit(csr_matrix(far))
    with pytest.raises(ValueError, match='init="pca" cannot be used with metric="precomputed"'):
        Estimator(metric="precomputed", init="pca").fit(far)
    Estimator(init=np.zeros((150, 2)), metric="precomputed", max_iter=20).fit(far)
    with pytest.raises(ValueError, match="^n_components"):
        Estimator(n_components=4).fit([[0.0], [1.0]])


# Progress as scikit-learn stops by it.


def test_n_iter_without_progress(small):
    settings = dict(max_iter=1000, random_state=0, learning_rate=1e8, max_step_norm=None)
    stopped = Estimator(n_iter_without_progress=-1, **settings).fit(small)
    assert 250 < stopped.n_iter_ <= 300, "the first look after the early phase"
    calls = []
    whole = Estimator(
        n_iter_without_progress=300, max_iter=500, random_state=0, callbacks=lambda *a: calls.append(a)
    ).fit(small)
    assert whole.n_iter_ == 500 and len(calls) == 10
    assert same_bits(whole.embedding_, Estimator(max_iter=500, random_state=0).fit_transform(small))
    with pytest.raises(ValueError, match="^n_iter_without_progress"):
        Estimator(n_iter_without_progress="many").fit(small)
    assert pickle.loads(pickle.dumps(stopped)).n_iter_ == stopped.n_iter_


# scanpy's newer and older arguments.


@pytest.fixture(scope="module")
def cells():
    import scanpy as sc

    return sc.datasets.pbmc68k_reduced()[:200].copy()


def test_rng_is_the_seed(cells):
    settings = dict(n_iter=20, early_exaggeration_iter=20, copy=True)
    one = opentsne_go.tl.tsne(cells, rng=3, **settings)
    two = opentsne_go.tl.tsne(cells, random_state=3, **settings)
    other = opentsne_go.tl.tsne(cells, rng=4, **settings)
    assert same_bits(one.obsm["X_tsne"], two.obsm["X_tsne"])
    assert not same_bits(one.obsm["X_tsne"], other.obsm["X_tsne"])


def test_n_jobs_is_recorded_as_scanpy_does(cells):
    import scanpy as sc

    made = opentsne_go.tl.tsne(cells, n_iter=5, early_exaggeration_iter=5, copy=True)
    assert made.uns["tsne"]["params"]["n_jobs"] == sc.settings.n_jobs


def test_use_fast_tsne_warns(cells):
    with pytest.warns(FutureWarning, match="use_fast_tsne"):
        opentsne_go.tl.tsne(
            cells, use_fast_tsne=True, n_iter=5, early_exaggeration_iter=5, copy=True
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opentsne_go.tl.tsne(cells, n_iter=5, early_exaggeration_iter=5, copy=True)
