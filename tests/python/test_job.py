"""One job: a fit of data is that of their affinities, bit for bit."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from opentsne_go import TSNE, Affinities, affinity, callbacks, nearest_neighbors

QUICK = dict(early_exaggeration_iter=30, n_iter=30, random_state=3)
X = np.random.default_rng(5).normal(size=(180, 8)).astype(np.float32)
X[:90] += 4
START = 1e-4 * X[:, :2]


def by_perplexity(data, **more):
    return affinity.PerplexityBasedNN(data, perplexity=15, random_state=3, **more)


def stops(**more):
    return dict(auto_stop=300, early_exaggeration_iter=90, n_iter=90, **more)


CASES = {
    "defaults": ({}, by_perplexity),
    "several": (
        dict(perplexity=[5, 30]),
        lambda data: affinity.Multiscale(data, perplexities=[5, 30], random_state=3),
    ),
    "multiscale": (
        dict(perplexity=[5, 30], affinity="multiscale"),
        lambda data: affinity.MultiscaleMixture(data, perplexities=[5, 30], random_state=3),
    ),
    "uniform": (
        dict(affinity="uniform", k=9),
        lambda data: affinity.Uniform(data, k_neighbors=9, symmetrize="mean"),
    ),
    "uniform max": (
        dict(affinity="uniform_max", k=9),
        lambda data: affinity.Uniform(data, k_neighbors=9),
    ),
    "fixed sigma": (
        dict(affinity="fixed_sigma", k=20, sigma=2.0),
        lambda data: affinity.FixedSigmaNN(data, sigma=2.0, k=20),
    ),
    "from_data": (
        {},
        lambda data: Affinities.from_data(data, 15, random_state=3),
    ),
    **{
        metric: (dict(metric=metric), lambda data, metric=metric: by_perplexity(data, metric=metric))
        for metric in ("cosine", "correlation", "manhattan", "chebyshev", "hamming", "minkowski")
    },
    "approx": (dict(neighbors="approx"), lambda data: by_perplexity(data, method="approx")),
}
for name, fields in {
    "1-D": dict(n_components=1),
    "3-D": dict(n_components=3),
    "exact": dict(negative_gradient_method="exact"),
    "bh": dict(negative_gradient_method="bh", theta=0.8),
    "fft": dict(negative_gradient_method="fft"),
    "random": dict(initialization="random"),
    "spectral": dict(initialization="spectral"),
    "given": dict(initialization=START),
    "sample": dict(initialization="sample", sample_size=60, dof=0.6),
    "annealing": dict(anneal_iterations=12),
    "rising momentum": dict(momentum_iterations=12, final_momentum=0.9),
    "stops": stops(),
    "stops annealed": stops(anneal_iterations=20),
    "density": dict(density_lambda=0.5),
    "dense early": dict(density_lambda=0.5, density_fraction=0.9, density_shift=0.3, anneal_iterations=9),
    "dense stops": stops(density_lambda=0.5, initialization="spectral"),
    "dof": dict(dof=0.5),
    "momentum": dict(initial_momentum=0, final_momentum=0.6),
    "exaggeration": dict(early_exaggeration=5, exaggeration=2.5, learning_rate=30),
    "clipped": dict(max_grad_norm=0.01, max_step_norm=None),
    "one phase": dict(early_exaggeration_iter=0),
    "none": dict(early_exaggeration_iter=0, n_iter=0),
}.items():
    CASES[name] = (fields, by_perplexity)
CASES["dense uniform"] = (dict(CASES["uniform"][0], density_lambda=0.5), CASES["uniform"][1])


@pytest.mark.parametrize("data", [X, np.asfortranarray(X + 1e7 / 3, np.float64)], ids=["float32", "far"])
@pytest.mark.parametrize("name", CASES)
def test_fit_is_that_of_its_affinities(name, data):
    fields, make = CASES[name]
    tsne = TSNE(**{"perplexity": 15, **QUICK, **fields})
    whole = tsne.fit(data)
    made = make(data)
    given = tsne.fit(data, affinities=made)
    assert_array_equal(given, whole)
    assert given.kl_divergence == whole.kl_divergence
    assert given.n_iter == whole.n_iter
    if name in ("random", "spectral", "given"):
        assert_array_equal(tsne.fit(affinities=made), whole)
    assert_array_equal(given.optimize(20, exaggeration=1.5), whole.optimize(20, exaggeration=1.5))
    if name not in ("minkowski", "from_data"):
        assert_array_equal(given.transform(X[:5]), whole.transform(X[:5]))


@pytest.mark.parametrize("name", CASES)
def test_a_prepared_map_is_where_a_fit_starts(name):
    fields, make = CASES[name]
    tsne = TSNE(**{"perplexity": 15, **QUICK, **fields, "early_exaggeration_iter": 0, "n_iter": 0})
    prepared = tsne.prepare_initial(X)
    assert_array_equal(prepared, tsne.fit(X))
    assert_array_equal(prepared, tsne.prepare_initial(X, affinities=make(X)))
    assert prepared.n_iter == 0


def test_a_graph_and_distances_keep_what_density_needs():
    tsne = TSNE(perplexity=10, initialization="random", density_lambda=0.5, **QUICK)
    far = np.sqrt(((X[:, None].astype(float) - X) ** 2).sum(-1))
    index = nearest_neighbors.PrecomputedDistanceMatrix(far, 30)
    of_graph = tsne.fit(affinities=Affinities.from_neighbors(*index.build(), 10))
    assert_array_equal(tsne.fit(affinities=affinity.PerplexityBasedNN(knn_index=index, perplexity=10)), of_graph)
    tsne.set_params(metric="precomputed")
    assert_array_equal(tsne.fit(far), of_graph)
    assert_array_equal(tsne.fit(far, affinities=of_graph.affinities), of_graph)


def test_density_of_a_matrix_is_refused():
    given = affinity.PrecomputedAffinities(by_perplexity(X).P)
    with pytest.raises(ValueError, match="^density_lambda: these affinities have no local radii"):
        TSNE(density_lambda=0.5, **QUICK).fit(X, affinities=given)


def test_a_fit_of_affinities_is_followed_as_one_of_data():
    def follow(**how):
        history, starts = callbacks.History(), []

        class Counts(callbacks.Callback):
            def optimization_about_to_start(self):
                starts.append(len(history.iterations))

            def __call__(self, iteration, error, *_):
                starts.append((iteration, error))

        TSNE(perplexity=15, callbacks=[history, Counts()], callbacks_every_iters=8, **QUICK).fit(X, **how)
        return history.phases, history.iterations, history.kl_divergences, starts

    assert follow() == follow(affinities=by_perplexity(X))


def test_a_callback_stops_a_fit_of_affinities():
    tsne = TSNE(perplexity=15, callbacks=lambda i, *_: i >= 20, callbacks_every_iters=10, **QUICK)
    whole, given = tsne.fit(X), tsne.fit(X, affinities=by_perplexity(X))
    assert_array_equal(given, whole)
    assert 0 < given.n_iter == whole.n_iter < 60
