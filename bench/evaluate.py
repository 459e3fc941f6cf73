"""One evaluator for every map, whoever made it. It uses none of the library's code.

kl        KL divergence of P and the map, the normalisation Z summed over all pairs. P is one for all maps:
          openTSNE's affinities of exact neighbours (perplexity 30, 90 neighbours).
recall    share of each point's 10 nearest neighbours in the data that are among its 10 nearest in the map, mean.
accuracy  leave-one-out: share of points whose label is the most frequent one among their 10 nearest in the
          map (the smallest label on a tie).
span      the larger side of the map.

    python evaluate.py DATA MAP.npy ...
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import scipy.sparse as sp
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

import data

CDIST = {"manhattan": "cityblock"}  # scipy's names of metrics


def neighbors(X, k, metric="euclidean"):
    """The k nearest rows of each row without itself, and their distances in float64."""
    from sklearn.neighbors import NearestNeighbors
    if metric != "euclidean":
        X = X.astype(np.float64)
    nn = NearestNeighbors(n_neighbors=k + 1, algorithm="brute", metric=metric).fit(X)
    index = nn.kneighbors(X, return_distance=False)
    rows = np.arange(len(X))[:, None]
    # A duplicate may stand before the row itself; where the row is absent the last one goes.
    drop = np.where((index == rows).any(1), (index == rows).argmax(1), k)
    keep = np.ones_like(index, bool)
    keep[rows[:, 0], drop] = False
    index = index[keep].reshape(len(X), k)
    distance = np.empty(index.shape)
    for a in range(0, len(X), 4096):
        i = index[a:a + 4096]
        if metric != "euclidean":
            distance[a:a + 4096] = np.take_along_axis(cdist(X[a:a + 4096], X, CDIST.get(metric, metric)), i, 1)
            continue
        d = X[i].astype(np.float64) - X[a:a + 4096, None].astype(np.float64)
        distance[a:a + 4096] = np.sqrt(np.einsum("ikd,ikd->ik", d, d))
    order = np.argsort(distance, 1, kind="stable")
    return np.take_along_axis(index, order, 1), np.take_along_axis(distance, order, 1)


def affinities(X, perplexity=30, graph=None):
    """openTSNE's P on exact neighbours, CSR in float64."""
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors
    index, distance = graph or neighbors(X, int(3 * perplexity))
    P = PerplexityBasedNN(knn_index=PrecomputedNeighbors(index, distance), perplexity=perplexity).P
    return sp.csr_matrix(P)


def z(Y, tile=2048):
    """Sum over ordered pairs i != j of 1 / (1 + |y_i - y_j|^2)."""
    Y = np.asarray(Y, np.float64).reshape(len(Y), -1)
    Y = np.ascontiguousarray((Y - Y.mean(0)).T, np.float32)
    n = Y.shape[1]

    def row(a):
        total = 0.0
        for b in range(a, n, tile):
            q = np.ones((min(tile, n - a), min(tile, n - b)), np.float32)
            for y in Y:
                d = y[a:a + tile, None] - y[None, b:b + tile]
                d *= d
                q += d
            np.reciprocal(q, out=q)
            s = q.sum(1, dtype=np.float32).astype(np.float64).sum()
            total += s - len(q) if a == b else 2 * s
        return total
    with ThreadPoolExecutor(2) as pool:
        return float(sum(pool.map(row, range(0, n, tile))))


def kl(P, Y):
    """sum p log(p / q) over the stored entries of P."""
    Y = np.asarray(Y, np.float64).reshape(len(Y), -1)
    P = P.tocoo()
    d2 = np.zeros(P.nnz)
    for y in Y.T:
        d2 += (y[P.row] - y[P.col]) ** 2
    p = P.data / P.data.sum()
    some = p > 0
    return float((p[some] * (np.log(p[some]) + np.log1p(d2[some]))).sum() + np.log(z(Y)))


def nearest_in_map(Y, k=10):
    Y = np.asarray(Y, np.float64).reshape(len(Y), -1)
    index = cKDTree(Y).query(Y, k + 1, workers=2)[1]
    rows = np.arange(len(Y))[:, None]
    drop = np.where((index == rows).any(1), (index == rows).argmax(1), k)
    keep = np.ones_like(index, bool)
    keep[rows[:, 0], drop] = False
    return index[keep].reshape(len(Y), k)


def recall(in_data, in_map):
    """in_map may hold more neighbours a point than in_data."""
    k = in_data.shape[1]
    hits = sum((in_map == in_data[:, [j]]).any(1) for j in range(k))
    return float(hits.mean() / k)


def accuracy(labels, in_map):
    values, code = np.unique(labels, return_inverse=True)
    votes = np.zeros((len(in_map), len(values)), np.int32)
    rows = np.arange(len(in_map))
    for j in range(in_map.shape[1]):
        np.add.at(votes, (rows, code[in_map[:, j]]), 1)
    return float((votes.argmax(1) == code).mean())


def span(Y):
    Y = np.asarray(Y).reshape(len(Y), -1)
    return float((Y.max(0) - Y.min(0)).max())


class Evaluator:
    """What the maps of one data set are measured against; kept under build/bench/."""

    def __init__(self, name):
        self.X, self.labels = data.load(name)
        cache = data.BUILD / "bench" / "truth" / f"{name.replace('/', '-')}.npz"
        if not cache.exists():
            cache.parent.mkdir(parents=True, exist_ok=True)
            index, distance = neighbors(self.X, min(90, len(self.X) - 1))
            P = affinities(self.X, graph=(index, distance))
            np.savez(cache, nearest=index[:, :10].astype(np.int32), data=P.data, indices=P.indices, indptr=P.indptr)
        c = np.load(cache)
        self.nearest = c["nearest"]
        self.P = sp.csr_matrix((c["data"], c["indices"], c["indptr"]), (len(self.X),) * 2)

    def __call__(self, Y, with_kl=True):
        near = nearest_in_map(Y)
        r = {"recall": recall(self.nearest, near), "span": span(Y)}
        if with_kl:
            r["kl"] = kl(self.P, Y)
        if self.labels is not None:
            r["accuracy"] = accuracy(self.labels, near)
        return r


if __name__ == "__main__":
    judge = Evaluator(sys.argv[1])
    for path in sys.argv[2:]:
        r = judge(np.load(path))
        print(f"{path}: KL {r['kl']:.4f}  recall {r['recall']:.4f}  accuracy {r.get('accuracy', float('nan')):.4f}  span {r['span']:.1f}")
