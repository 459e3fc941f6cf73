"""Exceptions. Each is also the built-in exception that callers expect."""

from __future__ import annotations

from typing import Any

__all__ = [
    "Error",
    "InvalidInputError",
    "UnsupportedError",
    "MemoryLimitError",
    "EngineError",
    "FileAccessError",
    "ModelFileError",
    "NoDataError",
    "CancelledError",
    "OptimizationInterrupt",
]


class Error(Exception):
    """Base of what the library reports.

    Attributes
    ----------
    status : int
        The ``TSNE_E_...`` number of ``tsne.h``, or 0 when Python found it.
    argument : str or None
        The argument at fault; None if the error is of none, or of several.
    row, column : int or None
        Of the first value at fault, counted from 0.
    """

    status: int = 0
    argument: str | None = None
    row: int | None = None
    column: int | None = None

    def __reduce__(self) -> Any:
        # What carries exceptions between processes (tblib) makes others without their arguments, which MemoryError refuses.
        return type(self), self.args, self.__dict__


class InvalidInputError(Error, ValueError):
    """Data, a graph or an option that cannot be used; the text names it."""


class UnsupportedError(InvalidInputError, RuntimeError):
    """A method for more components than it makes: openTSNE's RuntimeError."""


class MemoryLimitError(Error, MemoryError):
    """The job needs more memory than the machine has free."""


class EngineError(Error, RuntimeError):
    """A misused handle, a forked process, or a defect in the library."""


class FileAccessError(Error, OSError):
    """A file that cannot be read or written."""


class ModelFileError(Error, ValueError):
    """A file that is no whole model of this version or an older one."""


class NoDataError(Error, ValueError):
    """The embedding has no reference data to place new points by."""


class CancelledError(Error, RuntimeError):
    """The call was stopped before it was done."""


class OptimizationInterrupt(InterruptedError):
    """A callback stopped the optimisation.

    Parameters
    ----------
    error, final_embedding
        The attributes.

    Attributes
    ----------
    error : float
        KL divergence of the embedding so far.
    final_embedding : TSNEEmbedding
        The embedding so far.
    """

    def __init__(self, error: float, final_embedding: Any) -> None:
        super().__init__("optimization stopped by a callback")
        self.error = error
        self.final_embedding = final_embedding
