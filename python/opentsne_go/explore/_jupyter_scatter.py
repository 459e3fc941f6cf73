"""A map in jupyter-scatter."""

from __future__ import annotations

from typing import Any

import numpy as np

from opentsne_go._extras import extras
from opentsne_go.pl._colors import UNLABELLED, wheel

from ._selection import Linked
from ._table import Cells, Column, cells, unlabelled


def jupyter_scatter(
    embedding: Any,
    metadata: Any = None,
    *,
    color: str | None = None,
    palette: Any = None,
    names: Any = None,
    selection: str | None = None,
    basis: str = "X_tsne",
    **options: Any,
) -> Any:
    """A map as jupyter-scatter's widget, for a notebook.

    Parameters
    ----------
    embedding, metadata, color, palette, names, basis
        As in `html`. What cells can be coloured by is in the tooltip.
    selection : str, optional
        A column of ``obs`` that is True for the cells selected in the widget, from
        now on and as the selection changes; embedding is AnnData then.
    **options
        More of ``jscatter.Scatter``'s arguments, which come before these.

    Returns
    -------
    jscatter.Scatter
        Show it with ``.show()``; ``.selection()`` gives the names of the selected cells.

    Raises
    ------
    ModuleNotFoundError
        jupyter-scatter is not installed.
    """
    with extras("jupyter-scatter"):
        import jscatter

    shown = cells(embedding, metadata, names, basis)
    by = shown.column(color)
    linked = None if selection is None else Linked(embedding, selection, shown.rows)
    frame = shown.frame()
    at = dict(zip([id(one) for one in shown.columns], frame.columns[2:], strict=True))
    asked: dict[str, Any] = {
        "data": frame, "x": "x", "y": "y", "data_use_index": True, "legend": by is not None, "tooltip": True,
        "tooltip_properties": [at[id(one)] for one in shown.columns if one.coloured],
        **_square(shown),
        **({"color": wheel(1)[0]} if by is None else _colour(by, at[id(by)], palette)),
    }  # fmt: skip
    made = jscatter.Scatter(**{**asked, **options})
    if linked is not None:
        made.widget.observe(lambda change: linked(change["new"]), names="selection")
    return made


def _square(shown: Cells) -> dict[str, Any]:
    """Axes of one unit."""
    if not len(shown.y):
        return {}
    low, high = shown.y.min(axis=0), shown.y.max(axis=0)
    reach = 0.52 * max(float((high - low).max()), 1e-12)
    return {f"{name}_scale": (float(m) - reach, float(m) + reach) for name, m in zip("xy", (low + high) / 2, strict=True)}


def _colour(by: Column, name: str, palette: Any) -> dict[str, Any]:
    if by.classes is not None:
        chosen = by.colours(palette)
        if (by.classes.codes < 0).any():
            chosen[unlabelled(by.classes)] = UNLABELLED
        return {"color_by": name, "color_map": chosen}
    levels, low, high = by.levels(palette)
    values = by.quantities
    assert values is not None
    there = np.isfinite(values)
    if there.all():
        return {"color_by": name, "color_map": levels, "color_norm": (low, high)}
    below = low - (high - low) / len(levels)  # of those without a value, one level of their own
    return {
        "color_by": np.where(there, values, below), "color_map": [UNLABELLED, *levels], "color_norm": (below, high),
    }  # fmt: skip
