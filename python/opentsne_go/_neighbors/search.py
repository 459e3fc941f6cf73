"""Neighbours as the library finds them, or scikit-learn where it has no such metric."""

from __future__ import annotations

import ctypes as ct
import logging
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opentsne_go._extras import extras
from opentsne_go._input import arguments, tables
from opentsne_go._input.blame import finite
from opentsne_go._native import arrays, choices, kinds, structures
from opentsne_go._native.arrays import Float32, Rows
from opentsne_go._native.calls import call
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import run
from opentsne_go._options import checked
from opentsne_go.errors import InvalidInputError

log = logging.getLogger("opentsne_go")
Graph = tuple[NDArray[np.int32], Float32]


def neighbors_of(
    x: Rows,
    k: int,
    *,
    metric: Any = "euclidean",
    metric_params: Any = None,
    method: str = "auto",
    n_jobs: Any = 1,
    random_state: Any = 0,
    verbose: Any = False,
) -> Graph:
    """The k nearest rows of each row, itself excluded, nearest first."""
    n = len(x)
    k = arguments.whole("k", k, 1)
    if k >= n:
        raise arguments.bad("k", k, f"1 to {n - 1}, one less than the rows of X")
    options = _search(metric, metric_params, method, n_jobs, random_state)
    if checked.foreign(metric):
        return _by_sklearn(x, None, k, metric, metric_params)
    return _found("tsne_neighbors", (n, k), (arrays.Data(x), k), options, verbose)


def _search(metric: Any, metric_params: Any, method: Any, n_jobs: Any, random_state: Any) -> Any:
    """Options of a neighbour search."""
    return structures.options(
        neighbors=choices.NEIGHBORS[arguments.choice("method", method, checked.NEIGHBORS)],
        threads=arguments.threads(n_jobs),
        seed=arguments.seed(random_state),
        metric=checked.distance(metric, metric_params),
    )


def _found(
    function: str,
    shape: tuple[int, int],
    data: tuple[Any, ...],
    options: Any,
    verbose: Any,
) -> Graph:
    """Indices and distances that a search of the library gives for rows."""
    index, distance = np.empty(shape, np.int32), np.empty(shape, np.float32)
    out = arrays.pointer(index, kinds.I32), arrays.floats(distance)
    watch = Watch(verbose)
    try:
        work = lambda: call(function, *out, *data, ct.byref(options))
        run(work, options, watch)
    finally:
        watch.close()
    return index, distance


#: Metrics of scikit-learn that tell only zeros from the rest.
_OF_TRUTH = ("dice", "jaccard", "rogerstanimoto", "russellrao", "sokalsneath", "yule")


def _by_sklearn(
    x: Rows, new: Rows | None, k: int, metric: Any, params: Any
) -> Graph:
    """Neighbours by a metric that the library does not have."""
    if new is not None and len(new) == 0:
        return np.empty((0, k), np.int32), np.empty((0, k), np.float32)
    with extras():
        from sklearn.neighbors import NearestNeighbors

    for name, rows in (("X", x), ("query", new)):
        if rows is not None:
            finite(rows, rows, name)
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
    both: list[Any] = [x, new]
    if metric in _OF_TRUTH:
        both = [None if one is None else one != 0 for one in both]
    search = NearestNeighbors(
        n_neighbors=k, algorithm="brute", metric=metric, p=p, metric_params=given or None
    ).fit(both[0])
    distance, index = search.kneighbors(both[1])
    if distance.min(initial=0) < 0:
        raise InvalidInputError(
            "metric: All distances should be positive, the metric given is not correct"
        )
    return index.astype(np.int32), distance.astype(np.float32)


def neighbors_of_new(
    x: Rows,
    new: Rows,
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
        raise arguments.bad("query", new.shape, f"{x.shape[1]} columns, as the reference has")
    k = arguments.whole("k", k, 1)
    if k > len(x):
        raise arguments.bad("k", k, f"1 to {len(x)}, the rows of the reference")
    options = _search(metric, metric_params, method, n_jobs, random_state)
    if checked.foreign(metric):
        return _by_sklearn(x, new, k, metric, metric_params)
    function = "tsne_neighbors_of_new"
    if x.dtype == np.float32:  # float32 is then all that counts of new rows
        q: Rows = tables.matrix(new)
        data: tuple[Any, ...] = arrays.floats(x), *x.shape, arrays.floats(q), len(q), k
    else:
        by_row = x.flags.c_contiguous
        q = np.ascontiguousarray(new, float) if by_row else np.asfortranarray(new, float)
        at, beside = (arrays.pointer(one, kinds.F64) for one in (x, q))
        data = at, *x.shape, beside, len(q), arrays.order(x), k
        function += "_f64"
    return _found(function, (len(new), k), data, options, verbose)


def neighbors_of_distances(distances: Any, k: int, n_jobs: Any = 1) -> Graph:
    """Neighbours from distances: a square array, or a sparse graph of them."""
    if tables.is_sparse(distances):
        return _of_sparse_distances(distances, k)
    full = tables.matrix(distances, "distances")
    n = len(full)
    if full.shape != (n, n):
        raise arguments.bad("distances", full.shape, "a square distance matrix")
    if not 1 <= k < n:
        raise arguments.bad("k", k, f"1 to {n - 1}, one less than the rows")
    options = structures.options(threads=arguments.threads(n_jobs))
    index = np.empty((n, k), np.int32)
    distance = np.empty((n, k), np.float32)

    def work() -> int:
        return call(
            "tsne_neighbors_of_distances",
            arrays.pointer(index, kinds.I32),
            arrays.floats(distance),
            arrays.floats(full),
            n,
            k,
            ct.byref(options),
        )

    run(work, options, Watch())
    return index, distance


def _of_sparse_distances(graph: Any, k: int) -> Graph:
    """The k nearest stored entries of each row; fewer if some row has fewer."""
    csr = tables.sparse(graph, "distances")
    n = csr.shape[0]
    if csr.shape != (n, n):
        raise arguments.bad("distances", csr.shape, "a square distance matrix")
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


def checked_graph(indices: ArrayLike, distances: ArrayLike) -> Graph:
    """A neighbour graph as the library takes it."""
    given = np.asarray(tables.unannotated(indices, "indices"))
    if given.dtype.kind not in "iu" or given.ndim != 2:
        raise TypeError(
            f"indices: got {given.ndim} dimensions of {given.dtype}; allowed: "
            "2 dimensions of integers"
        )
    # A number beyond int32 must not wrap into a row that exists.
    index = np.ascontiguousarray(np.clip(given, -1, 2**31 - 1), np.int32)
    distance = tables.matrix(distances, "distances")
    if distance.shape != index.shape:
        raise arguments.bad("distances", distance.shape, f"the shape {index.shape}")
    return index, distance
