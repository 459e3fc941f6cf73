"""Placing new points on a map."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._affinity.base import in_one_call, query, reduction_of, renamed
from opentsne_go._extras import extras
from opentsne_go._input import arguments, reduction, tables
from opentsne_go._input.starts import given_positions
from opentsne_go._native import arrays, choices, kinds, structures
from opentsne_go._native.arrays import Float32, Rows
from opentsne_go._native.calls import call
from opentsne_go._native.handles import Handle
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import run
from opentsne_go._options import checked
from opentsne_go._options.table import OF_MAPS
from opentsne_go.initialization import median

from .optimizable import OptimizableEmbedding, standing
from .partial import PartialTSNEEmbedding, descent_fields, inherited, partial_handle

#: openTSNE's default: no reference is too small for it, and it stands for no more than draw a point.
_USUAL_K = 25
#: Kobak & Berens'.
_PAPERS_K = 10


@dataclass(frozen=True)
class Bootstrap:
    """Places of new points and how sure they are.

    Attributes
    ----------
    embedding : (m, n_components) float32
        Places by all columns.
    samples : (n_samples, m, n_components) float32
        Places by resampled columns.
    radius : (m,) float32
        95 % of a point's samples lie within it of its place.
    """

    __module__ = "opentsne_go"

    embedding: NDArray[np.float32]
    samples: NDArray[np.float32]
    radius: NDArray[np.float32]

    def __repr__(self) -> str:
        m, dims = self.embedding.shape
        largest = float(self.radius.max(initial=0))
        radius = f"median {float(np.median(self.radius)):.3g}, largest {largest:.3g}" if m else "none"
        return (
            f"Bootstrap of {m} new points in {dims}-D, {len(self.samples)} resamples\n"
            f"  radius that holds 95 %: {radius}\n"
            "  .embedding, .samples, .radius; opentsne_go.pl.mapped draws it"
        )


@dataclass
class Request:
    """New points, and by what they are placed."""

    x: Rows
    k: int
    placement: str
    metric: str | None
    columns: NDArray[np.int32] | None
    fields: dict[str, Any]
    seed: int = 0

    def options(self, reference: OptimizableEmbedding, start: Any = None) -> Any:
        descent = reference.gradient_descent_params
        options = structures.transform_options(
            k=self.k,
            placement=choices.PLACEMENT["given" if start is not None else self.placement],
            metric=0 if self.metric is None else checked.distance(self.metric),
            seed=self.seed,
            **self.fields,
            **descent_fields(descent),
        )
        if start is not None:
            options.init_y = arrays.floats(start)
        if self.columns is not None:
            options.columns = arrays.pointer(self.columns, kinds.I32)
            options.n_columns = len(self.columns)
        return options

    def place(
        self, reference: OptimizableEmbedding, start: Any = None
    ) -> tuple[Float32, Handle]:
        """Positions and handle of the points, at a start or at their places."""
        options = self.options(reference, start)
        model, uses = standing(reference)
        y = np.empty((len(self.x), reference.shape[1]), np.float32)
        partial = partial_handle()
        watch = Watch(reference.gradient_descent_params["verbose"])

        def work() -> int:
            return call(
                "tsne_transform",
                arrays.floats(y),
                partial.out,
                model.pointer,
                arrays.Data(self.x),
                ct.byref(options),
            )

        try:
            run(work, options, watch, uses)
        finally:
            watch.close()
        return y, partial


def new_points(
    reference: OptimizableEmbedding,
    X: Any,
    k: int | None,
    placement: Any,
    metric: str | None,
    columns: Sequence[int] | None,
    fields: dict[str, Any],
) -> Request:
    """The request, checked as far as Python can."""
    own = reference._affinities
    if columns is None:
        X = tables.in_order(X, reference.feature_names)
    x = reduction.new_rows(X, reference._recipe.axes if own is None else reduction_of(own))
    if checked.foreign(metric):
        raise arguments.bad("metric", metric, ", ".join(map(repr, checked.METRICS)))
    if metric is not None:
        checked.distance(metric)
    chosen = None
    if columns is not None:
        given = np.asarray(columns)
        if given.ndim != 1 or given.dtype.kind not in "iu" or len(given) != x.shape[1]:
            raise arguments.bad(
                "columns",
                f"{given.dtype} of shape {given.shape}",
                f"{x.shape[1]} integers, one for each column of X",
            )
        # A number beyond int32 must not wrap into a column that exists.
        chosen = np.ascontiguousarray(np.clip(given, -1, arguments.MOST), np.int32)
    return Request(x, _count(reference, k), placement, metric, chosen, fields)


def papers_k(n: int) -> int:
    """Those of n points that place a new one where nobody says how many."""
    return min(_PAPERS_K, n)


def _count(reference: OptimizableEmbedding, k: Any) -> int:
    """Reference points that place a new one."""
    most = len(reference)
    if k is None:
        return papers_k(most)
    count = arguments.whole("k", k, 1)
    if count == _USUAL_K:
        return min(count, most)
    if count > most:
        raise arguments.bad("k", k, f"1 to {most}, the points of the map")
    return count


def prepare(
    reference: OptimizableEmbedding,
    X: Any,
    initialization: Any,
    k: int,
    metric: str | None,
    columns: Sequence[int] | None,
    params: dict[str, Any],
) -> PartialTSNEEmbedding:
    """`TSNEEmbedding.prepare_partial`."""
    affinities = reference.affinities
    params = renamed(affinities, params)
    if isinstance(initialization, str) and initialization not in (
        "median",
        "weighted",
        "random",
    ):
        raise arguments.bad(
            "initialization", initialization, "'median', 'weighted', 'random', or an array"
        )
    in_one = in_one_call(affinities, params)
    if in_one is None:
        allowed = "None, as the map's own affinities find the neighbors"
        if metric is not None:
            raise arguments.bad("metric", metric, allowed)
        if columns is not None:
            raise arguments.bad("columns", np.shape(columns), allowed)
        X = tables.in_order(X, reference.feature_names)
        return _by_query(reference, X, initialization, _count(reference, k), params)
    count, fields = in_one
    if k == _USUAL_K:
        k = min(k, count)
    placement = initialization if isinstance(initialization, str) else "given"
    fields["affinity_k"] = count
    request = new_points(reference, X, k, placement, metric, columns, fields)
    start = None
    if placement in ("random", "given"):
        start = _start(reference, initialization, len(request.x))
    y, handle = request.place(reference, start)
    return PartialTSNEEmbedding._of(y, handle, reference, inherited(reference))


def _start(reference: OptimizableEmbedding, initialization: Any, m: int) -> Float32:
    """Positions of m points that owe nothing to their neighbours."""
    dims = reference.shape[1]
    if not isinstance(initialization, str):
        return given_positions(initialization, m, dims).copy()
    rng = np.random.default_rng(arguments.seed(reference.random_state))
    return rng.normal(0, 1e-4, (m, dims)).astype(np.float32)


def _by_query(
    reference: OptimizableEmbedding, X: Any, initialization: Any, k: int, params: dict[str, Any]
) -> PartialTSNEEmbedding:
    """`prepare` where Python finds the neighbours: by a callable metric, among
    distances that are there, or by affinities of somebody's own."""
    least = 1 if k == _USUAL_K else k
    P, near, _ = query(reference.affinities, X, least, params)
    near = np.asarray(near)[:, :k]
    start: Any
    if not isinstance(initialization, str) or initialization == "random":
        start = _start(reference, initialization, len(near))
    elif initialization == "median":
        start = median(reference, near)
    else:
        start = _weighted(reference, P, near)
    descent = {k: v for k, v in inherited(reference).items() if k not in OF_MAPS}
    return PartialTSNEEmbedding(start, reference, P, **descent)


def _weighted(reference: OptimizableEmbedding, P: Any, near: Any) -> NDArray[np.float64]:
    """Means of the places of neighbours, weighted by affinity."""
    with extras():
        from scipy.sparse import csr_matrix

    row = np.repeat(np.arange(len(near)), near.shape[1])
    weights = np.asarray(csr_matrix(P)[row, near.ravel()], float).reshape(*near.shape, 1)
    places = np.asarray(reference, float)[near]
    total: NDArray[np.float64] = (places * weights).sum(axis=1) / weights.sum(axis=1)
    return total


def bootstrap(
    reference: OptimizableEmbedding,
    X: Any,
    n_samples: int,
    k: int | None,
    initialization: str,
    metric: str | None,
    columns: Sequence[int] | None,
    random_state: Any,
) -> Bootstrap:
    """`TSNEEmbedding.bootstrap`."""
    b = arguments.whole("n_samples", n_samples, 1)
    placement = arguments.choice(
        "initialization", initialization, {"median": "median", "weighted": "weighted"}
    )
    request = new_points(reference, X, k, placement, metric, columns, {})
    request.seed = arguments.seed(random_state)
    options = request.options(reference)
    model, uses = standing(reference)
    x = request.x
    m, dims = len(x), reference.shape[1]
    y = np.empty((m, dims), np.float32)
    samples = np.empty((b, m, dims), np.float32)
    radius = np.empty(m, np.float32)

    def work() -> int:
        return call(
            "tsne_bootstrap",
            arrays.floats(y),
            arrays.floats(samples),
            arrays.floats(radius),
            model.pointer,
            arrays.Data(x),
            b,
            ct.byref(options),
        )

    run(work, options, Watch(), uses)
    return Bootstrap(y, samples, radius)
