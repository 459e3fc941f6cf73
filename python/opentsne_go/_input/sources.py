"""Data that lie elsewhere, in a file, a store or a graph of tasks, a block of rows at a time.

Objects of other packages are looked for only where their package has been imported: a
program that has none of them need not have the packages.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go.errors import Error, FileAccessError, InvalidInputError

from . import arguments, tables

#: Values of a block, unless the store keeps more of them together.
_VALUES = 1 << 22


def _error(name: str, text: str, kind: type[Error] = InvalidInputError) -> Error:
    error = kind(text)
    error.argument = name
    return error


@dataclass(frozen=True)
class Promised:
    """What is said of rows before any is read.

    Attributes
    ----------
    name : str
        The argument, for errors.
    shape : (n, d)
    dtype : numpy.dtype
    sparse : bool
        Whether blocks are scipy's.
    """

    name: str
    shape: tuple[int, int]
    dtype: Any
    sparse: bool

    def sound(self, lo: int, hi: int, take: Callable[[], Any]) -> Any:
        """What take gives, if it is the rows from lo to before hi that were promised; raises as `Source.blocks`."""
        rows = self._rows(lo, hi)
        block, d = self._read(take, rows), self.shape[1]
        if tables.is_sparse(block):
            block = block if self.sparse else block.toarray()
        else:
            block = np.asarray(block)
        if block.ndim != 2 or block.shape[1] != d:
            raise _error(self.name, f"{rows} have the shape {block.shape}, {hi - lo:,} x {d} promised")
        if block.shape[0] < hi - lo:
            self._whole(lo + block.shape[0])
        if block.shape[0] != hi - lo:
            raise _error(self.name, f"{rows} were asked for, {block.shape[0]:,} came")
        if block.dtype.newbyteorder("=") != self.dtype.newbyteorder("="):
            raise _error(self.name, f"{rows} are {block.dtype}, {self.dtype} promised")
        if block.dtype.kind not in "fiub":
            raise TypeError(f"{self.name}: got dtype {block.dtype}; allowed: real numbers")
        return block

    def _whole(self, rows: int) -> None:
        if rows < self.shape[0]:
            raise _error(self.name, f"{self.name}: the store shrank: {self.shape[0]:,} rows promised, {rows:,} read", FileAccessError)

    def _read(self, step: Callable[[], Any], what: str) -> Any:
        try:
            return step()
        except (MemoryError, InvalidInputError):
            raise
        except Exception as error:
            raise self._unread(error, what) from error

    def _rows(self, lo: int, hi: int) -> str:
        return f"{self.name}: rows {lo:,} to {hi - 1:,}"

    def _unread(self, error: Exception, what: str) -> Error:
        said = (str(error).strip() or "nothing").splitlines()[0]
        return _error(self.name, f"{what}: cannot be read: {type(error).__name__}: {said}", FileAccessError)

    def unread(self, error: Exception, lo: int, hi: int) -> Error:
        """What is raised where the rows from lo to before hi could not be had."""
        return self._unread(error, self._rows(lo, hi))


@dataclass(frozen=True)
class Source(Promised):
    """Rows that can be had a block at a time.

    Attributes
    ----------
    ends : callable
        The end of the block that begins at a row, so that what the store keeps
        together is read once.
    take : callable
        Rows from one to before another.
    now : callable
        The shape that the store has after all.
    lazily : callable or None
        Of a Dask array, what ``take`` computes.
    """

    ends: Callable[[int], int]
    take: Callable[[int, int], Any]
    now: Callable[[], tuple[int, ...]]
    lazily: Callable[[int, int], Any] | None = None

    def cuts(self) -> list[int]:
        """Where blocks begin, and the number of rows."""
        n, cuts = self.shape[0], [0]
        while cuts[-1] < n:
            cuts.append(min(n, max(cuts[-1] + 1, self.ends(cuts[-1]))))
        return cuts

    def blocks(self) -> Iterator[tuple[int, Any]]:
        """The first row of each block and the block, which has the shape and the
        type that were promised.

        Raises
        ------
        FileAccessError
            Rows cannot be read, or are no longer there.
        InvalidInputError
            A block is of another width or type.
        """
        for lo, hi in pairwise(self.cuts()):
            yield lo, self.sound(lo, hi, lambda lo=lo, hi=hi: self.take(lo, hi))  # type: ignore[misc]
        self._whole(self._read(self.now, self.name)[0])


def source(value: Any, name: str = "X", columns: int | None = None) -> Source | None:
    """Rows that lie elsewhere, or only their first columns; None for what is at hand.

    Those are HDF5 datasets, zarr arrays, Dask arrays of dense or CSR blocks, CSR data
    of backed AnnData, and memory maps of numbers that the library does not take as
    they lie.
    """
    for package, kind, make in _KINDS:
        if tables.is_a(value, package, kind):
            return make(value, name, columns)
    mapped = isinstance(value, np.memmap) and value.dtype not in (np.float32, np.float64)
    return at_hand(value, name, columns) if mapped and value.ndim == 2 else None


def at_hand(value: Any, name: str = "X", columns: int | None = None) -> Source:
    """Rows of an array or a sparse matrix as a source."""
    value = tables.sound(value, name).tocsr() if tables.is_sparse(value) else value
    return _sliced(value, name, columns, 1, lambda: value.shape, tables.is_sparse(value))


def chosen(source: Source, columns: NDArray[np.bool_]) -> Source:
    """Some columns of a source."""
    shape = source.shape[0], int(columns.sum())
    lazily = source.lazily and (lambda lo, hi: source.lazily(lo, hi)[:, columns])  # type: ignore[misc]
    return replace(source, shape=shape, take=lambda lo, hi: source.take(lo, hi)[:, columns], lazily=lazily)


def of(value: Any, name: str = "X") -> Source:
    """Rows of anything that has some."""
    value = opened(value, name)
    found = source(value, name)
    if found is not None:
        return found
    return at_hand(value if tables.is_sparse(value) else tables.plain(value, name), name)


def opened(value: Any, name: str = "X") -> Any:
    """What a path to .npy leads to, mapped for reading; anything else as it is."""
    if not isinstance(value, (str, os.PathLike)):
        return value
    path = os.fspath(value)
    if not str(path).endswith(".npy"):
        raise arguments.bad(name, path, "data, or the path of a file .npy")
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise _error(name, f"{name}: {path}: {error.strerror or error}", FileAccessError) from None
    except ValueError as error:  # numpy's, of a file that is cut short or of no numbers
        raise _error(name, f"{name}: {path}: {error}") from None


def _sliced(
    value: Any,
    name: str,
    columns: int | None,
    together: int,
    now: Callable[[], tuple[int, ...]],
    sparse: bool = False,
    filled: float | None = None,
) -> Source:
    """A source that is sliced, in whole times so many rows, of which each has so many values."""
    shape = _shape(lambda: value.shape, name, columns)
    wanted = int(max(1, _VALUES // max(1, shape[1] if filled is None else filled)))
    step = max(together, wanted // together * together)

    def take(lo: int, hi: int) -> Any:
        return value[lo:hi] if columns is None else value[lo:hi, :columns]

    return Source(name, shape, np.dtype(value.dtype), sparse, lambda lo: lo + step, take, now)


def _shape(of: Callable[[], Any], name: str, columns: int | None) -> tuple[int, int]:
    try:
        shape = of()
    except Exception as error:
        raise _error(name, f"{name}: cannot be read, its file is closed or gone ({error})", FileAccessError) from error
    if len(shape) != 2:
        raise _error(name, f"{name}: got {len(shape)} dimensions with shape {shape}; allowed: 2 (one row per point)")
    n, d = shape
    if columns is not None and columns > d:
        raise arguments.bad("n_pcs", columns, f"up to {d}, as {name} has")
    return int(n), int(d if columns is None else columns)


def _hdf5(value: Any, name: str, columns: int | None) -> Source:
    _shape(lambda: value.shape, name, columns)
    return _sliced(value, name, columns, (value.chunks or (1,))[0], lambda: value.shape)


def _zarr(value: Any, name: str, columns: int | None) -> Source:
    def now() -> tuple[int, ...]:
        # Chunks that are gone read as zeros, so the store is asked whether it is there.
        again = sys.modules["zarr"].open_array(store=value.store, path=value.path, mode="r")
        return tuple(again.shape)

    together = (getattr(value, "shards", None) or value.chunks or (1,))[0]
    return _sliced(value, name, columns, together, now)


def _dask(value: Any, name: str, columns: int | None) -> Source:
    if any(size != size for size in value.shape):  # of unknown length, as after a selection
        return at_hand(value.compute(), name, columns)
    shape = _shape(lambda: value.shape, name, columns)
    bounds = np.cumsum([0, *value.chunks[0]])
    wanted = max(1, _VALUES // max(1, shape[1]))

    def ends(lo: int) -> int:
        """As many whole chunks as make a block, one at least."""
        fitting = bounds[(bounds > lo) & (bounds <= lo + wanted)]
        return int(fitting[-1] if len(fitting) else bounds[bounds > lo][0])

    def lazily(lo: int, hi: int) -> Any:
        return value[lo:hi] if columns is None else value[lo:hi, :columns]

    take = lambda lo, hi: lazily(lo, hi).compute()
    return Source(name, shape, np.dtype(value.dtype), hasattr(value._meta, "tocsr"), ends, take, lambda: shape, lazily)


def _compressed(value: Any, name: str, columns: int | None) -> Source:
    if getattr(value, "format", "csr") != "csr":  # rows of columns in a file are all over it
        return at_hand(value.to_memory(), name, columns)
    n, _ = _shape(lambda: value.shape, name, columns)
    return _sliced(value, name, columns, 1, lambda: value.shape, True, value.group["indices"].shape[0] / max(1, n))


_KINDS: list[tuple[str, str, Callable[[Any, str, int | None], Source]]] = [
    ("h5py", "Dataset", _hdf5),
    ("zarr", "Array", _zarr),
    ("dask.array", "Array", _dask),
    ("anndata.abc", "CSRDataset", _compressed),
    ("anndata.abc", "CSCDataset", _compressed),
]


def floats(block: NDArray[Any], lo: int, name: str) -> NDArray[np.float32]:
    """A dense block as float32; the first value that is none is named by its row."""
    with np.errstate(over="ignore"):
        made = np.require(block, np.float32, ["C_CONTIGUOUS", "ALIGNED"])
    wrong = ~np.isfinite(made)
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        raise arguments.not_finite(name, lo + row, column, block[row, column])
    return made
