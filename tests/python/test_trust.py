"""How far to trust a map, beside the definitions computed naively."""

import builtins

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.spatial.distance import cdist, pdist, squareform

import opentsne_go
from opentsne_go import TSNE, InvalidInputError, NoDataError, diagnose

K = 15


@pytest.fixture(scope="module")
def table(embedding):
    return embedding.diagnose()


@pytest.fixture(scope="module")
def apart(untied):
    return TSNE(n_iter=250).fit(untied[0])


def ranks(d):
    """Ranks of all others by distance, row by row; 0 for the row itself."""
    d = d.copy()
    np.fill_diagonal(d, -1)
    return d.argsort(axis=1, kind="stable").argsort(axis=1)


def test_the_neighbours_scores_by_definition(untied, apart):
    table = apart.diagnose()
    x, y = untied[0].astype(float), np.asarray(apart, float)
    n = len(x)
    in_x, in_y = squareform(pdist(x)), squareform(pdist(y))
    rx, ry = ranks(in_x), ranks(in_y)
    near, near_y = (rx > 0) & (rx <= K), (ry > 0) & (ry <= K)
    scale = 2 / (K * (2 * n - 3 * K - 1))
    trust = 1 - scale * np.where(near_y & ~near, rx - K, 0).sum(axis=1)
    kept = 1 - scale * np.where(near & ~near_y, ry - K, 0).sum(axis=1)
    stretch = np.where(near, in_y, 0).sum(axis=1) / np.where(near, in_x, 0).sum(axis=1)
    np.testing.assert_allclose(table["recall"], (near & near_y).sum(axis=1) / K, atol=1e-6)
    np.testing.assert_allclose(table["trustworthiness"], trust, atol=1e-4)
    np.testing.assert_allclose(table["continuity"], kept, atol=1e-4)
    np.testing.assert_allclose(table["stretch"], stretch / np.median(stretch), rtol=1e-4)


def test_trustworthiness_is_scikit_learns_in_the_mean(data, embedding, table):
    from sklearn.manifold import trustworthiness

    want = trustworthiness(data[0], np.asarray(embedding), n_neighbors=K)
    assert table["trustworthiness"].mean() == pytest.approx(want, abs=2e-5)


def test_reliability_by_definition(untied, apart):
    x, y = untied[0].astype(float), np.asarray(apart, float)
    found = apart.diagnose(scores=["reliability"])["reliability"]
    in_x, in_y = squareform(pdist(x)), squareform(pdist(y))
    half = len(x) // 2
    for i in range(0, len(x), 37):
        a = in_y[i, in_x[i].argsort(kind="stable")][1 : half + 1]
        b = np.sort(in_y[i])[1 : half + 1]
        assert found[i] == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-5)


def test_singularity_by_definition(embedding, table):
    y = np.asarray(embedding, float)
    p = embedding.affinities.P.toarray().astype(float)
    at = y[:, None] - y
    w = 1 / (1 + (at**2).sum(axis=2))
    np.fill_diagonal(w, 0)
    z = w.sum()
    for i in range(0, len(y), 29):
        d, wi, pi = at[i], w[i], p[i]
        h = 4 * ((pi * wi).sum() * np.eye(2) - 2 * np.einsum("j,ja,jb", pi * wi**2, d, d))
        h -= 4 / z * ((wi**2).sum() * np.eye(2) - 4 * np.einsum("j,ja,jb", wi**3, d, d))
        s = wi**2 @ d
        least = np.linalg.eigvalsh(h - 16 / z**2 * np.outer(s, s))[0]
        assert 1 / table["singularity"][i] == pytest.approx(least, rel=1e-3, abs=1e-7)


def conditional(d2, perplexity):
    """p_j|i of one row by bisection, over all others."""
    low, high, beta = 0.0, np.inf, 1.0
    for _ in range(80):
        g = np.exp(-beta * (d2 - d2.min()))
        p = g / g.sum()
        entropy = -(p * np.log(p + 1e-300)).sum()
        low, high = (beta, high) if entropy > np.log(perplexity) else (low, beta)
        beta = 2 * beta if high == np.inf else (low + high) / 2
    return p


@pytest.mark.parametrize("dof", [1, 0.7])
def test_perturbation_by_definition(small, dof):
    """The whole of P made anew for every move, and the loss by scipy's BFGS, which may
    end in another of several minima."""
    perplexity, length = 15, 2.0
    affinities = opentsne_go.affinity.PerplexityBasedNN(small, perplexity=perplexity, k_neighbors=149)
    embedding = TSNE(dof=dof, n_iter=1000).fit(affinities=affinities, X=small)
    found = embedding.diagnose(length=length, scores=["perturbation"])["perturbation"]
    x, y = small.astype(float), np.asarray(embedding, float)
    axes = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2][:3]
    n = len(x)
    want = []
    rows = range(0, n, 15)
    for i in rows:
        others = np.delete(np.arange(n), i)
        apart = pdist(y[others], "sqeuclidean")
        rest = 2 * ((1 + apart / dof) ** -dof).sum()
        most = 0
        for way in (*axes, *-axes):
            moved = x.copy()
            moved[i] += length * way
            d2 = cdist(moved, moved, "sqeuclidean")
            pi = conditional(d2[i, others], perplexity)
            for at, j in enumerate(others):
                rest_of_j = np.delete(np.arange(n), j)
                pi[at] += conditional(d2[j, rest_of_j], perplexity)[rest_of_j == i][0]
            pi /= 2 * n

            def loss(z, pi=pi, others=others, rest=rest):
                u = 1 + ((z - y[others]) ** 2).sum(axis=1) / dof
                return n * (2 * dof * (pi * np.log(u)).sum() + np.log(rest + 2 * (u**-dof).sum()))

            starts = [y[i], *y[others[pi.argsort()[::-1][:2]]]]
            best = min((minimize(loss, s, method="BFGS") for s in starts), key=lambda r: r.fun)
            most = max(most, np.linalg.norm(best.x - y[i]))
        want.append(most)
    got, want = np.asarray(found)[list(rows)], np.array(want)
    assert np.mean(np.abs(got - want) < 0.1 + 0.05 * want) >= 0.8


def test_a_map_without_relation_is_dubious(embedding, table):
    assert table["dubious"].mean() < 0.1
    y = np.asarray(embedding)[np.random.default_rng(0).permutation(1000)]
    mixed = opentsne_go.TSNEEmbedding(y, embedding.affinities).diagnose(scores="dubious")
    assert mixed["dubious"].mean() > 0.5


def test_spread_over_seeds(embedding):
    y = np.asarray(embedding)
    turned = y @ np.array([[0, 2], [2, 0]], np.float32) + 7
    still = embedding.diagnose(maps=[turned], scores=["spread"])["spread"]
    assert still.max() < 1e-3
    turned[3] += 50
    moved = embedding.diagnose(maps=[turned, y], scores=["spread"])["spread"]
    assert moved.argmax() == 3


def test_new_points_without_a_partner(data):
    x, labels, new, new_labels = data
    known = labels != 4
    partial = TSNE(n_iter=100).fit(x[known]).transform(new, n_iter=0)
    t = diagnose(partial, new)
    lacking = new_labels == 4
    assert t["ratio"][lacking].median() > 1.2 * t["ratio"][~lacking].median()
    own, d = cdist(x[known], x[known]), cdist(new, x[known])
    own = np.sort(own, axis=1)[:, K]
    near = d.argsort(axis=1)[:, :K]
    kth = np.sort(d, axis=1)[:, K - 1]
    np.testing.assert_allclose(t["distance"], kth, rtol=1e-5)
    np.testing.assert_allclose(t["quantile"], (own < kth[:, None] - 1e-6).mean(axis=1), atol=0.01)
    np.testing.assert_allclose(t["ratio"], kth / own[near].mean(axis=1), rtol=0.02)
    assert (t["out_of_map"] == (t["ratio"] > 1.5)).all()


def test_threads_change_no_bit(embedding, table):
    again = diagnose(embedding, n_jobs=1)
    for name in table:
        assert np.array_equal(np.asarray(again[name]), np.asarray(table[name]), equal_nan=True), name


def test_a_dict_without_pandas(embedding, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "pandas":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    found = embedding.diagnose(scores=["recall", "dubious"])
    assert type(found) is dict and list(found) == ["recall", "dubious"]
    assert found["recall"].dtype == np.float32 and found["dubious"].dtype == bool


def test_into_obs(small):
    import anndata

    from opentsne_go import tl

    adata = anndata.AnnData(small.copy())
    tl.tsne(adata, perplexity=12, n_iter=100)
    adata.obsm["other"] = adata.obsm["X_tsne"][:, ::-1].copy()
    tl.diagnose(adata, maps=["other"])
    affinities = opentsne_go.affinity.PerplexityBasedNN(small, perplexity=12)
    want = opentsne_go.TSNEEmbedding(adata.obsm["X_tsne"], affinities)
    want = want.diagnose(maps=[adata.obsm["other"]])
    for name in want:
        assert np.array_equal(adata.obs[f"tsne_{name}"], want[name]), name
    new = anndata.AnnData(small[:20] + 0.1)
    tl.transform(new, adata, use_rep="X")
    given = tl.diagnose(new, adata, use_rep="X", copy=True)
    assert {"tsne_ratio", "tsne_out_of_map"} <= set(given.obs) and "tsne_ratio" not in new.obs


def test_a_bad_input_is_one_line(embedding, data):
    y = np.asarray(embedding)
    bad = y.copy()
    bad[7, 1] = np.nan
    for arguments, says in [
        ({"k": 500}, "k: got 500"),
        ({"k": 0}, "k: got 0"),
        ({"length": 0}, "length: got 0"),
        ({"maps": [y, y[:9]]}, r"maps\[1\]: got \(9, 2\); allowed: the map's shape \(1000, 2\)"),
        ({"maps": [bad]}, r"maps\[0\]: row 7, column 1 is nan"),
        ({"maps": []}, "maps: got 'none'"),
        ({"scores": ["trust"]}, "scores: got 'trust'"),
        ({"scores": "spread"}, "maps: got None"),
        ({"scores": 5}, "scores: got 5; allowed: a list of names"),
        ({"maps": 5}, "maps: got 'int'; allowed: a list of maps"),
        ({"maps": y}, r"maps: got \(1000, 2\); allowed: a list of maps"),
    ]:
        with pytest.raises(InvalidInputError, match=says) as e:
            embedding.diagnose(**arguments)
        assert "\n" not in str(e.value)
    partial = embedding.transform(data[2], n_iter=0)
    for X, says in [(data[2][:5], "X: got"), (data[2][:, :5], "X: ")]:
        with pytest.raises(ValueError, match=says):
            diagnose(partial, X)
    with pytest.raises(InvalidInputError, match="k: got 1000"):
        diagnose(partial, data[2], k=1000)
    with pytest.raises(TypeError, match="X: got None"):
        diagnose(partial)
    with pytest.raises(TypeError, match="maps: of maps, not of new points"):
        diagnose(partial, data[2], maps=[y])
    with pytest.raises(TypeError, match="embedding: got ndarray"):
        diagnose(y)
    bare = opentsne_go.TSNEEmbedding(y, opentsne_go.affinity.PrecomputedAffinities(embedding.affinities.P))
    with pytest.raises(NoDataError) as e:
        bare.diagnose()
    assert "\n" not in str(e.value)
