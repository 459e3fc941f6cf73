"""Affinities of several perplexities over one search."""

from __future__ import annotations

import ctypes as ct
from typing import Any

import numpy as np

from opentsne_go._native import arrays, choices, kinds, structures
from opentsne_go._native.arrays import Rows
from opentsne_go._native.calls import call
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import run
from opentsne_go._options import checked
from opentsne_go.nearest_neighbors import index_of_rows

from . import kinds as affinity_kinds
from .base import Affinities
from .native import NativeAffinities
from .recipe import Recipe


def of_each(
    x: Rows, lists: list[list[float]], watch: Watch, **fields: Any
) -> list[Affinities]:
    """Affinities of rows for each list of perplexities, with the bits of a fit of each.

    fields are those of the library's options; memory is held against the fits too.
    """
    options = structures.options(**fields)
    made = [NativeAffinities() for _ in lists]
    handles = (ct.c_void_p * len(lists))()
    values = arrays.doubles([one for some in lists for one in some])
    lengths = np.array([len(some) for some in lists], np.int64)

    def work() -> None:
        how = values, arrays.pointer(lengths, kinds.I64), len(lists), ct.byref(options)
        call("tsne_affinities_of_each", handles, arrays.Data(x), *how)
        for one, handle in zip(made, handles, strict=True):
            one.handle.pointer.value = handle

    run(work, options, watch)
    n = len(x)
    most = (n - 1) / 3
    kind = checked.name_of(choices.AFFINITY, fields["affinity"])
    metric = checked.METRIC_NAMES[fields["metric"]]
    k = fields["k"] or None
    recipes = [Recipe(some, kind, k, None, [min(one, most) for one in some]) for some in lists]
    return [
        affinity_kinds.of_model(one, recipe, fields["threads"] or -1, lambda count, _: index_of_rows(x, count, metric))
        for one, recipe in zip(made, recipes, strict=True)
    ]


def can(metric: Any, kind: str) -> bool:
    """Whether the library can: the metric is its own, and perplexities shape the affinities."""
    return isinstance(metric, str) and metric in checked.METRICS and kind not in choices.AFFINITY_TAKES
