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
from conftest import same_bits

import opentsne_go
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
    p, near, far = ours.to_new(untied[500:], return_distances=True)
    q, near2, far2 = theirs.to_new(untied[500:], return_distances=True)
    same_p(p, q)
    assert (near == near2).mean() > 0.999 and np.allclose(far, far2, rtol=1e-5)


def test_mixture_by_its_definition(untied):
    """openTSNE 1.0.4 gives the smallest perplexity's affinities instead."""
    from openTSNE import _tsne

    made = affinity.MultiscaleMixture(untied[:500], [10, 60], method="exact")
    near, far = (np.asarray(one) for one in made.knn_index.build())
    kernel = 0.0
    for perplexity in (10.0, 60.0):
        p = np.asarray(_tsne.compute_gaussian_perplexity(far.astype(float), np.array([perplexity])))
        square = far.astype(float) ** 2
        beta = np.log(p[:, 0] / p[:, 40]) / (square[:, 40] - square[:, 0])
        kernel = kernel + np.sqrt(beta)[:, None] * np.exp(-beta[:, None] * square)
    kernel /= kernel.sum(axis=1, keepdims=True)
    want = np.zeros((500, 500))
    np.put_along_axis(want, near, kernel, axis=1)
    want = (want + want.T) / want.sum() / 2
    assert abs(made.P.toarray() - want).max() < 1e-5 * want.max()


@pytest.mark.parametrize("metric", ["cosine", "manhattan", "chebyshev", "l2", "hamming"])
def test_metrics_equal_opentsne(untied, metric):
    rows = untied[:300] if metric != "hamming" else np.round(untied[:300] / 4)
    k = 40
    a = nearest_neighbors.Sklearn(rows, k, metric).build()[1]
    b = openTSNE.nearest_neighbors.Sklearn(rows, k, metric).build()[1]
    assert np.allclose(a, b, rtol=1e-4, atol=1e-6)


def test_correlation_and_callables(untied):
    from scipy.spatial.distance import cdist

    rows = untied[:200]
    want = np.sort(cdist(rows, rows, "correlation"), axis=1)[:, 1:11]
    for metric in ("correlation", lambda a, b: 1 - np.corrcoef(a, b)[0, 1]):
        near, far = opentsne_go.neighbors(rows, 10, metric=metric)
        assert np.allclose(far, want, rtol=1e-3, atol=1e-6)
    with pytest.raises(ValueError, match="^metric: got 'canberra'; allowed"):
        opentsne_go.neighbors(rows, 10, metric="canberra")
    with pytest.raises(ValueError, match="^metric: got 'canberra'; allowed"):
        nearest_neighbors.KNNIndex(rows, 10, "canberra")


def test_set_perplexity(untied):
    x = untied
    ours = affinity.PerplexityBasedNN(x, 30, method="exact")
    theirs = openTSNE.affinity.PerplexityBasedNN(x, 30, method="exact")
    ours.set_perplexity(10)
    theirs.set_perplexity(10)
    same_p(ours.P, theirs.P, 1e-5)
    with pytest.raises(RuntimeError, match="larger than the kNN graph"):
        ours.set_perplexity(100)
    with pytest.raises(ValueError, match="perplexity: got -1"):
        ours.set_perplexity(-1)
    several = affinity.Multiscale(x, [10, 30], method="exact")
    several.set_perplexities([12, 20])
    want = openTSNE.affinity.Multiscale(x, [12, 20], method="exact")
    same_p(several.P, want.P, 1e-5)
    with pytest.raises(RuntimeError, match="larger than the initial one"):
        several.set_perplexities([100])


def test_affinities_need_one_source(x):
    index = nearest_neighbors.Sklearn(x, 90)
    for kind, more in (
        (affinity.PerplexityBasedNN, {}),
        (affinity.FixedSigmaNN, {"sigma": 1.0}),
        (affinity.Multiscale, {"perplexities": 30}),
        (affinity.Uniform, {}),
    ):
        with pytest.raises(ValueError, match="At least one of"):
            kind(**more)
        with pytest.raises(ValueError, match="pass only one"):
            kind(x, knn_index=index, **more)
    with pytest.raises(ValueError, match="`sigma` must be specified"):
        affinity.FixedSigmaNN(x)
    with pytest.raises(ValueError, match="`perplexities` must be specified"):
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
    with pytest.raises(RuntimeError, match="cannot be queried"):
        given.query(x, 3)
    index = nearest_neighbors.PrecomputedDistanceMatrix(far, 9)
    theirs = openTSNE.nearest_neighbors.PrecomputedDistanceMatrix(far, 9)
    assert np.allclose(index.query(far[:5], 4)[1], theirs.query(far[:5], 4)[1], rtol=1e-6)
    for wrong in (far[:, :5], np.full((9, 9), np.nan), -far):
        with pytest.raises(ValueError):
            tsne.fit(wrong)


def up_to_sign(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    return max(min(abs(p - q).max(), abs(p + q).max()) / abs(q).max() for p, q in zip(a.T, b.T))


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
def test_gradient_with_dof_equals_opentsne(x, embedding, dof):
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


def test_names_and_defaults(x):
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
            for (a, p), (b, q) in zip(want, have):
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
