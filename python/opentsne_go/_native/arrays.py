"""Arrays as the library's functions take them: pointers, and the caller keeps what they point at."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import abi, kinds

Float32 = NDArray[np.float32]

#: Data: float32, or float64 for what float32 may not hold.
Rows = NDArray[Any]


def pointer(array: NDArray[Any], kind: Any) -> Any:
    """The array's memory as a ctypes pointer; the caller keeps the array."""
    return array.ctypes.data_as(kind)


def floats(array: Float32) -> Any:
    """The array's memory for a ``float *`` argument."""
    return pointer(array, kinds.F32)


def doubles(values: list[float]) -> Any:
    """A ctypes array of double."""
    return (ct.c_double * len(values))(*values)


def pointers(several: Sequence[NDArray[Any]]) -> Any:
    """The arrays' memory as a list of pointers; the caller keeps the arrays."""
    return (ct.c_void_p * len(several))(*(one.ctypes.data for one in several))


class Private(np.ndarray):
    """An array of the package's own, which owns its memory and to which nobody writes."""


def lent(rows: Rows) -> bool:
    """Whether nobody writes to these floats, so that a model need not copy them: they are the package's own, or of a file that numpy has mapped for reading."""
    base: Any = rows
    while base is not None and not isinstance(base, (np.memmap, Private)):
        base = getattr(base, "base", None)
    return base is not None and rows.dtype == np.float32 and (isinstance(base, Private) or base.mode == "r")


class Data:
    """Rows as `call` takes them: of doubles they make it call what takes those."""

    def __init__(self, rows: Rows) -> None:
        kind = kinds.F64 if rows.dtype == np.float64 else kinds.F32
        self.suffix = "_f64" if kind is kinds.F64 else ""
        self.arguments = [pointer(rows, kind), *rows.shape]
        if self.suffix:
            self.arguments.append(order(rows))


def order(rows: Rows) -> int:
    """How doubles lie in memory: an ``enum tsne_order``."""
    return abi.ORDER["row" if rows.flags.c_contiguous else "column"]
