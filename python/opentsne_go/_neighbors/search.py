"""Neighbour graphs, affinities and data reduction: calls of the library.

Nothing here knows the names of openTSNE.
"""

from __future__ import annotations

import ctypes as ct
import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._input import tables as _input
from .._options import fields as _knobs
from .._native import library as _lib
from .._native.running import run
from .._native.progress import Watch
from ..errors import InvalidInputError

log = logging.getLogger("opentsne_go")

Graph = tuple[NDArray[np.int32], _input.Float32]

#: Columns that sparse data are reduced to.
SPARSE_COLUMNS = 50


class Data:
    """Rows as `call` takes them: of doubles they make it call what takes those."""

    def __init__(self, rows: _input.Rows) -> None:
        kind = _lib.F64 if rows.dtype == np.float64 else _lib.F32
        self.suffix = "_f64" if kind is _lib.F64 else ""
        self.arguments = [_input.pointer(rows, kind), *rows.shape]
        if self.suffix:
            self.arguments.append(order(rows))


def order(rows: _input.Rows) -> int:
    """How doubles lie in memory: an ``enum tsne_order``."""
    return _lib.ORDER["row" if rows.flags.c_contiguous else "column"]


def call(function: str, *arguments: Any) -> int:
    """Calls the library; raises unless it is done or was cancelled."""
    flat: list[Any] = []
    for one in arguments:
        if not isinstance(one, Data):
            flat.append(one)
            continue
        flat += one.arguments
        function += one.suffix
    status: int = getattr(_lib.lib(), function)(*flat)
    if status != _lib.E_CANCELLED:
        _lib.check(status)
    return status


def run_on(
    original: Any,
    x: _input.Rows | None,
    work: Any,
    options: Any,
    watch: Any = None,
    uses: Sequence[Any] = (),
) -> Any:
    """`run`, with the place and value of a NaN or Inf in the data's own words."""
    try:
        return run(work, options, watch if watch is not None else Watch(), uses)
    except InvalidInputError as error:
        if error.status == _lib.E_NOT_FINITE and x is not None and not _input.holds(x).all():
            raise _input.not_finite(original, x, "X") from None
        raise


def floats(array: _input.Float32) -> Any:
    """The array's memory for a ``float *`` argument."""
    return _input.pointer(array, _lib.F32)


def table(value: Any, metric: Any = "euclidean", n_jobs: Any = 1, name: str = "X") -> _input.Rows:
    """Data as the library takes them: sparse ones reduced to 50 columns.

    The reduction is a truncated singular value decomposition, which keeps
    inner products and so suits Euclidean and cosine distance only.
    """
    if not _input.is_sparse(value):
        return _input.data(value, name)
    csr = _input.sparse(value, name)
    n, d = csr.shape
    if d <= SPARSE_COLUMNS:
        return _input.data(csr.toarray(), name)
    if metric not in ("euclidean", "l2", "cosine"):
        raise _input.bad(
            "metric", metric, "'euclidean' or 'cosine' for sparse data; X.toarray() has all"
        )
    k = min(SPARSE_COLUMNS, n)
    log.info("X is sparse: reduced to %d columns by a truncated SVD", k)
    return reduce(csr, k, n_jobs)


def axes(value: Any, rows: _input.Rows) -> _input.Float32 | None:
    """What `table` made rows of sparse data by: their right singular vectors,
    (d, 50); None if it only copied them."""
    if not _input.is_sparse(value) or value.shape[1] == rows.shape[1]:
        return None
    square = (rows.astype(float) ** 2).sum(axis=0)
    scale = np.where(square > 1e-10 * square.max(), 1 / np.maximum(square, 1e-300), 0)
    return np.asarray((value.tocsr().T @ rows) * scale, np.float32)


def new_rows(value: Any, along: _input.Float32 | None, name: str = "X") -> _input.Rows:
    """New data beside a `table`, reduced along its axes if it has them."""
    wide = along is not None and np.shape(value)[1:] == along.shape[:1]
    if wide and _input.is_sparse(value):
        return np.ascontiguousarray(_input.sparse(value, name) @ along, np.float32)
    dense = _input.sparse(value, name).toarray() if _input.is_sparse(value) else value
    if along is not None and wide:
        return np.ascontiguousarray(_input.matrix(dense, name) @ along)
    return _input.data(dense, name)


def reduce(value: Any, k: int, n_jobs: Any = 1) -> _input.Float32:
    """Principal component scores of dense data; for sparse ones, which are not
    centred, the truncated singular value decomposition. (n, k)."""
    options = _lib.options(threads=_input.threads(n_jobs))
    if _input.is_sparse(value):
        csr = _input.sparse(value, "X")
        n, d = csr.shape
        ptr = np.ascontiguousarray(csr.indptr, np.int64)
        col = np.ascontiguousarray(csr.indices, np.int32)
        val = np.ascontiguousarray(csr.data, np.float32)
        data: tuple[Any, ...] = (
            _input.pointer(ptr, _lib.I64),
            _input.pointer(col, _lib.I32),
            floats(val),
            n,
            d,
        )
        function = "tsne_reduce_csr"
    else:
        x = _input.data(value)
        (n, d), data, function = x.shape, (Data(x),), "tsne_reduce"
    if not 1 <= k <= min(n, d):
        raise _input.bad("k", k, f"1 to {min(n, d)}, as X has {n} rows and {d} columns")
    out = np.empty((n, k), np.float32)
    run(lambda: call(function, floats(out), *data, k, ct.byref(options)), options)
    return out


def neighbors_of(
    x: _input.Rows,
    k: int,
    *,
    metric: Any = "euclidean",
    metric_params: Any = None,
    method: str = "auto",
    n_jobs: Any = 1,
    random_state: Any = 0,
    verbose: Any = False,
    original: Any = None,
) -> Graph:
    """The k nearest rows of each row, itself excluded, nearest first."""
    n = len(x)
    k = _input.whole("k", k, 1)
    if k >= n:
        raise _input.bad("k", k, f"1 to {n - 1}, one less than the rows of X")
    options = _search(metric, metric_params, method, n_jobs, random_state)
    if _knobs.foreign(metric):
        return _by_sklearn(x, None, k, metric, metric_params)
    given = x if original is None else original
    return _found("tsne_neighbors", (n, k), (Data(x), k), options, verbose, given, x)


def _search(metric: Any, metric_params: Any, method: Any, n_jobs: Any, random_state: Any) -> Any:
    """Options of a neighbour search."""
    return _lib.options(
        neighbors=_lib.NEIGHBORS[_input.choice("method", method, _knobs.NEIGHBORS)],
        threads=_input.threads(n_jobs),
        seed=_input.seed(random_state),
        metric=_knobs.distance(metric, metric_params),
    )


def _found(
    function: str,
    shape: tuple[int, int],
    data: tuple[Any, ...],
    options: Any,
    verbose: Any,
    original: Any,
    rows: _input.Rows,
) -> Graph:
    """Indices and distances that a search of the library gives for rows."""
    index, distance = np.empty(shape, np.int32), np.empty(shape, np.float32)
    out = _input.pointer(index, _lib.I32), floats(distance)
    watch = Watch(verbose)
    try:
        work = lambda: call(function, *out, *data, ct.byref(options))
        run_on(original, rows, work, options, watch)
    finally:
        watch.close()
    return index, distance


#: Metrics of scikit-learn that tell only zeros from the rest.
_OF_TRUTH = ("dice", "jaccard", "rogerstanimoto", "russellrao", "sokalsneath", "yule")


def _by_sklearn(
    x: _input.Rows, new: _input.Rows | None, k: int, metric: Any, params: Any
) -> Graph:
    """Neighbours by a metric that the library does not have."""
    if new is not None and len(new) == 0:
        return np.empty((0, k), np.int32), np.empty((0, k), np.float32)
    from sklearn.neighbors import NearestNeighbors

    given = dict(params or {})
    if metric == "mahalanobis" and "VI" not in given:
        if "V" not in given:
            raise InvalidInputError(
                "metric_params: Must provide either V or VI for Mahalanobis distance"
            )
        given["VI"] = np.linalg.inv(given.pop("V"))
    if metric == "seuclidean":
        given.setdefault("V", x.var(axis=0, ddof=1, dtype=float))
    p = given.pop("p", 2) if metric == "minkowski" else 2
    rows: list[Any] = [x, new]
    if metric in _OF_TRUTH:
        rows = [None if one is None else one != 0 for one in rows]
    search = NearestNeighbors(
        n_neighbors=k, algorithm="brute", metric=metric, p=p, metric_params=given or None
    ).fit(rows[0])
    distance, index = search.kneighbors(rows[1])
    if distance.min(initial=0) < 0:
        raise InvalidInputError(
            "metric: All distances should be positive, the metric given is not correct"
        )
    return index.astype(np.int32), distance.astype(np.float32)


def neighbors_of_new(
    x: _input.Rows,
    new: _input.Rows,
    k: int,
    *,
    metric: Any = "euclidean",
    metric_params: Any = None,
    method: str = "auto",
    n_jobs: Any = 1,
    random_state: Any = 0,
    verbose: Any = False,
) -> Graph:
    """The k nearest rows of x for each row of new, nearest first."""
    if new.shape[1] != x.shape[1]:
        raise _input.bad("query", new.shape, f"{x.shape[1]} columns, as the reference has")
    k = _input.whole("k", k, 1)
    if k > len(x):
        raise _input.bad("k", k, f"1 to {len(x)}, the rows of the reference")
    options = _search(metric, metric_params, method, n_jobs, random_state)
    if _knobs.foreign(metric):
        return _by_sklearn(x, new, k, metric, metric_params)
    function = "tsne_neighbors_of_new"
    if x.dtype == np.float32:  # float32 is then all that counts of new rows
        q: _input.Rows = _input.matrix(new)
        data: tuple[Any, ...] = floats(x), *x.shape, floats(q), len(q), k
    else:
        by_row = x.flags.c_contiguous
        q = np.ascontiguousarray(new, float) if by_row else np.asfortranarray(new, float)
        at, beside = (_input.pointer(one, _lib.F64) for one in (x, q))
        data = at, *x.shape, beside, len(q), order(x), k
        function += "_f64"
    return _found(function, (len(new), k), data, options, verbose, new, q)


def neighbors_of_distances(distances: Any, k: int, n_jobs: Any = 1) -> Graph:
    """Neighbours from distances: a square array, or a sparse graph of them."""
    if _input.is_sparse(distances):
        return _of_sparse_distances(distances, k)
    full = _input.matrix(distances, "distances")
    n = len(full)
    if full.shape != (n, n):
        raise _input.bad("distances", full.shape, "a square distance matrix")
    if not 1 <= k < n:
        raise _input.bad("k", k, f"1 to {n - 1}, one less than the rows")
    options = _lib.options(threads=_input.threads(n_jobs))
    index = np.empty((n, k), np.int32)
    distance = np.empty((n, k), np.float32)

    def work() -> int:
        return call(
            "tsne_neighbors_of_distances",
            _input.pointer(index, _lib.I32),
            floats(distance),
            floats(full),
            n,
            k,
            ct.byref(options),
        )

    run(work, options, Watch())
    return index, distance


def _of_sparse_distances(graph: Any, k: int) -> Graph:
    """The k nearest stored entries of each row; fewer if some row has fewer."""
    csr = _input.sparse(graph, "distances")
    n = csr.shape[0]
    if csr.shape != (n, n):
        raise _input.bad("distances", csr.shape, "a square distance matrix")
    row = np.repeat(np.arange(n), np.diff(csr.indptr))
    keep = row != csr.indices
    row, col, val = row[keep], csr.indices[keep], csr.data[keep]
    order = np.lexsort((col, val, row))
    count = np.bincount(row, minlength=n)
    most = int(count.min()) if n else 0
    if most < 1:
        raise InvalidInputError(
            f"distances: row {int(count.argmin())} stores no neighbour; allowed: at least 1"
        )
    if most < k:
        log.info("distances: %d neighbours of each point are used, of %d wanted", most, k)
    k = min(k, most)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    take = order[first[:, None] + np.arange(k)]
    return col[take].astype(np.int32), val[take].astype(np.float32)


class Affinity:
    """Owns a ``tsne_affinities``: symmetric, sums to 1."""

    def __init__(self) -> None:
        self.handle = _lib.Handle("tsne_affinities_free")

    @property
    def pointer(self) -> Any:
        return self.handle.pointer

    @property
    def out(self) -> Any:
        return self.handle.out

    def size(self) -> tuple[int, int]:
        """Points and stored values."""
        n, nnz = ct.c_int64(), ct.c_int64()
        call("tsne_affinities_size", ct.byref(n), ct.byref(nnz), self.pointer)
        return n.value, nnz.value

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int32], _input.Float32]:
        """ptr, col and val of the CSR form."""
        n, nnz = self.size()
        ptr = np.empty(n + 1, np.int64)
        col = np.empty(nnz, np.int32)
        val = np.empty(nnz, np.float32)

        def work() -> int:
            return call(
                "tsne_affinities_copy",
                _input.pointer(ptr, _lib.I64),
                _input.pointer(col, _lib.I32),
                floats(val),
                self.pointer,
            )

        run(work)
        return ptr, col, val

    @classmethod
    def of_data(
        cls, x: _input.Rows, options: Any, watch: Any = None, original: Any = None
    ) -> Affinity:
        """Affinities of rows."""
        given = x if original is None else original

        def work() -> Affinity:
            made = cls()
            call("tsne_affinities_from_data", made.out, Data(x), ct.byref(options))
            return made

        built: Affinity = run_on(given, x, work, options, watch)
        return built

    @classmethod
    def of_graph(cls, graph: Graph, options: Any) -> Affinity:
        """Affinities of a neighbour graph."""
        index, distance = checked_graph(*graph)

        def work() -> Affinity:
            made = cls()
            call(
                "tsne_affinities_from_neighbors",
                made.out,
                _input.pointer(index, _lib.I32),
                floats(distance),
                *index.shape,
                ct.byref(options),
            )
            return made

        return run(work, options, Watch())

    @classmethod
    def of_csr(cls, ptr: Any, col: Any, val: Any) -> Affinity:
        """Affinities as they are, scaled to sum to 1."""
        ptr = np.ascontiguousarray(ptr, np.int64)
        col = np.ascontiguousarray(col, np.int32)
        val = np.ascontiguousarray(val, np.float32)
        made = cls()

        def work() -> int:
            return call(
                "tsne_affinities_from_csr",
                made.out,
                _input.pointer(ptr, _lib.I64),
                _input.pointer(col, _lib.I32),
                floats(val),
                len(ptr) - 1,
            )

        run(work)
        return made

    @classmethod
    def of_matrix(cls, matrix: Any, name: str = "P") -> Affinity:
        """Affinities of a sparse or dense symmetric matrix."""
        from scipy.sparse import csr_matrix

        given = _input.sound(matrix, name) if _input.is_sparse(matrix) else matrix
        csr: Any = csr_matrix(given, copy=True)
        if csr.shape[0] != csr.shape[1]:
            raise _input.bad(name, csr.shape, "a square matrix")
        csr.sum_duplicates()
        return cls.of_csr(csr.indptr, csr.indices, csr.data)


def checked_graph(indices: ArrayLike, distances: ArrayLike) -> Graph:
    """A neighbour graph as the library takes it."""
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
    return index, distance


def conditional(distances: ArrayLike, n_jobs: Any = 1, **fields: Any) -> NDArray[np.float64]:
    """p(j|i) of rows of distances; each row sums to 1."""
    far = _input.matrix(distances, "distances")
    options = _lib.options(threads=_input.threads(n_jobs), **fields)
    p = np.empty_like(far)
    work = lambda: call(
        "tsne_conditional", floats(p), floats(far), *far.shape, ct.byref(options)
    )
    run(work, options, Watch())
    rows = p.astype(float)
    rows /= rows.sum(axis=1, keepdims=True)
    return rows
