"""The embedding as an array, and what optimize does to it."""

import copy
import gc
import pickle

import numpy as np
import pandas as pd
import pytest

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, Affinities, TSNEEmbedding
from opentsne_go._native import library


@pytest.fixture(scope="module")
def embedding(small):
    return TSNE(n_iter=50, early_exaggeration_iter=50, random_state=0).fit(small)


def test_is_an_array(embedding):
    y = np.asarray(embedding)
    assert isinstance(embedding, np.ndarray) and type(y) is np.ndarray
    assert np.shares_memory(y, embedding), "asarray must not copy"
    assert not np.shares_memory(np.array(embedding), embedding)
    assert y.dtype == np.float32 and y.flags.c_contiguous
    assert embedding.shape == (150, 2) and len(embedding) == 150
    assert embedding.ndim == 2 and embedding.dtype == np.float32
    assert np.array_equal(embedding[:, 0], y[:, 0])
    assert np.array_equal(embedding[embedding[:, 0] > 0], y[y[:, 0] > 0])
    assert np.array_equal(embedding + 1, y + 1) and np.array_equal(1 - embedding, 1 - y)
    assert np.array_equal(embedding @ np.eye(2), y @ np.eye(2))
    assert (embedding == y).all() and (embedding == embedding).all()
    assert np.allclose(np.mean(embedding), y.mean())
    assert np.allclose(np.std(embedding, axis=0), y.std(axis=0))
    assert np.array_equal(np.concatenate([embedding, embedding]), np.r_[y, y])
    assert np.array_equal(np.vstack(list(embedding)), y)
    assert np.array_equal(embedding.T, y.T) and embedding.max() == y.max()
    assert np.asarray(embedding, dtype=np.float64).dtype == np.float64
    _, b = embedding[:, :2].T
    assert np.array_equal(b, y[:, 1])
    assert isinstance(embedding * 2, np.ndarray)
    assert repr(embedding).startswith("TSNEEmbedding([[")
    assert pd.DataFrame(embedding, columns=["x", "y"]).shape == (150, 2)
    np.testing.assert_equal(embedding, copy.copy(embedding))
    for plain in (embedding[:3], embedding + 1, np.concatenate([embedding, embedding])):
        assert type(plain) is np.ndarray
    assert memoryview(embedding).nbytes == y.nbytes
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = embedding.nothing
    with pytest.raises(AttributeError, match="an array made of an embedding's"):
        embedding.T.optimize(1)
    assert type(pickle.loads(pickle.dumps(embedding.T))) is np.ndarray


def test_in_place_arithmetic_keeps_the_embedding(embedding):
    mine = copy.copy(embedding)
    before = np.array(mine)
    same = mine
    mine *= 2
    assert mine is same
    assert np.array_equal(mine, before * 2)
    assert np.array_equal(embedding, before)


def test_matplotlib_and_sklearn_take_it(embedding):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from sklearn.neighbors import NearestNeighbors

    plt.scatter(embedding[:, 0], embedding[:, 1])
    plt.scatter(*embedding.T)
    plt.close()
    NearestNeighbors().fit(embedding).kneighbors(embedding)


def test_two_halves_equal_the_whole(small):
    def start():
        return TSNE(random_state=0).prepare_initial(small)

    whole = start().optimize(500)
    first = start().optimize(250)
    halves = first.optimize(250)
    assert same_bits(halves, whole)
    assert halves.n_iter == 500 and first.n_iter == 250
    assert halves.kl_divergence == whole.kl_divergence
    again = first.optimize(250)
    assert same_bits(again, whole), "a copy disturbed what it was copied from"
    rest = start().optimize(250)
    assert same_bits(rest.optimize(250, momentum=0.8, exaggeration=None), whole)
    assert not same_bits(rest.optimize(250, momentum=0.5), whole)


@pytest.mark.parametrize("method", ["bh", "fft", "exact", "auto"])
def test_fit_equals_its_stages(small, method):
    tsne = TSNE(
        random_state=0,
        early_exaggeration_iter=60,
        n_iter=90,
        exaggeration=2,
        negative_gradient_method=method,
        initial_momentum=0.5,
    )
    whole = tsne.fit(small)
    stages = tsne.prepare_initial(small)
    assert stages.n_iter == 0
    stages.optimize(60, exaggeration=12, momentum=0.5, inplace=True)
    stages.optimize(90, exaggeration=2, inplace=True)
    assert same_bits(whole, stages)
    assert whole.kl_divergence == stages.kl_divergence
    given = tsne.fit(small, affinities=Affinities.from_data(small, random_state=0))
    assert same_bits(whole, given)


def test_inplace_rules(embedding):
    mine = copy.deepcopy(embedding)
    view = np.asarray(mine)
    new = mine.optimize(20)
    assert new is not mine and same_bits(mine, embedding)
    assert mine.optimize(20, inplace=True) is mine
    assert same_bits(mine, new)
    assert np.shares_memory(view, np.asarray(mine))
    assert mine.n_iter == embedding.n_iter + 20
    assert mine.kl_divergence == new.kl_divergence != embedding.kl_divergence
    assert same_bits(mine.optimize(0), mine)


def test_kl_divergence_is_that_of_the_positions(small):
    exact = TSNE(n_iter=100, random_state=0, negative_gradient_method="exact").fit(small)
    kl = opentsne_go.gradient(exact, exact.affinities, negative_gradient_method="exact")[1]
    assert exact.kl_divergence == pytest.approx(kl, rel=1e-6)
    p = exact.affinities.P.toarray().astype(float)
    y = np.asarray(exact, float)
    q = 1 / (1 + ((y[:, None] - y[None]) ** 2).sum(-1))
    np.fill_diagonal(q, 0)
    q /= q.sum()
    inside = p > 0
    by_hand = (p[inside] * np.log(p[inside] / q[inside])).sum()
    assert kl == pytest.approx(by_hand, rel=1e-5)
    start = TSNE(random_state=0).prepare_initial(small)
    assert np.isfinite(start.kl_divergence) and start.kl_divergence > kl


def test_written_positions_are_gone_on_from(embedding):
    moved = copy.copy(embedding)
    moved[:] = np.asarray(embedding)[:, ::-1]
    assert moved.kl_divergence == pytest.approx(embedding.kl_divergence, rel=1e-4)
    spread = copy.copy(embedding)
    for write in (spread, np.asarray(spread)):
        before = spread.kl_divergence
        write *= 3
        assert spread.kl_divergence > 1.01 * before, "the KL divergence of old positions"
    after = moved.optimize(1)
    assert np.abs(after - np.asarray(moved)).max() < 1
    viewed = copy.copy(embedding)
    np.asarray(viewed)[0] = 1e3
    assert viewed.optimize(1)[0, 0] > 500
    moved[3, 0] = np.nan
    with pytest.raises(ValueError, match="^embedding: row 3, column 0 is nan"):
        moved.optimize(1)


def test_optimize_checks_its_arguments(embedding):
    for bad in (
        dict(exaggeration=0),
        dict(momentum=1),
        dict(learning_rate=-1),
        dict(negative_gradient_method="x"),
        dict(dof=0),
        dict(max_grad_norm=-1),
    ):
        with pytest.raises(ValueError, match=f"^{next(iter(bad))}: got"):
            embedding.optimize(1, **bad)
    with pytest.raises(ValueError, match="^n_iter"):
        embedding.optimize(-1)
    with pytest.raises(TypeError, match="'moment'"):
        embedding.optimize(1, moment=0.5)


def test_own_start(small, embedding):
    own = TSNEEmbedding(np.asarray(embedding) * 1e-6, embedding.affinities)
    assert own.n_iter == 0
    assert own.optimize(100, exaggeration=4).kl_divergence < own.kl_divergence
    with pytest.raises(ValueError, match=r"embedding: got \(9, 2\)"):
        TSNEEmbedding(np.zeros((9, 2)), embedding.affinities)
    with pytest.raises(ValueError, match="^affinities"):
        TSNEEmbedding(np.zeros((150, 2)), small)


def test_affinities(small, embedding):
    p = embedding.affinities
    assert isinstance(p, Affinities) and p.n_samples == 150
    m = p.P
    assert m.nnz == p.nnz and m.has_sorted_indices
    assert m.sum() == pytest.approx(1, rel=1e-6)
    assert (m != m.T).nnz == 0 and (m.diagonal() == 0).all()
    again = Affinities.from_matrix(m)
    assert np.allclose(again.P.toarray(), m.toarray(), rtol=1e-6)
    doubled = Affinities.from_matrix(m * 2)
    assert np.allclose(doubled.P.toarray(), m.toarray(), rtol=1e-6)
    index, distance = opentsne_go.neighbors(small, 90)
    from_graph = Affinities.from_neighbors(index, distance, 30)
    assert np.allclose(from_graph.P.toarray(), Affinities.from_data(small).P.toarray(), rtol=1e-5)
    start = TSNE(initialization="random", random_state=1)
    assert start.fit(affinities=p).shape == (150, 2)
    with pytest.raises(ValueError, match="^initialization: got 'sample'"):
        TSNE(initialization="sample").fit(affinities=p)
    with pytest.raises(ValueError, match="^X: "):
        TSNE().fit(small[:9], affinities=p)


def test_bad_graphs(small):
    index, distance = opentsne_go.neighbors(small, 30)
    for change in (150, -1, 2**33):
        wrong = index.astype(np.int64)
        wrong[7, 3] = change
        with pytest.raises(ValueError, match="^neighbours: row 7, column 3: index"):
            Affinities.from_neighbors(wrong, distance, 10)
    wrong = distance.copy()
    wrong[7, 3] = np.nan
    with pytest.raises(ValueError, match="^neighbours: row 7, column 3: distance nan"):
        Affinities.from_neighbors(index, wrong, 10)
    with pytest.raises(ValueError, match="^distances"):
        Affinities.from_neighbors(index, distance[:, :9], 10)
    with pytest.raises(TypeError, match="^indices"):
        Affinities.from_neighbors(distance, distance, 10)
    with pytest.raises(ValueError, match="^P: "):
        Affinities.from_matrix(np.ones((3, 4)))
    with pytest.raises(ValueError, match="^affinities: not symmetric: row 0, column 1"):
        Affinities.from_matrix(np.triu(np.ones((9, 9)), 1))
    with pytest.raises(ValueError, match="^k: "):
        opentsne_go.neighbors(small, 150)


def test_neighbors_are_those_of_brute_force(small):
    from sklearn.neighbors import NearestNeighbors

    index, distance = opentsne_go.neighbors(small, 7)
    want, which = NearestNeighbors(algorithm="brute").fit(small).kneighbors(n_neighbors=7)
    assert np.allclose(distance, want, rtol=1e-5)
    assert (index == which).mean() > 0.99


def test_pickle(embedding):
    other = pickle.loads(pickle.dumps(embedding))
    assert same_bits(other, embedding)
    assert other.kl_divergence == embedding.kl_divergence
    assert other.optimize(5).shape == embedding.shape
    p, q = embedding.affinities.P, other.affinities.P
    assert (p.indices == q.indices).all() and np.allclose(p.data, q.data, rtol=1e-6)


def test_parameters_like_an_estimator():
    from sklearn.base import clone

    tsne = TSNE(n_jobs=8, perplexity=[30, 50], exaggeration=4)
    assert repr(tsne) == "TSNE(perplexity=[30, 50], exaggeration=4, n_jobs=8)"
    assert clone(tsne).get_params() == tsne.get_params()
    assert tsne.set_params(n_iter=3).n_iter == 3
    with pytest.raises(ValueError, match="n_iters"):
        tsne.set_params(n_iters=3)
    assert "initialization=array" in repr(TSNE(initialization=np.zeros((2, 2))))


def test_same_names_and_defaults_as_opentsne():
    import inspect

    import openTSNE

    def defaults(f):
        return {name: p.default for name, p in inspect.signature(f).parameters.items()}

    def begin_with(ours, theirs):
        """Theirs come first; what is ours alone is by keyword only."""
        more = list(inspect.signature(ours).parameters.values())[len(defaults(theirs)) :]
        assert all(p.kind is p.KEYWORD_ONLY for p in more)
        said = {name: auto.get(name, value) for name, value in defaults(theirs).items()}
        assert list(defaults(ours).items())[: len(said)] == list(said.items())

    auto = dict.fromkeys(("early_exaggeration_iter", "n_iter", "final_momentum"), "auto")  # by the number of points
    begin_with(TSNE.__init__, openTSNE.TSNE.__init__)
    auto = {}
    for method in ("fit", "prepare_initial"):
        begin_with(getattr(TSNE, method), getattr(openTSNE.TSNE, method))
    begin_with(TSNEEmbedding.optimize, openTSNE.TSNEEmbedding.optimize)
    begin_with(TSNEEmbedding.transform, openTSNE.TSNEEmbedding.transform)


def test_handles_are_freed(small):
    gc.collect()
    before = library.lib().tsne_live_handles()
    embedding = TSNE(n_iter=1, early_exaggeration_iter=1).fit(small)
    others = [embedding.optimize(1) for _ in range(5)]
    assert embedding.affinities.nnz and others[0].affinities.nnz
    assert library.lib().tsne_live_handles() > before
    del embedding, others
    gc.collect()
    assert library.lib().tsne_live_handles() == before
