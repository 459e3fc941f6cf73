"""A map in Embedding Atlas."""

from __future__ import annotations

from typing import Any

import numpy as np

from opentsne_go._extras import extras

from ._selection import Linked
from ._table import cells, free


def embedding_atlas(
    embedding: Any,
    metadata: Any = None,
    *,
    names: Any = None,
    selection: str | None = None,
    basis: str = "X_tsne",
    **options: Any,
) -> Any:
    """A map as Embedding Atlas's widget, for a notebook, with all columns beside it.

    What it is coloured by is chosen in the widget, in colours of its own.

    Parameters
    ----------
    embedding, metadata, names, basis
        As in `html`.
    selection : str, optional
        A column of ``obs`` that is True for the cells that the widget's filters and
        selections leave, as these change, and False for all while there are none; embedding
        is AnnData then.
    **options
        More of ``EmbeddingAtlasWidget``'s arguments, which come before these.

    Returns
    -------
    embedding_atlas.widget.EmbeddingAtlasWidget
        ``.selection()`` gives the rows of the selected cells.

    Raises
    ------
    ModuleNotFoundError
        embedding-atlas is not installed.
    """
    with extras("embedding-atlas"):
        from embedding_atlas.widget import EmbeddingAtlasWidget

    shown = cells(embedding, metadata, names, basis)
    linked = None if selection is None else Linked(embedding, selection, shown.rows)
    frame = shown.frame()
    name, place = free("cell", frame.columns), free("row", frame.columns)
    frame[name], frame[place] = shown.names, np.arange(len(shown.names))
    made = EmbeddingAtlasWidget(
        frame, **{"x": "x", "y": "y", "text": name, "row_id": place, **options}
    )
    if linked is not None:
        made.observe(
            lambda change: linked(made.selection()[place] if change["new"] is not None else []),
            names="_predicate",
        )
    return made
