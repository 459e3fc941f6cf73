"""Models of the library: their owner, and what they remember of the data."""

from __future__ import annotations

import ctypes as ct
from typing import Any

import numpy as np

from opentsne_go._affinity.recipe import Recipe
from opentsne_go._native import arrays, choices, kinds, structures
from opentsne_go._native.arrays import Rows
from opentsne_go._native.calls import call
from opentsne_go._native.handles import Handle
from opentsne_go._native.running import refuse, run
from opentsne_go._options import checked
from opentsne_go.errors import NoDataError
from opentsne_go.nearest_neighbors import KNNIndex, index_of_rows


def model_handle() -> Handle:
    """Owner of a ``tsne_model`` to come."""
    return Handle("tsne_model_free")


def model_data(model: Handle) -> tuple[Rows, str] | None:
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
    call("tsne_model_center", arrays.pointer(center, kinds.F64), model.pointer)
    x = np.empty((n.value, d.value), np.float64 if center.any() else np.float32)
    if center.any():
        at = arrays.pointer(x, kinds.F64)
        order = arrays.order(x)
        run(lambda: call("tsne_model_data_f64", at, None, None, model.pointer, order))
    else:
        run(lambda: call("tsne_model_data", arrays.floats(x), None, None, model.pointer))
    return x, checked.METRIC_NAMES[metric.value or 1]


def index_of_model(model: Handle, k: int, axes: Any) -> KNNIndex | None:
    """The neighbours' index of a model that has data, reduced along axes if not None."""
    found = model_data(model)
    if found is None:
        return None
    x, metric = found
    return index_of_rows(x, k, metric, model_names(model), axes)


def model_options(model: Handle) -> Any:
    """The library's options with those that a model goes by."""
    options = structures.options()
    call("tsne_model_options", ct.byref(options), model.pointer)
    return options


def model_recipe(model: Handle, axes: Any = None) -> Recipe:
    """How the affinities of a model were made; axes are those of sparse data."""
    options = model_options(model)
    return Recipe(
        asked_perplexities(model),
        checked.name_of(choices.AFFINITY, options.affinity),
        options.k or None,
        options.sigma or None,
        _perplexities(model, asked=0),
        axes,
    )


def asked_perplexities(model: Handle) -> list[float]:
    """Those that a model was to have."""
    return _perplexities(model, asked=1)


def _perplexities(model: Handle, asked: int) -> list[float]:
    """Those of a model, as they were asked for or as they were lowered."""
    count = ct.c_int64()
    call("tsne_model_perplexities", None, ct.byref(count), model.pointer, asked)
    values = arrays.doubles([0.0] * count.value)
    call("tsne_model_perplexities", values, ct.byref(count), model.pointer, asked)
    return list(values)


def model_names(model: Handle) -> list[str] | None:
    """The names of the columns of the data that a model has."""
    return _texts("tsne_model_names", model)


def row_names(model: Handle) -> list[str] | None:
    """The names of the points of a model."""
    return _texts("tsne_model_row_names", model)


def _texts(function: str, model: Handle) -> list[str] | None:
    size = ct.c_uint64()
    call(function, None, ct.byref(size), model.pointer)
    if not size.value:
        return None
    room = ct.create_string_buffer(size.value)
    call(function, room, ct.byref(size), model.pointer)
    return room.raw[: size.value - 1].decode().split("\0")


def name_columns(model: Handle, names: list[str] | None) -> None:
    """Gives a model that has data the names of their columns."""
    if names is not None:
        call("tsne_model_set_names", model.pointer, _pointers(names), len(names))


def name_rows(model: Handle, names: list[str] | None) -> None:
    """Gives a model the names of its points, or takes them off."""
    given = None if names is None else _pointers(names)
    call("tsne_model_set_row_names", model.pointer, given, len(names or ()))


def _pointers(names: list[str]) -> Any:
    return (ct.c_char_p * len(names))(*(one.encode() for one in names))


def give_data(
    model: Handle, old: Handle | None, data: Rows, names: list[str] | None
) -> None:
    """Gives a new model the data of an old one or, if there is none, these."""
    if old is not None:
        try:
            call("tsne_model_share_data", model.pointer, old.pointer)
            model.lent = old.lent
            return
        except NoDataError:
            pass
    if data.dtype == np.float32:
        lent = arrays.lent(data)
        call("tsne_model_set_data", model.pointer, arrays.floats(data), *data.shape, int(not lent))
        model.lent = data if lent else None
    else:
        call("tsne_model_set_data", model.pointer, arrays.Data(data))
    name_columns(model, names)
