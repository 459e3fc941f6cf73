"""Neighbours among sparse rows of many columns, as of genes, which are not made dense."""

from __future__ import annotations

import ctypes as ct
import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._input import arguments
from opentsne_go._native import abi, arrays, kinds, structures
from opentsne_go._native.arrays import Float32
from opentsne_go._native.calls import call
from opentsne_go._native.running import Report, run
from opentsne_go._options import checked

log = logging.getLogger("opentsne_go")

#: Metrics that follow from inner products.
METRICS = ("euclidean", "cosine", "correlation")

#: Seconds between two words of how much is done.
_LOOK = 0.2


class _Told:
    """Tells of a search how much of it is done."""

    def __init__(self, tell: Callable[[float], None] | None) -> None:
        self.tell, self.looked = tell, 0.0

    def wants(self, report: Report) -> bool:
        now = time.perf_counter()
        if self.tell is None or (report.done < 1 and now - self.looked < _LOOK):
            return False
        self.looked = now
        return True

    def progress(self, report: Report) -> bool:
        assert self.tell is not None
        self.tell(report.done)
        return False

    def log(self, level: int, line: str) -> None:
        if level >= abi.LOG_WARNING:
            log.warning(line)


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
    run(lambda: call("tsne_neighbors_of_new_csr", *out, *data, ct.byref(options)), options, _Told(tell))
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
