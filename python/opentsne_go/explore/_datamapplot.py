"""A map in DataMapPlot."""

from __future__ import annotations

import html as markup
from typing import Any

import numpy as np

from opentsne_go._extras import extras
from opentsne_go.pl._colors import UNLABELLED

from ._table import categories, cells, unlabelled


def datamapplot(
    embedding: Any,
    metadata: Any = None,
    *,
    color: str | None = None,
    palette: Any = None,
    names: Any = None,
    basis: str = "X_tsne",
    **options: Any,
) -> Any:
    """A map as DataMapPlot's interactive figure, with names of classes on it.

    Its page asks a content delivery network for its programs when it is opened; that of `html` needs none.

    Parameters
    ----------
    embedding, metadata, palette, names, basis
        As in `html`. What cells can be coloured by is told of the one pointed at.
    color : str, optional
        The column of classes whose names stand on the map; None: the first that has classes.
    **options
        More of ``datamapplot.create_interactive_plot``'s arguments, which come before
        these. With ``selection_handler=datamapplot.selection_handlers.ExportSelection()``
        selected cells are exported, whose ``hover_text`` `select` takes.

    Returns
    -------
    datamapplot.interactive_rendering.InteractiveFigure
        Shows itself in Jupyter; ``.save(path)`` writes it.

    Raises
    ------
    ModuleNotFoundError
        DataMapPlot is not installed.
    """
    with extras("datamapplot"):
        from datamapplot import create_interactive_plot

    shown = cells(embedding, metadata, names, basis)
    if color is None:
        color = next((one.name for one in shown.columns if one.coloured and one.classes is not None), None)
    by = None if color is None else shown.column(color)
    asked: dict[str, Any] = {"noise_color": UNLABELLED}
    layers = []
    if by is not None and by.classes is not None:
        layers.append(np.asarray(categories(by.classes), object))
        asked.update(label_color_map=by.colours(palette), noise_label=unlabelled(by.classes))
    elif by is not None:
        asked["marker_color_array"] = by.shades(palette)
    frame = shown.frame().reset_index(drop=True)
    told = [one for one, known in zip(frame.columns[2:], shown.columns, strict=True) if known.coloured]
    fields = {f"column_{i}": [_plain(str(value)) for value in frame[one]] for i, one in enumerate(told)}
    rows = "".join(f"<br>{_plain(one)}: {{{field}}}" for field, one in zip(fields, told, strict=True))
    if fields:
        asked["extra_point_data"] = type(frame)(fields)
        asked["hover_text_html_template"] = f"<b>{{hover_text}}</b>{rows}"
    return create_interactive_plot(
        shown.y.astype(float), *layers, **{"hover_text": np.array(shown.names, object), **asked, **options}
    )


def _plain(words: str) -> str:
    """Words as they are within the page's markup and its templates."""
    for one in "`$\\{}":
        words = words.replace(one, f"\0{ord(one)};")
    return markup.escape(words).replace("\0", "&#")
