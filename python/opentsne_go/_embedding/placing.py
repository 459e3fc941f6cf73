"""Placing new points on a map."""

from __future__ import annotations

import ctypes as ct
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._neighbors import search as _graph
from .._input import tables as _input
from .._options import fields as _knobs
from .._native import library as _lib
from .._neighbors.search import call, floats
from .._native.running import turn
from .._native.progress import Watch
from .._embedding.embedding import TSNEEmbedding
from ..initialization import median
from .._embedding.partial import OF_MAPS, PartialTSNEEmbedding, descent_fields, inherited, partial_handle

DEFAULT_K = 25


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

    embedding: NDArray[np.float32]
    samples: NDArray[np.float32]
    radius: NDArray[np.float32]


@dataclass
class _Request:
    """New points, and by what they are placed."""

    x: _input.Rows
    k: int
    placement: str
    metric: str | None
    columns: NDArray[np.int32] | None
    fields: dict[str, Any]
    seed: int = 0

    def options(self, reference: TSNEEmbedding, start: Any = None) -> Any:
        knobs = reference.gradient_descent_params
        options = _lib.transform_options(
            k=self.k,
            placement=_lib.PLACEMENT["given" if start is not None else self.placement],
            metric=0 if self.metric is None else _knobs.distance(self.metric),
            seed=self.seed,
            **self.fields,
            **descent_fields(knobs),
        )
        if start is not None:
            options.init_y = floats(start)
        if self.columns is not None:
            options.columns = _input.pointer(self.columns, _lib.I32)
            options.n_columns = len(self.columns)
        return options

    def place(
        self, reference: TSNEEmbedding, start: Any = None
    ) -> tuple[_input.Float32, _lib.Handle]:
        """Positions and handle of the points, at a start or at their places."""
        options = self.options(reference, start)
        with turn(reference._turn):
            model = reference._ready()
        y = np.empty((len(self.x), reference.shape[1]), np.float32)
        partial = partial_handle()
        watch = Watch(reference.gradient_descent_params["verbose"])

        def work() -> int:
            return call(
                "tsne_transform",
                floats(y),
                partial.out,
                model.pointer,
                _graph.Data(self.x),
                ct.byref(options),
            )

        try:
            uses = model, reference._turn
            _graph.run_on(self.x, self.x, work, options, watch, uses)
        finally:
            watch.close()
        return y, partial


def new_points(
    reference: TSNEEmbedding,
    X: Any,
    k: int,
    placement: Any,
    metric: str | None,
    columns: Sequence[int] | None,
    fields: dict[str, Any],
) -> _Request:
    """The request, checked as far as Python can."""
    own = reference._affinities
    if columns is None:
        X = _input.in_order(X, reference.feature_names)
    x = _graph.new_rows(X, reference._recipe.axes if own is None else own._along())
    if _knobs.foreign(metric):
        raise _input.bad("metric", metric, ", ".join(map(repr, _knobs.METRICS)))
    if metric is not None:
        _knobs.distance(metric)
    chosen = None
    if columns is not None:
        given = np.asarray(columns)
        if given.ndim != 1 or given.dtype.kind not in "iu" or len(given) != x.shape[1]:
            raise _input.bad(
                "columns",
                f"{given.dtype} of shape {given.shape}",
                f"{x.shape[1]} integers, one for each column of X",
            )
        # A number beyond int32 must not wrap into a column that exists.
        chosen = np.ascontiguousarray(np.clip(given, -1, _input.MOST), np.int32)
    return _Request(x, _count(reference, k), placement, metric, chosen, fields)


def _count(reference: TSNEEmbedding, k: Any) -> int:
    """Reference points that place a new one."""
    count, most = _input.whole("k", k, 1), len(reference)
    if count == DEFAULT_K:  # openTSNE's default, which no reference is too small for
        return min(count, most)
    if count > most:
        raise _input.bad("k", k, f"1 to {most}, the points of the map")
    return count


def prepare(
    reference: TSNEEmbedding,
    X: Any,
    initialization: Any,
    k: int,
    metric: str | None,
    columns: Sequence[int] | None,
    params: dict[str, Any],
) -> PartialTSNEEmbedding:
    """`TSNEEmbedding.prepare_partial`."""
    affinities: Any = reference.affinities
    asked = inspect.signature(affinities.to_new)
    if "perplexities" in asked.parameters and "perplexities" not in params:
        if "perplexity" in params:
            _knobs.perplexities("perplexity", params["perplexity"])
            params["perplexities"] = params.pop("perplexity")
    asked.bind(X, return_distances=True, **params)
    if isinstance(initialization, str) and initialization not in (
        "median",
        "weighted",
        "random",
    ):
        raise _input.bad(
            "initialization", initialization, "'median', 'weighted', 'random', or an array"
        )
    in_one = affinities._in_one_call(params)
    if in_one is None:
        allowed = "None, as the map's own affinities find the neighbors"
        if metric is not None:
            raise _input.bad("metric", metric, allowed)
        if columns is not None:
            raise _input.bad("columns", np.shape(columns), allowed)
        X = _input.in_order(X, reference.feature_names)
        return _by_query(reference, X, initialization, _count(reference, k), params)
    count, fields = in_one
    placement = initialization if isinstance(initialization, str) else "given"
    fields["affinity_k"] = count
    request = new_points(reference, X, k, placement, metric, columns, fields)
    start = None
    if placement in ("random", "given"):
        start = _start(reference, initialization, len(request.x))
    y, handle = request.place(reference, start)
    return PartialTSNEEmbedding._of(y, handle, reference, inherited(reference))


def _start(reference: TSNEEmbedding, initialization: Any, m: int) -> _input.Float32:
    """Positions of m points that owe nothing to their neighbours."""
    dims = reference.shape[1]
    if not isinstance(initialization, str):
        return _input.start(initialization, m, dims).copy()
    rng = np.random.default_rng(_input.seed(reference.random_state))
    return rng.normal(0, 1e-4, (m, dims)).astype(np.float32)


def _by_query(
    reference: TSNEEmbedding, X: Any, initialization: Any, k: int, params: dict[str, Any]
) -> PartialTSNEEmbedding:
    """`prepare` where Python finds the neighbours: by a callable metric, among
    distances that are there, or by affinities of somebody's own."""
    affinities: Any = reference.affinities
    P, near, _ = affinities._query(X, k, params)
    near = np.asarray(near)[:, :k]
    start: Any
    if not isinstance(initialization, str) or initialization == "random":
        start = _start(reference, initialization, len(near))
    elif initialization == "median":
        start = median(reference, near)
    else:
        start = _weighted(reference, P, near)
    knobs = {k: v for k, v in inherited(reference).items() if k not in OF_MAPS}
    return PartialTSNEEmbedding(start, reference, P, **knobs)


def _weighted(reference: TSNEEmbedding, P: Any, near: Any) -> NDArray[np.float64]:
    """Means of the places of neighbours, weighted by affinity."""
    from scipy.sparse import csr_matrix

    row = np.repeat(np.arange(len(near)), near.shape[1])
    weights = np.asarray(csr_matrix(P)[row, near.ravel()], float).reshape(*near.shape, 1)
    places = np.asarray(reference, float)[near]
    total: NDArray[np.float64] = (places * weights).sum(axis=1) / weights.sum(axis=1)
    return total


def bootstrap(
    reference: TSNEEmbedding,
    X: Any,
    n_samples: int,
    k: int,
    initialization: str,
    metric: str | None,
    columns: Sequence[int] | None,
    random_state: Any,
) -> Bootstrap:
    """`TSNEEmbedding.bootstrap`."""
    b = _input.whole("n_samples", n_samples, 1)
    placement = _input.choice(
        "initialization", initialization, {"median": "median", "weighted": "weighted"}
    )
    request = new_points(reference, X, k, placement, metric, columns, {})
    request.seed = _input.seed(random_state)
    options = request.options(reference)
    with turn(reference._turn):
        model = reference._ready()
    x = request.x
    m, dims = len(x), reference.shape[1]
    y = np.empty((m, dims), np.float32)
    samples = np.empty((b, m, dims), np.float32)
    radius = np.empty(m, np.float32)

    def work() -> int:
        return call(
            "tsne_bootstrap",
            floats(y),
            floats(samples),
            floats(radius),
            model.pointer,
            _graph.Data(x),
            b,
            ct.byref(options),
        )

    _graph.run_on(X, x, work, options, None, (model, reference._turn))
    return Bootstrap(y, samples, radius)
