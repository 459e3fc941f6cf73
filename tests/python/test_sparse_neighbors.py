"""The search among sparse rows beside the definition."""

import numpy as np
import pytest
import scipy.sparse
from scipy.spatial.distance import cdist

from opentsne_go import errors
from opentsne_go._native import structures
from opentsne_go._neighbors import sparse


def rows(n, d, seed, density=0.1):
    """Without empty or constant rows; some twice."""
    rng = np.random.default_rng(seed)
    x = np.where(rng.random((n, d)) < density, rng.lognormal(0, 2, (n, d)), 0)
    x[np.arange(n), np.arange(n) % d] += 1
    x[n // 2] = x[0]
    return x


@pytest.mark.parametrize("metric", sparse.METRICS)
@pytest.mark.parametrize("n,m,d,k", [(6000, 300, 60, 12), (30, 9, 8, 30), (1, 1, 2, 1), (40, 0, 5, 3)])
def test_neighbors_are_those_of_the_definition(metric, n, m, d, k):
    x, q = rows(n, d, 0), rows(m, d, 1) if m else np.empty((0, d))
    if n > 100:
        q[:5] = x[:5]
    a, b = scipy.sparse.csr_matrix(x), scipy.sparse.csr_matrix(q)
    index, far = sparse.nearest(a, b, k, metric)
    assert index.shape == far.shape == (m, k)
    if not m:
        return
    true = cdist(q, x, metric)
    assert np.allclose(np.sort(true, axis=1)[:, :k], far, rtol=1e-6, atol=1e-6)
    assert np.allclose(np.take_along_axis(true, index.astype(int), axis=1), far, rtol=1e-6, atol=1e-6)
    assert all(len(set(row)) == k for row in index)
    # Ties go by row; equal rows are equally far, to the bit.
    assert np.all((np.diff(far) > 0) | (np.diff(index) > 0))
    told = []
    again = sparse.nearest(a, b, k, metric, n_jobs=4, tell=told.append)
    assert np.array_equal(index, again[0]) and np.array_equal(far, again[1])
    assert told == sorted(told) and told[-1] == 1


def test_ties_go_by_row_and_any_number_of_them():
    x = scipy.sparse.csr_matrix(np.tile(rows(3, 20, 0), (1500, 1)))
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


def test_values_as_they_come():
    """Columns in any order, an entry in parts, explicit zeros: the same neighbours."""
    x, q = (scipy.sparse.csr_matrix(rows(*size, 0.3)) for size in ((300, 20, 0), (40, 20, 1)))
    want = sparse.nearest(x, q, 4, "correlation")
    other = x.copy()
    for lo, hi in zip(x.indptr[:-1], x.indptr[1:], strict=True):
        other.indices[lo:hi], other.data[lo:hi] = x.indices[lo:hi][::-1], x.data[lo:hi][::-1]
    n = x.shape[0]
    zero = scipy.sparse.csr_matrix((np.zeros(n), np.arange(n) % 20, np.arange(n + 1)), shape=x.shape)
    parts = scipy.sparse.csr_matrix(
        (
            np.concatenate([np.r_[a.data, b.data] for a, b in zip(other, zero, strict=True)]),
            np.concatenate([np.r_[a.indices, b.indices] for a, b in zip(other, zero, strict=True)]),
            x.indptr + np.arange(n + 1),
        ),
        shape=x.shape,
    )
    for one in (other, parts):
        got = sparse.nearest(one, q, 4, "correlation")
        assert np.array_equal(got[0], want[0]) and np.array_equal(got[1], want[1])


@pytest.mark.parametrize(
    "change,said",
    [
        ({"data": np.nan}, "X: row 2, column 4 is nan, want a finite value"),
        ({"data": 1e39}, "X: row 2, column 4 is inf, want a finite value"),
        ({"indices": 5}, "X: row 2 has column 5, want 0 to 4"),
        ({"data": 0}, "metric: cosine: row 2 of X is all zeros and has no direction"),
    ],
)
def test_bad_rows_are_named(change, said):
    x = scipy.sparse.csr_matrix((np.ones(6), [0, 1, 4, 2, 1, 3], np.arange(7)), shape=(6, 5))
    q = x.copy()
    for name, value in change.items():
        getattr(x, name)[2] = value
    for name, two in (("X", (x, q)), ("query", (q, x))):
        with pytest.raises(errors.InvalidInputError) as caught:
            sparse.nearest(*two, 1, "cosine")
        assert str(caught.value) == said.replace("X", name)


def test_what_it_takes_is_held_against_the_limit(monkeypatch):
    x = scipy.sparse.csr_matrix(rows(40, 5, 0))
    monkeypatch.setattr(structures, "options", lambda real=structures.options, **f: real(max_memory=1, **f))
    with pytest.raises(errors.MemoryLimitError, match="40 x 5 sparse data need about"):
        sparse.nearest(x, x, 1, "cosine")
