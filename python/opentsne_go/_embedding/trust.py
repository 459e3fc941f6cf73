"""How far to trust a map, cell by cell."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opentsne_go._input import arguments, tables
from opentsne_go._input.blame import finite
from opentsne_go._native import arrays, kinds, structures
from opentsne_go._native.calls import call
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import run

from .optimizable import OptimizableEmbedding, standing
from .partial import PartialTSNEEmbedding
from .placing import new_points

__all__ = ["OUTSIDE", "SCORES", "diagnose"]

#: Columns that `diagnose` has of the points of a map, and of new ones.
SCORES = (
    "recall",
    "trustworthiness",
    "continuity",
    "stretch",
    "perturbation",
    "singularity",
    "reliability",
    "dubious",
    "spread",
)
OUTSIDE = ("distance", "quantile", "ratio", "out_of_map")

#: The ratio from which on a new point is out of the map.
_OUT = 1.5


@arguments.named
def diagnose(
    embedding: OptimizableEmbedding | PartialTSNEEmbedding,
    X: Any = None,
    *,
    k: int | None = None,
    length: float | None = None,
    maps: Iterable[ArrayLike] | None = None,
    scores: Sequence[str] | None = None,
    metric: str | None = None,
    columns: Sequence[int] | None = None,
    random_state: Any = 0,
    n_jobs: int | None = -1,
) -> Any:
    """How far to trust a map, one row a cell; docs/trust.md has the definitions.

    Parameters
    ----------
    embedding : TSNEEmbedding or PartialTSNEEmbedding
        A map with its data, or new points over one.
    X : array-like, (m, d), optional
        With new points: their rows, as `TSNEEmbedding.transform` took them.
    k : int, optional
        Neighbours, under half of the points; 15, or fewer for few points.
    length : float, optional
        How far rows are moved for "perturbation", in units of the data; the median
        distance of the cells to their k-th neighbour.
    maps : list of array-like, (n, n_components), optional
        Other maps of the same cells, by other seeds or of bootstrapped data, for
        "spread". Each is laid onto this one first.
    scores : list of str, optional
        The columns that are wanted; all, "spread" where there are ``maps``.
    metric, columns
        With new points: as in `TSNEEmbedding.transform`.
    random_state : int, None, RandomState or Generator
        Of the cells that ranks are counted among, and of the permutation.
    n_jobs : int or None
        Threads. Does not change the result.

    Returns
    -------
    pandas.DataFrame, or dict of arrays without pandas
        Of a map, float32 each: "recall", the share of the k nearest in the data
        that are among the k nearest in the map; "trustworthiness" and "continuity"
        (Venna & Kaski 2001), 1 at best; "stretch", distances in the map over those
        in the data, 1 in the middle; "perturbation" and "singularity" (Liu, Ma &
        Zhong 2025), large where the map is discontinuous; "reliability" and
        "dubious", bool (after scDEED; Xia, Lee & Li 2024); "spread", in units of
        the map.
        Of new points: "distance" to the k-th nearest reference cell; "quantile",
        the share of the reference whose own is nearer; "ratio" to the mean of
        these cells' own; "out_of_map", bool, where the ratio is above 1.5.

    Raises
    ------
    NoDataError
        The embedding has no data to hold its map against.
    """
    if isinstance(embedding, PartialTSNEEmbedding):
        for name, value in {"length": length, "maps": maps, "scores": scores}.items():
            if value is not None:
                raise TypeError(f"{name}: of maps, not of new points")
        if X is None:
            raise TypeError("X: got None; allowed: the rows of the new points")
        found = _outside(embedding, X, k, metric, columns, n_jobs)
    elif isinstance(embedding, OptimizableEmbedding):
        for name, value in {"X": X, "metric": metric, "columns": columns}.items():
            if value is not None:
                raise TypeError(f"{name}: of new points, not of a map")
        found = _scores(embedding, k, length, maps, scores, random_state, n_jobs)
    else:
        raise TypeError(
            f"embedding: got {type(embedding).__name__}; "
            "allowed: a TSNEEmbedding or PartialTSNEEmbedding"
        )
    try:
        from pandas import DataFrame
    except ImportError:
        return found
    return DataFrame(found)


def _scores(
    embedding: OptimizableEmbedding,
    k: int | None,
    length: float | None,
    maps: Iterable[ArrayLike] | None,
    scores: Sequence[str] | None,
    random_state: Any,
    n_jobs: int | None,
) -> dict[str, NDArray[Any]]:
    n = len(embedding)
    asked = structures.diagnosis(
        k=0 if k is None else arguments.whole("k", k, 1),
        length=0.0 if length is None else arguments.positive("length", length),
    )
    others = None if maps is None else _others(maps, embedding.shape)
    if scores is not None and not isinstance(scores, Iterable):
        raise arguments.bad("scores", scores, "a list of names")
    if scores is None:
        wanted = [one for one in SCORES if one != "spread" or others is not None]
    else:
        wanted = [scores] if isinstance(scores, str) else list(scores)
        for one in wanted:
            if one not in SCORES:
                raise arguments.bad("scores", one, ", ".join(map(repr, SCORES)))
        if not wanted:
            raise arguments.bad("scores", "none", "at least one")
        if "spread" in wanted and others is None:
            raise arguments.bad("maps", None, "other maps of the cells, for 'spread'")
    found: dict[str, NDArray[Any]] = {}
    for name in wanted:
        flag = name == "dubious"
        found[name] = np.empty(n, np.int32 if flag else np.float32)
        kind = kinds.I32 if flag else kinds.F32
        setattr(asked, name, arrays.pointer(found[name], kind))
    if others is not None:
        asked.maps, asked.n_maps = arrays.floats(others), len(others)
    options = structures.options(
        seed=arguments.seed(random_state), threads=arguments.threads(n_jobs)
    )
    model, uses = standing(embedding)

    def work() -> int:
        held = others, found  # as long as the library works on them
        del held
        return call("tsne_diagnose", ct.byref(asked), model.pointer, ct.byref(options))

    run(work, options, Watch(), uses)
    if "dubious" in found:
        found["dubious"] = found["dubious"].astype(bool)
    return found


def _others(maps: Iterable[ArrayLike], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The maps, one after the other."""
    if not isinstance(maps, Iterable) or getattr(maps, "ndim", 3) != 3:
        raise arguments.bad("maps", getattr(maps, "shape", type(maps).__name__), "a list of maps")
    found = []
    for i, one in enumerate(maps):
        y = tables.matrix(one, f"maps[{i}]")
        if y.shape != shape:
            raise arguments.bad(f"maps[{i}]", y.shape, f"the map's shape {shape}")
        finite(one, y, f"maps[{i}]")
        found.append(y)
    if not found:
        raise arguments.bad("maps", "none", "at least one other map")
    return np.ascontiguousarray(found, np.float32)


def _outside(
    points: PartialTSNEEmbedding,
    X: Any,
    k: int | None,
    metric: str | None,
    columns: Sequence[int] | None,
    n_jobs: int | None,
) -> dict[str, NDArray[Any]]:
    reference = points.reference_embedding
    request = new_points(reference, X, 1, "median", metric, columns, {})
    m = len(request.x)
    if m != len(points):
        raise arguments.bad("X", request.x.shape, f"{len(points)} rows, one for each new point")
    count = 0 if k is None else arguments.whole("k", k, 1)
    options = request.options(reference)
    options.threads = arguments.threads(n_jobs)
    model, uses = standing(reference)
    found: dict[str, NDArray[Any]] = {name: np.empty(m, np.float32) for name in OUTSIDE[:3]}

    def work() -> int:
        return call(
            "tsne_outside",
            *(arrays.floats(one) for one in found.values()),
            model.pointer,
            arrays.Data(request.x),
            count,
            ct.byref(options),
        )

    run(work, options, Watch(), uses)
    return {**found, OUTSIDE[3]: found["ratio"] > _OUT}
