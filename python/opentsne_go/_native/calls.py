"""Calls of the library."""

from __future__ import annotations

from typing import Any

from .arrays import Data
from .library import lib
from .status import E_CANCELLED, check


def call(function: str, *arguments: Any) -> int:
    """Calls the library; raises unless it is done or was cancelled."""
    flat: list[Any] = []
    for one in arguments:
        if not isinstance(one, Data):
            flat.append(one)
            continue
        flat += one.arguments
        function += one.suffix
    status: int = getattr(lib(), function)(*flat)
    if status != E_CANCELLED:
        check(status)
    return status
