"""Maps onto each other."""

from __future__ import annotations

import ctypes as ct
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._neighbors import search as _graph
from .._input import tables as _input
from .._options import fields as _knobs
from .._native import library as _lib
from .._neighbors.search import call, floats
from .._embedding.model import model_handle
from .._embedding.placing import new_points
from .._native.running import run, turn
from .._native.progress import Watch
from ..advice import codes
from .._embedding.embedding import TSNEEmbedding
from ..tsne import TSNE

__all__ = [
    "Alignment",
    "Superposition",
    "Consensus",
    "align",
    "procrustes",
    "superpose",
    "shared_neighbors",
]


@dataclass(frozen=True)
class Alignment:
    """A map that agrees with a reference.

    Attributes
    ----------
    embedding : TSNEEmbedding
        The map of the new data.
    disparity : float
        Sum of squares between the map and its start, after the best
        superposition, as a share of the start's: 0 is agreement.
    overlap : float
        Mean share of a point's 10 nearest that the start and the map share.
    """

    embedding: TSNEEmbedding
    disparity: float
    overlap: float


@dataclass(frozen=True)
class Superposition:
    """y becomes scale * (y - source_centre) @ rotation.T + target_centre.

    Attributes
    ----------
    rotation : (n_components, n_components)
        Orthogonal.
    scale : float
    source_centre, target_centre : (n_components,)
    disparity : float
        Sum of squares left, as a share of the target's.
    reflected : bool
        Whether the rotation mirrors.
    """

    rotation: NDArray[np.float64]
    scale: float
    source_centre: NDArray[np.float64]
    target_centre: NDArray[np.float64]
    disparity: float
    reflected: bool

    def apply(self, Y: ArrayLike) -> NDArray[np.float32]:
        """Positions moved by the superposition.

        Parameters
        ----------
        Y : array-like, (n, n_components)
            Positions, left as they are.
        """
        y = _input.matrix(Y, "Y").copy()
        dims = len(self.rotation)
        if y.shape[1] != dims:
            raise _input.bad("Y", y.shape, f"{dims} columns")
        raw = _lib.superposition(scale=self.scale, dims=dims, reflected=self.reflected)
        raw.rotation[: dims * dims] = self.rotation.ravel().tolist()
        getattr(raw, "from")[:dims] = self.source_centre.tolist()
        raw.to[:dims] = self.target_centre.tolist()
        call("tsne_superpose", floats(y), len(y), ct.byref(raw))
        return y


@dataclass(frozen=True)
class Consensus:
    """Several maps of the same points, laid on each other.

    Attributes
    ----------
    maps : list of (n, n_components) float32
        The maps, moved.
    consensus : (n, n_components) float32
        Their mean.
    disparities : (count,) float64
        Of each map.
    """

    maps: list[NDArray[np.float32]]
    consensus: NDArray[np.float32]
    disparities: NDArray[np.float64]


def align(
    reference: TSNEEmbedding,
    X: Any,
    tsne: TSNE | None = None,
    *,
    k: int = 10,
    initialization: str = "median",
    metric: str | None = None,
    columns: Sequence[int] | None = None,
) -> Alignment:
    """A map of new data that agrees with a finished one.

    Each new point is placed on the reference, the places are scaled down to
    the size of a start, and the new data are fitted from there (Kobak & Berens
    2019, "Methods").

    Parameters
    ----------
    reference : TSNEEmbedding
        A finished map that has its data.
    X : array-like, (m, d)
        The new data.
    tsne : TSNE, optional
        Settings of the fit, its ``initialization`` aside; the defaults unless
        given.
    k, initialization, metric, columns
        How the points are placed, as in `TSNEEmbedding.transform`.

    Returns
    -------
    Alignment
    """
    tsne = TSNE(n_components=reference.shape[1]) if tsne is None else tsne
    dims = _knobs.dims(tsne.n_components)
    if dims != reference.shape[1]:
        raise _input.bad("n_components", dims, f"{reference.shape[1]}, as the reference has")
    placement = _input.choice(
        "initialization", initialization, {"median": "median", "weighted": "weighted"}
    )
    knobs, job = tsne._job()
    request = new_points(reference, X, k, placement, metric, columns, {})
    x = request.x
    if len(x) < 4:
        raise _input.bad("X", x.shape, "4 rows or more")
    watch = tsne._watch()
    job = _knobs.as_many(job, tsne.k, len(x))
    options = _lib.options(progress_every=watch.report_every(), **job)
    transform = request.options(reference)
    with turn(reference._turn):
        old = reference._ready()
    y = np.empty((len(x), dims), np.float32)
    disparity, overlap = ct.c_double(math.nan), ct.c_double(math.nan)

    def work() -> TSNEEmbedding:
        model = model_handle()
        status = call(
            "tsne_align",
            floats(y),
            model.out,
            ct.byref(disparity),
            ct.byref(overlap),
            old.pointer,
            _graph.Data(x),
            ct.byref(transform),
            ct.byref(options),
        )
        if status == _lib.E_CANCELLED and not model.pointer:
            raise _lib.error(status)
        return TSNEEmbedding._of(y, model, tsne.random_state, knobs, tsne._recipe(x, x))

    try:
        uses = old, reference._turn
        made: TSNEEmbedding = _graph.run_on(X, x, work, options, watch, uses)
    finally:
        watch.close()
    made._run = watch.run
    made._name(reference.feature_names if columns is None else _input.names(X))
    return Alignment(made, disparity.value, overlap.value)


def procrustes(
    target: ArrayLike,
    source: ArrayLike,
    *,
    target_labels: Any = None,
    source_labels: Any = None,
    scale: bool = False,
    reflection: bool = True,
) -> Superposition:
    """The movement that brings one map nearest to another.

    Parameters
    ----------
    target, source : array-like, (n, n_components)
        Row i of both is the same point; with labels the points may differ.
    target_labels, source_labels : array-like, optional
        Classes of the points: the means of those that both have are matched.
    scale : bool
        Allow one factor for all axes.
    reflection : bool
        Allow mirroring.

    Returns
    -------
    Superposition
        ``.apply(source)`` gives the moved map.
    """
    a, b = _map("target", target), _map("source", source)
    dims = a.shape[1]
    if b.shape[1] != dims:
        raise _input.bad("source", b.shape, f"{dims} columns, as target has")
    flags = _flags(scale, reflection)
    raw = _lib.superposition()
    if (target_labels is None) != (source_labels is None):
        raise _input.bad("labels", "those of one map", "those of both, or of none")
    if target_labels is None:
        if len(a) != len(b):
            raise _input.bad("source", b.shape, f"{len(a)} rows, as target has; or labels")
        call("tsne_procrustes", ct.byref(raw), floats(a), floats(b), len(a), dims, flags)
    else:
        ours, theirs = _shared_codes(target_labels, len(a), source_labels, len(b))
        call(
            "tsne_procrustes_labels",
            ct.byref(raw),
            floats(a),
            _input.pointer(ours, _lib.I32),
            len(a),
            floats(b),
            _input.pointer(theirs, _lib.I32),
            len(b),
            dims,
            flags,
        )
    return Superposition(
        np.array(raw.rotation[: dims * dims]).reshape(dims, dims),
        raw.scale,
        np.array(getattr(raw, "from")[:dims]),
        np.array(raw.to[:dims]),
        raw.disparity,
        bool(raw.reflected),
    )


def superpose(
    maps: Sequence[ArrayLike],
    *,
    to_first: bool = False,
    scale: bool = False,
    reflection: bool = True,
) -> Consensus:
    """Lay several maps of the same points on each other.

    Parameters
    ----------
    maps : sequence of array-like, each (n, n_components)
        Row i of all is the same point.
    to_first : bool
        Onto the first map instead of onto their consensus (generalised
        Procrustes analysis).
    scale, reflection
        As in `procrustes`.

    Returns
    -------
    Consensus
    """
    given = [_map(f"maps[{i}]", one) for i, one in enumerate(maps)]
    if not given:
        raise _input.bad("maps", "none", "1 or more")
    for i, one in enumerate(given):
        if one.shape != given[0].shape:
            raise _input.bad(f"maps[{i}]", one.shape, f"the shape {given[0].shape} of maps[0]")
    every = np.stack(given)
    count, n, dims = every.shape
    consensus = np.empty((n, dims), np.float32)
    disparities = np.empty(count)
    flags = _flags(scale, reflection) | (_lib.PROCRUSTES_TO_FIRST if to_first else 0)
    call(
        "tsne_procrustes_many",
        floats(every),
        floats(consensus),
        _input.pointer(disparities, _lib.F64),
        count,
        n,
        dims,
        flags,
    )
    return Consensus(list(every), consensus, disparities)


def shared_neighbors(
    a: ArrayLike, b: ArrayLike, k: int = 10, *, n_jobs: int | None = -1
) -> float:
    """The mean share of a point's k nearest in one map that it has in another.

    Parameters
    ----------
    a, b : array-like, (n, n_components)
        Maps of the same points.
    k : int
        Neighbours.
    n_jobs : int or None
        Threads.

    Returns
    -------
    float
        0 to 1.
    """
    one, other = _map("a", a), _map("b", b)
    if one.shape != other.shape:
        raise _input.bad("b", other.shape, f"the shape {one.shape} of a")
    k = _input.whole("k", k, 1)
    if k >= len(one):
        raise _input.bad("k", k, f"1 to {len(one) - 1}, one less than the points")
    options = _lib.options(threads=_input.threads(n_jobs))
    share = ct.c_double()

    def work() -> int:
        data = (floats(one), floats(other), *one.shape, k)
        return call("tsne_shared_neighbors", ct.byref(share), *data, ct.byref(options))

    run(work, options, Watch())
    return share.value


def _map(name: str, value: ArrayLike) -> _input.Float32:
    y = _input.matrix(value, name)
    if not 1 <= y.shape[1] <= 3:
        raise _input.bad(name, y.shape, "1 to 3 columns")
    if not np.isfinite(y).all():
        raise _input.not_finite(value, y, name)
    return y


def _flags(scale: bool, reflection: bool) -> int:
    return (_lib.PROCRUSTES_SCALE if scale else 0) | (
        0 if reflection else _lib.PROCRUSTES_NO_REFLECTION
    )


def _shared_codes(a: Any, n: int, b: Any, m: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels of two maps as numbers of one list."""
    for name, labels, count in (("target_labels", a, n), ("source_labels", b, m)):
        codes(labels, count, name)
    both = np.concatenate([np.asarray(a, object), np.asarray(b, object)])
    found = codes(both, n + m)
    ours, theirs = found[:n].copy(), found[n:].copy()
    if not np.intersect1d(ours[ours >= 0], theirs[theirs >= 0]).size:
        raise _input.bad("source_labels", "none of target_labels", "at least one shared class")
    return ours, theirs
