"""Figures and axes, and where on them a map lies."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from opentsne_go._extras import extras
from opentsne_go._input import arguments, tables


@functools.cache
def _kinds() -> dict[str, type]:
    """A figure and axes that Jupyter shows once.

    It shows the figures of pyplot after a cell, and before that the cell's
    value, which would be the same picture again.
    """
    with extras():
        import matplotlib.pyplot as plt
        from matplotlib.axes import Axes
        from matplotlib.figure import Figure

    class ShownFigure(Figure):
        """A figure that is off pyplot's list once it has been shown as a cell's value."""

        __qualname__ = "ShownFigure"

        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
            if _inline():
                plt.close(self)
            return {}

    class ShownAxes(Axes):
        """Axes that are shown as their figure is."""

        __qualname__ = "ShownAxes"

        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
            if not _inline():
                return {}
            from IPython import get_ipython

            return get_ipython().display_formatter.format(self.figure, include, exclude)

    return {"ShownFigure": ShownFigure, "ShownAxes": ShownAxes}


def __getattr__(name: str) -> Any:  # for pickles of figures
    if name in ("ShownFigure", "ShownAxes"):
        return _kinds()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _inline() -> bool:
    """Whether pictures stand below the cells of a notebook."""
    with extras():
        import matplotlib

    return "inline" in matplotlib.get_backend().lower()


def grid(rows: int, columns: int, width: float, height: float, **sharing: Any) -> Any:
    """A figure and its axes, row by row."""
    with extras():
        import matplotlib.pyplot as plt

    made = plt.figure(
        FigureClass=_kinds()["ShownFigure"], figsize=(width, height), layout="constrained"
    )
    axes = made.subplots(
        rows, columns, squeeze=False, subplot_kw={"axes_class": _kinds()["ShownAxes"]}, **sharing
    )
    return made, axes.ravel()


def figure(columns: int = 1, width: float = 6.0, height: float = 6.0, **sharing: Any) -> Any:
    """A figure and its axes in a row."""
    return grid(1, columns, width, height, **sharing)


def axes(ax: Any, **size: Any) -> tuple[Any, bool]:
    """Axes to draw on, and whether they are new."""
    return (ax, False) if ax is not None else (figure(**size)[1][0], True)


#: Inches: the side of a map, what is free around it, and above it for a title.
_SIDE, _FREE, _ABOVE = 5.8, 0.1, 0.4


def map_axes(ax: Any) -> tuple[Any, bool]:
    """Axes for a map: new ones lie in the figure by inches, to the left of all else."""
    if ax is not None:
        return ax, False
    made, (ax,) = figure(width=_SIDE + 2 * _FREE, height=_SIDE + _FREE + _ABOVE)
    made.set_layout_engine("none")
    widen(ax, 0)
    return ax, True


def widen(ax: Any, inches: float) -> tuple[float, float]:
    """Gives a new map's figure room on the right; where that begins and the figure's width."""
    figure = ax.figure
    start = figure.get_figwidth()
    figure.set_size_inches(start + inches, figure.get_figheight())
    width, height = figure.get_size_inches()
    ax.set_position([_FREE / width, _FREE / height, _SIDE / width, _SIDE / height])
    return start, width


def plane(name: str, value: Any, gaps: bool = False) -> Any:
    """Positions with one or two columns; one gets a second of zeros.

    With gaps, rows may be NaN: cells that could not be placed.
    """
    y = np.asarray(tables.unannotated(value, name, tables.POSITIONS))
    if y.ndim != 2 or y.shape[1] not in (1, 2) or y.dtype.kind not in "fiu":
        raise arguments.bad(name, f"shape {y.shape}", "finite positions in 1 or 2 columns")
    bad = np.isinf(y) if gaps else ~np.isfinite(y)
    if bad.any():
        row = int(bad.argmax()) // y.shape[1]
        raise arguments.bad(name, f"{y[row].tolist()} in row {row}", "finite positions in 1 or 2 columns")
    return y if y.shape[1] == 2 else np.column_stack([y, np.zeros(len(y), y.dtype)])


def box(y: Any) -> tuple[Any, Any]:
    """Least and largest of each column, in numpy's quicker way; of no points a unit square."""
    if not len(y):
        return np.zeros(2), np.ones(2)
    low, high = (np.array([of(y[:, 0]), of(y[:, 1])], float) for of in (np.min, np.max))
    return low, high


def frame(ax: Any, y: Any, title: str | None = None, border: bool = False) -> None:
    """The whole map in view, as long as wide, without ticks."""
    ax.set_xticks([])
    ax.set_yticks([])
    if not border:
        ax.axis("off")
    low, high = box(y)
    middle, reach = (low + high) / 2.0, 0.52 * max(float((high - low).max()), 1e-12)
    ax.set_xlim(middle[0] - reach, middle[0] + reach)
    ax.set_ylim(middle[1] - reach, middle[1] + reach)
    ax.set_aspect("equal", adjustable="box")
    if title is not None:
        ax.set_title(title)


def points_of(ax: Any) -> tuple[float, float]:
    """Width and height of axes in points, as the figure is now."""
    box = ax.get_window_extent()
    return 72 * box.width / ax.figure.dpi, 72 * box.height / ax.figure.dpi
