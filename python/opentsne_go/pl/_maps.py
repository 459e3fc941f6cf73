"""Maps by class or by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from opentsne_go._input import arguments
from opentsne_go._input import labels as reading

from . import _canvas, _dots, _legend, _naming
from ._paint import Paint, by_class, by_value, kept, numbers, paint

#: With more classes than this their names stand on the map unless somebody says no.
NAMED_FROM = 20


@arguments.named
def scatter(
    embedding: Any,
    labels: Any = None,
    *,
    on_data: bool | None = None,
    palette: Any = None,
    continuous: bool | None = None,
    title: str | None = None,
    size: float | None = None,
    alpha: float | None = None,
    legend: bool | None = None,
    basis: str = "X_tsne",
    ax: Any = None,
) -> Any:
    """A map, coloured by class or by number.

    Parameters
    ----------
    embedding : array-like, (n, 1 or 2), or anndata.AnnData
        The map; rows of NaN, cells that could not be placed, are left out.
    labels : array-like, (n,), or str, optional
        Classes of any kind, or numbers. Of AnnData also a column of ``obs``, of which
        ``uns["..._colors"]`` are the colours, or a gene. Points whose label is
        missing (NaN, None, pandas' NA) are grey and called "unlabelled".
    on_data : bool, optional
        Names of the classes on the map, none on another in the figure as it is
        made: those without room on their class have a line to it. None: from
        21 classes on, beside the legend.
    palette : optional
        Colours of the classes in their order, a dict by name, or a colormap of
        matplotlib or its name, which numbers take too. None: as the class
        was drawn before in this session, else chosen so that the classes of this
        picture differ; viridis for numbers.
    continuous : bool, optional
        Whether labels are numbers with a colour bar. None: floats are (but for whole
        ones among NaN, which are integers that miss some), and integers of over
        100 kinds.
    title : str, optional
    size : float, optional
        Area of a dot in square points. None: by n and the axes; from 200,000
        points on an image, by datashader where that is installed.
    alpha : float, optional
        Opacity. None: by n.
    legend : bool, optional
        None: unless the names are on the map because of ``on_data=True``.
    basis : str
        Key of the map in ``obsm``.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    if hasattr(embedding, "obsm"):
        embedding, labels, palette, continuous = _of_anndata(
            embedding, basis, labels, palette, continuous
        )
    y = _canvas.plane("embedding", embedding, gaps=True)
    colour = paint(labels, len(y), palette, continuous)
    there = ~(np.isnan(y[:, 0]) | np.isnan(y[:, 1]))
    if not there.all():
        y, colour = y[there], colour.part(there)
    ax, own = _canvas.map_axes(ax)
    _canvas.frame(ax, y, title)
    named = len(colour.names) > NAMED_FROM if on_data is None else bool(on_data)
    _dots.draw(ax, y, colour, size, alpha)
    if legend or (legend is None and (on_data is not True or colour.scale is not None)):
        _legend.add(ax, colour, own)
    if named and len(y):
        _naming.write(ax, y, colour)
    return ax


def _of_anndata(
    adata: Any, basis: str, labels: Any, palette: Any, continuous: bool | None
) -> tuple[Any, Any, Any, bool | None]:
    """A map and labels by their names."""
    if basis not in adata.obsm:
        raise arguments.bad("basis", basis, f"one of {list(adata.obsm)}")
    y = adata.obsm[basis]
    if not isinstance(labels, str):
        return y, labels, palette, continuous
    if labels in adata.obs:
        return y, adata.obs[labels], kept(adata, labels) if palette is None else palette, continuous
    source = adata if adata.raw is None else adata.raw
    if labels not in source.var_names:
        raise arguments.bad("labels", labels, "values, a column of adata.obs or a gene")
    return y, source.obs_vector(labels), palette, True


@arguments.named
def side_by_side(
    maps: Sequence[ArrayLike],
    labels: Sequence[Any] | None = None,
    titles: Sequence[str] | None = None,
    *,
    palette: Any = None,
    continuous: bool | None = None,
) -> Any:
    """Maps beside each other, on the same scale and with the same colours.

    Parameters
    ----------
    maps : sequence of array-like, each (n, 1 or 2)
        Maps that agree, such as `opentsne_go.align` makes.
    labels : sequence of array-like, optional
        The labels of each map's points.
    titles : sequence of str, optional
    palette, continuous
        As in `scatter`.

    Returns
    -------
    matplotlib figure
    """
    given = [_canvas.plane(f"maps[{i}]", one) for i, one in enumerate(maps)]
    if not given:
        raise arguments.bad("maps", "none", "1 or more")
    for name, several in (("labels", labels), ("titles", titles)):
        if several is not None and len(several) != len(given):
            raise arguments.bad(name, len(several), f"{len(given)}, one for each map")
    every = _joined(labels, given, palette, continuous)
    figure, axes = _canvas.figure(
        len(given), width=4 * len(given), height=4, sharex=True, sharey=True
    )
    start, whole = 0, np.concatenate(given)
    for i, (ax, y) in enumerate(zip(axes, given, strict=True)):
        _canvas.frame(ax, whole, None if titles is None else titles[i], border=True)
        _dots.draw(ax, y, every.part(slice(start, start + len(y))))
        start += len(y)
    if every.names or every.scale is not None:
        _legend.add(axes[-1], every, own=True, beside=figure)
    return figure


def _joined(
    labels: Sequence[Any] | None, given: list[Any], palette: Any, continuous: bool | None
) -> Paint:
    """The colours of all points of several maps, of one set of classes."""
    if labels is None:
        return paint(None, sum(map(len, given)))
    found = [
        reading.classes(one, len(y), f"labels[{i}]")
        for i, (one, y) in enumerate(zip(labels, given, strict=True))
    ]
    if continuous is None:
        continuous = all(reading.quantities(one) is not None for one in labels)
    if continuous:
        return by_value(np.concatenate([numbers(one, "labels") for one in labels]), palette)
    return by_class(reading.joined(found), palette, reading.categories(labels[0]))
