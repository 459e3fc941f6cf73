"""The neighbours of all rows and what they weigh, a part of the rows on each worker."""

from __future__ import annotations

import ctypes as ct
import uuid
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._extras import extras
from opentsne_go._native import arrays, kinds, structures
from opentsne_go._native.arrays import Float32, Rows
from opentsne_go._native.calls import call
from opentsne_go._native.progress import Share, Watch
from opentsne_go._native.running import run
from opentsne_go._native.version import __version__
from opentsne_go._options import checked
from opentsne_go.errors import MemoryLimitError

from .mapped import mapped_by_all
from .workers import Filed, check_version, own_threads

Part = tuple[NDArray[np.int32], NDArray[np.int32], Float32]


def neighbors(x: Rows, k: int, how: dict[str, Any], weighed: bool, client: Any, verbose: Any = False) -> tuple[NDArray[np.int32], Float32]:
    """The k nearest rows of each row with their distances or, weighed, their p_j|i: the bits of one process.

    how are arguments of `checked.affinity_fields`, with the "seed". Each worker finds the
    neighbours of as many rows as any other, among all: it is sent them or, where they are of a
    file that all can read, maps that.
    """
    with extras():
        from distributed.client import FutureCancelledError

    n = len(x)
    count = len(client.nthreads())
    ends = [n * i // count for i in range(count + 1)]
    left = [(lo, hi) for lo, hi in pairwise(ends) if lo < hi]
    index, values = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
    share = Share(verbose, "Finding neighbors on workers...", n)
    try:
        for attempt in range(1, _ATTEMPTS + 1):
            tasks = _begun(client, x, k, how, weighed, left)
            try:
                for lo, hi in left[:]:
                    which, near, beside = tasks.pop((lo, hi)).result()
                    index[which], values[which] = near, beside
                    left.remove((lo, hi))
                    share.add(hi - lo)
                break
            except FutureCancelledError:  # the rows were lost with the workers that had them
                if attempt == _ATTEMPTS:
                    raise
            finally:
                client.cancel(list(tasks.values()))
    finally:
        share.close()
    return index, values


#: Times that all rows are sent, where they are lost with their workers.
_ATTEMPTS = 3


def _begun(client: Any, x: Rows, k: int, how: dict[str, Any], weighed: bool, parts: list[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    """Parts under way, each on a worker of its own as long as that lives."""
    addresses = sorted(client.nthreads())
    # The class of a mapped or private array is nobody's business there.
    rows = mapped_by_all(client, x) or client.scatter(x.view(np.ndarray), broadcast=True, hash=False)
    name = f"opentsne_go-neighbors-{uuid.uuid4().hex}"
    return {
        (lo, hi): client.submit(
            _task, rows, k, how, weighed, lo, hi, __version__,
            key=f"{name}-{lo}", workers=[addresses[i % len(addresses)]], allow_other_workers=True,
        )
        for i, (lo, hi) in enumerate(parts)
    }  # fmt: skip


def _task(rows: Rows | Filed, k: int, how: dict[str, Any], weighed: bool, lo: int, hi: int, version: str) -> Part:
    """A part, on whichever worker it is."""
    check_version(__version__, version, "a worker")
    x = rows.open() if isinstance(rows, Filed) else rows
    try:
        return part(x, k, {**how, "n_jobs": own_threads()}, weighed, lo, hi)
    except MemoryError as error:  # the library's, or numpy's
        raise MemoryLimitError(f"{error}; on a worker of {own_threads()} threads, which holds all of X") from None


def part(x: Rows, k: int, how: dict[str, Any], weighed: bool, lo: int, hi: int) -> Part:
    """Rows, their neighbours, and the distances or the p_j|i of these."""
    how = dict(how)
    seed = how.pop("seed")
    options = structures.options(seed=seed, **checked.for_points(checked.affinity_fields(**how), how["k"], len(x)))
    m = hi - lo
    rows, index, values = np.empty(m, np.int32), np.empty((m, k), np.int32), np.empty((m, k), np.float32)
    out = [arrays.pointer(rows, kinds.I32), arrays.pointer(index, kinds.I32)]
    out += [None, arrays.floats(values)] if weighed else [arrays.floats(values), None]
    work = lambda: call("tsne_neighbors_part", *out, arrays.Data(x), k, lo, hi, ct.byref(options))
    run(work, options, Watch())
    return rows, index, values
