"""openTSNE's modules: the same names give the same figures as openTSNE itself."""

import inspect

import numpy as np
import openTSNE
import openTSNE.affinity
import openTSNE.callbacks
import openTSNE.initialization
import openTSNE.metrics
import openTSNE.nearest_neighbors
import pytest

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, TSNEEmbedding, affinity, initialization, nearest_neighbors

PARAMS = {"early_exaggeration_iter": 30, "n_iter": 30, "random_state": 0}


@pytest.fixture(scope="module")
def x(digits):
    return digits[0][:600].astype(np.float64)


@pytest.fixture(scope="module")
def embedding(x):
    return TSNE(**PARAMS).fit(x)


def same_p(ours, theirs, bound=1e-6):
    """Largest difference, relative to the largest value."""
    a, b = ours.toarray().astype(float), theirs.toarray()
    assert abs(a - b).max() <= bound * abs(b).max()


KINDS = {
    "perplexity": ("PerplexityBasedNN", {"perplexity": 20}),
    "wide": ("PerplexityBasedNN", {"perplexity": 20, "k_neighbors": 100}),
    "directed": ("PerplexityBasedNN", {"perplexity": 20, "symmetrize": False}),
    "multiscale": ("Multiscale", {"perplexities": [10, 60]}),
    "mixture of one": ("MultiscaleMixture", {"perplexities": [25]}),
    "sigma": ("FixedSigmaNN", {"sigma": 8.0, "k": 25}),
    "uniform": ("Uniform", {"k_neighbors": 15}),
    "uniform-mean": ("Uniform", {"k_neighbors": 15, "symmetrize": "mean"}),
    "uniform-none": ("Uniform", {"k_neighbors": 15, "symmetrize": "none"}),
}


@pytest.fixture(scope="module")
def untied(x):
    """Digits moved a little, so that no two distances are equal."""
    return x + np.random.default_rng(0).normal(0, 0.05, x.shape)


@pytest.mark.parametrize("kind", KINDS)
def test_affinities_equal_opentsne(untied, kind):
    name, params = KINDS[kind]
    ours = getattr(affinity, name)(untied[:500], method="exact", **params)
    theirs = getattr(openTSNE.affinity, name)(untied[:500], method="exact", **params)
    same_p(ours.P, theirs.P)
    assert ours.P.sum() == pytest.approx(1)


NEW = {
    "perplexity": ("perplexity", {}),
    "another perplexity": ("perplexity", {"perplexity": 11}),
    "k_neighbors": ("perplexity", {"perplexity": 20, "k_neighbors": 40}),
    "few neighbors": ("perplexity", {"perplexity": 40, "k_neighbors": 36}),
    "directed": ("directed", {}),
    "multiscale": ("multiscale", {}),
    "one of multiscale": ("multiscale", {"perplexities": 12}),
    "other perplexities": ("multiscale", {"perplexities": [9, 30]}),
    "too large": ("multiscale", {"perplexities": [30, 1000, 2000]}),
    "mixture of one": ("mixture of one", {}),
    "sigma": ("sigma", {}),
    "another sigma": ("sigma", {"sigma": 12.0, "k": 40}),
    "uniform": ("uniform", {}),
    "uniform k": ("uniform-none", {"k_neighbors": 7}),
}


@pytest.mark.parametrize("case", NEW)
def test_to_new_equals_opentsne(untied, case):
    kind, asked = NEW[case]
    name, params = KINDS[kind]
    made = [
        getattr(module.affinity, name)(untied[:500], method="exact", **params)
        for module in (opentsne_go, openTSNE)
    ]
    p, near, far = made[0].to_new(untied[500:], return_distances=True, **asked)
    q, near2, far2 = made[1].to_new(untied[500:], return_distances=True, **asked)
    same_p(p, q)
    assert p.shape == q.shape == (100, 500) and p.dtype == q.dtype
    assert np.allclose(p.sum(axis=1), 1, rtol=1e-12)
    assert (near == near2).mean() > 0.999 and np.allclose(far, far2, rtol=1e-5)
    same_p(made[0].to_new(untied[500:], **asked), q)
    assert made[0].to_new(untied[:0], **asked).shape == (0, 500)


def test_small_perplexities_are_met(untied):
    """openTSNE's search ends beside the perplexity for some rows."""
    rows, new = untied[:500], untied[500:]
    p, q = (
        kind.PerplexityBasedNN(rows, 5, method="exact").to_new(new).toarray()
        for kind in (opentsne_go.affinity, openTSNE.affinity)
    )

    def perplexity(p):
        return np.exp(-(p * np.log(np.where(p > 0, p, 1))).sum(axis=1))

    assert np.allclose(perplexity(p), 5, rtol=1e-6)
    met = np.isclose(perplexity(q), 5, rtol=1e-6)
    assert met.mean() > 0.9 and abs(p - q)[met].max() < 1e-6


def test_perplexity_above_a_third_of_the_points(untied):
    """openTSNE takes it, with as many neighbours as there are."""
    kinds = (opentsne_go.affinity, openTSNE.affinity)
    ours, theirs = (kind.PerplexityBasedNN(untied[:100], 50, method="exact") for kind in kinds)
    same_p(ours.P, theirs.P)
    same_p(ours.to_new(untied[100:200]), theirs.to_new(untied[100:200]))
    partial = TSNEEmbedding(initialization.pca(untied[:100]), ours).prepare_partial(untied[100:200])
    same_p(partial.P, theirs.to_new(untied[100:200]))


def mixture(far):
    """p(j|i) of normal densities with the bandwidths of perplexities 10 and 60."""
    from openTSNE import _tsne

    square, kernel = far.astype(float) ** 2, 0.0
    for perplexity in (10.0, 60.0):
        p = np.asarray(_tsne.compute_gaussian_perplexity(far.astype(float), np.array([perplexity])))
        beta = np.log(p[:, 0] / p[:, 40]) / (square[:, 40] - square[:, 0])
        kernel = kernel + np.sqrt(beta)[:, None] * np.exp(-beta[:, None] * square)
    return kernel / kernel.sum(axis=1, keepdims=True)


def test_mixture_by_its_definition(untied):
    """openTSNE 1.0.4 gives the smallest perplexity's affinities instead."""
    made = affinity.MultiscaleMixture(untied[:500], [10, 60], method="exact")
    near, far = (np.asarray(one) for one in made.knn_index.build())
    want = np.zeros((500, 500))
    np.put_along_axis(want, near, mixture(far), axis=1)
    want = (want + want.T) / want.sum() / 2
    assert abs(made.P.toarray() - want).max() < 1e-5 * want.max()
    p, near, far = made.to_new(untied[500:], return_distances=True)
    want = np.zeros((100, 500))
    np.put_along_axis(want, near, mixture(far), axis=1)
    assert abs(p.toarray() - want).max() < 1e-5 * want.max()
    theirs = openTSNE.affinity.MultiscaleMixture(untied[:500], [10, 60], method="exact")
    assert abs(theirs.to_new(untied[500:]).toarray() - want).max() > 0.1 * want.max()


@pytest.mark.parametrize("metric", ["cosine", "manhattan", "chebyshev", "l2", "hamming"])
def test_metrics_equal_opentsne(untied, metric):
    rows = untied[:300] if metric != "hamming" else np.round(untied[:300] / 4)
    k = 40
    a = nearest_neighbors.Sklearn(rows, k, metric).build()[1]
    b = openTSNE.nearest_neighbors.Sklearn(rows, k, metric).build()[1]
    assert np.allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "manhattan", "chebyshev", "hamming"])
def test_queries_equal_opentsne(untied, metric):
    rows = untied[:300] if metric != "hamming" else np.round(untied[:300] / 4)
    new = rows[200:] + (0.01 if metric != "hamming" else 0)
    found = []
    for module in (nearest_neighbors, openTSNE.nearest_neighbors):
        index = module.Sklearn(rows[:250], 10, metric)
        index.build()
        found.append(index.query(new, 20))
    (near, far), (near2, far2) = found
    assert np.allclose(far, far2, rtol=1e-4, atol=1e-5)
    assert metric == "hamming" or (near == near2).mean() > 0.99
    assert near.shape == far.shape == (100, 20)


def test_queries(untied):
    from scipy.spatial.distance import cdist

    rows, new = untied[:400].astype(np.float32), untied[400:].astype(np.float32)
    exact = nearest_neighbors.Sklearn(rows, 10)
    near, far = exact.query(rows[:5], 3)
    assert list(near[:, 0]) == list(range(5)) and not far[:, 0].any()  # a row finds itself
    assert exact.query(new, 400)[0].shape == (200, 400)
    assert exact.query(new[:0], 4)[1].shape == (0, 4)
    approximate = nearest_neighbors.Annoy(rows, 10, random_state=np.random.RandomState(0))
    assert (approximate.query(new, 10)[0] == exact.query(new, 10)[0]).mean() > 0.9
    assert same_bits(approximate.query(new, 10)[1], approximate.query(new, 10)[1])
    for threads in (1, 3):
        again = nearest_neighbors.Sklearn(rows, 10, n_jobs=threads).query(new, 7)
        assert all(map(same_bits, again, exact.query(new, 7)))
    by_function = nearest_neighbors.KNNIndex(rows, 10, lambda a, b: abs(a - b).sum())
    want = np.sort(cdist(new[:9], rows, "cityblock"), axis=1)[:, :4]
    assert np.allclose(by_function.query(new[:9], 4)[1], want, rtol=1e-5)
    assert by_function.query(new[:0], 4)[0].shape == (0, 4)
    given = nearest_neighbors.PrecomputedDistanceMatrix(cdist(rows, rows), 10)
    for index, query, k, message in (
        (exact, new[:, :60], 3, r"^query: got \(200, 60\); allowed: 64 columns"),
        (exact, new, 0, "^k: got 0"),
        (exact, new, 401, "^k: got 401; allowed: 1 to 400"),
        (exact, new, 2.5, "^k: got 2.5"),
        (exact, np.where(new == new[2, 3], np.nan, new), 3, "^query: row 2, column 3 is nan"),
        (given, cdist(new, rows)[:, :9], 3, "^query: got .*400 columns"),
        (given, np.full((2, 400), np.nan), 3, "^query: row 0, column 0 is nan"),
        (given, cdist(new, rows), 401, "^k: got 401"),
    ):
        with pytest.raises(ValueError, match=message):
            index.query(query, k)
    with pytest.raises(TypeError, match="^query: got dtype"):
        exact.query(new.astype(str), 3)


def test_approximate_neighbors():
    x = np.random.default_rng(0).normal(size=(40_000, 8)).astype(np.float32)
    exact, _ = opentsne_go.neighbors(x, 10, method="exact", n_jobs=2)
    near, far = opentsne_go.neighbors(x, 10, method="approx", n_jobs=2)
    found = np.mean([len(set(a) & set(b)) for a, b in zip(near, exact, strict=True)]) / 10
    assert 0.98 < found < 1  # another search than the exact one, and nearly as good
    assert np.allclose(far[:99], np.linalg.norm(x[:99, None] - x[near[:99]], axis=2), rtol=1e-4)
    assert same_bits(near, opentsne_go.neighbors(x, 10, method="annoy", n_jobs=1)[0])


def test_correlation_and_callables(untied):
    from scipy.spatial.distance import cdist

    rows = untied[:200]
    want = np.sort(cdist(rows, rows, "correlation"), axis=1)[:, 1:11]
    for metric in ("correlation", lambda a, b: 1 - np.corrcoef(a, b)[0, 1]):
        _, far = opentsne_go.neighbors(rows, 10, metric=metric)
        assert np.allclose(far, want, rtol=1e-3, atol=1e-6)
    with pytest.raises(ValueError, match="^metric: got 'imaginary'; allowed"):
        opentsne_go.neighbors(rows, 10, metric="imaginary")
    with pytest.raises(ValueError, match="^metric: got 'imaginary'; allowed"):
        nearest_neighbors.KNNIndex(rows, 10, "imaginary")


def test_set_perplexity(untied):
    x = untied
    ours = affinity.PerplexityBasedNN(x, 30, method="exact")
    theirs = openTSNE.affinity.PerplexityBasedNN(x, 30, method="exact")
    ours.set_perplexity(10)
    theirs.set_perplexity(10)
    same_p(ours.P, theirs.P, 1e-5)
    with pytest.raises(RuntimeError, match="^new_perplexity: got 100; allowed: up to 90, .*a new PerplexityBasedNN"):
        ours.set_perplexity(100)
    with pytest.raises(ValueError, match="perplexity: got -1"):
        ours.set_perplexity(-1)
    several = affinity.Multiscale(x, [10, 30], method="exact")
    several.set_perplexities([12, 20])
    want = openTSNE.affinity.Multiscale(x, [12, 20], method="exact")
    same_p(several.P, want.P, 1e-5)
    with pytest.raises(RuntimeError, match="^new_perplexities: got 100; allowed: up to 30, .*a new Multiscale"):
        several.set_perplexities([100])


def test_affinities_need_one_source(x):
    index = nearest_neighbors.Sklearn(x, 90)
    for kind, more in (
        (affinity.PerplexityBasedNN, {}),
        (affinity.FixedSigmaNN, {"sigma": 1.0}),
        (affinity.Multiscale, {"perplexities": 30}),
        (affinity.Uniform, {}),
    ):
        with pytest.raises(ValueError, match="^data: got None; allowed: rows, or None beside knn_index"):
            kind(**more)
        with pytest.raises(ValueError, match="^knn_index: got 'Sklearn'; allowed: None beside data"):
            kind(x, knn_index=index, **more)
    with pytest.raises(ValueError, match="^sigma: got None; allowed: a number above 0"):
        affinity.FixedSigmaNN(x)
    with pytest.raises(ValueError, match="^perplexities: got None; allowed: a number above 0"):
        affinity.Multiscale(x)
    with pytest.raises(ValueError, match="^method: "):
        affinity.Uniform(x, method="kd-tree")
    assert affinity.PerplexityBasedNN(knn_index=index).P.shape == (600, 600)


def test_own_affinities_and_precomputed(x):
    p = affinity.PerplexityBasedNN(x, 20).P

    class Mine(affinity.Affinities):
        def __init__(self):
            super().__init__()
            self.P = p

    tsne = TSNE(initialization="random", **PARAMS)
    own, given = tsne.fit(affinities=Mine()), tsne.fit(affinities=affinity.PrecomputedAffinities(p, False))
    assert same_bits(own, given)
    scaled = affinity.PrecomputedAffinities(p * 7)
    assert scaled.P.sum() == pytest.approx(1)
    with pytest.raises(RuntimeError, match="cannot be queried"):
        given.affinities.to_new(x)


def test_precomputed_distances_and_graphs(untied):
    from scipy.spatial.distance import cdist
    from sklearn.neighbors import kneighbors_graph

    x = untied.astype(np.float32)
    far = cdist(x, x)
    tsne = TSNE(metric="precomputed", initialization="random", **PARAMS)
    by_distances = tsne.fit(far)
    by_graph = tsne.fit(kneighbors_graph(x, 90, mode="distance"))
    by_data = TSNE(initialization="random", **PARAMS).fit(x)
    p = by_data.affinities.P.toarray()
    for one in (by_distances, by_graph):
        assert abs(one.affinities.P.toarray() - p).max() < 1e-4 * p.max()
    given = nearest_neighbors.PrecomputedNeighbors(*opentsne_go.neighbors(x, 90))
    same_p(affinity.PerplexityBasedNN(knn_index=given).P, by_data.affinities.P, 1e-5)
    with pytest.raises(RuntimeError, match="^Precomputed distance matrices cannot be queried$"):
        given.query(x, 3)
    index = nearest_neighbors.PrecomputedDistanceMatrix(far, 9)
    theirs = openTSNE.nearest_neighbors.PrecomputedDistanceMatrix(far, 9)
    assert np.allclose(index.query(far[:5], 4)[1], theirs.query(far[:5], 4)[1], rtol=1e-6)
    for wrong in (far[:, :5], np.full((9, 9), np.nan), -far):
        with pytest.raises(ValueError, match="^distances: "):
            tsne.fit(wrong)


def up_to_sign(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    return max(min(abs(p - q).max(), abs(p + q).max()) / abs(q).max() for p, q in zip(a.T, b.T, strict=True))


def test_starts_equal_opentsne(x):
    ours = initialization.pca(x, add_jitter=False)
    theirs = openTSNE.initialization.pca(x, add_jitter=False, svd_solver="full")
    assert up_to_sign(ours, theirs) < 1e-4
    assert np.std(initialization.pca(x, random_state=1)[:, 0]) == pytest.approx(1e-4, rel=0.01)
    p = affinity.PerplexityBasedNN(x, 30).P
    theirs = openTSNE.initialization.spectral(p.astype(float), add_jitter=False, tol=1e-10)
    assert up_to_sign(initialization.spectral(p, add_jitter=False), theirs) < 1e-4
    with pytest.raises(ValueError, match="square"):
        initialization.spectral(p[:9])
    y = initialization.random(500, random_state=3)
    assert y.shape == (500, 2) and abs(y.std() - 1e-4) < 2e-5
    assert same_bits(y, initialization.random(500, random_state=3))
    assert initialization.random(x, 3).shape == (600, 3)


def test_rescale_and_jitter(x):
    y = x[:, 2:4].copy()
    assert np.allclose(initialization.rescale(y), openTSNE.initialization.rescale(y))
    assert initialization.rescale(y, inplace=True, target_std=3) is y
    assert np.std(y[:, 0]) == pytest.approx(3)
    moved = initialization.jitter(y, random_state=0)
    assert 0.01 < np.std(moved - y) < 0.05
    before = y.copy()
    assert initialization.jitter(y, inplace=True) is y and not np.array_equal(y, before)


def test_starts_of_data_without_directions():
    for x in np.full((50, 3), 0.1, np.float32), np.full((50, 2), 1e8, np.float32):
        flat = initialization.pca(x, add_jitter=False, n_components=2)
        assert not flat.any()
        assert not initialization.rescale(x).any()
        for y in initialization.pca(x), initialization.jitter(flat):
            assert len(np.unique(y, axis=0)) == 50 and 0.3e-6 < y.std() < 3e-6


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_spectral_start_of_tied_distances(dims):
    sets = np.kron(np.eye(40), np.ones(3)) > 0  # no two with an element in common
    for x, metric in (1 - np.eye(200), "precomputed"), (sets, "jaccard"):
        start = {"initialization": "spectral", "n_components": dims, "random_state": 1}
        began = TSNE(metric=metric, **start).prepare_initial(x)
        assert np.asarray(began)[:, 0].std() == pytest.approx(1e-4, rel=0.01)
        ended = np.asarray(TSNE(metric=metric, n_iter=100, **start).fit(x))
        assert np.abs(ended).max() < 100


def test_places_equal_opentsne(x, embedding):
    rows, new = x[:500], x[500:]
    index = nearest_neighbors.Sklearn(rows, 10)
    near, far = index.query(new, 10)
    y = np.asarray(embedding)
    theirs = openTSNE.initialization
    assert np.allclose(
        initialization.median(y, near), theirs.median(y, near), rtol=1e-5, atol=1e-5
    )
    assert np.allclose(
        initialization.weighted(new, y, near, far),
        theirs.weighted_mean(new, y, near, far),
        rtol=1e-5,
        atol=1e-5,
    )


@pytest.mark.parametrize("dof", [0.5, 2])
def test_gradient_with_dof_equals_opentsne(embedding, dof):
    from openTSNE.tsne import kl_divergence_bh

    y = np.asarray(embedding, np.float64)
    p = embedding.affinities.P.astype(float)
    kl, theirs = kl_divergence_bh(
        y, p, dof=dof, bh_params={"theta": 0.0}, should_eval_error=True
    )
    ours, ours_kl = opentsne_go.gradient(
        y, embedding.affinities, dof=dof, negative_gradient_method="exact"
    )
    ratio = (ours * theirs).sum() / (theirs * theirs).sum()  # the factor 4 and dof's own
    attraction = abs(theirs).max()
    assert abs(ours / ratio - theirs).max() < 1e-5 * max(1.0, attraction) + 1e-4 * attraction
    assert ours_kl == pytest.approx(kl, rel=1e-5)


def test_names_and_defaults():
    """Arguments of openTSNE come first, with its defaults."""
    for ours, theirs in (
        (affinity, openTSNE.affinity),
        (initialization, openTSNE.initialization),
        (nearest_neighbors, openTSNE.nearest_neighbors),
        (opentsne_go.callbacks, openTSNE.callbacks),
        (opentsne_go.metrics, openTSNE.metrics),
    ):
        for name, thing in vars(theirs).items():
            public = getattr(thing, "__module__", "") == theirs.__name__
            if not public or name in ("joint_probabilities_nn", "get_knn_index"):
                continue
            assert hasattr(ours, name), f"{theirs.__name__}.{name}"
            call = getattr(ours, name)
            want = list(inspect.signature(thing).parameters.items())
            have = list(inspect.signature(call).parameters.items())
            if any(p.kind is p.VAR_POSITIONAL for _, p in want):
                continue
            for (a, p), (b, q) in zip(want, have, strict=False):  # ours may have more
                assert (a, p.default) == (b, q.default), f"{theirs.__name__}.{name}({a})"
            assert len(have) >= len(want), name


def test_callbacks(x, capsys):
    seen = opentsne_go.callbacks.History()
    start = TSNE(**PARAMS).prepare_initial(x)
    checks = [
        opentsne_go.callbacks.ErrorLogger(),
        opentsne_go.callbacks.VerifyExaggerationError(start),
        opentsne_go.callbacks.ErrorApproximations(start.affinities.P),
        seen,
    ]
    start.optimize(20, exaggeration=12, callbacks=checks, callbacks_every_iters=10)
    assert "KL divergence" in capsys.readouterr().out
    checks[2].report()
    assert "Barnes-Hut" in capsys.readouterr().out
    assert seen.iterations == [10, 20] and seen.embeddings[0].shape == (600, 2)
    for method in ("bh_errors", "fft_errors"):
        assert np.allclose(getattr(checks[2], method), checks[2].exact_errors, rtol=0.02)
    history = opentsne_go.callbacks.History(embeddings=False)
    TSNE(callbacks=history, callbacks_every_iters=10, **PARAMS).fit(x)
    assert history.iterations == [10, 20, 30, 40, 50, 60] and history.phases == [0, 30]


def test_pbic(embedding, x):
    want = 2 * embedding.kl_divergence + np.log(600) * 30 / 600
    assert opentsne_go.metrics.pBIC(embedding) == pytest.approx(want)
    several = TSNEEmbedding(embedding, affinity.Multiscale(x, [10, 30]))
    with pytest.raises(TypeError, match="perplexity"):
        opentsne_go.metrics.pBIC(several)
