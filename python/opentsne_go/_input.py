"""Turning what users pass into float32 arrays, and their errors into words."""

from __future__ import annotations

import ctypes as ct
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _lib
from .errors import InvalidInputError

Float32 = NDArray[np.float32]

_FLOAT32_MAX = float(np.finfo(np.float32).max)


def pointer(array: NDArray[Any], kind: Any) -> Any:
    """The array's memory as a ctypes pointer; the caller keeps the array."""
    return array.ctypes.data_as(kind)


def bad(name: str, got: object, allowed: str) -> ValueError:
    """The error for an argument out of range."""
    return InvalidInputError(f"{name}: got {got!r}; allowed: {allowed}")


def matrix(value: Any, name: str = "X") -> Float32:
    """A table of numbers as float32, C-contiguous; float32 ones are not copied.

    Raises
    ------
    TypeError
        Sparse, object, string, date or complex data.
    ValueError
        Not two-dimensional, ragged, masked, or beyond float32's range.
    """
    array = _as_array(value, name)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name}: got dtype {array.dtype}; allowed: real numbers")
    if array.ndim != 2:
        raise InvalidInputError(
            f"{name}: got {array.ndim} dimensions with shape {array.shape}; "
            "allowed: 2 (one row per point); reshape(-1, 1) makes one column"
        )
    with np.errstate(over="ignore"):
        return np.require(array, np.float32, ["C_CONTIGUOUS", "ALIGNED"])


def is_sparse(value: Any) -> bool:
    """Whether value is a scipy.sparse matrix or array, or one like them."""
    return hasattr(value, "tocsr")


def sparse(value: Any, name: str) -> Any:
    """A sparse table as CSR without duplicates, its numbers checked."""
    csr = value.tocsr()
    if csr.dtype.kind not in "fiub":
        raise TypeError(f"{name}: got dtype {csr.dtype}; allowed: real numbers")
    if not csr.has_canonical_format:
        csr = csr.copy()
        csr.sum_duplicates()
    wrong = np.flatnonzero(~np.isfinite(csr.data))
    if wrong.size:
        row = int(np.searchsorted(csr.indptr, wrong[0], side="right")) - 1
        column = int(csr.indices[wrong[0]])
        raise InvalidInputError(
            f"{name}[{row}, {column}] (row {row}, column {column}) is {csr.data[wrong[0]]}"
        )
    return csr


def _as_array(value: Any, name: str) -> NDArray[Any]:
    home = type(value).__module__.partition(".")[0]
    if is_sparse(value):
        raise TypeError(
            f"{name}: got a sparse matrix ({type(value).__name__}); allowed: a dense "
            "one, such as its first 50 principal components or X.toarray()"
        )
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise InvalidInputError(f"{name}: got masked values; allowed: none missing")
    if home == "pandas" and hasattr(value, "columns"):
        return _from_pandas(value, name)
    try:
        return np.asarray(value)
    except ValueError as error:
        raise InvalidInputError(
            f"{name}: rows of different lengths, or not numbers ({error})"
        ) from None


def _from_pandas(frame: Any, name: str) -> NDArray[Any]:
    for label, dtype in frame.dtypes.items():
        if getattr(dtype, "kind", "O") not in "fiub":
            raise TypeError(
                f"{name}: column {label!r} has dtype {dtype}; allowed: real numbers"
            )
    array = np.asarray(frame)
    if array.dtype == object:  # pandas' own nullable types
        array = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    return array


def not_finite(original: Any, x: Float32, name: str) -> Exception:
    """The error for the first NaN or Inf of x, which was made from original."""
    for start in range(0, x.shape[0], 4096):
        rows, columns = np.nonzero(~np.isfinite(x[start : start + 4096]))
        if rows.size:
            row, column = start + int(rows[0]), int(columns[0])
            break
    else:
        return InvalidInputError(f"{name}: contains NaN or Inf")
    value = _as_array(original, name)[row, column]
    message = f"{name}[{row}, {column}] (row {row}, column {column}) is {value}"
    if np.isfinite(value):
        message += f"; float32 reaches {_FLOAT32_MAX:.4g} only: scale the data"
    error = InvalidInputError(message)
    error.status = _lib.E_NOT_FINITE
    return error


def start(value: Any, n: int, dims: int, name: str = "initialization") -> Float32:
    """Given positions, checked, as float32."""
    y = matrix(value, name)
    if y.shape != (n, dims):
        raise bad(name, y.shape, f"an array of shape ({n}, {dims})")
    if not np.isfinite(y).all():
        raise not_finite(value, y, name)
    return y


def whole(name: str, value: Any, low: int) -> int:
    """An integer at least low."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise bad(name, value, f"an integer from {low} up")
    if value < low:
        raise bad(name, value, f"an integer from {low} up")
    return int(value)


def real(name: str, value: Any, above: float, below: float, allowed: str) -> float:
    """A finite number strictly between two others."""
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(
        value, bool
    ):
        if above < float(value) < below:
            return float(value)
    raise bad(name, value, allowed)


def choice(name: str, value: Any, known: dict[str, str]) -> str:
    """The plain name that an alias stands for."""
    if isinstance(value, str) and value in known:
        return known[value]
    raise bad(name, value, ", ".join(map(repr, known)))


def threads(n_jobs: int | None) -> int:
    """joblib's convention as the library's: 0 is all processors."""
    if n_jobs is None or n_jobs == -1:
        return 0
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0:
        raise bad(
            "n_jobs", n_jobs, "a count, -1 for all processors, -2 for all but one"
        )
    if n_jobs > 0:
        return min(int(n_jobs), 2**31 - 1)
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:
        processors = os.cpu_count() or 1
    return max(1, processors + 1 + int(n_jobs))


def seed(random_state: Any) -> int:
    """A seed drawn from what scikit-learn and numpy call a random state."""
    if random_state is None or random_state is np.random:
        random_state = np.random.mtrand._rand
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(0, 2**32, dtype=np.uint64))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(0, 2**63))
    if (
        isinstance(random_state, (int, np.integer))
        and not isinstance(random_state, bool)
        and 0 <= random_state < 2**64
    ):
        return int(random_state)
    raise bad(
        "random_state",
        random_state,
        "None, an integer from 0 up, a RandomState or a Generator",
    )


def doubles(values: list[float]) -> Any:
    """A ctypes array of double."""
    return (ct.c_double * len(values))(*values)
