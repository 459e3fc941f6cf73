"""Which value is not finite, where Python itself is to compute with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from opentsne_go._native.arrays import Float32

from . import arguments, tables


def not_finite(original: Any, x: Float32, name: str) -> Exception:
    """The error for the first NaN or Inf of x, which was made from original."""
    row, column = np.argwhere(~np.isfinite(x))[0].tolist()
    return arguments.not_finite(name, row, column, tables.as_array(original, name)[row, column])
