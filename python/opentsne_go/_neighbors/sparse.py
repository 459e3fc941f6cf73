"""Neighbours among sparse rows of many columns, as of genes, which are not made dense."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._input import arguments
from opentsne_go._native import arrays, kinds, structures
from opentsne_go._native.arrays import Float32
from opentsne_go._native.calls import call
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import run
from opentsne_go._options import checked

#: Metrics that follow from inner products.
METRICS = ("euclidean", "cosine", "correlation")


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
        Their values are rounded to float32.
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
    m = new.shape[0]
    index, distance = np.empty((m, k), np.int32), np.empty((m, k), np.float32)
    options = structures.options(threads=arguments.threads(n_jobs), metric=checked.distance(metric))
    out = arrays.pointer(index, kinds.I32), arrays.floats(distance)
    data = *_csr(x), *x.shape, *_csr(new), m, k
    told: Any = [] if tell is None else [SimpleNamespace(stage_progress=lambda _stage, done: tell(done))]
    run(lambda: call("tsne_neighbors_of_new_csr", *out, *data, ct.byref(options)), options, Watch(callbacks=told))
    return index, distance


def _csr(rows: Any) -> tuple[Any, Any, Any]:
    """A sparse matrix as the library takes it."""
    with np.errstate(over="ignore"):  # the library names what is beyond float32
        val = np.ascontiguousarray(rows.data, np.float32)
    return (
        arrays.pointer(np.ascontiguousarray(rows.indptr, np.int64), kinds.I64),
        arrays.pointer(np.ascontiguousarray(rows.indices, np.int32), kinds.I32),
        arrays.floats(val),
    )
