"""Rows of a file that workers map, in place of a copy that each is sent."""

from __future__ import annotations

import os
import zlib
from typing import Any

import numpy as np

from opentsne_go._native.arrays import Rows
from opentsne_go.errors import InvalidInputError

from .workers import Filed

#: Bytes of a file that are looked at together.
_PIECE = 1 << 24


def mapped_by_all(client: Any, x: Rows) -> Filed | None:
    """What stands for rows that are mapped for reading, if all workers have their file; else None."""
    root: Any = x
    while isinstance(root.base, np.ndarray):
        root = root.base
    if not isinstance(root, np.memmap) or root.mode != "r" or root.filename is None or not x.flags.c_contiguous:
        return None
    name, first = os.fspath(root.filename), root.offset + x.ctypes.data - root.ctypes.data

    def there(name: str, size: int) -> bool:  # travels as code, which asks nothing of the worker
        path = __import__("os").path
        return bool(path.exists(name) and path.getsize(name) >= size)

    if not all(client.run(there, name, first + x.nbytes).values()):
        return None
    return Filed(_rows, (name, first, x.shape, x.dtype, _checksum(x)))


def _rows(name: str, first: int, shape: tuple[int, int], dtype: Any, checksum: int) -> Rows:
    """The rows, if they are those that the client has."""
    rows: Rows = np.memmap(name, dtype, "r", first, shape).view(np.ndarray)
    if _checksum(rows) != checksum:
        raise InvalidInputError(f"X: {name} has other values on a worker; allowed: one file that all see, as it stands")
    return rows


def _checksum(rows: Rows) -> int:
    made, values = 0, rows.reshape(-1).view(np.uint8)
    for lo in range(0, len(values), _PIECE):
        made = zlib.crc32(values[lo : lo + _PIECE].data, made)
    return made
