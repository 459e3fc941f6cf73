"""Positions that points are to start from."""

from __future__ import annotations

from typing import Any

import numpy as np

from opentsne_go._native.arrays import Float32

from . import arguments
from .blame import not_finite
from .tables import matrix


def given_positions(value: Any, n: int, dims: int, name: str = "initialization") -> Float32:
    """Given positions, checked, as float32."""
    y = matrix(value, name)
    if y.shape != (n, dims):
        raise arguments.bad(name, y.shape, f"an array of shape ({n}, {dims})")
    if not np.isfinite(y).all():
        raise not_finite(value, y, name)
    return y
