"""Selected cells as a column of AnnData."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._input import arguments


@arguments.named
def select(adata: Any, cells: Any, key: str = "selected") -> None:
    """Writes which cells were selected to ``adata.obs[key]``, as True and False.

    Parameters
    ----------
    adata : anndata.AnnData
    cells : str, path-like or sequence of str
        The file of names that a page of `html` gave, or the names themselves.
    key : str
        The column, new or of an earlier selection.

    Raises
    ------
    InvalidInputError
        A name that ``obs_names`` does not have or has twice, or a column of something else.
    """
    column(adata, key)
    if isinstance(cells, str | os.PathLike):
        with open(cells, encoding="utf-8-sig") as file:
            cells = [line for line in file.read().split("\n") if line]
    wanted = {str(one) for one in cells}
    names = [str(one) for one in adata.obs_names]
    times = Counter(names)
    for one in sorted(wanted):
        if times[one] != 1:
            how = "a name that obs_names has twice" if times[one] else "a name that obs_names does not have"
            raise arguments.bad("cells", one, f"names of cells of adata; this is {how}")
    adata.obs[key] = np.array([one in wanted for one in names], bool)


def column(adata: Any, key: Any, argument: str = "key") -> None:
    """Refuses a column that is no selection, and what is no AnnData."""
    if not hasattr(adata, "obs"):
        raise arguments.bad("adata" if argument == "key" else "embedding", type(adata).__name__, "an AnnData")
    if not isinstance(key, str) or not key:
        raise arguments.bad(argument, key, "the name of a column of obs")
    if key in adata.obs and adata.obs[key].dtype.kind != "b":
        raise arguments.bad(argument, key, "a new column of obs, or one of True and False")


class Linked:
    """A selection that a column of AnnData follows; nothing is selected when it begins."""

    def __init__(self, adata: Any, key: str, rows: NDArray[np.intp]) -> None:
        column(adata, key, "selection")
        self._adata, self._key, self._rows = adata, key, rows
        self(np.zeros(0, np.intp))

    def __call__(self, places: Any) -> None:
        """Takes the places of those selected among the cells that are shown."""
        chosen = np.zeros(len(self._adata.obs), bool)
        chosen[self._rows[np.asarray(places, np.intp)]] = True
        self._adata.obs[self._key] = chosen
