"""What the points of a picture are coloured by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._extras import extras
from opentsne_go._input import arguments, labels

from . import _colors

#: Steps of a colour bar.
_STEPS = 256


@dataclass
class Paint:
    """A colour for each point.

    Attributes
    ----------
    table : (k + 1, 3) float32
        Red, green and blue; the last are those of points without a label.
    index : (n,) int
        The row of each point.
    names : list of str
        Classes, by the rows of the table; none where numbers are shown.
    scale : matplotlib ScalarMappable, optional
        Of the numbers, for a colour bar.
    """

    table: NDArray[np.float32]
    index: NDArray[Any]
    names: list[str]
    scale: Any = None

    @property
    def without(self) -> NDArray[np.bool_]:
        """Which points have no label."""
        gone: NDArray[np.bool_] = self.index == len(self.table) - 1
        return gone

    def rgb(self, which: Any = slice(None)) -> NDArray[np.float32]:
        """Colours of the points."""
        chosen: NDArray[np.float32] = self.table[self.index[which]]
        return chosen

    def part(self, which: Any) -> Paint:
        """Of some of the points."""
        return Paint(self.table, self.index[which], self.names, self.scale)


def plain(n: int, colour: str) -> Paint:
    """One colour for all."""
    return Paint(_table([colour, colour]), np.zeros(n, np.uint8), [])


def paint(
    of: Any,
    n: int,
    palette: Any = None,
    continuous: bool | None = None,
    name: str = "labels",
) -> Paint:
    """By classes or by numbers.

    continuous says which, or None lets the labels.
    """
    if of is None:
        return plain(n, _colors.wheel(1)[0])
    if continuous is not None and not isinstance(continuous, bool | np.bool_):
        raise arguments.bad("continuous", continuous, "True, False or None")
    values = None
    if continuous is None:
        values = labels.quantities(of, name)
    elif continuous:
        values = numbers(of, name)
    if values is not None:
        if values.shape != (n,):
            raise arguments.bad(name, f"shape {values.shape}", f"{n} labels, one for each point")
        return by_value(values, palette)
    return by_class(labels.classes(of, n, name), palette, labels.categories(of))


def by_class(found: labels.Classes, palette: Any, order: list[str] | None = None) -> Paint:
    """A colour for each class; order is that of the palette."""
    chosen = _colors.of_classes(found.names, palette, order)
    index = found.codes.copy()
    index[index < 0] = len(found.names)
    return Paint(_table([*chosen, _colors.UNLABELLED]), index, found.names)


def kept(adata: Any, column: str) -> dict[str, str] | None:
    """The colours that ``uns`` has of a column of ``obs``, by class."""
    said, names = adata.uns.get(f"{column}_colors"), labels.categories(adata.obs[column])
    if said is None or names is None or len(said) < len(names):
        return None
    return dict(zip(names, map(str, said), strict=False))


def numbers(of: Any, name: str) -> NDArray[np.float64]:
    """Labels as numbers, NaN where missing."""
    try:
        if np.ma.isMaskedArray(of):
            of = np.ma.filled(np.ma.asarray(of, float), np.nan)
        elif hasattr(of, "to_numpy"):  # which knows pandas' NA
            of = of.to_numpy(float, na_value=np.nan)
        return np.asarray(of, float)
    except (TypeError, ValueError):
        allowed = "numbers where continuous=True"
        raise arguments.bad(name, "labels that are no numbers", allowed) from None


def by_value(values: NDArray[np.float64], palette: Any) -> Paint:
    """A colour for each number, by a colormap from the least to the largest."""
    with extras():
        from matplotlib import colormaps
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Colormap, Normalize

    palette = "viridis" if palette is None else palette
    if not isinstance(palette, Colormap):
        if not isinstance(palette, str) or palette not in colormaps:
            raise arguments.bad("palette", palette, "a colormap of matplotlib for numbers")
        palette = colormaps[palette]
    there = np.isfinite(values)
    low, high = (values[there].min(), values[there].max()) if there.any() else (0.0, 1.0)
    low, high = float(low), float(high if high > low else low + 1)
    index = np.full(len(values), _STEPS, np.int32)
    share = (values[there] - low) / (high - low)
    index[there] = np.minimum(share * _STEPS, _STEPS - 1).astype(np.int32)
    levels = palette(np.linspace(0, 1, _STEPS))[:, :3]
    grey = _table([_colors.UNLABELLED])
    table = np.concatenate([levels, grey]).astype(np.float32)
    return Paint(table, index, [], ScalarMappable(Normalize(low, high), palette))


def _table(colours: list[str]) -> NDArray[np.float32]:
    rows = [[int(one[i : i + 2], 16) / 255 for i in (1, 3, 5)] for one in colours]
    return np.array(rows, np.float32).reshape(-1, 3)
