"""Dask arrays of rows, and their blocks as a task sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from opentsne_go._input import tables
from opentsne_go.errors import Error, InvalidInputError


def is_dask(value: Any) -> bool:
    """Whether value is a Dask array."""
    return tables.is_a(value, "dask.array", "Array")


def in_rows(x: Any, name: str = "X") -> Any:
    """A Dask array whose blocks are whole rows of numbers.

    Raises
    ------
    ValueError
        It is cut along its columns, in scanpy's words, or has not two dimensions.
    TypeError
        Its type is no number's.
    """
    if x.ndim != 2:
        raise InvalidInputError(f"{name}: got {x.ndim} dimensions; allowed: 2 (one row per point)")
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name}: got dtype {x.dtype}; allowed: real numbers")
    if x.numblocks[1] != 1:
        raise InvalidInputError(
            "Only dask arrays with chunking along the first axis are supported. "
            f"Got chunksize {x.chunksize} with shape {x.shape}. "
            "Rechunking should be simple and cost nothing from AnnData's on-disk format when the on-disk layout has this chunking."
        )
    return x


def no_rows(x: Any) -> Any:
    """None of the rows of a Dask array, as its blocks are: dense or CSR."""
    meta = x._meta
    if tables.is_sparse(meta):
        return type(meta)((0, x.shape[1]), dtype=x.dtype)
    return np.empty((0, x.shape[1]), x.dtype)


def whole(x: Any) -> Any:
    """Rows in memory: a Dask array is computed, anything else is as it is."""
    return x.compute() if is_dask(x) else x


@dataclass(frozen=True)
class Block:
    """Where a block stands in its array, and what the array says of it."""

    number: int
    first: int | None  # of its rows; None where sizes are not known
    columns: int
    dtype: np.dtype[Any]
    name: str = "X"

    def checked(self, rows: Any) -> Any:
        """The rows, if they are what the array says."""
        if len(rows.shape) != 2 or rows.shape[1] != self.columns or rows.dtype != self.dtype:
            got = f"{rows.dtype} of shape {rows.shape}"
            raise InvalidInputError(
                f"{self.name}: block {self.number} is {got}, want {self.dtype} of {self.columns} columns, as the array says"
            )
        return rows

    def named(self, error: Error) -> Error:
        """An error of the block's rows as one of the array's."""
        if error.row is None:
            return error
        was = f"row {error.row}"
        now = f"block {self.number}, {was} of it" if self.first is None else f"row {self.first + error.row}"
        made = type(error)(str(error).replace(was, now, 1))
        made.status, made.argument, made.column = error.status, error.argument, error.column
        made.row = None if self.first is None else self.first + error.row
        return made


def block_of(info: Any, x: Any) -> Block:
    """The block that Dask's ``block_info`` is of, x being what `told` says of its array."""
    first = info["array-location"][0][0]
    known = first == first
    return Block(int(info["chunk-location"][0]), int(first) if known else None, *x)


def told(x: Any) -> tuple[int, np.dtype[Any]]:
    """What each block of a Dask array must be: its columns and its type."""
    return int(x.shape[1]), x.dtype
