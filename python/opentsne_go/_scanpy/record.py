"""What ``uns`` says of a map: all that decides its bits."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from opentsne_go._embedding.used import used
from opentsne_go._native.library import lib
from opentsne_go._options import checked
from opentsne_go._options.settings import Settings


def sha256(values: Any) -> str:
    """Of an array's bytes, row by row."""
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def versions() -> dict[str, str]:
    """Of what computes."""
    return {"libtsne": lib().tsne_version().decode(), "numpy": np.__version__}


def plain(value: Any) -> Any:
    """A setting as a file of annotated data can have it; None where it cannot."""
    scalars = (bool, int, float, str, np.integer, np.floating)
    if isinstance(value, scalars):
        return value
    if isinstance(value, (list, tuple)):
        return list(value) if all(isinstance(one, scalars) for one in value) else None
    if callable(value) and hasattr(value, "__qualname__"):
        return f"{getattr(value, '__module__', '')}.{value.__qualname__}"
    return None


def asked(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as they were given: those that are arrays or objects are left out,
    and of a function there is its name."""
    found = {name: plain(value) for name, value in settings.items() if name != "callbacks"}
    return {name: value for name, value in found.items() if value is not None}


def data(use_rep: str, rows: Any) -> dict[str, Any]:
    """Which rows were taken, and how many columns of them."""
    return {"use_rep": use_rep, "columns": int(rows.shape[1])}


def record(embedding: Any, settings: Settings) -> dict[str, Any]:
    """Settings as the fit used them, with the iterations it made, versions, and the
    hash of the positions; of arrays that were given the hashes."""
    found = used(embedding)
    metric = settings.metric
    number = checked.METRICS.get(metric) if isinstance(metric, str) else None
    found["metric"] = plain(metric) if number is None else checked.METRIC_NAMES[number]
    params = {} if settings.metric_params is None else settings.metric_params
    for name, value in params.items():
        found[f"metric_params_{name}"] = _told(value)
    for name in ("initialization", "pull_y", "pull_weights"):
        value = getattr(settings, name)
        if value is not None and not isinstance(value, str):
            found[f"{name}_sha256"] = sha256(np.asarray(value, np.float32))
    found["iterations"] = int(embedding.n_iter)
    return {
        "used": {name: value for name, value in found.items() if value is not None},
        "versions": versions(),
        "sha256": sha256(np.asarray(embedding)),
    }


def _told(value: Any) -> Any:
    """A parameter of a metric, or what tells it from others."""
    if isinstance(value, np.ndarray):
        return sha256(value)
    known = plain(value)
    return repr(value) if known is None else known
