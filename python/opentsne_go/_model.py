"""Models of the library: their owner, and what they remember of the data."""

from __future__ import annotations

import ctypes as ct

import numpy as np

from . import _input, _knobs, _lib
from ._graph import call, floats
from ._run import refuse, run
from .errors import NoDataError
from .nearest_neighbors import KNNIndex


def model_handle() -> _lib.Handle:
    """Owner of a ``tsne_model`` to come."""
    return _lib.Handle("tsne_model_free")


def model_data(model: _lib.Handle) -> tuple[_input.Float32, str] | None:
    """A copy of the data that a model has, and the metric's name."""
    refuse(model)
    d, metric = ct.c_int64(), ct.c_int32()
    n = ct.c_int64()
    try:
        call("tsne_model_data", None, ct.byref(d), ct.byref(metric), model.pointer)
    except NoDataError:
        return None
    call("tsne_model_info", ct.byref(n), None, None, None, model.pointer)
    x = np.empty((n.value, d.value), np.float32)
    run(lambda: call("tsne_model_data", floats(x), None, None, model.pointer))
    return x, _knobs.METRIC_NAMES[metric.value or 1]


def index_of_model(model: _lib.Handle, k: int) -> KNNIndex | None:
    """The neighbours' index of a model that has data."""
    found = model_data(model)
    if found is None:
        return None
    x, metric = found
    return KNNIndex(x, k, metric)
