"""Tables that users pass, as the library takes them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._native.arrays import Float32, Rows
from opentsne_go.errors import InvalidInputError

from . import arguments


def matrix(value: Any, name: str = "X") -> Float32:
    """A table of numbers as float32, C-contiguous; float32 ones are not copied.

    Raises
    ------
    TypeError
        Sparse, object, string, date or complex data.
    ValueError
        Not two-dimensional, ragged, masked, or beyond float32's range.
    """
    with np.errstate(over="ignore"):
        return np.require(plain(value, name), np.float32, ["C_CONTIGUOUS", "ALIGNED"])


def data(value: Any, name: str = "X") -> Rows:
    """`matrix` for data: float64 ones, and numbers that float32 may not hold, are
    left to the library to round. Those are C- or Fortran-contiguous."""
    array = plain(value, name)
    if np.can_cast(array.dtype, np.float32):
        return np.require(array, np.float32, ["C_CONTIGUOUS", "ALIGNED"])
    with np.errstate(over="ignore"):
        array = np.require(array, np.float64, ["ALIGNED"])
    return array if array.flags.f_contiguous else np.ascontiguousarray(array)


def plain(value: Any, name: str) -> NDArray[Any]:
    """A two-dimensional array of real numbers."""
    array = as_array(value, name)
    if array.dtype == object:
        array = _numbers(array, name)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name}: got dtype {array.dtype}; allowed: real numbers")
    if array.ndim != 2:
        raise InvalidInputError(
            f"{name}: got {array.ndim} dimensions with shape {array.shape}; "
            f"allowed: 2 (one row per point){_RESHAPE.get(min(array.ndim, 3), '')}"
        )
    return array


_RESHAPE = {
    1: "; reshape(1, -1) makes one row, reshape(-1, 1) one column",
    3: "; reshape(len(X), -1) makes one row of each X[i]",
}


def _numbers(array: NDArray[Any], name: str) -> NDArray[np.float64]:
    """Python objects that are numbers, None being none."""
    out = np.empty(array.shape)
    for at, value in np.ndenumerate(array):
        try:
            if isinstance(value, (type(None), str, bytes, np.datetime64, np.timedelta64)):
                raise TypeError
            out[at] = float(value)
        except (TypeError, ValueError, OverflowError):
            place = ", ".join(f"{what} {i}" for what, i in zip(("row", "column"), at, strict=False))
            raise TypeError(
                f"{name}: got dtype object, and {place or name} is {value!r:.80}; "
                "allowed: real numbers"
            ) from None
    return out


def is_a(value: Any, package: str, kind: str) -> bool:
    """Whether value is of a class of an optional package, loaded if there is one."""
    loaded = sys.modules.get(package)
    return loaded is not None and isinstance(value, getattr(loaded, kind))


def is_sparse(value: Any) -> bool:
    """Whether value is a scipy.sparse matrix or array, or one like them."""
    return hasattr(value, "tocsr")


def sparse(value: Any, name: str) -> Any:
    """A sparse table as CSR without duplicates, its numbers checked."""
    csr = sound(value, name).tocsr()
    if csr.dtype.kind not in "fiub":
        raise TypeError(f"{name}: got dtype {csr.dtype}; allowed: real numbers")
    if not csr.has_canonical_format:
        csr = csr.copy()
        csr.sum_duplicates()
    wrong = np.flatnonzero(~np.isfinite(csr.data))
    if wrong.size:
        row = int(np.searchsorted(csr.indptr, wrong[0], side="right")) - 1
        column = int(csr.indices[wrong[0]])
        raise arguments.not_finite(name, row, column, csr.data[wrong[0]])
    return csr


def sound(value: Any, name: str) -> Any:
    """A sparse matrix as it is, once its indices are known to lie within it:
    scipy's own code relies on them."""
    fault = _fault(value)
    if fault:
        raise InvalidInputError(f"{name}: a corrupt sparse matrix: {fault}")
    return value


def _fault(value: Any) -> str:
    """What is wrong with the arrays of a sparse matrix; "" if nothing is."""
    form, shape = getattr(value, "format", ""), value.shape
    if len(shape) != 2:
        return f"it has {len(shape)} dimensions, not 2"
    if form == "coo":
        size = len(value.data)
        for axis, where in enumerate((value.row, value.col)):
            if len(where) != size:
                return f"{len(where)} indices for {size} values"
            if size and not 0 <= int(where.min()) <= int(where.max()) < shape[axis]:
                return f"an index is outside 0 to {shape[axis] - 1}"
        return ""
    if form not in ("csr", "csc", "bsr"):
        return ""
    ptr, indices, data = value.indptr, value.indices, value.data
    block = data.shape[1:] if form == "bsr" else (1, 1)
    rows, columns = (n // b for n, b in zip(shape[:: -1 if form == "csc" else 1], block, strict=True))
    for one, what in ((ptr, "indptr"), (indices, "indices")):
        if one.ndim != 1 or one.dtype.kind not in "iu":
            return f"{what} is {one.ndim}-dimensional, of {one.dtype}"
    if len(ptr) != rows + 1:
        return f"indptr has {len(ptr)} entries, not {rows + 1}"
    if ptr[0] != 0 or (ptr[1:] < ptr[:-1]).any():
        return "indptr does not ascend from 0"
    size = int(ptr[-1])
    if size > min(len(indices), len(data)):
        return f"{size} entries by indptr, {len(indices)} indices and {len(data)} values"
    used = indices[:size]
    if size and not 0 <= int(used.min()) <= int(used.max()) < columns:
        return f"an index is outside 0 to {columns - 1}"
    return ""


#: What somebody means by AnnData in the place of data, of positions, of labels.
_DATA = "an array, such as adata.obsm['X_pca']; opentsne_go.tl.tsne(adata) takes it whole"
POSITIONS = "positions, such as adata.obsm['X_tsne']"
LABELS = "labels, such as a column of adata.obs"


def unannotated(value: Any, name: str, meant: str = _DATA) -> Any:
    """The value, but for AnnData, which numpy would take apart cell by cell for minutes."""
    if is_a(value, "anndata", "AnnData"):
        raise TypeError(f"{name}: got AnnData; allowed: {meant}")
    return value


def as_array(value: Any, name: str) -> NDArray[Any]:
    if is_sparse(value):
        raise TypeError(
            f"{name}: got a sparse matrix ({type(value).__name__}); allowed: a dense "
            "one, such as its first 50 principal components or X.toarray()"
        )
    unannotated(value, name)
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise InvalidInputError(f"{name}: got masked values; allowed: none missing")
    if is_a(value, "pandas", "DataFrame"):
        return _from_pandas(value, name)
    try:
        return np.asarray(value)
    except ValueError as error:
        raise InvalidInputError(
            f"{name}: rows of different lengths, or not numbers ({error})"
        ) from None


def _from_pandas(frame: Any, name: str) -> NDArray[Any]:
    for column, (label, dtype) in enumerate(frame.dtypes.items()):
        if dtype == np.dtype(object):
            _numbers(np.asarray(frame.iloc[:, column]), f"{name}: column {label!r}")
        elif getattr(dtype, "kind", "O") not in "fiub":
            raise TypeError(
                f"{name}: column {label!r} has dtype {dtype}; allowed: real numbers"
            )
    array = np.asarray(frame)
    if array.dtype == object:  # pandas' own nullable types
        array = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    return array


def names(value: Any, name: str = "X") -> list[str] | None:
    """The names of a table's columns; None for an array, and for a table whose
    columns are only numbered."""
    if isinstance(value, np.ndarray) or is_sparse(value) or not hasattr(value, "columns"):
        return None
    labels = list(value.column_names if hasattr(value, "column_names") else value.columns)
    if all(isinstance(one, int) for one in labels) and labels == list(range(len(labels))):
        return None
    found = [str(one) for one in labels]
    for one in found:
        if "\0" in one or one.encode(errors="replace").decode() != one:
            raise arguments.bad(f"{name}.columns", one, "text that UTF-8 can hold, without NUL")
    return found


def in_order(
    value: Any, known: list[str] | None, name: str = "X", owner: str = "the map's data"
) -> Any:
    """A table with its columns in the order of known names, which are owner's;
    anything without names as it is."""
    own = names(value, name)
    if known is None or own is None or own == known:
        return value
    for whose, some in ((f"{name} has", own), (f"those of {owner} have", known)):
        if len(set(some)) < len(some):
            twice = next(one for at, one in enumerate(some) if one in some[:at])
            raise InvalidInputError(
                f"{name}: columns are matched by name, and {whose} {twice!r} twice"
            )
    place = {one: at for at, one in enumerate(own)}
    for one in known:
        if one not in place:
            raise InvalidInputError(f"{name}: column {one!r} of {owner} is not there")
    for one in set(own) - set(known):
        raise InvalidInputError(f"{name}: column {one!r} is not one of {owner}")
    order = [place[one] for one in known]
    return value.iloc[:, order] if hasattr(value, "iloc") else np.asarray(value)[:, order]
