"""Neighbours and affinities: the stages before there is a map."""

from __future__ import annotations

import ctypes as ct
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _input, _knobs, _lib
from ._run import run
from ._watch import Watch
from .errors import InvalidInputError

__all__ = ["Affinities", "neighbors"]


def neighbors(
    X: ArrayLike,
    k: int,
    *,
    method: str = "auto",
    n_jobs: int | None = 1,
    random_state: Any = 0,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The k nearest rows of each row, itself excluded, nearest first.

    Parameters
    ----------
    X : array-like, (n, d)
        The data.
    k : int
        Neighbours per row, 1 to n - 1.
    method : {"auto", "exact", "approx"}
        The default is the faster one for this n and d.
    n_jobs : int or None
        Threads; -1 or None: all processors. Does not change the result.
    random_state : int, None, RandomState or Generator
        Of the approximate search.

    Returns
    -------
    indices : (n, k) int32
    distances : (n, k) float32
        Euclidean, in the units of X.
    """
    x = _input.matrix(X)
    options = _lib.options(
        neighbors=_lib.NEIGHBORS[_input.choice("method", method, _knobs.NEIGHBORS)],
        threads=_input.threads(n_jobs),
        seed=_input.seed(random_state),
    )
    n, d = x.shape
    k = _input.whole("k", k, 1)
    if k >= n:
        raise _input.bad("k", k, f"1 to {n - 1}, one less than the rows of X")
    index = np.empty((n, k), np.int32)
    distance = np.empty((n, k), np.float32)

    def work() -> int:
        return call(
            "tsne_neighbors",
            _input.pointer(index, _lib.I32),
            _input.pointer(distance, _lib.F32),
            _input.pointer(x, _lib.F32),
            n,
            d,
            k,
            ct.byref(options),
        )

    run_on(X, x, work, options)
    return index, distance


def call(function: str, *arguments: Any) -> int:
    """Calls the library; raises unless it is done or was cancelled."""
    status: int = getattr(_lib.lib(), function)(*arguments)
    if status != _lib.E_CANCELLED:
        _lib.check(status)
    return status


def run_on(
    original: Any, x: _input.Float32, work: Any, options: _lib.Options, watch: Any = None
) -> Any:
    """`run`, with the place and value of a NaN or Inf in the data's own words."""
    try:
        return run(work, options, watch if watch is not None else Watch())
    except InvalidInputError as error:
        if error.status == _lib.E_NOT_FINITE and not np.isfinite(x).all():
            raise _input.not_finite(original, x, "X") from None
        raise


class Affinities:
    """Symmetric affinities P between points, which sum to 1.

    Made by `from_data`, `from_neighbors` or `from_matrix`, or found as
    ``embedding.affinities``. The library owns the values; `P` copies them out.
    """

    def __init__(self, handle: _lib.Handle) -> None:
        self._handle = handle
        self._matrix: Any = None

    @classmethod
    def _of(cls, pointer: ct.c_void_p) -> Affinities:
        return cls(_lib.Handle(pointer, "tsne_affinities_free"))

    @classmethod
    def from_data(
        cls,
        X: ArrayLike,
        perplexity: float | list[float] = 30,
        *,
        neighbors: str = "auto",
        n_jobs: int | None = 1,
        random_state: Any = None,
        verbose: bool = False,
    ) -> Affinities:
        """Affinities of data, by a perplexity search over nearest neighbours.

        Parameters
        ----------
        X : array-like, (n, d)
            The data, one row per point.
        perplexity : float or list of float
            Effective number of neighbours; several are averaged (multiscale).
        neighbors : {"auto", "exact", "approx"}
            How neighbours are found; 3 times the perplexity of them are.
        n_jobs, random_state, verbose
            As in `TSNE`.
        """
        fields = _knobs.search(
            perplexity=perplexity,
            metric="euclidean",
            metric_params=None,
            neighbors=neighbors,
            n_jobs=n_jobs,
        )
        x = _input.matrix(X)
        options = _lib.options(seed=_input.seed(random_state), **fields)
        watch = Watch(verbose)

        def work() -> Affinities:
            made = ct.c_void_p()
            call(
                "tsne_affinities_from_data",
                ct.byref(made),
                _input.pointer(x, _lib.F32),
                *x.shape,
                ct.byref(options),
            )
            return cls._of(made)

        try:
            result: Affinities = run_on(X, x, work, options, watch)
        finally:
            watch.close()
        return result

    @classmethod
    def from_neighbors(
        cls,
        indices: ArrayLike,
        distances: ArrayLike,
        perplexity: float | list[float] = 30,
        *,
        n_jobs: int | None = 1,
    ) -> Affinities:
        """Affinities of a neighbour graph as `neighbors` gives it.

        Parameters
        ----------
        indices : (n, k) int
            Row numbers of the neighbours, the point itself excluded.
        distances : (n, k) float
            Their Euclidean distances.
        perplexity : float or list of float
            At most k / 3 of it can be honoured.
        """
        fields = _knobs.search(
            perplexity=perplexity,
            metric="euclidean",
            metric_params=None,
            neighbors="auto",
            n_jobs=n_jobs,
        )
        given = np.asarray(indices)
        if given.dtype.kind not in "iu" or given.ndim != 2:
            raise TypeError(
                f"indices: got {given.ndim} dimensions of {given.dtype}; allowed: "
                "2 dimensions of integers"
            )
        # A number beyond int32 must not wrap into a row that exists.
        index = np.ascontiguousarray(np.clip(given, -1, 2**31 - 1), np.int32)
        distance = _input.matrix(distances, "distances")
        if distance.shape != index.shape:
            raise _input.bad("distances", distance.shape, f"the shape {index.shape}")
        options = _lib.options(**fields)

        def work() -> Affinities:
            made = ct.c_void_p()
            call(
                "tsne_affinities_from_neighbors",
                ct.byref(made),
                _input.pointer(index, _lib.I32),
                _input.pointer(distance, _lib.F32),
                *index.shape,
                ct.byref(options),
            )
            return cls._of(made)

        return run(work, options, Watch())

    @classmethod
    def from_matrix(cls, P: Any) -> Affinities:
        """Affinities given as a symmetric sparse or dense matrix.

        Parameters
        ----------
        P : scipy.sparse matrix or array-like, (n, n)
            Non-negative; copied, and scaled to sum to 1.
        """
        from scipy.sparse import csr_matrix

        matrix = csr_matrix(P, copy=True)
        if matrix.shape[0] != matrix.shape[1]:
            raise _input.bad("P", matrix.shape, "a square matrix")
        matrix.sum_duplicates()
        return cls._from_csr(matrix.indptr, matrix.indices, matrix.data)

    @classmethod
    def _from_csr(cls, ptr: Any, col: Any, val: Any) -> Affinities:
        ptr = np.ascontiguousarray(ptr, np.int64)
        col = np.ascontiguousarray(col, np.int32)
        val = np.ascontiguousarray(val, np.float32)
        made = ct.c_void_p()
        call(
            "tsne_affinities_from_csr",
            ct.byref(made),
            _input.pointer(ptr, _lib.I64),
            _input.pointer(col, _lib.I32),
            _input.pointer(val, _lib.F32),
            len(ptr) - 1,
        )
        return cls._of(made)

    @classmethod
    def _take(cls, value: Any) -> Affinities:
        """Ours, or any object whose ``P`` is an affinity matrix."""
        if isinstance(value, cls):
            return value
        if hasattr(value, "P"):
            return cls.from_matrix(value.P)
        raise _input.bad(
            "affinities", type(value).__name__, "Affinities, or an object with a P"
        )

    def _size(self) -> tuple[int, int]:
        n, nnz = ct.c_int64(), ct.c_int64()
        call("tsne_affinities_size", ct.byref(n), ct.byref(nnz), self._handle.pointer)
        return n.value, nnz.value

    @property
    def n_samples(self) -> int:
        """Number of points."""
        return self._size()[0]

    @property
    def nnz(self) -> int:
        """Number of stored values."""
        return self._size()[1]

    def _arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int32], _input.Float32]:
        """ptr, col and val of the CSR form."""
        n, nnz = self._size()
        ptr = np.empty(n + 1, np.int64)
        col = np.empty(nnz, np.int32)
        val = np.empty(nnz, np.float32)
        call(
            "tsne_affinities_copy",
            _input.pointer(ptr, _lib.I64),
            _input.pointer(col, _lib.I32),
            _input.pointer(val, _lib.F32),
            self._handle.pointer,
        )
        return ptr, col, val

    @property
    def P(self) -> Any:
        """A copy as ``scipy.sparse.csr_matrix`` of float32, made once.

        Needs scipy.
        """
        if self._matrix is None:
            from scipy.sparse import csr_matrix

            ptr, col, val = self._arrays()
            n = len(ptr) - 1
            self._matrix = csr_matrix((val, col, ptr), shape=(n, n))
        return self._matrix

    def __reduce__(self) -> Any:
        return _restore, self._arrays()

    def __repr__(self) -> str:
        n, nnz = self._size()
        return f"Affinities({n} points, {nnz} values)"


def _restore(ptr: Any, col: Any, val: Any) -> Affinities:
    return Affinities._from_csr(ptr, col, val)
