"""What memory there is."""

from __future__ import annotations

import ctypes as ct

from .calls import call


def available() -> int:
    """Bytes that this process can still take, as far as anything says."""
    room = ct.c_uint64()
    call("tsne_available_memory", ct.byref(room))
    return room.value


def shown(size: int) -> str:
    """Bytes as one reads them."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{max(1, round(size / 2**20))} MiB"
