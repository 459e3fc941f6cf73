"""Many small maps of the same points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from opentsne_go._input import arguments

from . import _canvas, _dots, _legend
from ._paint import paint


@arguments.named
def sheet(
    maps: Sequence[ArrayLike],
    labels: Any = None,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 3,
    marked: int | None = None,
    palette: Any = None,
    continuous: bool | None = None,
) -> Any:
    """Small maps of the same points, each as large as its place, in rows.

    Parameters
    ----------
    maps : sequence of array-like, each (n, 1 or 2)
        Maps that agree, such as `opentsne_go.superpose` makes.
    labels : array-like, (n,), optional
        What points are coloured by.
    titles : sequence of str, optional
    columns : int
        Maps in a row.
    marked : int, optional
        A map whose frame and title stand out.
    palette, continuous
        As in `scatter`.

    Returns
    -------
    matplotlib figure
    """
    given = [_canvas.plane(f"maps[{i}]", one) for i, one in enumerate(maps)]
    if not given:
        raise arguments.bad("maps", "none", "1 or more")
    for i, one in enumerate(given):
        if len(one) != len(given[0]):
            raise arguments.bad(f"maps[{i}]", one.shape, f"{len(given[0])} rows, as maps[0] has")
    if titles is not None and len(titles) != len(given):
        raise arguments.bad("titles", len(titles), f"{len(given)}, one for each map")
    columns = min(arguments.whole("columns", columns, 1), len(given))
    rows = -(-len(given) // columns)
    colour = paint(labels, len(given[0]), palette, continuous)
    figure, axes = _canvas.grid(rows, columns, width=2.6 * columns, height=2.8 * rows)
    for ax in axes[len(given) :]:
        ax.set_axis_off()
    for i, (ax, y) in enumerate(zip(axes, given, strict=False)):
        _canvas.frame(ax, y, None, border=True)
        if titles is not None:
            ax.set_title(titles[i], fontsize="small", fontweight="bold" if i == marked else "normal")
        for side in ax.spines.values():
            side.set(color="black" if i == marked else "#cccccc", linewidth=1.8 if i == marked else 0.8)
        _dots.draw(ax, y, colour)
    if colour.names or colour.scale is not None:
        _legend.add(axes[columns - 1], colour, own=True, beside=figure)
    return figure
