"""The C library: found, loaded at first use, and declared.

Every prototype of ``tsne.h`` is declared here and nowhere else.
"""

from __future__ import annotations

import ctypes as ct
import os
import sys
import sysconfig
import threading
import weakref
from pathlib import Path
from typing import Any

from ._version import __version__
from .errors import (
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

F32 = ct.POINTER(ct.c_float)
F64 = ct.POINTER(ct.c_double)
I32 = ct.POINTER(ct.c_int32)
I64 = ct.POINTER(ct.c_int64)
U64 = ct.POINTER(ct.c_uint64)


class Progress(ct.Structure):
    """``tsne_progress``."""

    _fields_ = [
        ("stage", ct.c_int32),
        ("dims", ct.c_int32),
        ("n", ct.c_int64),
        ("iteration", ct.c_int64),
        ("iterations", ct.c_int64),
        ("done", ct.c_double),
        ("kl", ct.c_double),
        ("exaggeration", ct.c_double),
        ("y", F32),
    ]


PROGRESS_FN = ct.CFUNCTYPE(ct.c_int, ct.POINTER(Progress), ct.c_void_p)
LOG_FN = ct.CFUNCTYPE(None, ct.c_int, ct.c_char_p, ct.c_void_p)


class Options(ct.Structure):
    """``tsne_options``. Make one with `options`."""

    _fields_ = [
        ("struct_size", ct.c_size_t),
        ("seed", ct.c_uint64),
        ("perplexities", F64),
        ("n_perplexities", ct.c_int64),
        ("perplexity", ct.c_double),
        ("init_y", F32),
        ("early_iterations", ct.c_int64),
        ("iterations", ct.c_int64),
        ("early_exaggeration", ct.c_double),
        ("exaggeration", ct.c_double),
        ("learning_rate", ct.c_double),
        ("early_momentum", ct.c_double),
        ("momentum", ct.c_double),
        ("max_step_norm", ct.c_double),
        ("theta", ct.c_double),
        ("neighbors_effort", ct.c_double),
        ("max_memory", ct.c_uint64),
        ("cancel", I32),
        ("progress", PROGRESS_FN),
        ("progress_user", ct.c_void_p),
        ("progress_every", ct.c_int64),
        ("log", LOG_FN),
        ("log_user", ct.c_void_p),
        ("dims", ct.c_int32),
        ("threads", ct.c_int32),
        ("init", ct.c_int32),
        ("neighbors", ct.c_int32),
        ("repulsion", ct.c_int32),
        ("reserved", ct.c_int32),
        ("dof", ct.c_double),
        ("max_grad_norm", ct.c_double),
        ("sigma", ct.c_double),
        ("auto_stop", ct.c_double),
        ("density_lambda", ct.c_double),
        ("density_fraction", ct.c_double),
        ("density_shift", ct.c_double),
        ("k", ct.c_int64),
        ("sample_size", ct.c_int64),
        ("anneal_iterations", ct.c_int64),
        ("metric", ct.c_int32),
        ("affinity", ct.c_int32),
        ("keep_data", ct.c_int32),
        ("reserved2", ct.c_int32),
    ]


class TransformOptions(ct.Structure):
    """``tsne_transform_options``. Make one with `transform_options`."""

    _fields_ = [
        ("struct_size", ct.c_size_t),
        ("seed", ct.c_uint64),
        ("init_y", F32),
        ("columns", I32),
        ("n_columns", ct.c_int64),
        ("k", ct.c_int64),
        ("early_iterations", ct.c_int64),
        ("iterations", ct.c_int64),
        ("perplexity", ct.c_double),
        ("early_exaggeration", ct.c_double),
        ("exaggeration", ct.c_double),
        ("learning_rate", ct.c_double),
        ("early_momentum", ct.c_double),
        ("momentum", ct.c_double),
        ("max_grad_norm", ct.c_double),
        ("max_step_norm", ct.c_double),
        ("theta", ct.c_double),
        ("neighbors_effort", ct.c_double),
        ("max_memory", ct.c_uint64),
        ("cancel", I32),
        ("progress", PROGRESS_FN),
        ("progress_user", ct.c_void_p),
        ("progress_every", ct.c_int64),
        ("log", LOG_FN),
        ("log_user", ct.c_void_p),
        ("threads", ct.c_int32),
        ("placement", ct.c_int32),
        ("metric", ct.c_int32),
        ("neighbors", ct.c_int32),
        ("repulsion", ct.c_int32),
        ("reserved", ct.c_int32),
    ]


class Superposition(ct.Structure):
    """``tsne_superposition``. Make one with `superposition`."""

    _fields_ = [
        ("struct_size", ct.c_size_t),
        ("rotation", ct.c_double * 9),
        ("from", ct.c_double * 3),
        ("to", ct.c_double * 3),
        ("scale", ct.c_double),
        ("disparity", ct.c_double),
        ("dims", ct.c_int32),
        ("reflected", ct.c_int32),
    ]


INIT = {"pca": 0, "random": 1, "given": 2, "spectral": 3, "sample": 4}
METRICS = {
    "euclidean": 1,
    "cosine": 2,
    "correlation": 3,
    "manhattan": 4,
    "chebyshev": 5,
    "hamming": 6,
}
AFFINITY = {"perplexity": 0, "multiscale": 1, "uniform": 2, "fixed_sigma": 3}
PLACEMENT = {"median": 0, "weighted": 1, "given": 2}
PROCRUSTES_SCALE, PROCRUSTES_NO_REFLECTION, PROCRUSTES_TO_FIRST = 1, 2, 4
NEIGHBORS = {"auto": 0, "exact": 1, "approx": 2}
REPULSION = {"auto": 0, "exact": 1, "bh": 2, "fft": 3}
STAGES = ("neighbors", "affinities", "init", "optimize")
LOG_WARNING = 1

_OPTIONS = ct.POINTER(Options)
_TRANSFORM = ct.POINTER(TransformOptions)
_SUPERPOSITION = ct.POINTER(Superposition)
_HANDLE = ct.c_void_p
_OUT_HANDLE = ct.POINTER(ct.c_void_p)
_INT, _LONG, _REAL = ct.c_int, ct.c_int64, ct.c_double

PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "tsne_options_init": (_INT, [_OPTIONS]),
    "tsne_transform_options_init": (_INT, [_TRANSFORM]),
    "tsne_superposition_init": (_INT, [_SUPERPOSITION]),
    "tsne_version": (ct.c_char_p, []),
    "tsne_version_number": (_INT, []),
    "tsne_cpu": (ct.c_char_p, []),
    "tsne_last_error": (ct.c_char_p, []),
    "tsne_status_name": (ct.c_char_p, [_INT]),
    "tsne_fit": (_INT, [F32, _OUT_HANDLE, F32, _LONG, _LONG, _OPTIONS]),
    "tsne_estimate_memory": (_INT, [U64, _LONG, _LONG, _OPTIONS]),
    "tsne_neighbors": (_INT, [I32, F32, F32, _LONG, _LONG, _LONG, _OPTIONS]),
    "tsne_affinities_from_data": (_INT, [_OUT_HANDLE, F32, _LONG, _LONG, _OPTIONS]),
    "tsne_affinities_from_neighbors": (
        _INT,
        [_OUT_HANDLE, I32, F32, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_affinities_from_csr": (_INT, [_OUT_HANDLE, I64, I32, F32, _LONG]),
    "tsne_affinities_size": (_INT, [I64, I64, _HANDLE]),
    "tsne_affinities_copy": (_INT, [I64, I32, F32, _HANDLE]),
    "tsne_affinities_free": (None, [_HANDLE]),
    "tsne_initialize": (_INT, [F32, F32, _LONG, _LONG, _OPTIONS]),
    "tsne_gradient": (_INT, [F32, F64, F32, _HANDLE, _OPTIONS]),
    "tsne_model_new": (_INT, [_OUT_HANDLE, F32, _HANDLE, _OPTIONS]),
    "tsne_model_optimize": (
        _INT,
        [F32, F64, _HANDLE, _LONG, _REAL, _REAL, _REAL, _OPTIONS],
    ),
    "tsne_model_info": (_INT, [I64, I32, I64, F64, _HANDLE]),
    "tsne_model_embedding": (_INT, [F32, _HANDLE]),
    "tsne_model_affinities": (_INT, [_OUT_HANDLE, _HANDLE]),
    "tsne_model_clone": (_INT, [_OUT_HANDLE, _HANDLE]),
    "tsne_model_free": (None, [_HANDLE]),
    "tsne_neighbors_of_distances": (_INT, [I32, F32, F32, _LONG, _LONG, _OPTIONS]),
    "tsne_affinities_from_distances": (_INT, [_OUT_HANDLE, F32, _LONG, _OPTIONS]),
    "tsne_spectral": (_INT, [F32, _HANDLE, _OPTIONS]),
    "tsne_reduce": (_INT, [F32, F32, _LONG, _LONG, _LONG, _OPTIONS]),
    "tsne_reduce_csr": (
        _INT,
        [F32, I64, I32, F32, _LONG, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_model_set_data": (_INT, [_HANDLE, F32, _LONG, _LONG, _INT]),
    "tsne_model_data": (_INT, [F32, I64, I32, _HANDLE]),
    "tsne_model_save": (_INT, [_HANDLE, ct.c_char_p]),
    "tsne_model_load": (_INT, [_OUT_HANDLE, ct.c_char_p, _OPTIONS]),
    "tsne_model_save_bytes": (_INT, [ct.c_void_p, U64, _HANDLE]),
    "tsne_model_load_bytes": (
        _INT,
        [_OUT_HANDLE, ct.c_void_p, ct.c_uint64, _OPTIONS],
    ),
    "tsne_transform": (
        _INT,
        [F32, _OUT_HANDLE, _HANDLE, F32, _LONG, _LONG, _TRANSFORM],
    ),
    "tsne_partial_optimize": (
        _INT,
        [F32, F64, _HANDLE, _LONG, _REAL, _REAL, _REAL, _TRANSFORM],
    ),
    "tsne_partial_info": (_INT, [I64, I32, I64, F64, _HANDLE]),
    "tsne_partial_embedding": (_INT, [F32, _HANDLE]),
    "tsne_partial_clone": (_INT, [_OUT_HANDLE, _HANDLE]),
    "tsne_partial_free": (None, [_HANDLE]),
    "tsne_bootstrap": (
        _INT,
        [F32, F32, F32, _HANDLE, F32, _LONG, _LONG, _LONG, _TRANSFORM],
    ),
    "tsne_align": (
        _INT,
        [F32, _OUT_HANDLE, F64, F64, _HANDLE, F32, _LONG, _LONG, _TRANSFORM, _OPTIONS],
    ),
    "tsne_procrustes": (_INT, [_SUPERPOSITION, F32, F32, _LONG, ct.c_int32, _INT]),
    "tsne_procrustes_labels": (
        _INT,
        [_SUPERPOSITION, F32, I32, _LONG, F32, I32, _LONG, ct.c_int32, _INT],
    ),
    "tsne_procrustes_many": (
        _INT,
        [F32, F32, F64, _LONG, _LONG, ct.c_int32, _INT],
    ),
    "tsne_superpose": (_INT, [F32, _LONG, _SUPERPOSITION]),
    "tsne_shared_neighbors": (
        _INT,
        [F64, F32, F32, _LONG, ct.c_int32, _LONG, _OPTIONS],
    ),
    "tsne_quality": (
        _INT,
        [F64, F64, F64, F32, _LONG, _LONG, F32, ct.c_int32, I32, _OPTIONS],
    ),
    "tsne_live_handles": (_LONG, []),
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
    here = Path(__file__).resolve().parent
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


def _declare(cdll: ct.CDLL) -> ct.CDLL:
    try:
        cdll.tsne_version.restype = ct.c_char_p
        version = cdll.tsne_version().decode()
    except AttributeError:
        raise ImportError(f"{cdll._name} is not the tsne library") from None
    if version != __version__:
        raise ImportError(
            f"opentsne_go {__version__} found version {version} of its library at "
            f"{cdll._name}; reinstall it"
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
                _loaded = _declare(_open())
                _pid = os.getpid()
    if os.getpid() != _pid:
        raise EngineError(
            f"opentsne_go was used in process {_pid} before it forked this one, and "
            "cannot be used here. Start workers with the 'spawn' or 'forkserver' "
            "method of multiprocessing, or with joblib's 'loky' backend."
        )
    return _loaded


def error(status: int) -> Error:
    """The exception of a status; only on the thread whose call returned it."""
    library = lib()
    text = library.tsne_last_error().decode("utf-8", "replace")
    name = library.tsne_status_name(status).decode()
    made = _EXCEPTIONS.get(status, EngineError)(text or name)
    made.status = status
    return made


def check(status: int) -> None:
    """Raises the exception of a status that is not 0."""
    if status != OK:
        raise error(status)


def _made(structure: type[Any], init: str, fields: dict[str, Any]) -> Any:
    made = structure()
    check(getattr(lib(), init)(ct.byref(made)))
    if made.struct_size != ct.sizeof(structure):
        raise EngineError(
            f"{init} gives {made.struct_size} bytes, and {ct.sizeof(structure)} are "
            "known here; reinstall opentsne_go"
        )
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def options(**fields: Any) -> Options:
    """The library's defaults with some fields set."""
    made: Options = _made(Options, "tsne_options_init", fields)
    return made


def transform_options(**fields: Any) -> TransformOptions:
    """The library's defaults of a transform with some fields set."""
    made: TransformOptions = _made(
        TransformOptions, "tsne_transform_options_init", fields
    )
    return made


def superposition(**fields: Any) -> Superposition:
    """``TSNE_SUPERPOSITION_INIT`` with some fields set."""
    made: Superposition = _made(Superposition, "tsne_superposition_init", fields)
    return made


class Handle:
    """Owns an opaque pointer of the library and frees it once."""

    __slots__ = ("pointer", "__weakref__")

    def __init__(self, pointer: ct.c_void_p, free: str) -> None:
        self.pointer = pointer
        finalizer = weakref.finalize(self, _free, free, pointer.value, os.getpid())
        finalizer.atexit = False


def _free(name: str, pointer: int | None, pid: int) -> None:
    if os.getpid() == pid and _loaded is not None:
        getattr(_loaded, name)(pointer)
