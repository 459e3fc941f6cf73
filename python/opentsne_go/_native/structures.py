"""Structures of the library with its defaults in them."""

from __future__ import annotations

import ctypes as ct
from typing import Any

from .abi import Diagnosis, Superposition
from .library import lib
from .options import Options, TransformOptions
from .status import check


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


def diagnosis(**fields: Any) -> Diagnosis:
    """``TSNE_DIAGNOSIS_INIT`` with some fields set."""
    made = Diagnosis()  # all zero but for the size
    made.struct_size = ct.sizeof(Diagnosis)
    for name, value in fields.items():
        setattr(made, name, value)
    return made
