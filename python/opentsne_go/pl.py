"""Pictures that scanpy has no function for; they need matplotlib.

Each function draws on given axes or makes a figure, and returns what it drew
on.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._input import arguments
from ._input.labels import codes
from .callbacks import History

__all__ = ["kl_curve", "side_by_side", "mapped", "animation"]


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots()[1]


def _plane(name: str, value: Any) -> Any:
    """Positions with one or two columns; one gets a second of zeros."""
    y = np.asarray(value)
    if y.ndim != 2 or y.shape[1] not in (1, 2) or not np.isfinite(y).all():
        raise arguments.bad(name, f"shape {y.shape}", "finite positions in 1 or 2 columns")
    return y if y.shape[1] == 2 else np.column_stack([y, np.zeros(len(y), y.dtype)])


def _colours(labels: Any, n: int, name: str = "labels") -> Any:
    """A colour for each point, and the classes by name."""
    if labels is None:
        return np.zeros(n, np.int32), []
    found = codes(labels, n, name)
    values = np.asarray(labels)
    names = [str(values[np.flatnonzero(found == i)[0]]) for i in range(found.max() + 1)]
    return found, names


def _size(n: int) -> float:
    """Of a dot, so that n of them can be told apart."""
    return max(1.0, min(20.0, 2e4 / max(n, 1)))


def _dots(ax: Any, y: Any, found: Any, highest: int, **style: Any) -> Any:
    style = {"s": _size(len(y)), "linewidths": 0, **style}
    return ax.scatter(
        y[:, 0], y[:, 1], c=found, cmap="tab20" if highest > 9 else "tab10",
        vmin=0, vmax=19 if highest > 9 else 9, **style,
    )  # fmt: skip


def _bare(ax: Any, title: str | None = None) -> None:
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_aspect("equal", adjustable="box")
    if title:
        ax.set_title(title)


def kl_curve(history: History, ax: Any = None) -> Any:
    """The KL divergence over the iterations.

    Parameters
    ----------
    history : opentsne_go.callbacks.History
        The callback that the map was fitted with.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    if not history.iterations:
        raise arguments.bad("history", "no iterations", "one that was a callback of a fit")
    ax = _axes(ax)
    ax.plot(history.iterations, history.kl_divergences)
    for begin in history.phases[1:]:
        ax.axvline(begin, linestyle=":", color="grey")
    ax.set_xlabel("iteration")
    ax.set_ylabel("KL divergence")
    return ax


def side_by_side(
    maps: Sequence[ArrayLike],
    labels: Sequence[Any] | None = None,
    titles: Sequence[str] | None = None,
) -> Any:
    """Maps beside each other, on the same scale and with the same colours.

    Parameters
    ----------
    maps : sequence of array-like, each (n, 1 or 2)
        Maps that agree, such as `opentsne_go.align` makes.
    labels : sequence of array-like, optional
        The classes of each map's points.
    titles : sequence of str, optional

    Returns
    -------
    matplotlib figure
    """
    given = [_plane(f"maps[{i}]", one) for i, one in enumerate(maps)]
    if not given:
        raise arguments.bad("maps", "none", "1 or more")
    for name, several in (("labels", labels), ("titles", titles)):
        if several is not None and len(several) != len(given):
            raise arguments.bad(name, len(several), f"{len(given)}, one for each map")
    if labels is None:
        every, names = np.zeros(sum(map(len, given)), np.int32), []
    else:
        for i, (one, y) in enumerate(zip(labels, given, strict=True)):
            codes(one, len(y), f"labels[{i}]")
        joined = np.concatenate([np.asarray(one, object) for one in labels])
        every, names = _colours(joined, len(joined))
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(given), sharex=True, sharey=True, squeeze=False, figsize=(4 * len(given), 4)
    )
    start, drawn = 0, None
    for i, (ax, y) in enumerate(zip(axes[0], given, strict=True)):
        drawn = _dots(ax, y, every[start : start + len(y)], len(names) - 1)
        start += len(y)
        _bare(ax, titles[i] if titles is not None else None)
    _legend(figure, drawn, names)
    return figure


def _legend(figure: Any, drawn: Any, names: list[str]) -> None:
    if not 1 < len(names) <= 20:
        return
    from matplotlib.lines import Line2D

    marks = [
        Line2D([], [], marker="o", linestyle="", color=drawn.cmap(drawn.norm(i)), label=name)
        for i, name in enumerate(names)
    ]
    figure.legend(handles=marks, loc="outside right center", frameon=False)
    figure.set_layout_engine("constrained")


def mapped(
    reference: ArrayLike,
    points: Any,
    samples: ArrayLike | None = None,
    labels: Any = None,
    ax: Any = None,
) -> Any:
    """New points on a map, each with an ellipse that holds 95 % of its samples.

    Parameters
    ----------
    reference : array-like, (n, 1 or 2)
        The map.
    points : array-like, (m, 1 or 2), or the result of ``bootstrap``
        The new points; with a bootstrap the samples are its own.
    samples : array-like, (b, m, 1 or 2), optional
        Places of the points by resampled columns.
    labels : array-like, (m,), optional
        Classes of the new points.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    if hasattr(points, "samples"):
        points, samples = points.embedding, points.samples
    base, y = _plane("reference", reference), _plane("points", points)
    found, names = _colours(labels, len(y))
    spread = None
    if samples is not None:
        spread = np.asarray(samples)
        if spread.ndim != 3 or spread.shape[1:] != np.shape(points):
            raise arguments.bad("samples", spread.shape, f"(b, {len(y)}, {np.shape(points)[1]})")
    ax = _axes(ax)
    ax.scatter(base[:, 0], base[:, 1], s=_size(len(base)), color="lightgrey", linewidths=0)
    drawn = _dots(ax, y, found, len(names) - 1, s=12)
    if spread is not None and spread.shape[2] == 2:
        _ellipses(ax, spread, drawn, found)
    _bare(ax)
    _legend(ax.figure, drawn, names)
    return ax


def _ellipses(ax: Any, samples: Any, drawn: Any, found: Any) -> None:
    """Normal ellipses, stretched so that each holds 95 % of the samples."""
    from matplotlib.collections import EllipseCollection

    centre = samples.mean(axis=0)
    apart = np.moveaxis(samples - centre, 0, 1).astype(float)
    shape = np.einsum("mbi,mbj->mij", apart, apart) / len(samples)
    shape += np.eye(2) * 1e-12 * max(float(np.abs(samples).max()), 1.0) ** 2
    values, vectors = np.linalg.eigh(shape)
    along = np.einsum("mbi,mij->mbj", apart, vectors)
    reach = np.sqrt((along**2 / values[:, None]).sum(axis=2))
    radii = np.quantile(reach, 0.95, axis=1)[:, None] * np.sqrt(values)
    ax.add_collection(
        EllipseCollection(
            2 * radii[:, 1],
            2 * radii[:, 0],
            np.degrees(np.arctan2(vectors[:, 1, 1], vectors[:, 0, 1])),
            units="xy",
            offsets=centre,
            offset_transform=ax.transData,
            facecolors="none",
            edgecolors=drawn.cmap(drawn.norm(found)),
            linewidths=0.5,
        )
    )


def animation(
    history: History | Sequence[ArrayLike],
    path: str | os.PathLike[str],
    labels: Any = None,
    frames_per_second: int = 12,
) -> None:
    """Write the optimisation as a moving picture.

    Parameters
    ----------
    history : opentsne_go.callbacks.History or sequence of (n, 1 or 2)
        The callback that the map was fitted with, or the maps themselves.
    path : str or path-like
        Ends in ".gif", which needs Pillow, or ".html".
    labels : array-like, (n,), optional
        Classes of the points.
    frames_per_second : int
    """
    maps = history.embeddings if isinstance(history, History) else list(history)
    if not maps:
        raise arguments.bad("history", "no positions", "History(embeddings=True) of a fit")
    frames = [_plane(f"history[{i}]", one) for i, one in enumerate(maps)]
    found, names = _colours(labels, len(frames[0]))
    rate = arguments.whole("frames_per_second", frames_per_second, 1)
    name = os.fspath(path)
    if not name.endswith((".gif", ".html")):
        raise arguments.bad("path", name, "a name that ends in .gif or .html")
    import matplotlib.pyplot as plt
    from matplotlib.animation import FuncAnimation, PillowWriter

    figure, ax = plt.subplots(figsize=(4, 4))
    try:
        drawn = _dots(ax, frames[0], found, len(names) - 1)
        _bare(ax)

        def show(frame: int) -> list[Any]:
            y = frames[frame]
            reach = 1.05 * max(float(np.abs(y).max()), 1e-12)
            drawn.set_offsets(y)
            ax.set_xlim(-reach, reach)
            ax.set_ylim(-reach, reach)
            return [drawn]

        moving = FuncAnimation(figure, show, frames=len(frames), interval=1000 / rate)
        if name.endswith(".gif"):
            moving.save(name, writer=PillowWriter(fps=rate))
        else:
            with open(name, "w", encoding="utf-8") as file:
                file.write(moving.to_jshtml())
    finally:
        plt.close(figure)
