"""A status of the library as an exception, in Python's words."""

from __future__ import annotations

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

from .library import lib

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

#: Arguments by the names of the options that they are for the library. Most
#: are checked before; the library finds what only the data tell.
_ARGUMENTS = {
    "early_iterations": "early_exaggeration_iter",
    "iterations": "n_iter",
    "early_momentum": "initial_momentum",
    "dims": "n_components",
    "init": "initialization",
    "init_y": "initialization",
    "placement": "initialization",
    "repulsion": "negative_gradient_method",
    "threads": "n_jobs",
    "seed": "random_state",
    "perplexities": "perplexity",
    "affinity_k": "k_neighbors",
    "b": "n_samples",
}
_NO_DATA = "tsne_model_set_data gives it some"


def in_python(text: str) -> str:
    """The library's text with the argument's name for the option's."""
    name, colon, rest = text.partition(": ")
    text = _ARGUMENTS.get(name, name) + colon + rest
    return text.replace(_NO_DATA, "maps of data have them, unless they were saved without")


def error(status: int) -> Error:
    """The exception of a status; only on the thread whose call returned it."""
    library = lib()
    text = library.tsne_last_error().decode("utf-8", "replace")
    name = library.tsne_status_name(status).decode()
    made = EXCEPTIONS.get(status, EngineError)(in_python(text) or name)
    made.status = status
    return made


def check(status: int) -> None:
    """Raises the exception of a status that is not 0."""
    if status != OK:
        raise error(status)
