"""Maps laid onto each other, and how much they agree."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opentsne_go._input import arguments, tables
from opentsne_go._input.blame import finite
from opentsne_go._input.labels import codes
from opentsne_go._native import abi, arrays, kinds, structures
from opentsne_go._native.arrays import Float32
from opentsne_go._native.calls import call
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import run

__all__ = ["Superposition", "Consensus", "procrustes", "superpose", "shared_neighbors"]


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

    __module__ = "opentsne_go"

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
        y = tables.matrix(Y, "Y").copy()
        dims = len(self.rotation)
        if y.shape[1] != dims:
            raise arguments.bad("Y", y.shape, f"{dims} columns")
        raw = structures.superposition(scale=self.scale, dims=dims, reflected=self.reflected)
        raw.rotation[: dims * dims] = self.rotation.ravel().tolist()
        getattr(raw, "from")[:dims] = self.source_centre.tolist()
        raw.to[:dims] = self.target_centre.tolist()
        call("tsne_superpose", arrays.floats(y), len(y), ct.byref(raw))
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

    __module__ = "opentsne_go"

    maps: list[NDArray[np.float32]]
    consensus: NDArray[np.float32]
    disparities: NDArray[np.float64]


@arguments.named
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
    a, b = _positions("target", target), _positions("source", source)
    dims = a.shape[1]
    if b.shape[1] != dims:
        raise arguments.bad("source", b.shape, f"{dims} columns, as target has")
    flags = _flags(scale, reflection)
    raw = structures.superposition()
    if (target_labels is None) != (source_labels is None):
        raise arguments.bad("labels", "those of one map", "those of both, or of none")
    if target_labels is None:
        if len(a) != len(b):
            raise arguments.bad("source", b.shape, f"{len(a)} rows, as target has; or labels")
        call("tsne_procrustes", ct.byref(raw), arrays.floats(a), arrays.floats(b), len(a), dims, flags)
    else:
        ours, theirs = _shared_codes(target_labels, len(a), source_labels, len(b))
        call(
            "tsne_procrustes_labels",
            ct.byref(raw),
            arrays.floats(a),
            arrays.pointer(ours, kinds.I32),
            len(a),
            arrays.floats(b),
            arrays.pointer(theirs, kinds.I32),
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


@arguments.named
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
    given = [_positions(f"maps[{i}]", one) for i, one in enumerate(maps)]
    if not given:
        raise arguments.bad("maps", "none", "1 or more")
    for i, one in enumerate(given):
        if one.shape != given[0].shape:
            raise arguments.bad(f"maps[{i}]", one.shape, f"the shape {given[0].shape} of maps[0]")
    every = np.stack(given)
    count, n, dims = every.shape
    consensus = np.empty((n, dims), np.float32)
    disparities = np.empty(count)
    flags = _flags(scale, reflection) | (abi.PROCRUSTES_TO_FIRST if to_first else 0)
    call(
        "tsne_procrustes_many",
        arrays.floats(every),
        arrays.floats(consensus),
        arrays.pointer(disparities, kinds.F64),
        count,
        n,
        dims,
        flags,
    )
    return Consensus(list(every), consensus, disparities)


@arguments.named
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
    one, other = _positions("a", a), _positions("b", b)
    if one.shape != other.shape:
        raise arguments.bad("b", other.shape, f"the shape {one.shape} of a")
    k = arguments.whole("k", k, 1)
    if k >= len(one):
        raise arguments.bad("k", k, f"1 to {len(one) - 1}, one less than the points")
    options = structures.options(threads=arguments.threads(n_jobs))
    share = ct.c_double()

    def work() -> int:
        data = (arrays.floats(one), arrays.floats(other), *one.shape, k)
        return call("tsne_shared_neighbors", ct.byref(share), *data, ct.byref(options))

    run(work, options, Watch())
    return share.value


def _positions(name: str, value: ArrayLike) -> Float32:
    y = tables.matrix(value, name)
    if not 1 <= y.shape[1] <= 3:
        raise arguments.bad(name, y.shape, "1 to 3 columns")
    finite(value, y, name)
    return y


def _flags(scale: bool, reflection: bool) -> int:
    return (abi.PROCRUSTES_SCALE if scale else 0) | (
        0 if reflection else abi.PROCRUSTES_NO_REFLECTION
    )


def _shared_codes(a: Any, n: int, b: Any, m: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels of two maps as numbers of one list."""
    for name, labels, count in (("target_labels", a, n), ("source_labels", b, m)):
        codes(labels, count, name)
    both = np.concatenate([np.asarray(a, object), np.asarray(b, object)])
    found = codes(both, n + m)
    ours, theirs = found[:n].copy(), found[n:].copy()
    if not np.intersect1d(ours[ours >= 0], theirs[theirs >= 0]).size:
        raise arguments.bad("source_labels", "none of target_labels", "at least one shared class")
    return ours, theirs
