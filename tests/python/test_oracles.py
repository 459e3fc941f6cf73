"""The same numbers as the peers, and the same bits as ourselves."""

import numpy as np
import openTSNE
import openTSNE.affinity
import pytest

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, Affinities

METHODS = ["exact", "bh", "fft"]


@pytest.fixture(scope="module")
def their_affinities(digits):
    return openTSNE.affinity.PerplexityBasedNN(
        digits[0].astype(np.float64), perplexity=30, method="exact"
    )


def parted(x, k):
    """Rows whose k-th neighbour is nearer than the next: at a tie, which one
    is taken is anybody's choice."""
    distance = opentsne_go.neighbors(x, k + 1, method="exact")[1]
    return distance[:, k - 1] < distance[:, k]


def worst(ours, theirs):
    """Largest relative difference of two matrices with the same pattern."""
    ours, theirs = ours.astype(np.float64).tocsr(), theirs.tocsr()
    ours.sort_indices()
    theirs.sort_indices()
    assert np.array_equal(ours.indptr, theirs.indptr)
    assert np.array_equal(ours.indices, theirs.indices)
    return np.abs(ours.data / theirs.data - 1).max()


def test_affinities_equal_opentsne(digits, their_affinities):
    x, _ = digits
    ours = Affinities.from_data(x, 30, neighbors="exact").P
    clear = parted(x, 90)
    assert clear.sum() > 1500
    assert worst(ours[clear][:, clear], their_affinities.P[clear][:, clear]) < 1e-6


def test_affinities_of_a_graph_equal_opentsne(their_affinities):
    index = their_affinities._PerplexityBasedNN__neighbors
    distance = their_affinities._PerplexityBasedNN__distances
    ours = Affinities.from_neighbors(index, distance, 30).P
    # Distances cross as float32, and the exponent has about 20 of their ulps.
    assert worst(ours, their_affinities.P) < 5e-6


def test_multiscale_affinities_equal_opentsne(digits):
    x = digits[0][:600]
    ours = Affinities.from_data(x, [10, 40], neighbors="exact").P
    theirs = openTSNE.affinity.Multiscale(
        x.astype(np.float64), perplexities=[10, 40], method="exact"
    ).P
    clear = parted(x, 120)
    assert clear.sum() > 400
    assert worst(ours[clear][:, clear], theirs[clear][:, clear]) < 1e-6


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


@pytest.mark.parametrize("method,bound", [("fft", 6.5e-3), ("bh", 3e-2)])
def test_fast_gradients_are_near_the_exact_one(scene, method, bound):
    p, y = scene
    exact, kl = opentsne_go.gradient(y, p, negative_gradient_method="exact")
    fast, fast_kl = opentsne_go.gradient(y, p, negative_gradient_method=method)
    spread = np.linalg.norm(exact)
    attraction = _attraction(p, y)
    repulsion = attraction - exact
    assert np.linalg.norm(fast - exact) < bound * max(spread, np.linalg.norm(repulsion))
    assert fast_kl == pytest.approx(kl, rel=bound)


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


def test_one_iteration_equals_opentsne(digits):
    """The first only: rounding drives the two apart in the next. What follows is
    compared with the algorithm in double precision below."""
    theirs = openTSNE.TSNE(
        neighbors="exact", negative_gradient_method="bh", theta=0, random_state=0
    ).prepare_initial(digits[0][:500])
    start = np.array(theirs)
    ours = opentsne_go.TSNEEmbedding(
        start, theirs.affinities, negative_gradient_method="exact"
    )
    theirs = theirs.optimize(1, exaggeration=12)
    ours = ours.optimize(1, exaggeration=12)
    assert relative(ours - start, theirs - start) < 1e-4


def by_hand(p, y, iterations, exaggeration, momentum, gains, step):
    """openTSNE's optimiser in double precision, over all pairs. The rate goes
    with a gradient that lacks the factor 4."""
    for _ in range(iterations):
        difference = y[:, None] - y[None]
        w = 1 / (1 + (difference**2).sum(-1))
        np.fill_diagonal(w, 0)
        force = (exaggeration * p - w / w.sum()) * w
        gradient = (force[:, :, None] * difference).sum(1)
        against = np.sign(gradient) != np.sign(step)
        gains = np.where(against, gains + 0.2, gains * 0.8 + 0.01)
        step = momentum * step - len(y) / exaggeration * gains * gradient
        y = y + step
        y = y - y.mean(axis=0)
    return y, gains, step


@pytest.mark.parametrize("method", METHODS)
def test_iterations_equal_the_algorithm_by_hand(digits, method):
    x = digits[0][:300]
    ours = TSNE(negative_gradient_method=method, random_state=0).prepare_initial(x)
    p = ours.affinities.P.toarray().astype(np.float64)
    y = np.asarray(ours, np.float64)
    y, *state = by_hand(p, y, 10, 12, 0.5, np.ones_like(y), np.zeros_like(y))
    ours = ours.optimize(10, exaggeration=12, momentum=0.5)
    assert relative(ours, y) < (1e-5 if method == "exact" else 5e-2)
    y, *state = by_hand(p, y, 10, 1, 0.8, *state)
    ours = ours.optimize(10)
    assert relative(ours, y) < (1e-5 if method == "exact" else 5e-2)


def test_whole_run_is_as_good_as_opentsne(digits):
    x = digits[0][::2]
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
