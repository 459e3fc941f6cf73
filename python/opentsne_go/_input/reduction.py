"""Data with the columns that the library works on: sparse ones are reduced."""

from __future__ import annotations

import ctypes as ct
import logging
from typing import Any

import numpy as np

from opentsne_go._extras import extras
from opentsne_go._native import arrays, kinds, structures
from opentsne_go._native.arrays import Float32, Rows
from opentsne_go._native.calls import call
from opentsne_go._native.running import run

from . import arguments, collected, tables

log = logging.getLogger("opentsne_go")

#: Columns that sparse data are reduced to.
SPARSE_COLUMNS = 50


def table(value: Any, metric: Any = "euclidean", n_jobs: Any = 1, name: str = "X") -> Rows:
    """Data as the library takes them: sparse ones reduced to 50 columns.

    The reduction is a truncated singular value decomposition, which keeps
    inner products and so suits Euclidean and cosine distance only.
    """
    value = collected.here(value, name)
    if not tables.is_sparse(value):
        return tables.data(value, name)
    csr = tables.sparse(value, name)
    n, d = csr.shape
    if d <= SPARSE_COLUMNS:
        return tables.data(csr.toarray(), name)
    if metric not in ("euclidean", "l2", "cosine"):
        raise arguments.bad(
            "metric", metric, "'euclidean' or 'cosine' for sparse data; X.toarray() has all"
        )
    k = min(SPARSE_COLUMNS, n)
    log.info("X is sparse: reduced to %d columns by a truncated SVD", k)
    return reduce(csr, k, n_jobs)


def axes(value: Any, rows: Rows) -> Float32 | None:
    """What `table` made rows of sparse data by: their right singular vectors,
    (d, 50); None if it only copied them."""
    if not tables.is_sparse(value) or value.shape[1] == rows.shape[1]:
        return None
    square = (rows.astype(float) ** 2).sum(axis=0)
    scale = np.where(square > 1e-10 * square.max(), 1 / np.maximum(square, 1e-300), 0)
    return np.asarray((value.tocsr().T @ rows) * scale, np.float32)


def new_rows(value: Any, along: Float32 | None, name: str = "X") -> Rows:
    """New data beside a `table`, reduced along its axes if it has them."""
    value = collected.here(value, name)
    if along is not None and np.shape(value)[1:] == along.shape[:1]:
        with extras():
            from scipy.sparse import csr_matrix

        # A dense product's sums go by the number of rows: the sparse one's are of a row alone.
        rows = tables.sparse(value, name) if tables.is_sparse(value) else csr_matrix(tables.matrix(value, name))
        return np.ascontiguousarray(rows @ along, np.float32)
    return tables.data(tables.sparse(value, name).toarray() if tables.is_sparse(value) else value, name)


def reduce(value: Any, k: int, n_jobs: Any = 1) -> Float32:
    """Principal component scores of dense data; for sparse ones, which are not
    centred, the truncated singular value decomposition. (n, k)."""
    options = structures.options(threads=arguments.threads(n_jobs))
    if tables.is_sparse(value):
        csr = tables.sparse(value, "X")
        n, d = csr.shape
        ptr = np.ascontiguousarray(csr.indptr, np.int64)
        col = np.ascontiguousarray(csr.indices, np.int32)
        val = np.ascontiguousarray(csr.data, np.float32)
        data: tuple[Any, ...] = (
            arrays.pointer(ptr, kinds.I64),
            arrays.pointer(col, kinds.I32),
            arrays.floats(val),
            n,
            d,
        )
        function = "tsne_reduce_csr"
    else:
        x = tables.data(value)
        (n, d), data, function = x.shape, (arrays.Data(x),), "tsne_reduce"
    if not 1 <= k <= min(n, d):
        raise arguments.bad("k", k, f"1 to {min(n, d)}, as X has {n} rows and {d} columns")
    out = np.empty((n, k), np.float32)
    run(lambda: call(function, arrays.floats(out), *data, k, ct.byref(options)), options)
    return out
