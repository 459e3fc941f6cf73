"""The C library: found, and loaded at first use."""

from __future__ import annotations

import ctypes as ct
import os
import sys
import sysconfig
import threading
from pathlib import Path

from opentsne_go.errors import EngineError

from .abi import ABI, PROTOTYPES
from .version import __version__

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
