"""Knobs of the optimisation that one peer or another has."""

import logging

import numpy as np
import pytest
import scipy.sparse

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, TSNEEmbedding

QUICK = {"early_exaggeration_iter": 40, "n_iter": 40, "random_state": 0}


@pytest.fixture(scope="module")
def x(digits):
    return digits[0][:600]


@pytest.mark.parametrize("dof", [0.5, 2.0])
@pytest.mark.parametrize("dims", [1, 2])
def test_dof_in_every_method(x, dof, dims):
    plain = TSNE(n_components=dims, **QUICK).fit(x)
    exact, kl = opentsne_go.gradient(
        plain, plain.affinities, dof=dof, negative_gradient_method="exact"
    )
    for method in ("bh", "fft"):
        grad, near = opentsne_go.gradient(
            plain, plain.affinities, dof=dof, negative_gradient_method=method, theta=0.2
        )
        assert near == pytest.approx(kl, rel=5e-3)
        assert abs(grad - exact).max() < 0.05 * abs(exact).max()
    embedding = TSNE(n_components=dims, dof=dof, **QUICK).fit(x)
    value = opentsne_go.gradient(embedding, embedding.affinities, dof=dof)[1]
    assert embedding.kl_divergence == pytest.approx(value, rel=1e-3)
    stages = TSNE(n_components=dims, dof=dof, **QUICK).prepare_initial(x)
    stages.optimize(40, exaggeration=12, inplace=True)
    assert same_bits(stages.optimize(40), embedding)


def test_dof_changed_on_the_way(x):
    embedding = TSNE(**QUICK).fit(x)
    tails = embedding.optimize(200, dof=0.5)
    assert tails.gradient_descent_params["dof"] == 0.5
    assert embedding.gradient_descent_params["dof"] == 1
    assert np.ptp(tails) > 1.5 * np.ptp(embedding)


def test_annealing_goes_from_early_to_late(x):
    plain = TSNE(**QUICK).fit(x)
    annealed = TSNE(anneal_iterations=20, **QUICK).fit(x)
    assert not same_bits(plain, annealed)
    assert np.ptp(annealed) < np.ptp(plain)
    stages = TSNE(**QUICK).prepare_initial(x).optimize(40, exaggeration=12)
    assert same_bits(stages.optimize(40, anneal_iterations=20), annealed)


def test_clipping(x):
    start = TSNE(**QUICK).prepare_initial(x)
    still = start.optimize(1, max_grad_norm=1e-12, learning_rate=1)
    moved = np.asarray(still) - np.asarray(start)
    assert abs(moved - moved.mean(axis=0)).max() < 1e-10  # it is centred, too
    short = start.optimize(1, max_step_norm=1e-6, exaggeration=12)
    step = np.linalg.norm(np.asarray(short) - np.asarray(start), axis=1)
    assert step.max() < 1.2e-6


def test_auto_stop_ends_both_phases(x):
    settings = {"early_exaggeration_iter": 400, "n_iter": 3000, "random_state": 0}
    stopped = TSNE(auto_stop=5000, **settings).fit(x)
    assert 50 < stopped.n_iter < 3000
    whole = TSNE(**{**settings, "n_iter": 1000}).fit(x)
    assert stopped.kl_divergence < 1.15 * whole.kl_divergence


def test_density_is_preserved():
    """Two clouds of unequal width stay so with den-SNE."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(0, w, (300, 10)) + 60 * i for i, w in enumerate([1, 4])])

    def ratio(**more):
        y = np.asarray(TSNE(random_state=0, **more).fit(x))
        return y[300:].std(axis=0).mean() / y[:300].std(axis=0).mean()

    assert ratio(density_lambda=0.5) > 1.15 * ratio()


def test_sample_start(x):
    made = TSNE(initialization="sample", sample_size=300, **QUICK).fit(x)
    assert np.isfinite(made).all()
    other = TSNE(initialization="sample", sample_size=200, **QUICK).fit(x)
    assert not same_bits(made, other)
    start = TSNE(initialization="sample", sample_size=300, random_state=0).prepare_initial(x)
    assert np.std(np.asarray(start)[:, 0]) == pytest.approx(1e-4, rel=0.02)


@pytest.mark.parametrize("affinity,more", [("uniform", {"k": 15}), ("fixed_sigma", {"sigma": 9.0})])
def test_kinds_of_affinity(x, affinity, more):
    embedding = TSNE(affinity=affinity, **more, **QUICK).fit(x)
    kind = {"uniform": opentsne_go.affinity.Uniform, "fixed_sigma": opentsne_go.affinity.FixedSigmaNN}
    if affinity == "uniform":
        want = kind[affinity](x, 15, symmetrize="mean")
    else:
        want = kind[affinity](x, 9.0)
    p, q = embedding.affinities.P.toarray(), want.P.toarray()
    assert abs(p - q).max() < 1e-5 * q.max()


def test_multiscale_is_the_mixture(x):
    made = TSNE(affinity="multiscale", perplexity=[10, 60], **QUICK).prepare_initial(x)
    want = opentsne_go.affinity.MultiscaleMixture(x, [10, 60])
    p, q = made.affinities.P.toarray(), want.P.toarray()
    assert abs(p - q).max() < 1e-5 * q.max()


def test_sparse_data_are_reduced(caplog):
    rng = np.random.default_rng(0)
    x = scipy.sparse.random(300, 2000, 0.02, format="csr", random_state=0, dtype=np.float32)
    x = x + scipy.sparse.csr_matrix(np.repeat(rng.random((3, 2000)) < 0.1, 100, axis=0) * 1.0)
    with caplog.at_level(logging.INFO, "opentsne_go"):
        embedding = TSNE(**QUICK).fit(x)
    assert "reduced to 50 columns by a truncated SVD" in caplog.text
    from sklearn.decomposition import TruncatedSVD

    want = TruncatedSVD(50, algorithm="arpack").fit_transform(x.astype(float))
    ours = embedding.affinities.knn_index.data
    assert np.allclose(np.linalg.norm(ours, axis=0), np.linalg.norm(want, axis=0), rtol=1e-2)
    y = np.asarray(embedding)
    centres = [y[i : i + 100].mean(axis=0) for i in (0, 100, 200)]
    spread = max(y[i : i + 100].std() for i in (0, 100, 200))
    apart = min(np.linalg.norm(centres[i] - centres[j]) for i, j in ((0, 1), (0, 2), (1, 2)))
    assert apart > 2 * spread
    few = scipy.sparse.csr_array(np.round(rng.random((60, 40)), 1))
    assert same_bits(TSNE(**QUICK).fit(few), TSNE(**QUICK).fit(few.toarray()))
    with pytest.raises(ValueError, match="^metric: got 'manhattan'.*sparse"):
        TSNE(metric="manhattan").fit(x)
    x.data[5] = np.nan
    with pytest.raises(ValueError, match=r"^X: row 0, column \d+ is nan"):
        TSNE().fit(x)


def test_embedding_takes_its_parameters_along(x):
    affinities = opentsne_go.affinity.PerplexityBasedNN(x, 30)
    start = opentsne_go.initialization.pca(x, random_state=0)
    own = TSNEEmbedding(start, affinities, dof=0.8, max_grad_norm=1, learning_rate=50)
    assert own.optimize(5).gradient_descent_params["dof"] == 0.8
    with pytest.raises(TypeError, match="unexpected argument 'lerning_rate'"):
        own.optimize(5, lerning_rate=3)
