"""The search among sparse rows beside the definition."""

import numpy as np
import pytest
import scipy.sparse
from scipy.spatial.distance import cdist

from opentsne_go._neighbors import sparse


def rows(n, d, seed, density=0.1):
    """Without empty or constant rows; some twice."""
    rng = np.random.default_rng(seed)
    x = np.where(rng.random((n, d)) < density, rng.lognormal(0, 2, (n, d)), 0)
    x[np.arange(n), np.arange(n) % d] += 1
    x[n // 2] = x[0]
    return x


@pytest.mark.parametrize("metric", sparse.METRICS)
@pytest.mark.parametrize("n,m,d,k", [(700, 300, 60, 12), (30, 9, 8, 30), (1, 1, 2, 1), (40, 0, 5, 3)])
def test_neighbors_are_those_of_the_definition(metric, n, m, d, k, monkeypatch):
    x, q = rows(n, d, 0), rows(m, d, 1) if m else np.empty((0, d))
    if n > 100:
        q[:5] = x[:5]
    monkeypatch.setattr(sparse, "WIDTH", 64)  # several blocks, some with fewer rows than k
    monkeypatch.setattr(sparse, "PART", 50)
    a, b = scipy.sparse.csr_matrix(x), scipy.sparse.csr_matrix(q)
    index, far = sparse.nearest(a, b, k, metric)
    assert index.shape == far.shape == (m, k)
    if not m:
        return
    true = cdist(q, x, metric)
    assert np.allclose(np.sort(true, axis=1)[:, :k], far, rtol=1e-6, atol=1e-6)
    assert np.allclose(np.take_along_axis(true, index.astype(int), axis=1), far, rtol=1e-6, atol=1e-6)
    assert all(len(set(row)) == k for row in index)
    told = []
    again = sparse.nearest(a, b, k, metric, n_jobs=4, tell=told.append)
    assert np.array_equal(index, again[0]) and np.array_equal(far, again[1])
    assert told == sorted(told) and told[-1] == 1


def test_ties_go_by_row_and_any_number_of_them(monkeypatch):
    monkeypatch.setattr(sparse, "WIDTH", 64)
    x = scipy.sparse.csr_matrix(np.tile(rows(3, 20, 0), (400, 1)))
    index, far = sparse.nearest(x, x[:3], 9, "correlation")
    assert np.allclose(far, 0, atol=1e-6) and all(np.all(np.diff(row) > 0) for row in index)
    assert index.max() < 30


@pytest.mark.parametrize("scale", [1e-30, 1e30])
@pytest.mark.parametrize("metric", sparse.METRICS)
def test_any_scale(metric, scale):
    x, q = rows(200, 30, 0), rows(20, 30, 1)
    want = sparse.nearest(*map(scipy.sparse.csr_matrix, (x, q)), 5, metric)[0]
    got = sparse.nearest(*(scipy.sparse.csr_matrix(one * scale) for one in (x, q)), 5, metric)[0]
    assert np.array_equal(want, got)
