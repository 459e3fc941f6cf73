"""A map with what is known of its cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._extras import extras
from opentsne_go._input import arguments, labels
from opentsne_go.pl._canvas import plane
from opentsne_go.pl._colors import of_classes
from opentsne_go.pl._paint import by_value, kept

#: Words of more kinds than this are read, and nothing is coloured by them.
KINDS = 256


@dataclass(frozen=True)
class Column:
    """One thing that is known of each cell.

    Attributes
    ----------
    name : str
    values : (n,) array or pandas Series, as given
    quantities : (n,) float64, optional
        Numbers that are measured, NaN where missing.
    classes : Classes, optional
        Of all that is no quantity.
    kept : dict of str to str, optional
        Colours that AnnData has of the classes.
    """

    name: str
    values: Any
    quantities: NDArray[np.float64] | None
    classes: labels.Classes | None
    kept: dict[str, str] | None

    @property
    def coloured(self) -> bool:
        """Whether cells can be told apart by it."""
        return self.classes is None or len(self.classes.names) <= KINDS

    def colours(self, palette: Any = None) -> dict[str, str]:
        """"#rrggbb" by class, as every picture of this session has it."""
        assert self.classes is not None
        names = self.classes.names
        chosen = self.kept if palette is None else palette
        return dict(zip(names, of_classes(names, chosen, labels.categories(self.values)), strict=True))

    def shades(self, palette: Any = None) -> list[str]:
        """The colour of each cell by its number; grey without one."""
        assert self.quantities is not None
        painted = by_value(self.quantities, palette)
        table = _hexes(painted.table)
        return [table[i] for i in painted.index]

    def levels(self, palette: Any = None) -> tuple[list[str], float, float]:
        """Colours from the least to the largest number, and these two."""
        assert self.quantities is not None
        painted = by_value(self.quantities, palette)
        norm = painted.scale.norm
        return _hexes(painted.table[:-1]), float(norm.vmin), float(norm.vmax)


def _hexes(table: NDArray[np.float32]) -> list[str]:
    return ["#{:02x}{:02x}{:02x}".format(*one) for one in np.round(255 * table).astype(int).tolist()]


@dataclass(frozen=True)
class Cells:
    """What is shown: cells that have a place.

    Attributes
    ----------
    y : (n, 2) float
    names : list of str
    columns : list of Column
    rows : (n,) intp
        Their rows in what was given.
    whole : int
        How many rows that has.
    """

    y: NDArray[Any]
    names: list[str]
    columns: list[Column]
    rows: NDArray[np.intp]
    whole: int

    def column(self, name: Any) -> Column | None:
        """That which cells are to be coloured by: the first one if nobody says."""
        able = [one for one in self.columns if one.coloured]
        if name is None:
            return able[0] if able else None
        for one in able:
            if one.name == name:
                return one
        raise arguments.bad("color", name, f"one of {[one.name for one in able]}")

    def frame(self) -> Any:
        """pandas' table by the names of cells: their place (x, y) and the columns.

        Classes are categories in the order of legends; without a label is one too, the last.
        """
        with extras():
            from pandas import DataFrame

        made: dict[str, Any] = {"x": self.y[:, 0].astype(np.float32), "y": self.y[:, 1].astype(np.float32)}
        for one in self.columns:
            made[free(one.name, made)] = one.quantities if one.classes is None else categories(one.classes)
        return DataFrame(made, index=self.names)


def free(name: str, taken: Iterable[str]) -> str:
    """A name that no other has."""
    while name in taken:
        name += "_"
    return name


def unlabelled(classes: labels.Classes) -> str:
    """What the class of those without a label is called."""
    return free("unlabelled", classes.names)


def categories(classes: labels.Classes) -> Any:
    """Classes as pandas has them."""
    with extras():
        from pandas import Categorical

    names, codes = classes.names, classes.codes
    if (codes < 0).any():
        codes = np.where(codes < 0, len(names), codes)
        names = [*names, unlabelled(classes)]
    return Categorical.from_codes(codes, names)


def cells(embedding: Any, metadata: Any, names: Any = None, basis: str = "X_tsne") -> Cells:
    """Positions, names and columns of what users have."""
    adata = embedding if hasattr(embedding, "obsm") else None
    if adata is not None:
        if basis not in adata.obsm:
            raise arguments.bad("basis", basis, f"one of {list(adata.obsm)}")
        embedding = adata.obsm[basis]
    y = plane("embedding", embedding, gaps=True)
    n = len(y)
    rows = np.flatnonzero(~np.isnan(y).any(axis=1))
    given = dict(_of_anndata(adata, metadata) if adata is not None else _of_table(metadata))
    columns = [_column(name, values, n, rows, adata) for name, values in given.items()]
    if names is None:
        index = getattr(adata, "obs_names", getattr(metadata, "index", None))
        names = range(n) if index is None or callable(index) else index
    said = [str(one) for one in names]
    if len(said) != n:
        raise arguments.bad("names", f"{len(said)} names", f"{n}, one for each cell")
    return Cells(y[rows], [said[i] for i in rows], columns, rows, n)


def _of_anndata(adata: Any, metadata: Any) -> Iterable[tuple[str, Any]]:
    if metadata is None:
        metadata = list(adata.obs.columns)
    elif isinstance(metadata, str):
        metadata = [metadata]
    if hasattr(metadata, "columns") or isinstance(metadata, Mapping):
        yield from _of_table(metadata)
        return
    source = adata if adata.raw is None else adata.raw
    for name in metadata:
        if name in adata.obs:
            yield str(name), adata.obs[name]
        elif isinstance(name, str) and name in source.var_names:
            yield name, np.asarray(source.obs_vector(name), float)
        else:
            raise arguments.bad("metadata", name, "columns of adata.obs, genes, or a table")


def _of_table(metadata: Any) -> Iterable[tuple[str, Any]]:
    if metadata is None:
        return
    if not hasattr(metadata, "columns") and not isinstance(metadata, Mapping):
        metadata = {"labels": metadata}
    for name in getattr(metadata, "columns", metadata):
        yield str(name), metadata[name]


def _column(name: str, values: Any, n: int, rows: NDArray[np.intp], adata: Any) -> Column:
    if getattr(getattr(values, "dtype", None), "kind", "") in ("m", "M"):  # moments, in words
        values = np.asarray(values).astype(str).astype(object)
        values[values == "NaT"] = None
    found = labels.quantities(values)
    by_class = labels.classes(values, n, name) if found is None else None
    if found is not None and found.shape != (n,):
        raise arguments.bad(name, f"shape {found.shape}", f"{n} values, one for each cell")
    own = kept(adata, name) if adata is not None and name in adata.obs and values is not None else None
    return Column(
        name,
        values,
        None if found is None else found[rows],
        None if by_class is None else labels.Classes(by_class.codes[rows], by_class.names),
        own,
    )
