"""The version, whose single home is the C header."""

from __future__ import annotations

import re
from pathlib import Path

_HERE = Path(__file__).resolve().parents[1]


def _header() -> Path:
    """tsne.h: beside the package when installed, else of the source tree."""
    beside = _HERE / "tsne.h"
    return beside if beside.exists() else _HERE.parents[1] / "include" / "tsne.h"


def _read() -> str:
    found = re.search(r'#define TSNE_VERSION "([^"]+)"', _header().read_text("utf-8"))
    if found is None:
        raise ImportError(f"no TSNE_VERSION in {_header()}")
    return found.group(1)


__version__ = _read()
