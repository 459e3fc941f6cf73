"""A page of one file: a map, its cells' metadata and what draws them."""

from __future__ import annotations

import base64
import html as markup
import json
import os
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._input import arguments
from opentsne_go.pl._colors import BACKGROUND, UNLABELLED, wheel

from ._table import Column, cells

#: Up to this size float32 has every whole number.
_EXACT = 1 << 24


class Page:
    """A map as a page, which Jupyter shows.

    `html` makes it.
    """

    __module__ = "opentsne_go.explore"

    @arguments.named
    def __init__(self, text: str, n: int) -> None:
        self._text, self._n = text, n

    def __repr__(self) -> str:
        return f"Page of {self._n:,} cells, {len(self._text) / 1e6:.1f} MB; save(path) writes it"

    def __str__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{markup.escape(self._text)}" style="width:100%;height:600px;border:1px solid #ddd">'
            "</iframe>"
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file.

        Parameters
        ----------
        path : str or path-like
            Ends in ".html".
        """
        with open(_named(path), "w", encoding="ascii", errors="xmlcharrefreplace") as file:
            file.write(self._text)


def _named(path: str | os.PathLike[str]) -> str:
    name = os.fspath(path)
    if not name.endswith(".html"):
        raise arguments.bad("path", name, "a name that ends in .html")
    return name


@arguments.named
def html(
    embedding: Any,
    metadata: Any = None,
    path: str | os.PathLike[str] | None = None,
    *,
    color: str | None = None,
    palette: Any = None,
    names: Any = None,
    title: str = "t-SNE",
    basis: str = "X_tsne",
) -> Page:
    """A page of one file that shows a map and lets cells be selected; it needs no server and no network.

    Pointing at a cell shows what is known of it; a box, a lasso or a class of the
    legend selects cells, whose names are downloaded as text and come back into AnnData by
    `select`.

    Parameters
    ----------
    embedding : array-like, (n, 1 or 2), or anndata.AnnData
        The map; rows of NaN, cells that could not be placed, are left out.
    metadata : optional
        What is known of the cells: a pandas DataFrame or dict of columns of n values, or
        the values of one. Of AnnData also names of columns of ``obs`` and genes; None: all
        columns of ``obs``. By columns of over 256 classes nothing is coloured.
    path : str or path-like, optional
        A file to write as well, which ends in ".html".
    color : str, optional
        The column that cells are coloured by at first; None: the first that can be.
    palette : optional
        Of that column, as in `opentsne_go.pl.scatter`. Classes have the colours that
        all pictures of the session have, or those in ``uns``; cells without a label are grey.
    names : sequence, (n,), optional
        Of the cells. None: ``obs_names``, the DataFrame's index, or numbers from 0.
    title : str
    basis : str
        Key of the map in ``obsm``.

    Returns
    -------
    Page
        Shows itself in Jupyter; ``save(path)`` writes it.
    """
    name = None if path is None else _named(path)
    shown = cells(embedding, metadata, names, basis)
    for row, one in zip(shown.rows, shown.names, strict=True):
        if "\n" in one or "\r" in one:
            raise arguments.bad("names", one, f"names of one line; this is row {row}")
    first = shown.column(color)
    colour = {one.name: palette if one is first else None for one in shown.columns}
    # The first column has the first choice of colours.
    columns = {one.name: _described(one, colour[one.name]) for one in sorted(shown.columns, key=lambda one: one is not first)}
    data = {
        "positions": _packed(shown.y.astype(np.float32), "f4"),
        "names": shown.names,
        "columns": [columns[one.name] for one in shown.columns],
        "first": -1 if first is None else shown.columns.index(first),
        "plain": wheel(1)[0],
        "unlabelled": UNLABELLED,
        "background": BACKGROUND,
    }
    made = Page(_filled(data, title), len(shown.names))
    if name is not None:
        made.save(name)
    return made


def _filled(data: dict[str, Any], title: str) -> str:
    page = resources.files("opentsne_go.explore").joinpath("page.html").read_text("utf-8")
    words = json.dumps(data, allow_nan=False).replace("<", "\\u003c")
    before, _, rest = page.partition("{title}")
    between, _, after = rest.partition("{data}")
    return before + markup.escape(str(title)) + between + words + after


def _described(column: Column, palette: Any) -> dict[str, Any]:
    """A column as the page reads it."""
    if column.classes is None:
        values = column.quantities
        assert values is not None
        colours, low, high = column.levels(palette)
        there = values[np.isfinite(values)]
        wide = (there % 1 == 0).all() and (np.abs(there) > _EXACT).any()
        return {
            "name": column.name,
            "kind": "numbers",
            "colors": colours,
            "low": low,
            "high": high,
            "values": _packed(values, "f8" if wide else "f4"),
        }
    names, codes = column.classes.names, column.classes.codes
    said: dict[str, Any] = {"name": column.name, "kind": "words", "names": names}
    if column.coloured:
        said["kind"] = "classes"
        said["colors"] = list(column.colours(palette).values())
    k = len(names)  # the place of those without a label
    said["values"] = _packed(np.where(codes < 0, k, codes), "u1" if k < 1 << 8 else "u2" if k < 1 << 16 else "i4")
    return said


def _packed(values: NDArray[Any], kind: str) -> dict[str, str]:
    with np.errstate(over="ignore"):
        plain = np.ascontiguousarray(values, "<" + kind)
    return {"type": kind, "values": base64.b64encode(plain.tobytes()).decode()}
