"""The same numbers as the peers, and the same bits as ourselves."""

import numpy as np
import openTSNE
import openTSNE.affinity
import pytest
from conftest import same_bits

import opentsne_go
from opentsne_go import TSNE, Affinities

METHODS = ["exact", "bh", "fft"]


def test_affinities_equal_opentsne(digits):
    x, _ = digits
    ours = Affinities.from_data(x, 30, neighbors="exact").P.astype(np.float64)
    theirs = openTSNE.affinity.PerplexityBasedNN(x, perplexity=30, method="exact").P
    theirs = theirs.tocsr()
    theirs.sort_indices()
    assert np.array_equal(ours.indptr, theirs.indptr)
    assert np.array_equal(ours.indices, theirs.indices)
    assert np.abs(ours.data / theirs.data - 1).max() < 1e-6


def test_multiscale_affinities_equal_opentsne(digits):
    x = digits[0][:600]
    ours = Affinities.from_data(x, [10, 40], neighbors="exact").P.toarray()
    theirs = openTSNE.affinity.Multiscale(x, perplexities=[10, 40], method="exact").P
    assert np.allclose(ours, theirs.toarray(), rtol=2e-6, atol=0)


@pytest.fixture(scope="module")
def scene(digits):
    """Affinities of 600 digits and a map on its way."""
    x = digits[0][:600]
    embedding = TSNE(n_iter=50, random_state=0).fit(x)
    y = np.ascontiguousarray(embedding, np.float32)
    return embedding.affinities, y


def relative(a, b):
    return np.linalg.norm(a - b) / np.linalg.norm(b)


def test_exact_gradient_equals_sklearn(scene):
    from scipy.spatial.distance import squareform
    from sklearn.manifold._t_sne import _kl_divergence

    p, y = scene
    dense = p.P.toarray().astype(np.float64)
    kl, grad = _kl_divergence(
        y.astype(np.float64).ravel(), squareform(dense, checks=False), 1, len(y), 2
    )
    ours, our_kl = opentsne_go.gradient(y, p, negative_gradient_method="exact")
    assert relative(ours, grad.reshape(-1, 2)) < 1e-5
    assert our_kl == pytest.approx(kl, rel=1e-5)


def test_exact_gradient_equals_opentsne(scene):
    p, y = scene
    kl, grad = openTSNE.tsne.kl_divergence_bh(
        y.astype(np.float64), p.P.astype(np.float64), 1, {"theta": 0}, should_eval_error=True
    )
    ours, our_kl = opentsne_go.gradient(y, p, negative_gradient_method="exact")
    assert relative(ours, 4 * grad) < 1e-5  # openTSNE leaves the 4 to the rate
    assert our_kl == pytest.approx(kl, rel=1e-5)


@pytest.mark.parametrize("method,bound", [("fft", 6.5e-3), ("bh", 2e-2)])
def test_fast_gradients_are_near_the_exact_one(scene, method, bound):
    p, y = scene
    exact, kl = opentsne_go.gradient(y, p, negative_gradient_method="exact")
    fast, fast_kl = opentsne_go.gradient(y, p, negative_gradient_method=method)
    spread = np.linalg.norm(exact)
    attraction = _attraction(p, y)
    repulsion = attraction - exact
    assert np.linalg.norm(fast - exact) < bound * max(spread, np.linalg.norm(repulsion))
    assert fast_kl == pytest.approx(kl, rel=1e-3)


def _attraction(p, y):
    m = p.P.tocoo()
    d = (y[m.row] - y[m.col]).astype(np.float64)
    f = 4 * m.data[:, None] * d / (1 + (d**2).sum(1, keepdims=True))
    total = np.zeros(y.shape)
    np.add.at(total, m.row, f)
    return total


def test_theta_zero_is_exact(scene):
    p, y = scene
    exact = opentsne_go.gradient(y, p, negative_gradient_method="exact")
    tree = opentsne_go.gradient(y, p, negative_gradient_method="bh", theta=0)
    assert same_bits(exact[0], tree[0]) and exact[1] == tree[1]


def test_pca_start_is_the_first_components(digits):
    from sklearn.decomposition import PCA

    x, _ = digits
    want = PCA(2, svd_solver="full").fit_transform(x.astype(np.float64))
    want *= 1e-4 / want[:, 0].std()
    got = np.asarray(TSNE(random_state=0).prepare_initial(x))
    for axis in range(2):
        assert abs(np.corrcoef(got[:, axis], want[:, axis])[0, 1]) > 0.999
    assert got[:, 0].std() == pytest.approx(1e-4, rel=1e-2)


def test_a_few_iterations_equal_opentsne(digits):
    """From one start and the same affinities, before rounding drives them apart."""
    x = digits[0][:500]
    theirs = openTSNE.TSNE(
        neighbors="exact", negative_gradient_method="bh", theta=0, random_state=0
    ).prepare_initial(x)
    ours = TSNE(
        neighbors="exact",
        negative_gradient_method="exact",
        initialization=np.asarray(theirs),
    ).prepare_initial(x)
    for exaggeration, momentum in ((12, 0.5), (None, 0.8)):
        theirs = theirs.optimize(10, exaggeration=exaggeration, momentum=momentum)
        ours = ours.optimize(10, exaggeration=exaggeration, momentum=momentum)
        assert relative(ours, np.asarray(theirs)) < 1e-3


def test_whole_run_is_as_good_as_opentsne(digits):
    x, _ = digits
    ours = TSNE(random_state=0, n_jobs=-1).fit(x)
    theirs = openTSNE.TSNE(random_state=0, neighbors="exact", n_jobs=2).fit(x)
    p = ours.affinities

    def kl(y):
        return opentsne_go.gradient(y, p, negative_gradient_method="exact")[1]

    assert kl(ours) < kl(np.asarray(theirs)) * 1.01
    assert ours.kl_divergence == pytest.approx(kl(ours), rel=1e-3)


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_same_bits_on_any_number_of_threads(digits, method, dims):
    if (method, dims) == ("fft", 3):
        with pytest.raises(ValueError, match="^negative_gradient_method"):
            TSNE(3, negative_gradient_method="fft").fit(digits[0])
        return
    x = digits[0][:700]

    def fit(n_jobs):
        return TSNE(
            dims,
            early_exaggeration_iter=30,
            n_iter=30,
            negative_gradient_method=method,
            random_state=0,
            n_jobs=n_jobs,
        ).fit(x)

    want = fit(1)
    for n_jobs in (1, 2, 3, 8, -1):
        got = fit(n_jobs)
        assert same_bits(got, want)
        assert got.kl_divergence == want.kl_divergence
        assert same_bits(got.affinities.P.data, want.affinities.P.data)


@pytest.mark.parametrize("neighbors", ["exact", "approx"])
@pytest.mark.parametrize("start", ["pca", "random"])
def test_determined_by_the_seed(digits, neighbors, start):
    x = digits[0]

    def fit(seed, n_jobs=1):
        return TSNE(
            early_exaggeration_iter=20,
            n_iter=20,
            neighbors=neighbors,
            initialization=start,
            random_state=seed,
            n_jobs=n_jobs,
        ).fit(x)

    first = fit(3)
    assert same_bits(fit(3, 2), first)
    if start == "random":
        assert not same_bits(fit(4), first)


def test_aliases_mean_the_same(small):
    def fit(**more):
        return TSNE(n_iter=10, early_exaggeration_iter=10, random_state=0, **more).fit(small)

    for names in (("fft", "FFT", "interpolation"), ("bh", "BH", "barnes-hut")):
        maps = [fit(negative_gradient_method=name) for name in names]
        assert all(same_bits(one, maps[0]) for one in maps)
    maps = [fit(neighbors=name) for name in ("approx", "annoy", "pynndescent", "hnsw")]
    assert all(same_bits(one, maps[0]) for one in maps)
    without = dict(n_interpolation_points=5, min_num_intervals=9, ints_in_interval=3)
    assert same_bits(fit(), fit(**without, knn_kwargs={"a": 1}))
    assert same_bits(fit(exaggeration=20), fit(exaggeration=20, early_exaggeration=20))
    assert same_bits(fit(), fit(early_exaggeration=12, exaggeration=1))
    assert same_bits(fit(perplexity=[30]), fit(perplexity=30))


def test_every_knob_turns_something(small):
    def fit(**more):
        return TSNE(n_iter=30, early_exaggeration_iter=30, random_state=0, **more).fit(small)

    base = fit()
    for knob in (
        dict(perplexity=10),
        dict(perplexity=[10, 30]),
        dict(learning_rate=20),
        dict(early_exaggeration=4),
        dict(exaggeration=2),
        dict(initialization="random"),
        dict(initial_momentum=0.5),
        dict(final_momentum=0.5),
        dict(max_step_norm=0.01),
        dict(n_components=1),
    ):
        assert not same_bits(fit(**knob), base), knob
    tree = dict(negative_gradient_method="bh")
    assert not same_bits(fit(**tree, theta=0.8), fit(**tree, theta=0.2))
    assert fit(max_step_norm=None).shape == base.shape
