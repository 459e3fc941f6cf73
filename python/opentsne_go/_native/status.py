"""A status of the library as an exception, in Python's words."""

from __future__ import annotations

import ctypes as ct
from typing import NamedTuple

from opentsne_go.errors import (
    CancelledError,
    EngineError,
    Error,
    FileAccessError,
    InvalidInputError,
    MemoryLimitError,
    ModelFileError,
    NoDataError,
)

from . import abi
from .library import lib
from .options import ARGUMENTS

OK = 0
E_NOT_FINITE = -5
E_CANCELLED = -9
EXCEPTIONS: dict[int, type[Error]] = {
    -1: EngineError,  # TSNE_E_NULL
    -2: EngineError,  # TSNE_E_STRUCT_SIZE
    -3: EngineError,  # TSNE_E_HANDLE
    -4: InvalidInputError,  # TSNE_E_SHAPE
    E_NOT_FINITE: InvalidInputError,
    -6: InvalidInputError,  # TSNE_E_OPTION
    -7: InvalidInputError,  # TSNE_E_GRAPH
    -8: MemoryLimitError,  # TSNE_E_MEMORY
    E_CANCELLED: CancelledError,
    -10: EngineError,  # TSNE_E_FORKED
    -11: FileAccessError,  # TSNE_E_IO
    -12: ModelFileError,  # TSNE_E_FILE
    -13: NoDataError,  # TSNE_E_NO_DATA
}

#: What Python calls the library's options, arguments and functions where that
#: differs.
_NAMES = {
    **ARGUMENTS,
    "x": "X",
    "q": "query",
    "b": "n_samples",
    "tsne_model_set_data": "a fit of data, saved with them,",
}
_VALUES = {"NaN": "nan", "+Inf": "inf", "-Inf": "-inf"}


class Told(NamedTuple):
    """What the library said last, in Python's words."""

    text: str
    argument: str | None
    row: int | None
    column: int | None


def told() -> Told:
    """The last error of this thread or, while a line is logged, that line."""
    detail = abi.Detail(struct_size=ct.sizeof(abi.Detail))
    lib().tsne_last_error_detail(ct.byref(detail))
    text = "".join(_in_python(part) for part in detail.parts[: detail.n_parts])
    argument = detail.argument.decode()
    return Told(
        text,
        _named(argument) or None,
        detail.row if detail.row >= 0 else None,
        detail.column if detail.column >= 0 else None,
    )


def _named(name: str) -> str:
    """Python's name of an argument, or of one of several: ``x[1]``."""
    base, bracket, number = name.partition("[")
    return _NAMES.get(base, base) + bracket + number


def _in_python(part: abi.Part) -> str:
    text: str = part.text.decode("utf-8", "replace")
    if part.kind == abi.PART_NAME:
        return _named(text)
    return _VALUES.get(text, text) if part.kind == abi.PART_VALUE else text


def error(status: int) -> Error:
    """The exception of a status; only on the thread whose call returned it."""
    said = told()
    made = EXCEPTIONS.get(status, EngineError)(said.text or lib().tsne_status_name(status).decode())
    made.status = status
    made.argument, made.row, made.column = said[1:]
    return made


def check(status: int) -> None:
    """Raises the exception of a status that is not 0."""
    if status != OK:
        raise error(status)
