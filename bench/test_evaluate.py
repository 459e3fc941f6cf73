"""The evaluator against plain loops, on data small enough for them."""

import math

import numpy as np
import pytest
import scipy.sparse as sp

import data
import evaluate as ev


@pytest.fixture
def toy():
    r = np.random.default_rng(3)
    X = r.standard_normal((150, 5)).astype(np.float32)
    X[7] = X[3] = X[90]
    return X, r.standard_normal((150, 2)) * [9, 4], r.integers(0, 4, 150) * 2


def plain_nearest(X, k):
    X = X.astype(float)
    out = []
    for i in range(len(X)):
        d = sorted((float(((X[i] - X[j]) ** 2).sum()), j) for j in range(len(X)) if j != i)
        out.append(d[:k])
    return out


def test_neighbors(toy):
    X, _, _ = toy
    index, distance = ev.neighbors(X, 10)
    for i, want in enumerate(plain_nearest(X, 10)):
        assert i not in index[i]
        np.testing.assert_allclose(distance[i] ** 2, [d for d, _ in want], atol=1e-10)


@pytest.mark.parametrize("metric, plain", [("manhattan", lambda a, b: np.abs(a - b).sum()),
                                           ("cosine", lambda a, b: 1 - a @ b / np.sqrt((a @ a) * (b @ b))),
                                           ("correlation", lambda a, b: 1 - np.corrcoef(a, b)[0, 1])])
def test_neighbors_by_metric(toy, metric, plain):
    X = toy[0].astype(float)
    index, distance = ev.neighbors(toy[0], 10, metric)
    for i in range(len(X)):
        assert i not in index[i]
        want = sorted(plain(X[i], X[j]) for j in range(len(X)) if j != i)[:10]
        np.testing.assert_allclose(distance[i], want, atol=1e-12)


def test_nearest_in_map(toy):
    _, Y, _ = toy
    got = ev.nearest_in_map(Y)
    for i, want in enumerate(plain_nearest(Y, 10)):
        assert list(got[i]) == [j for _, j in want]


def test_recall_and_accuracy(toy):
    X, Y, labels = toy
    near_x, _ = ev.neighbors(X, 10)
    near_y = ev.nearest_in_map(Y)
    share = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(near_x, near_y)])
    assert ev.recall(near_x, near_y) == pytest.approx(share)
    assert ev.recall(near_x, near_x) == 1
    right = 0
    for i in range(len(Y)):
        votes = [list(labels[near_y[i]]).count(v) for v in range(8)]
        right += votes.index(max(votes)) == labels[i]
    assert ev.accuracy(labels, near_y) == pytest.approx(right / len(Y))


@pytest.mark.parametrize("tile", [7, 64, 2048])
def test_z(toy, tile):
    _, Y, _ = toy
    want = sum(1 / (1 + ((Y[i] - Y[j]) ** 2).sum()) for i in range(len(Y)) for j in range(len(Y)) if i != j)
    assert ev.z(Y + 1000, tile) == pytest.approx(want, rel=1e-5)
    assert ev.z(Y[:, 0], tile) == pytest.approx(
        sum(1 / (1 + (a - b) ** 2) for a in Y[:, 0] for b in Y[:, 0]) - len(Y), rel=1e-5)


def test_kl(toy):
    X, Y, _ = toy
    P = ev.affinities(X, 10)
    assert P.sum() == pytest.approx(1)
    assert abs(P - P.T).max() < 1e-15
    Q = np.array([[1 / (1 + ((a - b) ** 2).sum()) for b in Y] for a in Y]) * (1 - np.eye(len(Y)))
    Q /= Q.sum()
    D = P.toarray()
    want = sum(D[i, j] * math.log(D[i, j] / Q[i, j]) for i in range(len(Y)) for j in range(len(Y)) if D[i, j] > 0)
    assert ev.kl(P, Y) == pytest.approx(want, rel=1e-6)
    assert ev.kl(3 * P, Y) == pytest.approx(want, rel=1e-6)
    Qs = sp.csr_matrix(Q)
    assert ev.kl(Qs, Y) == pytest.approx(0, abs=1e-6)


def test_affinities_have_the_perplexity(toy):
    X, _, _ = toy
    index, distance = ev.neighbors(X, 30)
    P = ev.affinities(X, 10, (index, distance))
    # Symmetrising spreads a row over more neighbours: its entropy lies a little above log(perplexity).
    p = P.toarray() / np.asarray(P.sum(1))
    h = -(p[p > 0] * np.log(p[p > 0])).sum() / len(X)
    assert math.log(10) < h < math.log(30)


def test_pca_start():
    X = np.random.default_rng(0).standard_normal((300, 6)) * [5, 1, 3, 1, 1, 1] + 7
    Y = data.pca_start(X)
    assert Y[:, 0].std() == pytest.approx(1e-4)
    c = np.corrcoef(Y.T, (X - X.mean(0)).T)
    assert abs(c[0, 2]) > 0.99 and abs(c[1, 4]) > 0.99
    assert Y[:, 0].std() > Y[:, 1].std()
    assert abs(c[0, 1]) < 1e-6


def test_simulated():
    X, y = data.simulated()
    assert X.shape == (15500, 50) and list(np.bincount(y)) == [2000] * 5 + [1000] * 5 + [100] * 5
    means = np.array([X[y == i].mean(0) for i in range(15)])
    for i in range(15):
        want = np.zeros(50)
        want[i] = 4 if i < 5 else 10
        want[20 + i // 5] += 20
        assert np.abs(means[i] - want).max() < 0.5
