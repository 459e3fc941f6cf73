"""A map of new data that agrees with a finished one."""

from __future__ import annotations

import ctypes as ct
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from opentsne_go._embedding.embedding import TSNEEmbedding, embedding_of_model
from opentsne_go._embedding.model import model_handle
from opentsne_go._embedding.optimizable import standing
from opentsne_go._embedding.placing import Request, new_points
from opentsne_go._embedding.steps import steps_to
from opentsne_go._input import arguments, collected, reduction, tables
from opentsne_go._input.starts import given_positions
from opentsne_go._native import arrays, structures
from opentsne_go._native.arrays import Rows
from opentsne_go._native.calls import call
from opentsne_go._native.running import run
from opentsne_go._native.status import E_CANCELLED, error
from opentsne_go._options import checked, job, schedule
from opentsne_go.tsne import TSNE

__all__ = ["Alignment", "align"]

#: The library's, where none is asked for.
_PULL = 0.002


@dataclass(frozen=True)
class Alignment:
    """A map that agrees with a reference.

    Attributes
    ----------
    embedding : TSNEEmbedding
        The map of the new data.
    disparity : float
        Sum of squares between the map and the places, after the best
        superposition, as a share of the places': 0 is agreement.
    overlap : float
        Mean share of a point's 10 nearest that the start and the map share.
    """

    __module__ = "opentsne_go"

    embedding: TSNEEmbedding
    disparity: float
    overlap: float

    def __repr__(self) -> str:
        n, dims = self.embedding.shape
        return (
            f"Alignment of {n} points in {dims}-D, KL divergence {self.embedding.kl_divergence:.3f}\n"
            f"  disparity {self.disparity:.3g} (0 is agreement), overlap of neighbours {self.overlap:.3g}\n"
            "  .embedding, .disparity, .overlap; opentsne_go.pl.side_by_side draws maps that agree"
        )


@arguments.named
def align(
    reference: TSNEEmbedding,
    X: Any,
    tsne: TSNE | None = None,
    *,
    k: int | None = None,
    initialization: str = "median",
    metric: str | None = None,
    columns: Sequence[int] | None = None,
) -> Alignment:
    """A map of new data that agrees with a finished one.

    Each new point is placed on the reference, the places are scaled down to
    the size of a start, and the new data are fitted from there (Kobak & Berens
    2019, "Methods"), while neighbourhoods are pulled to their places, until the
    last fifth of the iterations. The map is in the reference's frame.

    Parameters
    ----------
    reference : TSNEEmbedding
        A finished map that has its data.
    X : array-like, (m, d)
        The new data.
    tsne : TSNE, optional
        Settings of the fit, its ``initialization``, ``pull_y`` and ``pull_frame``
        aside; the defaults unless given. ``pull=None``: 0.002. An infinite one of
        its ``pull_weights`` pins a point to its place.
    k, initialization, metric, columns
        How the points are placed, as in `TSNEEmbedding.transform`; k None: the
        paper's 10, or as many as the reference has.

    Returns
    -------
    Alignment
    """
    if not isinstance(reference, TSNEEmbedding):
        raise arguments.bad("reference", type(reference).__name__, "a TSNEEmbedding")
    tsne = TSNE(n_components=reference.shape[1]) if tsne is None else job.settings(tsne)
    _fits(tsne, reference)
    placement = arguments.choice(
        "initialization", initialization, {"median": "median", "weighted": "weighted"}
    )
    request = new_points(reference, X, k, placement, metric, columns, {})
    names = reference.feature_names if columns is None else tables.names(X)
    return _aligned(reference, request.x, request.options(reference), tsne, names)


def at_places(reference: TSNEEmbedding, X: Any, places: ArrayLike, tsne: TSNE) -> Alignment:
    """`align` of data whose places on the map are known, as by other columns than
    theirs: the map needs no data.

    Parameters
    ----------
    reference : TSNEEmbedding
        A finished map.
    X : array-like, (m, d)
        The new data.
    places : array-like, (m, n_components)
        Where the map has them.
    tsne : TSNE
        As in `align`.

    Returns
    -------
    Alignment
    """
    _fits(tsne, reference)
    X = collected.here(X)
    x = reduction.table(X, tsne.metric, tsne.n_jobs)
    there = given_positions(places, len(x), reference.shape[1], "places")
    request = Request(x, 1, "given", None, None, {})
    options = request.options(reference, there)
    return _aligned(reference, x, options, tsne, tables.names(X), reduction.axes(X, x))


def _fits(tsne: TSNE, reference: TSNEEmbedding) -> None:
    """Refuses settings of a fit that cannot be laid onto the reference."""
    dims = checked.dims(tsne.n_components)
    if dims != reference.shape[1]:
        raise arguments.bad("n_components", dims, f"{reference.shape[1]}, as the reference has")
    job.by_the_library(tsne)


def _aligned(
    reference: TSNEEmbedding, x: Rows, transform: Any, tsne: TSNE, names: Any, axes: Any = None
) -> Alignment:
    """The map of rows that transform places on the reference."""
    descent, fields = job.descent_and_fields(tsne)
    dims = reference.shape[1]
    if len(x) < 4:
        raise arguments.bad("X", x.shape, "4 rows or more")
    watch = job.watch(tsne, schedule.settled(fields, 0)["early_iterations"])
    fields = checked.for_points(fields, tsne.k, len(x)) | job.pull_fields(tsne, len(x), dims)
    options = structures.options(progress_every=watch.report_every(), **fields)
    old, uses = standing(reference)
    pull = _PULL if tsne.pull is None else tsne.pull
    steps = (*steps_to(reference), {"call": "align", "points": len(x), "pull": float(pull)})
    y = np.empty((len(x), dims), np.float32)
    disparity, overlap = ct.c_double(math.nan), ct.c_double(math.nan)

    def work() -> TSNEEmbedding:
        model = model_handle()
        status = call(
            "tsne_align",
            arrays.floats(y),
            model.out,
            ct.byref(disparity),
            ct.byref(overlap),
            old.pointer,
            arrays.Data(x),
            ct.byref(transform),
            ct.byref(options),
        )
        if status == E_CANCELLED and not model.pointer:
            raise error(status)
        free = {**descent, "pull": None}  # what goes on from here is held no more
        return embedding_of_model(
            y, model, tsne.random_state, free, axes=axes, run=watch.run, names=names, steps=steps
        )

    try:
        made: TSNEEmbedding = run(work, options, watch, uses)
    finally:
        watch.close()
    return Alignment(made, disparity.value, overlap.value)
