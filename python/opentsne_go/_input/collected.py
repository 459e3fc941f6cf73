"""Rows of a source as the library takes them, collected in memory or in a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._native import arrays, room
from opentsne_go._native.arrays import Rows
from opentsne_go._native.progress import Share
from opentsne_go.errors import FileAccessError, InvalidInputError, MemoryLimitError

from . import arguments, sources, tables
from .sources import Source


def here(value: Any, name: str = "X", verbose: Any = False, columns: int | None = None) -> Any:
    """Rows that lie elsewhere, read; anything else, or its first columns, as it is.

    Dense rows become float32, a block at a time, in the only copy there is; doubles
    that the library would count from another zero stay doubles. Sparse rows become
    one CSR matrix of their own type.

    Raises
    ------
    MemoryLimitError
        They do not fit; the text says what would.
    """
    value = sources.opened(value, name)
    source = sources.source(value, name, columns)
    if source is None:
        return value if columns is None else value[:, :columns]
    if source.sparse:
        return _compressed(value, source, verbose)
    return _dense(source, verbose, None)


def stored(source: Source, verbose: Any, path: Any) -> Rows:
    """Dense rows in a file .npy, mapped for reading."""
    if source.sparse:
        raise InvalidInputError(f"{source.name}: got sparse rows; allowed: dense ones; opentsne_go.pca(X, path=...) reduces them to few columns")
    return _dense(source, verbose, path)


def _dense(source: Source, verbose: Any, path: Any) -> Rows:
    share = Share(verbose, f"Reading {source.name}...", source.shape[0])
    extents = None if np.can_cast(source.dtype, np.float32) else Extents(source.shape)
    try:
        made = put(_floats(source, extents, share), source, np.float32, path)
        if extents is None or not extents.far():
            return made
        del made
        return put(_doubles(source), source, np.float64, path)
    finally:
        share.close()


def _floats(source: Source, extents: Extents | None, share: Share) -> Iterable[NDArray[Any]]:
    for lo, block in source.blocks():
        dense = block.toarray() if tables.is_sparse(block) else block
        made = sources.floats(dense, lo, source.name)
        if extents is not None:
            extents.add(dense, made)
        yield made
        share.add(len(made))


def _doubles(source: Source) -> Iterable[NDArray[Any]]:
    for _, block in source.blocks():
        yield np.require(block, np.float64, ["C_CONTIGUOUS", "ALIGNED"])


def put(blocks: Iterable[NDArray[Any]], source: Source, dtype: Any, path: Any, columns: int | None = None) -> Rows:
    """Blocks one after the other: in memory, or in a file that takes its name once it is
    whole. What has columns of its own is the caller's to write to."""
    shape = (source.shape[0], source.shape[1] if columns is None else columns)
    if path is not None:
        return _to_file(blocks, shape, dtype, path)
    _fits(source, shape[0] * shape[1] * np.dtype(dtype).itemsize, f"{shape[1]} as {np.dtype(dtype)}")
    out = arrays.Private(shape, dtype) if columns is None else np.empty(shape, dtype)
    at = 0
    for block in blocks:
        out[at : at + len(block)] = block
        at += len(block)
    out.flags.writeable = columns is not None
    return out


def _fits(source: Source, need: int, what: str) -> None:
    free = room.available()
    if need > free:
        error = MemoryLimitError(
            f"{source.name}: {source.shape[0]:,} x {what} take {room.shown(need)}, there are {room.shown(free)}; "
            f"opentsne_go.{'pca' if source.sparse else 'to_npy'}({source.name}, path=...) makes a file of them that is read where it lies"
        )
        error.argument = source.name
        raise error


def _to_file(blocks: Iterable[NDArray[Any]], shape: tuple[int, int], dtype: Any, path: Any) -> Rows:
    name = Path(os.fsdecode(arguments.path(path)))
    if name.suffix != ".npy":
        raise arguments.bad("path", str(name), "a name that ends in .npy")
    beside = name.with_name(f".{name.name}.{os.getpid()}.tmp")
    try:
        with open(beside, "xb") as to:
            head = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(to, head)
            to.writelines(np.ascontiguousarray(block, dtype).data for block in blocks)
        os.replace(beside, name)
    except OSError as error:
        if isinstance(error, FileAccessError):
            raise
        raise FileAccessError(f"path: {name}: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)
    mapped: Rows = np.load(name, mmap_mode="r")
    return mapped


def _compressed(value: Any, source: Source, verbose: Any) -> Any:
    """One CSR matrix of sparse rows, in their own type."""
    import scipy.sparse

    group = getattr(value, "group", None)
    if group is not None:
        entries = group["indices"]
        _fits(source, entries.shape[0] * (entries.dtype.itemsize + source.dtype.itemsize), "as CSR")
    share = Share(verbose, f"Reading {source.name}...", source.shape[0])
    parts: list[Any] = []
    ptr = np.zeros(source.shape[0] + 1, np.int64)
    try:
        for lo, block in source.blocks():
            csr = tables.sound(block, source.name).tocsr()
            parts.append((csr.indices, csr.data))
            ptr[lo + 1 : lo + 1 + csr.shape[0]] = ptr[lo] + csr.indptr[1:]
            share.add(csr.shape[0])
    finally:
        share.close()
    kind = np.result_type(*{one[0].dtype for one in parts}) if parts else np.int32
    if ptr[-1] > np.iinfo(np.int32).max:
        kind = np.dtype(np.int64)  # scipy has one type for both
    indices, values = np.empty(ptr[-1], kind), np.empty(ptr[-1], source.dtype)
    at = 0
    parts.reverse()
    while parts:  # which go as they are copied, so that there are no two of all
        columns, data = parts.pop()
        indices[at : at + len(columns)], values[at : at + len(columns)] = columns, data
        at += len(columns)
    return scipy.sparse.csr_matrix((values, indices, ptr.astype(kind)), shape=source.shape)


class Extents:
    """What is known of columns of doubles after a look at each value, to tell whether
    the library would count one from another zero: whether float32 rounds it, where it
    lies and how far it reaches."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.rows, d = shape
        self.rounded = np.zeros(d, bool)
        self.size, self.sum, self.squares = np.zeros(d), np.zeros(d), np.zeros(d)
        self.above, self.below = np.zeros(d), np.zeros(d)
        self.low, self.high = np.full(d, np.inf), np.full(d, -np.inf)
        self.zero: Any = None  # the first row, from which squares are counted

    def add(self, block: NDArray[Any], made: NDArray[np.float32]) -> None:
        """A block, and what float32 makes of it."""
        v = block.astype(np.float64, copy=False)
        if self.zero is None:
            self.zero = v[0].copy()
        self.rounded |= (made != v).any(axis=0)
        self.size += np.abs(v).sum(axis=0)
        self.above += (v > 0).sum(axis=0)
        self.below += (v < 0).sum(axis=0)
        np.minimum(self.low, v.min(axis=0), out=self.low)
        np.maximum(self.high, v.max(axis=0), out=self.high)
        v = v - self.zero
        self.sum += v.sum(axis=0)
        self.squares += (v * v).sum(axis=0)

    def far(self) -> bool:
        """Whether some column may be far from zero as the library has it: its values 32
        times nearer to their middle than to zero. Both are necessary for that: fewer than
        2 in 31 are not on the middle's side of zero, and the mean distance from any
        middle is no less than the variance by the range."""
        if not self.rows:
            return False
        share = 1 - np.maximum(self.above, self.below) / self.rows
        variance = np.maximum(self.squares - self.sum * self.sum / self.rows, 0)
        reach = np.maximum(self.high - self.low, np.finfo(float).tiny)
        return bool((self.rounded & (share < 2 / 31) & (31 * variance / reach < self.size)).any())
