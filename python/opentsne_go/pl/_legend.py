"""What the colours of a picture stand for."""

from __future__ import annotations

import math
from typing import Any

from opentsne_go._extras import extras

from . import _canvas
from ._paint import Paint

#: The name that legends give to points without a label.
UNLABELLED = "unlabelled"


def entries(paint: Paint) -> tuple[list[Any], list[str]]:
    """Marks and names: of the classes, then of points without one."""
    with extras():
        from matplotlib.lines import Line2D

    names = list(paint.names)
    if bool(paint.without.any()):
        names.append(UNLABELLED)
    rows = [*range(len(paint.names)), len(paint.table) - 1]
    marks = [
        Line2D([], [], marker="o", linestyle="", markersize=6, color=tuple(paint.table[row]))
        for row, _ in zip(rows, names, strict=False)
    ]
    return marks, names


def add(ax: Any, paint: Paint, own: bool, beside: Any = None) -> Any:
    """A legend or colour bar right of the axes, or of the figure where beside is one.

    A figure of ours grows by what it takes.
    """
    if paint.scale is not None:
        return _bar(ax, paint.scale, own, beside)
    marks, names = entries(paint)
    if not names:
        return None
    shown = [name.lstrip("_") or " " for name in names]  # matplotlib leaves others out
    size = 9 if len(names) <= 24 else 7.5
    height = 72 * ax.figure.get_figheight() if own else _canvas.points_of(ax)[1]
    rows = max(1, int(0.92 * height / (1.62 * size)))
    columns = math.ceil(len(names) / rows)
    style = {
        "frameon": False, "fontsize": size, "ncols": columns, "handletextpad": 0.2,
        "columnspacing": 0.8, "labelspacing": 0.4, "borderaxespad": 0.2,
    }  # fmt: skip
    if beside is not None:
        legend = beside.legend(marks, shown, loc="outside right center", **style)
    else:
        at = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)}
        legend = ax.legend(marks, shown, **at, **style)
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set(text=name, parse_math=False)  # a name is no formula, and may begin with "_"
    if own:
        figure = ax.figure
        width = legend.get_window_extent(figure.canvas.get_renderer()).width / figure.dpi
        if beside is None:
            _canvas.widen(ax, width + 0.1)
        else:
            figure.set_size_inches(figure.get_figwidth() + width, figure.get_figheight())
    return legend


def _bar(ax: Any, scale: Any, own: bool, beside: Any) -> Any:
    """A colour bar."""
    figure = ax.figure
    if own and beside is None:
        start, width = _canvas.widen(ax, 0.7)
        bar = figure.colorbar(scale, cax=figure.add_axes((start / width, 0.2, 0.15 / width, 0.55)))
    else:
        axes = ax if beside is None else list(beside.axes)
        bar = figure.colorbar(scale, ax=axes, shrink=0.6, aspect=25, pad=0.02)
    bar.outline.set_visible(False)
    return bar
