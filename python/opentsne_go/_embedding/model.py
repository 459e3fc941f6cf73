"""Models of the library: their owner, and what they remember of the data."""

from __future__ import annotations

import ctypes as ct

import numpy as np

from .._neighbors import search as _graph
from .._input import tables as _input
from .._options import fields as _knobs
from .._native import library as _lib
from .._neighbors.search import call, floats
from .._native.running import refuse, run
from ..errors import NoDataError
from ..nearest_neighbors import KNNIndex


def model_handle() -> _lib.Handle:
    """Owner of a ``tsne_model`` to come."""
    return _lib.Handle("tsne_model_free")


def model_data(model: _lib.Handle) -> tuple[_input.Rows, str] | None:
    """A copy of the data that a model has, and the metric's name."""
    refuse(model)
    d, metric = ct.c_int64(), ct.c_int32()
    n = ct.c_int64()
    try:
        call("tsne_model_data", None, ct.byref(d), ct.byref(metric), model.pointer)
    except NoDataError:
        return None
    call("tsne_model_info", ct.byref(n), None, None, None, model.pointer)
    center = np.empty(d.value)
    call("tsne_model_center", _input.pointer(center, _lib.F64), model.pointer)
    x = np.empty((n.value, d.value), np.float64 if center.any() else np.float32)
    if center.any():
        at = _input.pointer(x, _lib.F64)
        order = _graph.order(x)
        run(lambda: call("tsne_model_data_f64", at, order, None, None, model.pointer))
    else:
        run(lambda: call("tsne_model_data", floats(x), None, None, model.pointer))
    return x, _knobs.METRIC_NAMES[metric.value or 1]


def index_of_model(model: _lib.Handle, k: int) -> KNNIndex | None:
    """The neighbours' index of a model that has data."""
    found = model_data(model)
    if found is None:
        return None
    x, metric = found
    index = KNNIndex(x, k, metric)
    index._names = model_names(model)
    return index


def model_names(model: _lib.Handle) -> list[str] | None:
    """The names of the columns of the data that a model has."""
    size = ct.c_uint64()
    call("tsne_model_names", None, ct.byref(size), model.pointer)
    if not size.value:
        return None
    room = ct.create_string_buffer(size.value)
    call("tsne_model_names", room, ct.byref(size), model.pointer)
    return room.raw[: size.value - 1].decode().split("\0")


def name_columns(model: _lib.Handle, names: list[str] | None) -> None:
    """Gives a model that has data the names of their columns."""
    if names is not None:
        texts = (ct.c_char_p * len(names))(*(one.encode() for one in names))
        call("tsne_model_set_names", model.pointer, texts, len(names))


def give_data(
    model: _lib.Handle, old: _lib.Handle | None, data: _input.Rows, names: list[str] | None
) -> None:
    """Gives a new model the data of an old one or, if there is none, these."""
    if old is not None:
        try:
            call("tsne_model_share_data", model.pointer, old.pointer)
            return
        except NoDataError:
            pass
    if data.dtype == np.float32:
        call("tsne_model_set_data", model.pointer, floats(data), *data.shape, 1)
    else:
        call("tsne_model_set_data", model.pointer, _graph.Data(data))
    name_columns(model, names)
