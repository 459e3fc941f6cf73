"""New points by affinities that are given, kept, or made in Python."""

import copy
import pickle

import numpy as np
import pytest

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, TSNEEmbedding, affinity


def test_partial_embedding(data, embedding):
    new = data[2]
    partial = embedding.prepare_partial(new, k=10, perplexity=5)
    half = partial.optimize(30, learning_rate=0.1).optimize(30, learning_rate=0.1)
    whole = partial.optimize(60, learning_rate=0.1)
    assert same_bits(half, whole) and partial.n_iter == 0 and whole.n_iter == 60
    assert partial.optimize(1, inplace=True, learning_rate=0.1) is partial
    assert partial.reference_embedding is embedding
    assert partial.P.shape == (300, 1000) and np.allclose(partial.P.sum(axis=1), 1)
    seen = []
    stopped = partial.optimize(
        50,
        learning_rate=0.1,
        callbacks=lambda i, e, y: seen.append((i, e, y.shape)) or i >= 20,
        callbacks_every_iters=10,
    )
    assert [s[0] for s in seen] == [10, 20] and seen[0][2] == (300, 2)
    assert stopped.n_iter < 51
    partial[:] = 0
    assert np.isfinite(partial.optimize(5, learning_rate=0.1)).all()
    again = pickle.loads(pickle.dumps(whole))
    assert same_bits(again, whole) and again.optimize(2, learning_rate=0.1).shape == (300, 2)


def test_partial_embedding_of_given_affinities(data, embedding):
    """As openTSNE's constructor has it; P may be any matrix."""
    Partial = opentsne_go.PartialTSNEEmbedding
    placed = embedding.prepare_partial(data[2], perplexity=6)
    P, step = placed.P, {"learning_rate": 0.1, "exaggeration": 1.5, "max_grad_norm": 0.25}
    wanted = placed.optimize(30, **step)
    given = np.asarray(placed).astype(float)
    for one in (P, P.tocoo(), P.astype(float) * 7, P.toarray()):
        made = Partial(given, embedding, one, **step)
        assert made.n_iter == 0 and np.isnan(made.kl_divergence)
        assert abs(made.P - P).max() < 1e-7 and made.P.dtype == np.float32
        assert abs(made.optimize(30) - wanted).max() < 1e-3 * np.ptp(embedding)
    made = Partial(placed, embedding, P, **step)
    assert same_bits(np.asarray(made.optimize(30)), np.asarray(wanted))
    assert not np.shares_memory(made, placed) and made.gradient_descent_params["momentum"] == 0.8
    moved = made.optimize(9)
    for again in (pickle.loads(pickle.dumps(moved)), copy.copy(moved), copy.deepcopy(moved)):
        assert same_bits(np.asarray(again), np.asarray(moved)) and (again.P != P).nnz == 0
        assert not np.shares_memory(again, moved)
        assert again.gradient_descent_params == moved.gradient_descent_params
    assert same_bits(np.asarray(copy.copy(moved).optimize(9)), np.asarray(moved.optimize(9)))
    uneven = np.zeros((2, 1000))
    uneven[0, 5], uneven[1, :400] = 2, 1
    sparse = Partial(np.zeros((2, 2)), embedding, uneven).P
    assert list(np.diff(sparse.indptr)) == [1, 400] and np.allclose(sparse.sum(axis=1), 1)
    assert Partial(np.zeros((0, 2)), embedding, np.zeros((0, 1000))).optimize(3).shape == (0, 2)


def test_kept_affinities_of_columns_and_metrics(data, embedding):
    """P is what draws the points, not what `to_new` would give."""
    new = data[2]
    some = np.arange(5, 60)
    x = TSNEEmbedding(embedding, affinity.PerplexityBasedNN(data[0][:, some], 5))
    part = embedding.prepare_partial(new[:, some], columns=some, perplexity=5)
    assert abs(part.P - x.affinities.to_new(new[:, some])).max() < 1e-6
    other = embedding.prepare_partial(new, metric="cosine", perplexity=5)
    angular = affinity.PerplexityBasedNN(data[0], 5, metric="cosine").to_new(new)
    # Ties apart, which the two searches may break differently.
    assert (abs(other.P - angular).max(axis=1).toarray() < 1e-5).mean() > 0.99
    assert abs(other.P - embedding.prepare_partial(new, perplexity=5).P).max() > 0.1
    again = pickle.loads(pickle.dumps(other))
    assert (again.P != other.P).nnz == 0
    other[:] = 0
    assert (other.optimize(3, learning_rate=0.1).P != again.P).nnz == 0


def bad_rows(change):
    P = np.full((4, 1000), 0.001)
    change(P)
    return P


BAD_PARTIALS = {
    "reference": ({"reference_embedding": np.zeros((9, 2))}, TypeError, "^reference_embedding: got ndarray"),
    "optimizer": ({"optimizer": "adam"}, TypeError, "^optimizer: got str"),
    "name": ({"momenta": 1}, TypeError, "unexpected argument 'momenta'"),
    "rate": ({"theta": -1}, ValueError, "^theta: got -1"),
    "dof": ({"dof": 2}, ValueError, "^dof: got 2; allowed: 1, that of the map"),
    "columns": ({"embedding": np.zeros((4, 3))}, ValueError, r"^embedding: got \(4, 3\)"),
    "nan": ({"embedding": np.full((4, 2), np.nan)}, ValueError, "^embedding: row 0, column 0 is nan"),
    "text": ({"embedding": [["a", "b"]] * 4}, TypeError, "^embedding: got dtype"),
    "rows of P": ({"P": np.ones((5, 1000))}, ValueError, r"^P: got \(5, 1000\); allowed: 4 rows"),
    "columns of P": ({"P": np.ones((4, 999))}, ValueError, r"^P: got \(4, 999\); allowed: 1000 columns"),
    "P": ({"P": np.ones(1000)}, ValueError, "^P: got 1 dimensions"),
    "P of text": ({"P": np.full((4, 1000), "a")}, TypeError, "^P: got dtype"),
    "empty row": ({"P": bad_rows(lambda P: P[2].fill(0))}, ValueError, "row 2"),
    "negative": ({"P": bad_rows(lambda P: P[1].fill(-1))}, ValueError, "row 1"),
    "P of nan": ({"P": bad_rows(lambda P: P[3].fill(np.nan))}, ValueError, "row 3"),
}


@pytest.mark.parametrize("case", BAD_PARTIALS)
def test_bad_partial_embeddings(embedding, case):
    change, error, message = BAD_PARTIALS[case]
    good = {"embedding": np.zeros((4, 2)), "reference_embedding": embedding, "P": np.ones((4, 1000))}
    assert opentsne_go.PartialTSNEEmbedding(**good).shape == (4, 2)
    with pytest.raises(error, match=message):
        opentsne_go.PartialTSNEEmbedding(**{**good, **change})
    with pytest.raises(ValueError, match="^dof: got 0.5; allowed: 1"):
        opentsne_go.PartialTSNEEmbedding(**good).optimize(1, dof=0.5)


def by_distance(a, b):
    return np.sqrt(((a - b) ** 2).sum())


def test_precomputed_distances_and_callables_carry_new_points(untied):
    """They land where the points themselves do."""
    from scipy.spatial.distance import cdist

    x, new = untied[0][:300], untied[1][:60]
    settings = {"initialization": "random", "random_state": 0, "n_iter": 50}
    known = TSNE(**settings).fit(x)
    for metric, rows, others in (
        ("precomputed", cdist(x, x), cdist(new, x)),
        (by_distance, x, new),
    ):
        made = TSNE(metric=metric, **settings).fit(rows)
        assert abs(made.affinities.P - known.affinities.P).max() < 1e-6
        embedding = TSNEEmbedding(np.asarray(known), made.affinities, n_jobs=2)
        for start in ("median", "weighted", "random", np.zeros((60, 2))):
            for params in ({}, {"perplexity": 9}):
                got = embedding.prepare_partial(others, start, **params)
                want = known.prepare_partial(new, start, **params)
                assert abs(got.P - want.P).max() < 1e-5
                if not isinstance(start, str) or start != "random":
                    assert abs(got - want).max() < 1e-5 * np.ptp(known)
        got, want = embedding.transform(others, k=40), known.transform(new, k=40)
        assert np.quantile(abs(got - want), 0.95) < 1e-3 * np.ptp(known)
        assert same_bits(got, TSNEEmbedding(np.asarray(known), made.affinities).transform(others, k=40))
        again = pickle.loads(pickle.dumps(got))
        assert same_bits(again, got) and (again.P != got.P).nnz == 0
        with pytest.raises(ValueError, match="^metric: got 'cosine'; allowed: None"):
            embedding.transform(others, metric="cosine")
        with pytest.raises(ValueError, match="^columns: .*; allowed: None"):
            embedding.transform(others, columns=np.arange(64))
        with pytest.raises(ValueError, match="^k: got 301; allowed: 1 to 300"):
            embedding.transform(others, k=301)
        with pytest.raises(ValueError, match="^query: .*columns"):
            embedding.transform(others[:, :50])
        assert embedding.transform(others[:0]).shape == (0, 2)


def test_what_cannot_be_queried(untied, places, tmp_path):
    x, new = untied
    graph = opentsne_go.neighbors(x, 90)
    index = opentsne_go.nearest_neighbors.PrecomputedNeighbors(*graph)
    embedding = TSNEEmbedding(places, affinity.PerplexityBasedNN(knn_index=index))
    with pytest.raises(RuntimeError, match="^Precomputed distance matrices cannot be queried$"):
        embedding.transform(new)
    # A file cannot hold a function: the map comes back without its data.
    own = TSNEEmbedding(places[:99], affinity.PerplexityBasedNN(x[:99], 9, metric=by_distance))
    own.save(tmp_path / "own.npz")
    for call in ("transform", "prepare_partial", "bootstrap"):
        with pytest.raises(opentsne_go.NoDataError, match="no data .*; a fit of data, saved with them, gives it some$"):
            getattr(opentsne_go.load(tmp_path / "own.npz"), call)(new)
    with pytest.raises(opentsne_go.NoDataError):
        opentsne_go.load(tmp_path / "own.npz").affinities.to_new(new)


def test_affinities_of_ones_own_carry_new_points(untied, places):
    class Nearest(affinity.Affinities):
        """Each new point is drawn to one known point, and to the next row."""

        def __init__(self, x):
            super().__init__()
            self.x, self.P = x, affinity.PerplexityBasedNN(x, 10).P

        def to_new(self, data, return_distances=False):
            from scipy.sparse import csr_matrix

            near, far = opentsne_go.nearest_neighbors.Sklearn(self.x, 1).query(data, 1)
            near, far = np.hstack([near, (near + 1) % len(self.x)]), np.hstack([far, far])
            P = csr_matrix(([3.0, 1.0] * len(data), near.ravel(), 2 * np.arange(len(data) + 1)))
            P.resize(len(data), len(self.x))
            return (P, near, far) if return_distances else P

    x, new = untied
    embedding = TSNEEmbedding(places, Nearest(x))
    near = embedding.affinities.to_new(new, return_distances=True)[1]
    placed = embedding.prepare_partial(new, "weighted")
    assert np.allclose(placed, 0.75 * places[near[:, 0]] + 0.25 * places[near[:, 1]], atol=1e-4)
    assert np.allclose(np.sort(placed.P[0].data), [0.25, 0.75])
    assert np.isfinite(placed.optimize(9, learning_rate=0.1)).all()
    with pytest.raises(TypeError, match="^transform: the to_new of Nearest"):
        embedding.transform(new)


def test_affinities_of_ones_own_take_what_their_to_new_takes(untied, places):
    """As openTSNE hands it on: a perplexity, and for `prepare_partial` anything."""

    class Own(affinity.PerplexityBasedNN):
        def to_new(self, data, perplexity=3, return_distances=False, twice=False):
            assert not (twice and perplexity == 3)
            return super().to_new(data, 2 * perplexity if twice else perplexity, return_distances)

    x, new = untied
    embedding = TSNEEmbedding(places, Own(x, 6))
    plain = TSNEEmbedding(places, affinity.PerplexityBasedNN(x, 6))
    placed = embedding.transform(new, perplexity=4, n_iter=0)
    assert abs(placed.P - plain.transform(new, perplexity=4, n_iter=0).P).max() < 1e-5
    twice = embedding.prepare_partial(new, perplexity=2, twice=True)
    assert abs(twice.P - placed.P).max() < 1e-5


@pytest.mark.parametrize(
    "kind, arguments, takes",
    [
        (affinity.PerplexityBasedNN, {"perplexity": 6}, "perplexity, k_neighbors"),
        (affinity.Multiscale, {"perplexities": [4, 6]}, "perplexity, perplexities"),
        (affinity.FixedSigmaNN, {"sigma": 1.0}, "sigma"),
        (affinity.Uniform, {}, "k_neighbors"),
    ],
)
def test_what_affinities_do_not_take_is_named(untied, places, kind, arguments, takes):
    embedding = TSNEEmbedding(places, kind(untied[0], **arguments))
    with pytest.raises(TypeError, match=f"^prepare_partial: unexpected argument 'width'; allowed: X, .*, columns, {takes}$"):
        embedding.prepare_partial(untied[1], width=3)
