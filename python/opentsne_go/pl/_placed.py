"""New points on a map, and how sure their places are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opentsne_go._extras import extras
from opentsne_go._input import arguments

from . import _canvas, _colors, _dots, _legend
from ._paint import Paint, paint, plain

#: More ellipses than this hide each other.
_ELLIPSES = 60
#: A place is doubtful where its ellipse is longer than this share of the map.
_DOUBTFUL = 0.1
_MOST_DOUBTFUL = 8
_REGIONS = ("ellipses", "contours", "doubtful", "none")
#: Cells along the longer side in which samples are counted for contours.
_CELLS = 240


@arguments.named
def mapped(
    reference: ArrayLike,
    points: Any,
    samples: ArrayLike | None = None,
    labels: Any = None,
    ax: Any = None,
    *,
    regions: str | None = None,
    palette: Any = None,
    continuous: bool | None = None,
) -> Any:
    """New points on a map, and where 95 % of their samples lie.

    Parameters
    ----------
    reference : array-like, (n, 1 or 2)
        The map.
    points : array-like, (m, 1 or 2), or the result of ``bootstrap``
        The new points; with a bootstrap the samples are its own.
    samples : array-like, (b, m, 1 or 2), optional
        Places of the points by resampled columns.
    labels : array-like, (m,), optional
        Classes of the new points, or numbers.
    ax : matplotlib axes, optional
    regions : {"ellipses", "contours", "doubtful", "none"}, optional
        "ellipses": one for each point. "contours": a line for each class, around
        where 95 % of all its samples lie most densely. "doubtful": the points alone
        whose ellipse would be longer than a tenth of the map, the 8 longest at most, each
        with a ring and a line to every sample. None: ellipses, or contours of more than 60 points.
    palette, continuous
        As in `scatter`.

    Returns
    -------
    matplotlib axes
    """
    if hasattr(points, "samples"):
        points, samples = points.embedding, points.samples
    base, y = _canvas.plane("reference", reference), _canvas.plane("points", points)
    if regions is not None and regions not in _REGIONS:
        raise arguments.bad("regions", regions, ", ".join(map(repr, _REGIONS)) + " or None")
    colour = paint(labels, len(y), palette, continuous)
    if labels is not None:  # as dark as the others, on the grey map
        colour.table[-1] = 0.35
    spread = None
    if samples is not None:
        spread = np.asarray(samples)
        if spread.ndim != 3 or spread.shape[1:] != np.shape(points) or not len(spread):
            raise arguments.bad("samples", spread.shape, f"(b, {len(y)}, {np.shape(points)[1]})")
        if not np.isfinite(spread).all():
            raise arguments.bad("samples", "a value that is not finite", "finite positions")
    ax, own = _canvas.map_axes(ax)
    seen = np.concatenate([base, y])
    _canvas.frame(ax, seen)
    _dots.draw(ax, base, plain(len(base), _colors.BACKGROUND), alpha=1, zorder=1)
    usual = _dots.size_of(len(y), ax)
    _dots.draw(ax, y, colour, size=float(np.clip(usual, 4, 24)), zorder=3)
    if spread is not None and spread.shape[2] == 2 and len(y):
        _regions(ax, y, spread, colour, regions, seen)
    if labels is not None:
        _legend.add(ax, colour, own)
    return ax


def _regions(ax: Any, y: Any, spread: Any, colour: Paint, which: str | None, seen: Any) -> None:
    if which is None:
        which = "ellipses" if spread.shape[1] <= _ELLIPSES else "contours"
    if which == "none":
        return
    if which == "contours":
        _canvas.frame(ax, np.concatenate([seen, _contours(ax, spread, colour)]))
        return
    centre, radii, angles = _ellipses(spread)
    if which == "doubtful":
        side = float(np.ptp(seen, axis=0).max())
        longest = np.argsort(-radii[:, 1], kind="stable")[:_MOST_DOUBTFUL]
        _rays(ax, y, spread, colour, longest[2 * radii[longest, 1] > _DOUBTFUL * side])
        return
    with extras():
        from matplotlib.collections import EllipseCollection

    ax.add_collection(
        EllipseCollection(
            2 * radii[:, 1],
            2 * radii[:, 0],
            angles,
            units="xy",
            offsets=centre,
            offset_transform=ax.transData,
            facecolors="none",
            edgecolors=colour.rgb(),
            linewidths=0.7,
            zorder=2,
        )
    )


def _rays(ax: Any, y: Any, spread: Any, colour: Paint, chosen: Any) -> None:
    """Rings around points, and from each a line to every one of its samples: these may lie on several
    islands, of which an ellipse says nothing."""
    with extras():
        from matplotlib.collections import LineCollection

    ends = np.moveaxis(spread[:, chosen], 0, 1)
    lines: Any = np.stack([np.broadcast_to(y[chosen][:, None], ends.shape), ends], axis=2).reshape(-1, 2, 2)
    each = np.repeat(colour.rgb(chosen), len(spread), axis=0)
    ax.add_collection(LineCollection(lines, colors=each, linewidths=0.7, alpha=0.4, zorder=2), autolim=False)
    ring = {"facecolors": "none", "edgecolors": "black", "linewidths": 1}
    ax.scatter(*y[chosen].T, s=60, zorder=5, **ring)


def _ellipses(samples: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Normal ellipses, stretched so that each holds 95 % of the samples.

    Centres, shorter and longer half axes, and the angle of the longer in degrees.
    """
    centre = samples.mean(axis=0)
    apart = np.moveaxis(samples - centre, 0, 1).astype(float)
    shape = np.einsum("mbi,mbj->mij", apart, apart) / len(samples)
    shape += np.eye(2) * 1e-12 * max(float(np.abs(samples).max()), 1.0) ** 2
    values, vectors = np.linalg.eigh(shape)
    along = np.einsum("mbi,mij->mbj", apart, vectors)
    reach = np.sqrt((along**2 / values[:, None]).sum(axis=2))
    radii = np.quantile(reach, 0.95, axis=1)[:, None] * np.sqrt(values)
    return centre, radii, np.degrees(np.arctan2(vectors[:, 1, 1], vectors[:, 0, 1]))


def _contours(ax: Any, samples: Any, colour: Paint) -> Any:
    """Around where each class's samples are densest, 95 % of them; the lines' points."""
    lines: list[Any] = []
    low, high = samples.min(axis=(0, 1)), samples.max(axis=(0, 1))
    step = max(float((high - low).max()), 1e-12) / _CELLS
    edges = [np.arange(a - 14 * step, b + 15 * step, step) for a, b in zip(low, high, strict=True)]
    middles = [(one[1:] + one[:-1]) / 2 for one in edges]
    weights = np.exp(-0.5 * (np.arange(-12, 13) / 4.0) ** 2)
    for kind in np.unique(colour.index) if colour.scale is None else [None]:
        mine = samples if kind is None else samples[:, colour.index == kind]
        count = np.histogram2d(mine[..., 0].ravel(), mine[..., 1].ravel(), bins=edges)[0]
        dense = count
        for axis in (0, 1):
            dense = np.apply_along_axis(np.convolve, axis, dense, weights / weights.sum(), "same")
        falling = np.argsort(-dense, axis=None)
        inside = np.searchsorted(np.cumsum(count.ravel()[falling]), 0.95 * count.sum())
        level = dense.ravel()[falling[inside]]
        line = (0.3, 0.3, 0.3) if kind is None else tuple(colour.table[kind])
        drawn = ax.contour(*middles, dense.T, levels=[level], colors=[line], linewidths=1.2, zorder=4)
        lines += [path.vertices for path in drawn.get_paths()]
    return np.concatenate(lines)
