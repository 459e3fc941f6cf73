"""Classes of points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import arguments


def codes(labels: Any, n: int, name: str = "labels") -> NDArray[np.int32]:
    """Labels of any kind as numbers from 0; missing ones are -1."""
    values = np.asarray(labels)
    if values.ndim != 1 or len(values) != n:
        raise arguments.bad(name, f"shape {values.shape}", f"{n} labels, one for each point")
    missing = values != values
    if values.dtype == object:
        missing = missing | np.array([one is None for one in values])
    words = values.astype(str) if values.dtype == object else values
    found = np.unique(words, return_inverse=True)[1].reshape(n).astype(np.int32)
    found[np.asarray(missing, bool)] = -1
    return found
