"""Which colour a class has, in every picture of a session."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._extras import extras
from opentsne_go._input import arguments
from opentsne_go._input.labels import categories, classes

#: Of points without a label, and of points that others are placed among.
UNLABELLED = "#b9b9b9"
BACKGROUND = "#dedede"

#: Up to ten classes are told apart by hue alone; none of these is a grey.
_TEN = (
    "#4e79a7", "#e15759", "#59a14f", "#b07aa1", "#f28e2b",
    "#6ec3bd", "#9c755f", "#e58fb6", "#c9ad2f", "#2f3e78",
)  # fmt: skip
#: Lightness of neighbours on the wheel, which differ by hue alone otherwise.
_LIGHTNESS = (0.45, 0.70, 0.58, 0.83, 0.51, 0.76)
_CHROMA = 0.16
#: Squared distance in OKLab below which two colours are one.
_SAME = 0.005**2
#: Classes of a session beyond which new ones may have colours of those not in the picture.
_MANY = 256

#: What each class was drawn in, by its name.
_session: dict[str, str] = {}


@arguments.named
def colors(labels: Any = None, palette: Any = None) -> dict[str, str]:
    """The colour of each class, as every picture of this session has it.

    A class keeps the colour that it was first drawn in, or was last given by a
    ``palette``, unless another class of the same picture has that one, which palettes and
    more than 256 classes bring about.

    Parameters
    ----------
    labels : array-like, optional
        Classes; None: all that have been drawn.
    palette : optional
        As in `scatter`.

    Returns
    -------
    dict of str to str
        "#rrggbb" by the name of the class, in the order of legends.
    """
    if labels is None:
        return dict(_session)
    names = classes(labels, len(labels)).names
    return dict(zip(names, of_classes(names, palette, categories(labels)), strict=True))


def of_classes(names: list[str], palette: Any = None, order: list[str] | None = None) -> list[str]:
    """Colours of the classes of one picture.

    order has the classes that a palette without names is for, which may be more.
    """
    given = _given(names, palette, names if order is None else order)
    _session.update(given)
    kept = dict(given)
    for name in names:
        if name in kept or name not in _session:
            continue
        if (_squares(_labs(list(kept.values())), oklab(_session[name])) > _SAME).all():
            kept[name] = _session[name]
    free = [one for one in names if one not in kept]
    if free:
        others = [colour for name, colour in _session.items() if name not in set(names)]
        kept.update(zip(free, _fresh(len(free), list(kept.values()), others), strict=True))
    _session.update(kept)
    return [kept[name] for name in names]


def _fresh(count: int, beside: list[str], others: list[str]) -> list[str]:
    """Colours for some classes of a picture, beside those that it has, and none of the
    other classes of the session while these are few."""
    total = count + len(beside)
    wide = list(_TEN) if total <= len(_TEN) else wheel(total)
    for colour in itertools.islice(beside, len(wide) - count):
        wide.pop(int(_squares(_labs(wide), oklab(colour)).argmin()))
    taken = _labs(others)
    found = [one for one in wide if (_squares(taken, oklab(one)) > _SAME).all()][:count]
    if len(found) == count or total + len(others) > _MANY:
        return [*found, *(one for one in wide if one not in found)][:count]
    rest = wheel(max(total + len(others), len(_TEN) + 1))
    rest = [one for one in rest if (_squares(_labs([*found, *beside, *others]), oklab(one)) > _SAME).all()]
    labs = _labs(rest)
    nearest = np.full(len(rest), np.inf)
    for colour in (*beside, *found):
        nearest = np.minimum(nearest, _squares(labs, oklab(colour)))
    while len(found) < count:  # the one that is least like those that are there
        chosen = int(nearest.argmax())
        found.append(rest[chosen])
        nearest = np.minimum(nearest, _squares(labs, labs[chosen]))
    return found


def _given(names: list[str], palette: Any, order: list[str]) -> dict[str, str]:
    """What a palette says of the classes."""
    if palette is None:
        return {}
    with extras():
        from matplotlib import colormaps
        from matplotlib.colors import Colormap, ListedColormap, to_hex

    if isinstance(palette, str):
        if palette not in colormaps:
            raise arguments.bad("palette", palette, "a colormap of matplotlib, colours, or a dict")
        palette = colormaps[palette]
    if isinstance(palette, Colormap):
        if isinstance(palette, ListedColormap) and len(order) <= palette.N < 256:
            palette = [palette(i) for i in range(palette.N)]
        else:
            palette = palette(np.linspace(0, 1, max(len(order), 2)))
    if not isinstance(palette, Mapping):
        chosen = list(palette)
        if len(chosen) < len(order):
            raise arguments.bad("palette", f"{len(chosen)} colours", f"{len(order)}, one for each class")
        palette = dict(zip(order, chosen, strict=False))
    said = {str(name): colour for name, colour in palette.items()}
    try:
        return {name: to_hex(said[name]) for name in names if name in said}
    except ValueError as error:
        raise arguments.bad("palette", str(error), "colours of matplotlib") from None


def wheel(k: int) -> list[str]:
    """Colours for k classes: chosen ones, or hues in order, neighbours lighter and darker."""
    if k <= len(_TEN):
        return list(_TEN[:k])
    return [
        _of_oklch(_LIGHTNESS[i % len(_LIGHTNESS)], _CHROMA, 2 * math.pi * (i / k + 0.08))
        for i in range(k)
    ]


def oklab(colour: str) -> NDArray[np.float64]:
    """Lightness and two axes in which distances are as people see them (Ottosson 2020)."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lab: NDArray[np.float64] = _TO_LAB @ np.cbrt(_TO_LMS @ linear)
    return lab


_TO_LMS = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
_TO_LAB = np.array([
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
])  # fmt: skip


def _of_oklch(lightness: float, chroma: float, hue: float) -> str:
    """The nearest colour of that lightness and hue that a screen has."""
    for share in np.linspace(1, 0, 33):
        a, b = share * chroma * math.cos(hue), share * chroma * math.sin(hue)
        lms = np.linalg.solve(_TO_LAB, [lightness, a, b]) ** 3
        linear = np.linalg.solve(_TO_LMS, lms)
        if (linear >= -1e-6).all() and (linear <= 1 + 1e-6).all():
            break
    linear = np.clip(linear, 0, 1)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * float(one)):02x}" for one in np.clip(rgb, 0, 1))


def _labs(colours: list[str]) -> NDArray[np.float64]:
    return np.array([oklab(one) for one in colours]).reshape(-1, 3)


def _squares(colours: NDArray[np.float64], one: NDArray[np.float64]) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = ((colours - one) ** 2).sum(axis=1)
    return squares


def forget_colors() -> None:
    """Let the next pictures choose the colours of their classes anew."""
    _session.clear()
