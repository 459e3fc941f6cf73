"""The figures of quality by a sample of the rows, which are compared with all, a block at a time."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._extras import extras
from opentsne_go._input import sources, tables
from opentsne_go._input.collected import Extents
from opentsne_go._native import arrays, kinds, structures
from opentsne_go._native.arrays import Float32
from opentsne_go._native.calls import call
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import run
from opentsne_go._native.version import __version__
from opentsne_go._neighbors import search
from opentsne_go._options import checked
from opentsne_go.errors import Error, InvalidInputError

from .blocks import Block, is_dask
from .workers import check_version, own_threads

Int = NDArray[np.int64]
#: Rows that may be among the nearest of the sample: their numbers, ascending, and values.
Found = tuple[Int, Float32]

#: Neighbours that are compared, and rows whose distances are.
NEIGHBORS, DISTANCES = 10, 1000
#: Values whose classes are summed at a time, and lists that are merged.
_VALUES, _TOGETHER = 1 << 20, 8


@dataclass(frozen=True)
class Asked:
    """What is measured: the k neighbours of ``rows`` and the distances among ``distances``; ``every`` has all of them."""

    every: Int
    rows: Int
    distances: Int
    k: int
    classes: int
    metric: str
    n_jobs: Any

    @classmethod
    def of(cls, n: int, size: int, classes: int, metric: str, seed: int, n_jobs: Any) -> Asked:
        most = drawn(n, max(size, DISTANCES), seed)
        return cls(most, drawn(n, size, seed), drawn(n, DISTANCES, seed), min(NEIGHBORS, n - 1), classes, metric, n_jobs)

    def picked(self, of: Float32, rows: Int) -> Float32:
        """Some of the rows of every."""
        return of[np.searchsorted(self.every, rows)]


def drawn(n: int, size: int, seed: int) -> Int:
    """The numbers of size of n rows, ascending; all, where there are no more. Fewer are some of more."""
    if size >= n:
        return np.arange(n)
    numbers = np.random.PCG64(seed)  # whose raw numbers no version of numpy changes
    rows = np.empty(0, np.int64)
    while len(rows) < size:
        more = np.concatenate([rows, (numbers.random_raw(size) % np.uint64(n)).astype(np.int64)])
        rows = more[np.sort(np.unique(more, return_index=True)[1])][:size]
    return np.sort(rows)


@dataclass
class Sums:
    """What all rows add to, one after the other: the sums and sizes of classes, and how far doubles reach."""

    values: NDArray[np.float64]
    sizes: Int
    extents: Extents | None

    def add(self, given: NDArray[Any], rows: Float32, codes: NDArray[Any] | None) -> Sums:
        if self.extents is not None and len(rows):
            self.extents.add(given, rows)
        if codes is not None:
            classes, d = self.values.shape
            step = max(1, _VALUES // d)
            for lo in range(0, len(rows), step):
                of = codes[lo : lo + step].astype(np.int64)
                has = of >= 0
                at = np.concatenate([np.arange(classes * d), (of[has, None] * d + np.arange(d)).ravel()])
                values = np.concatenate([self.values.ravel(), rows[lo : lo + step][has].ravel().astype(float)])
                # Row by row, as the library adds, whatever the blocks are.
                self.values = np.asarray(np.bincount(at, values), float).reshape(classes, d)
                self.sizes = self.sizes + np.bincount(of[has], minlength=classes)
        return self

    @classmethod
    def none(cls, shape: tuple[int, int], dtype: Any, classes: int) -> Sums | None:
        """Those of no rows; None where rows add to nothing."""
        wide = not np.can_cast(dtype, np.float32)
        if not wide and not classes:
            return None
        return cls(np.zeros((classes, shape[1])), np.zeros(classes, np.int64), Extents(shape) if wide else None)

    def checked(self, name: str) -> Sums:
        """These, unless doubles would have to be counted from another zero."""
        if self.extents is not None and self.extents.far():
            raise InvalidInputError(
                f"{name}: columns of {name} are far from zero, where float32 tells their values no longer apart; "
                f"allowed: nearer ones, as {name} - {name}.mean(axis=0)"
            )
        return self

    def means(self) -> NDArray[np.float64]:
        used = self.sizes > 0
        return np.ascontiguousarray(self.values[used] / self.sizes[used, None])


def candidates(rows: Float32, sample: Float32, asked: Asked, metric: str) -> Int:
    """Places of rows, ascending, with all that may be among the nearest of the sample."""
    k = asked.k + 1  # itself too
    if len(rows) <= k:
        return np.arange(len(rows))
    near, _ = search.neighbors_of_new(rows, sample, k, metric=metric, method="exact", n_jobs=threads(asked))
    return np.unique(near).astype(np.int64)


def nearest(found: Found, sample: Float32, asked: Asked, metric: str) -> Int:
    """The numbers of the k nearest others of each row of the sample, by distance and then number."""
    numbers, rows = found
    near, _ = search.neighbors_of_new(rows, sample, asked.k + 1, metric=metric, method="exact", n_jobs=threads(asked))
    named = numbers[near]
    own = named == asked.rows[:, None]
    own[~own.any(axis=1), -1] = True  # behind equal ones
    others: Int = named[~own].reshape(len(sample), asked.k)
    return others


def threads(asked: Asked) -> Any:
    """Those of the worker that this runs on, or as many as were asked for."""
    return own_threads() or asked.n_jobs


def figures(asked: Asked, near: Sequence[Int], every: Sequence[Float32], sums: Sequence[Sums | None]) -> tuple[float, float, float]:
    """KNN, KNC and CPD of what data and map have given."""
    checked_sums = [one and one.checked(name) for one, name in zip(sums, "XZ", strict=True)]
    shared = (near[0][:, :, None] == near[1][:, None, :]).any(axis=2)
    x, y = (asked.picked(one, asked.distances) for one in every)
    cpd = ct.c_double()
    options = structures.options(metric=checked.distance(asked.metric), threads=1)
    work = lambda: call("tsne_quality", None, None, ct.byref(cpd), arrays.Data(x), arrays.floats(y), y.shape[1], None, ct.byref(options))
    run(work, options, Watch())
    return int(shared.sum()) / shared.size, _knc(checked_sums, asked), cpd.value


def _knc(sums: Sequence[Sums | None], asked: Asked) -> float:
    if not asked.classes or sums[0] is None or sums[1] is None:
        return float("nan")
    x, y = (one.means() for one in sums if one is not None)
    share = ct.c_double()
    options = structures.options(metric=checked.distance(asked.metric))
    at = arrays.pointer(x, kinds.F64), arrays.pointer(y, kinds.F64)
    call("tsne_shared_classes", ct.byref(share), *at, *x.shape, y.shape[1], ct.byref(options))
    return share.value


@dataclass(frozen=True)
class Side:
    """Data or map: what they are called, and what distances in them are by."""

    name: str
    metric: str
    asked: Asked

    def at_once(self, given: NDArray[Any], codes: Any) -> tuple[Int, Float32, Sums | None]:
        """What `figures` takes of rows at hand."""
        rows = sources.floats(given, 0, self.name)
        every = rows[self.asked.every]
        sample = self.asked.picked(every, self.asked.rows)
        at = candidates(rows, sample, self.asked, self.metric)
        none = Sums.none(rows.shape, given.dtype, self.asked.classes)
        return nearest((at, rows[at]), sample, self.asked, self.metric), every, none and none.add(given, rows, codes)

    def lazily(self, x: Any, codes: Any) -> tuple[Any, Any, Any]:
        """The same of a Dask array."""
        with extras():
            from dask.delayed import delayed
            from dask.graph_manipulation import clone

        asked = self.asked
        bounds = [int(at) for at in np.cumsum([0, *x.chunks[0]])]
        told = [Block(i, lo, x.shape[1], x.dtype, self.name) for i, lo in enumerate(bounds[:-1])]
        # What a cluster has made for the first use of all blocks it need not keep for the second.
        first, second = ([*one.to_delayed().ravel()] for one in (clone(x), x))
        sums: Any = Sums.none(x.shape, x.dtype, asked.classes)
        adds = sums is not None
        some = []
        for block, given, (lo, hi) in zip(told, first, pairwise(bounds), strict=True):
            rows = asked.every[np.searchsorted(asked.every, lo) : np.searchsorted(asked.every, hi)] - lo
            if len(rows) or adds:
                seen, added = delayed(_task, nout=2)(__version__, _seen, block, given, rows, codes[lo:hi] if asked.classes else None, sums)
                some.append(seen)
                sums = added if adds else None
        every = delayed(_joined)(some)
        sample = delayed(asked.picked)(every, asked.rows)
        lists = [delayed(_task)(__version__, _found, block, given, sample, asked, self.metric) for block, given in zip(told, second, strict=True)]
        while len(lists) > 1:
            groups = [lists[i : i + _TOGETHER] for i in range(0, len(lists), _TOGETHER)]
            lists = [delayed(_task)(__version__, _merged, group, sample, asked, self.metric) for group in groups]
        return delayed(_task)(__version__, nearest, lists[0], sample, asked, self.metric), every, sums


def measured(x: Any, y: Any, codes: Any, asked: Asked) -> Any:
    """`figures` of rows; where some are a Dask array a Delayed of them, of which rows at hand have given their part."""
    sides = (Side("X", asked.metric, asked), x), (Side("Z", "euclidean", asked), y)
    parts = [side.lazily(rows, codes) if is_dask(rows) else side.at_once(rows, codes) for side, rows in sides]
    given: list[Any] = [list(of) for of in zip(*parts, strict=True)]
    if not is_dask(x) and not is_dask(y):
        return figures(asked, *given)
    with extras():
        from dask.delayed import delayed

    return delayed(_task)(__version__, figures, asked, *given)


def _task(version: str, make: Callable[..., Any], *given: Any) -> Any:
    """A piece of work, on whichever worker it is."""
    check_version(__version__, version, "a worker")
    return make(*given)


def _floats(block: Block, given: Any) -> tuple[NDArray[Any], Float32]:
    """A block as it is, dense, and in floats."""
    dense = block.checked(given)
    dense = dense.toarray() if tables.is_sparse(dense) else np.asarray(dense)
    return dense, sources.floats(dense, block.first or 0, block.name)


def _seen(block: Block, given: Any, rows: Int, codes: Any, sums: Sums | None) -> tuple[Float32, Sums | None]:
    """Some rows of a block, and what all of them add to."""
    dense, floats = _floats(block, given)
    return floats[rows], sums and deepcopy(sums).add(dense, floats, codes)


def _joined(some: list[Float32]) -> Float32:
    return np.concatenate(some)


def _found(block: Block, given: Any, sample: Float32, asked: Asked, metric: str) -> Found:
    rows = _floats(block, given)[1]
    try:
        at = candidates(rows, sample, asked, metric)
    except Error as error:
        raise block.named(error) from None
    return (block.first or 0) + at, rows[at]


def _merged(parts: list[Found], sample: Float32, asked: Asked, metric: str) -> Found:
    numbers, rows = (np.concatenate(of) for of in zip(*parts, strict=True))
    at = candidates(rows, sample, asked, metric)
    return numbers[at], rows[at]
