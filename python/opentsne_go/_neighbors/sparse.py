"""Neighbours among sparse rows of many columns, as of genes, which are not made dense.

Products of sparse rows with dense blocks of the others (scipy's) are taken in single
precision, and what may be among the nearest by them, their rounding allowed for, is
measured again in double precision. So the neighbours are exact, and the same however the
rows are cut and shared out.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._input import arguments
from opentsne_go._native.arrays import Float32

#: Metrics that follow from inner products.
METRICS = ("euclidean", "cosine", "correlation")

#: Rows of the reference that are dense at a time, and new rows that a thread takes.
WIDTH, PART = 1024, 1024

#: Times k candidates of a row, on the average, that are kept unmeasured.
_MANY = 32

_ULP = 2.0**-24


class _Rows:
    """Sparse rows with what a metric asks of them."""

    def __init__(self, csr: Any, metric: str, scale: float) -> None:
        self.csr = csr.astype(np.float64)
        n, d = csr.shape
        count = np.diff(self.csr.indptr)
        self.square = self._sums(self.csr.data**2)
        mean = self._sums(self.csr.data) / d if metric == "correlation" else np.zeros(n)
        off = self._sums((self.csr.data - np.repeat(mean, count)) ** 2)
        self.length = np.sqrt(off + (d - count) * mean**2)  # about the mean
        size = np.full(n, scale) if metric == "euclidean" else np.sqrt(self.square)
        size[size == 0] = 1
        self.mean, self.size = mean, size
        self.narrow = self.csr.copy()
        self.narrow.data = (self.csr.data / np.repeat(size, count)).astype(np.float32)

    def _sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return sums(values, self.csr.indptr)


def sums(values: NDArray[np.float64], start: Any) -> NDArray[np.float64]:
    """Of the values of each row of a sparse matrix."""
    out = np.zeros(len(start) - 1)
    some = np.flatnonzero(np.diff(start))
    if len(some):
        out[some] = np.add.reduceat(values, start[:-1][some])
    return out


class _Part:
    """Some new rows, and what may be nearest to each."""

    def __init__(self, new: _Rows, first: int, last: int, x: _Rows, metric: str, k: int) -> None:
        self.first, self.last, self.new, self.x, self.metric, self.k = first, last, new, x, metric, k
        self.narrow = new.narrow[first:last]
        m, d = self.narrow.shape
        self.best = np.full((m, k), -np.inf, np.float32)  # scores, greatest first
        self.row = np.empty(0, np.int64)
        self.at = np.empty(0, np.int64)
        self.score = np.empty(0, np.float32)
        rounding = (np.diff(self.narrow.indptr) + 8) * _ULP
        size = np.sqrt(new.square[first:last]) / new.size[first:last]
        self.slack = 2 * rounding * np.maximum(size, 1e-30)
        self.shift = (d * new.mean[first:last] / new.size[first:last]).astype(np.float32)

    def look(self, dense: Float32, lo: int) -> None:
        """Takes in rows from lo on of the others, which are columns here."""
        x = self.x
        hi = lo + dense.shape[1]
        size = np.sqrt(x.square[lo:hi]) / x.size[lo:hi]
        score = self.narrow @ dense
        if self.metric == "euclidean":
            score -= (size**2 / 2).astype(np.float32)
            spread = size.max() * (1 + size.max() / np.maximum(self._own(), 1e-30))
        else:
            stretch = x.size[lo:hi] / np.maximum(x.length[lo:hi], 1e-300)
            if self.metric == "correlation":
                score -= self.shift[:, None] * (x.mean[lo:hi] / x.size[lo:hi]).astype(np.float32)
                score *= stretch.astype(np.float32)
            spread = stretch.max() * size.max()
        slack = (self.slack * spread).astype(np.float32)
        if lo == 0 and hi >= self.k:
            least = np.partition(score, hi - self.k, axis=1)[:, hi - self.k]
        else:
            least = self.best[:, -1]
        row, at = np.nonzero(score >= (least - 2 * slack)[:, None])
        self._take(row, at + lo, score[row, at], slack)

    def _own(self) -> NDArray[np.float64]:
        return np.sqrt(self.new.square[self.first : self.last]) / self.new.size[self.first : self.last]

    def _take(self, row: Any, at: Any, score: Any, slack: Any) -> None:
        m = len(self.best)
        rows = np.concatenate([np.repeat(np.arange(m), self.k), row])
        scores = np.concatenate([self.best.ravel(), score])
        order = np.lexsort((-scores, rows))
        start = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=m))[:-1]])
        self.best = scores[order[start[:, None] + np.arange(self.k)]]
        self.row = np.concatenate([self.row, row])
        self.at = np.concatenate([self.at, at])
        self.score = np.concatenate([self.score, score])
        # The slack of earlier columns may be more than that of these.
        self.widest = np.maximum(getattr(self, "widest", 0), slack)
        keep = self.score >= (self.best[:, -1] - 2 * self.widest)[self.row]
        self.row, self.at, self.score = self.row[keep], self.at[keep], self.score[keep]
        if len(self.row) > _MANY * self.k * m:
            self.settle()

    def settle(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The nearest of all that were looked at, and their distances."""
        m = len(self.best)
        far = self._distances()
        order = np.lexsort((self.at, far, self.row))
        count = np.bincount(self.row, minlength=m)
        start = np.concatenate([[0], np.cumsum(count)[:-1]])
        rank = np.arange(len(order)) - np.repeat(start, count)
        keep = order[rank < self.k]
        self.row, self.at, self.score = self.row[keep], self.at[keep], self.score[keep]
        return self.at, far[keep]

    def _distances(self) -> NDArray[np.float64]:
        """Of the candidates."""
        i = self.row + self.first
        wide = self.new.csr[self.first : self.last].toarray()
        others = self.x.csr[self.at]
        each = np.repeat(self.row, np.diff(others.indptr))
        product = sums(others.data * wide[each, others.indices], others.indptr)
        if self.metric == "euclidean":
            square = self.new.square[i] + self.x.square[self.at] - 2 * product
            return np.asarray(np.sqrt(np.maximum(square, 0)))
        product -= wide.shape[1] * self.new.mean[i] * self.x.mean[self.at]
        cosine = product / (self.new.length[i] * self.x.length[self.at])
        return np.asarray(np.maximum(1 - cosine, 0))


def nearest(
    x: Any,
    new: Any,
    k: int,
    metric: str,
    n_jobs: Any = 1,
    tell: Callable[[float], None] | None = None,
) -> tuple[NDArray[np.int32], Float32]:
    """The k rows of x nearest to each of new, nearest first, as `neighbors_of_new`.

    Parameters
    ----------
    x, new : scipy.sparse.csr_matrix, (n, d) and (m, d)
        Finite, without duplicates; none of which the metric cannot compare.
    k : int
        1 to n.
    metric : {"euclidean", "cosine", "correlation"}
    n_jobs : int or None
        Threads.
    tell : callable, optional
        Told the share of the work that is done.

    Returns
    -------
    indices : (m, k) int32
    distances : (m, k) float32
    """
    most = max((float(np.abs(one.data).max(initial=0)) for one in (x, new)), default=0)
    scale = 2.0 ** np.ceil(np.log2(most)) if most > 0 else 1.0
    a, b = _Rows(x, metric, scale), _Rows(new, metric, scale)
    n, m = x.shape[0], new.shape[0]
    parts = [_Part(b, lo, min(lo + PART, m), a, metric, k) for lo in range(0, m, PART)]
    index, distance = np.empty((m, k), np.int32), np.empty((m, k), np.float32)
    with ThreadPoolExecutor(arguments.threads(n_jobs) or arguments.processors()) as pool:
        for lo in range(0, n, WIDTH):
            dense = np.ascontiguousarray(a.narrow[lo : lo + WIDTH].T.toarray())
            for _ in pool.map(lambda part, dense=dense, lo=lo: part.look(dense, lo), parts):
                pass
            if tell is not None:
                tell(min(1.0, (lo + WIDTH) / n))
        for part, (at, far) in zip(parts, pool.map(_Part.settle, parts), strict=True):
            index[part.first : part.last] = at.reshape(-1, k)
            distance[part.first : part.last] = far.reshape(-1, k)
    return index, distance
