"""What the structures of ``tsne.h`` are made of."""

from __future__ import annotations

import ctypes as ct
import functools
from typing import Any

F32 = ct.POINTER(ct.c_float)
F64 = ct.POINTER(ct.c_double)
I32 = ct.POINTER(ct.c_int32)
I64 = ct.POINTER(ct.c_int64)
U64 = ct.POINTER(ct.c_uint64)


class Progress(ct.Structure):
    """``tsne_progress``."""

    _fields_ = [
        ("stage", ct.c_int32),
        ("dims", ct.c_int32),
        ("n", ct.c_int64),
        ("iteration", ct.c_int64),
        ("iterations", ct.c_int64),
        ("done", ct.c_double),
        ("kl", ct.c_double),
        ("exaggeration", ct.c_double),
        ("y", F32),
    ]


PROGRESS_FN = ct.CFUNCTYPE(ct.c_int, ct.POINTER(Progress), ct.c_void_p)
LOG_FN = ct.CFUNCTYPE(None, ct.c_int, ct.c_char_p, ct.c_void_p)


@functools.cache
def _ranges(structure: type[ct.Structure]) -> dict[str, tuple[int, int]]:
    """What the integers of a structure can hold."""
    found = {}
    for name, kind, *_ in structure._fields_:
        bits = 8 * ct.sizeof(kind)
        if kind in (ct.c_int32, ct.c_int64):
            found[name] = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        elif kind in (ct.c_uint64, ct.c_size_t):
            found[name] = 0, 2**bits - 1
    return found


class Keeping(ct.Structure):
    """Keeps what its pointers point at: ctypes forgets whose memory it is."""

    def __setattr__(self, name: str, value: Any) -> None:
        range_ = _ranges(type(self)).get(name)
        if range_ and not range_[0] <= value <= range_[1]:  # ctypes would wrap it
            raise OverflowError(f"{name}: {value} is outside {range_[0]} to {range_[1]}")
        super().__setattr__(name, value)
        self.__dict__.setdefault("_kept", {})[name] = value
