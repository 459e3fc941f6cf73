"""The C library: found, and loaded at first use."""

from __future__ import annotations

import ctypes as ct
import functools
import operator
import os
import sys
import sysconfig
import threading
from pathlib import Path
from typing import Any

from .._native.abi import *  # noqa: F403  the ABI's names are this module's
from .._native.version import __version__
from ..errors import (
    CancelledError,
    EngineError,
    Error,
    FileAccessError,
    InvalidInputError,
    MemoryLimitError,
    ModelFileError,
    NoDataError,
)

OK = 0
E_NOT_FINITE = -5
E_CANCELLED = -9

_EXCEPTIONS: dict[int, type[Error]] = {
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

_lock = threading.Lock()
_loaded: ct.CDLL | None = None
_pid = 0


def _file_name() -> str:
    if os.name == "nt":
        return "tsne.dll"
    return "libtsne.dylib" if sys.platform == "darwin" else "libtsne.so"


def _candidates() -> list[str]:
    """Where the library may be, in the order tried."""
    asked = os.environ.get("OPENTSNE_GO_LIBRARY")
    if asked:
        return [asked]
    here = Path(__file__).resolve().parents[1]
    name = _file_name()
    places = [str(here / name)]
    if (here.parents[1] / "include" / "tsne.h").exists():  # a source tree
        places.append(str(here.parents[1] / "build" / "lib" / name))
    return [*places, name]


def _open() -> ct.CDLL:
    tried = []
    for place in _candidates():
        try:
            return ct.CDLL(place)
        except OSError as error:
            tried.append(f"  {place}: {error}")
    if "musl" in (sysconfig.get_config_var("SOABI") or ""):
        raise ImportError(
            "opentsne_go does not work on musl libc (Alpine Linux): a Go shared "
            "library cannot be loaded there. Use a glibc-based image."
        )
    raise ImportError(
        "the tsne library cannot be loaded; tried\n"
        + "\n".join(tried)
        + "\nReinstall opentsne_go, or set OPENTSNE_GO_LIBRARY to the file."
    )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _declare(cdll: ct.CDLL) -> ct.CDLL:
    try:
        cdll.tsne_version.restype = ct.c_char_p
        version = cdll.tsne_version().decode()
    except AttributeError:
        raise ImportError(f"{cdll._name} is not the tsne library") from None
    # The promise of tsne.h: what was built for a version runs with later ones.
    if _number(version) < _number(__version__):
        raise ImportError(
            f"opentsne_go {__version__} found version {version} of its library at "
            f"{cdll._name}, and needs its own or a later one; reinstall it"
        )
    if cdll.tsne_abi() != ABI:
        raise ImportError(
            f"opentsne_go {__version__} found version {version} of its library at "
            f"{cdll._name}, which is too new for it: libtsne.so.{cdll.tsne_abi()}, "
            f"and it needs libtsne.so.{ABI}; install a later opentsne_go"
        )
    for name, (result, arguments) in PROTOTYPES.items():
        function = getattr(cdll, name)
        function.restype, function.argtypes = result, arguments
    return cdll


def lib() -> ct.CDLL:
    """The library, loaded at the first call in this process.

    Loading starts the Go runtime, whose threads do not survive a fork: hence
    not at import, and hence the error in a child.
    """
    global _loaded, _pid
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _pid = os.getpid()
                _loaded = _declare(_open())
    if os.getpid() != _pid:
        raise EngineError(
            f"opentsne_go was used in process {_pid} before it forked this one, and "
            "cannot be used here. Start workers with the 'spawn' or 'forkserver' "
            "method of multiprocessing, or with joblib's 'loky' backend."
        )
    return _loaded


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
    made = _EXCEPTIONS.get(status, EngineError)(in_python(text) or name)
    made.status = status
    return made


def check(status: int) -> None:
    """Raises the exception of a status that is not 0."""
    if status != OK:
        raise error(status)


def _made(structure: type[Any], init: str, fields: dict[str, Any]) -> Any:
    made = structure()
    check(getattr(lib(), init)(ct.byref(made), ct.sizeof(structure)))
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def options(**fields: Any) -> Options:
    """The library's defaults with some fields set."""
    made: Options = _made(Options, "tsne_options_init_sized", fields)
    return made


def transform_options(**fields: Any) -> TransformOptions:
    """The library's defaults of a transform with some fields set."""
    made: TransformOptions = _made(
        TransformOptions, "tsne_transform_options_init_sized", fields
    )
    return made


def superposition(**fields: Any) -> Superposition:
    """``TSNE_SUPERPOSITION_INIT`` with some fields set."""
    made: Superposition = _made(Superposition, "tsne_superposition_init_sized", fields)
    return made


class Handle:
    """Owns what a call of the library puts into ``pointer``, and frees it once.

    It is made before the call, so that there is no moment without an owner.
    ``__del__`` runs no bytecode: an interrupt there would be lost, and with it
    the handle.
    """

    __slots__ = ("pointer", "_free", "__weakref__")

    def __init__(self, free: str) -> None:
        self.pointer = ct.c_void_p()
        self._free = functools.partial(getattr(lib(), free), self.pointer)

    @property
    def out(self) -> Any:
        """For an argument that the library writes the handle to."""
        return ct.byref(self.pointer)

    __del__ = property(operator.attrgetter("_free"))
