"""What the library makes and Python owns."""

from __future__ import annotations

import ctypes as ct
import functools
import operator
from typing import Any

from .library import lib


class Handle:
    """Owns what a call of the library puts into ``pointer``, and frees it once.

    It is made before the call, so that there is no moment without an owner.
    ``__del__`` runs no bytecode: an interrupt there would be lost, and with it
    the handle. ``lent`` is memory that the library reads as long as the handle lives.
    """

    __slots__ = ("pointer", "lent", "_free", "__weakref__")

    def __init__(self, free: str) -> None:
        self.pointer = ct.c_void_p()
        self.lent: Any = None
        self._free = functools.partial(getattr(lib(), free), self.pointer)

    @property
    def out(self) -> Any:
        """For an argument that the library writes the handle to."""
        return ct.byref(self.pointer)

    __del__ = property(operator.attrgetter("_free"))
