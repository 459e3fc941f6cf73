"""A finished map that takes new points in, and a part of one fitted anew."""

from __future__ import annotations

import ctypes as ct
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opentsne_go._input import arguments, tables
from opentsne_go._input.blame import finite
from opentsne_go._native import arrays, choices, kinds, structures
from opentsne_go._native.arrays import Float32
from opentsne_go._native.calls import call
from opentsne_go._native.handles import Handle
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import run
from opentsne_go._native.status import E_CANCELLED, error
from opentsne_go._options import checked, job, schedule
from opentsne_go._options.settings import Settings

from .model import asked_perplexities, model_handle, model_options
from .optimizable import OptimizableEmbedding, standing
from .placing import new_points
from .steps import Step, steps_to

E = TypeVar("E", bound=OptimizableEmbedding)

#: What becomes of the points that are there, as the library has it.
_HOLDS = {"pinned": math.inf, "held": 1.0, "free": 0.0}


@dataclass
class _Fit:
    """A fit of a map's own rows, perhaps with others."""

    reference: OptimizableEmbedding
    options: Any
    descent: dict[str, Any]
    watch: Watch
    random_state: Any
    model: Handle
    uses: Any

    def run(self, y: Float32, function: Callable[[Handle], int], make: Callable[..., E], step: Step) -> E:
        """The embedding that a call of the library makes, with its positions in y."""
        steps = (*steps_to(self.reference), step)
        axes, names = self.reference._recipe.axes, self.reference.feature_names

        def work() -> E:
            made = model_handle()
            status = function(made)
            if status == E_CANCELLED and not made.pointer:
                raise error(status)
            of = model_options(made)
            frame = checked.name_of(choices.PULL_FRAME, of.pull_frame)
            descent = {**self.descent, "pull": of.pull or None, "pull_frame": frame}
            return make(
                y, made, self.random_state, descent, axes=axes, run=self.watch.run, names=names, steps=steps
            )

        try:
            return run(work, self.options, self.watch, self.uses)
        finally:
            self.watch.close()


def _fit(reference: OptimizableEmbedding, tsne: Settings | None, n: int, early: bool) -> _Fit:
    """What the settings ask of n points; None: as the map was made."""
    model, uses = standing(reference)
    if tsne is None:
        descent = dict(reference.gradient_descent_params)
        options = model_options(model)
        for name, value in checked.perplexity_fields(asked_perplexities(model)).items():
            setattr(options, name, value)
        options.threads = arguments.threads(descent["n_jobs"])
        every = int(checked.going_on("callbacks_every_iters", descent["callbacks_every_iters"]))
        first = int(options.early_iterations) * early
        watch = Watch(descent["verbose"], checked.callbacks(descent["callbacks"]), every, [0, first])
        options.progress_every = watch.report_every()
        return _Fit(reference, options, descent, watch, reference.random_state, model, uses)
    tsne = job.settings(tsne)
    dims = checked.dims(tsne.n_components)
    if dims != reference.shape[1]:
        raise arguments.bad("n_components", dims, f"{reference.shape[1]}, as the map has")
    job.by_the_library(tsne)
    descent, fields = job.descent_and_fields(tsne)
    watch = job.watch(tsne, schedule.settled(fields, n)["early_iterations"] if early else 0)
    options = structures.options(
        progress_every=watch.report_every(), **checked.for_points(fields, tsne.k, n)
    )
    return _Fit(reference, options, descent, watch, tsne.random_state, model, uses)


def update(
    reference: OptimizableEmbedding, X: Any, hold: Any, tsne: Settings | None, make: Callable[..., E]
) -> E:
    """`TSNEEmbedding.update`."""
    if isinstance(hold, str):
        weight = _HOLDS[arguments.choice("hold", hold, {name: name for name in _HOLDS})]
    else:
        value = arguments.number(hold)
        if value is None or not value >= 0:
            raise arguments.bad("hold", hold, "'pinned', 'held', 'free', or a weight, 0 or more")
        weight = float(value)
    x = new_points(reference, X, 1, "median", None, None, {}).x
    if not len(x):
        raise arguments.bad("X", x.shape, "1 row or more")
    n = len(reference) + len(x)
    fit = _fit(reference, tsne, n, early=False)
    y = np.empty((n, reference.shape[1]), np.float32)
    data, options = arrays.Data(x), ct.byref(fit.options)

    def work(made: Handle) -> int:
        return call(
            "tsne_update", arrays.floats(y), made.out, fit.model.pointer, data, weight, options
        )

    held: Any = next((name for name, one in _HOLDS.items() if one == weight), weight)
    return fit.run(y, work, make, {"call": "update", "new": len(x), "hold": held})


def zoom(
    reference: OptimizableEmbedding, rows: Any, tsne: Settings | None, make: Callable[..., E]
) -> E:
    """`TSNEEmbedding.zoom`."""
    chosen = row_numbers(rows, len(reference))
    if len(chosen) < 4:
        raise arguments.bad("rows", f"{len(chosen)} rows", "4 or more")
    fit = _fit(reference, tsne, len(chosen), early=True)
    y = np.empty((len(chosen), reference.shape[1]), np.float32)
    data = arrays.pointer(chosen, kinds.I32), len(chosen), ct.byref(fit.options)

    def work(made: Handle) -> int:
        return call("tsne_zoom", arrays.floats(y), None, made.out, fit.model.pointer, *data)

    return fit.run(y, work, make, {"call": "zoom", "points": len(chosen)})


def put_back(reference: OptimizableEmbedding, rows: Any, part: ArrayLike) -> Float32:
    """`TSNEEmbedding.put_back`."""
    chosen = row_numbers(rows, len(reference))
    y = tables.matrix(part, "part")
    finite(part, y, "part")
    if y.shape != (len(chosen), reference.shape[1]):
        raise arguments.bad("part", y.shape, f"an array of shape {(len(chosen), reference.shape[1])}")
    whole = np.array(reference)
    whole[chosen] = y
    return whole


def row_numbers(rows: Any, n: int) -> NDArray[np.int32]:
    """Different rows of n, given by number or by a mask."""
    given = np.asarray(tables.unannotated(rows, "rows", "row numbers or a mask"))
    if given.shape == (n,) and given.dtype == bool:
        return np.flatnonzero(given).astype(np.int32)
    if given.ndim != 1 or given.dtype.kind not in "iu":
        got = f"{given.dtype} of shape {given.shape}"
        raise arguments.bad("rows", got, f"whole numbers, or a mask of {n} truth values")
    outside = np.flatnonzero((given < 0) | (given >= n))
    if len(outside):
        got = f"{given[outside[0]]} at {outside[0]}"
        raise arguments.bad("rows", got, f"0 to {n - 1}, the rows of the map")
    values, counts = np.unique(given, return_counts=True)
    if len(values) < len(given):
        raise arguments.bad("rows", f"{values[counts > 1][0]} twice", "different rows")
    return np.ascontiguousarray(given, np.int32)
