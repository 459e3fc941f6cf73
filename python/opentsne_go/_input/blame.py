"""Which value is not finite, where Python itself is to compute with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from opentsne_go._native.arrays import Rows

from . import arguments, tables


def finite(original: Any, x: Rows, name: str) -> None:
    """Refuses the first NaN or Inf of x, which was made from original."""
    if np.isfinite(x).all():
        return
    row, column = np.argwhere(~np.isfinite(x))[0].tolist()
    raise arguments.not_finite(name, row, column, tables.as_array(original, name)[row, column])
