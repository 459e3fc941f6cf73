"""Which value of the data an error of the library is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._native.arrays import Rows
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import run
from opentsne_go._native.status import E_NOT_FINITE
from opentsne_go.errors import InvalidInputError

from . import tables

_FLOAT32_MAX = float(np.finfo(np.float32).max)


def holds(x: Rows) -> NDArray[np.bool_]:
    """Which values are finite as float32."""
    with np.errstate(over="ignore"):
        return np.isfinite(x.astype(np.float32, copy=False))


def not_finite(original: Any, x: Rows, name: str) -> Exception:
    """The error for the first NaN or Inf of x, which was made from original."""
    for start in range(0, x.shape[0], 4096):
        rows, columns = np.nonzero(~holds(x[start : start + 4096]))
        if rows.size:
            row, column = start + int(rows[0]), int(columns[0])
            break
    else:
        return InvalidInputError(f"{name}: contains NaN or Inf")
    value = tables.as_array(original, name)[row, column]
    message = f"{name}[{row}, {column}] (row {row}, column {column}) is {value}"
    if np.isfinite(float(value)):
        message += f"; float32 reaches {_FLOAT32_MAX:.4g} only: scale the data"
    error = InvalidInputError(message)
    error.status = E_NOT_FINITE
    return error


def run_on(
    original: Any,
    x: Rows | None,
    work: Any,
    options: Any,
    watch: Any = None,
    uses: Sequence[Any] = (),
) -> Any:
    """`run`, with the place and value of a NaN or Inf in the data's own words."""
    try:
        return run(work, options, watch if watch is not None else Watch(), uses)
    except InvalidInputError as error:
        if error.status == E_NOT_FINITE and x is not None and not holds(x).all():
            raise not_finite(original, x, "X") from None
        raise
