"""Positions that points are to start from or to be held at."""

from __future__ import annotations

from typing import Any

import numpy as np

from opentsne_go._native.arrays import Float32

from . import arguments
from .blame import finite
from .tables import as_array, matrix


def given_positions(value: Any, n: int, dims: int, name: str = "initialization") -> Float32:
    """Given positions, checked, as float32."""
    y = matrix(value, name)
    if y.shape != (n, dims):
        raise arguments.bad(name, y.shape, f"an array of shape ({n}, {dims})")
    finite(value, y, name)
    return y


def given_weights(value: Any, n: int, name: str) -> Float32:
    """One weight a point, 0 or more, as float32."""
    w = as_array(value, name)
    if w.shape != (n,) or w.dtype.kind not in "biuf":
        raise arguments.bad(name, w.shape, f"an array of shape ({n},), of numbers")
    wrong = np.flatnonzero(~(w >= 0))
    if len(wrong):
        raise arguments.bad(name, f"{w[wrong[0]]} in row {wrong[0]}", "0 or more; infinity pins")
    return np.ascontiguousarray(w, np.float32)
