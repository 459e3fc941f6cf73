"""Points of a map: dots that few and many can be seen by, and an image of very many."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._input import arguments

from . import _canvas
from ._paint import Paint

#: From this many points on they are an image, as long as nobody sets a size.
IMAGE_FROM = 200_000
#: From this many on a PDF or SVG has them as pixels.
_PIXELS_FROM = 5_000
#: Share of the axes that all dots would cover, lay none on another.
_COVER = 0.13
_CHUNK = 1 << 20


def size_of(n: int, ax: Any) -> float:
    """Area of a dot in square points, so that n of them can be told apart."""
    width, height = _canvas.points_of(ax)
    return float(np.clip(_COVER * width * height / max(n, 1), 0.9, 36))


def alpha_of(n: int) -> float:
    """Opacity: of few dots nearly all, of many less, as they lie on each other."""
    return float(np.clip(0.9 - 0.12 * max(np.log10(max(n, 1)) - 3, 0), 0.5, 0.9))


def draw(
    ax: Any,
    y: NDArray[Any],
    paint: Paint,
    size: Any = None,
    alpha: Any = None,
    zorder: float = 1,
) -> Any:
    """Draws points; those without a label lie below, the others in no order of theirs."""
    s = None if size is None else arguments.positive("size", size)
    opacity = alpha_of(len(y)) if alpha is None else arguments.number(alpha)
    if opacity is None or not 0 < opacity <= 1:
        raise arguments.bad("alpha", alpha, "above 0, up to 1")
    if len(y) >= IMAGE_FROM and s is None:
        return _image(ax, y, paint, None if alpha is None else opacity, zorder)
    order = stacked(paint)
    dots = ax.scatter(
        y[order, 0],
        y[order, 1],
        s=size_of(len(y), ax) if s is None else s,
        c=paint.rgb(order),
        alpha=opacity,
        linewidths=0,
        rasterized=len(y) >= _PIXELS_FROM,
        zorder=zorder,
    )
    return dots


def stacked(paint: Paint) -> NDArray[np.intp]:
    """The order in which points are drawn, the same for the same points."""
    order = np.random.default_rng(0).permutation(len(paint.index))
    without = paint.without[order]
    return np.concatenate([order[without], order[~without]])


def _image(ax: Any, y: Any, paint: Paint, alpha: float | None, zorder: float) -> Any:
    try:
        import datashader
        import datashader.mpl_ext
        import pandas
    except ImportError:
        return _raster(ax, y, paint, alpha, zorder)
    frame = pandas.DataFrame({"x": y[:, 0], "y": y[:, 1]})
    by: Any
    more: dict[str, Any]
    at = datashader.Point("x", "y")
    limits = ax.get_xlim(), ax.get_ylim()
    if paint.scale is not None:
        frame["value"] = np.where(paint.without, np.nan, paint.index)
        low, high = 0, len(paint.table) - 2
        by = datashader.mean("value")
        more = {"cmap": paint.scale.get_cmap(), "vmin": low, "vmax": high, "norm": "linear"}
    else:
        words = [f"{i}" for i in range(len(paint.table))]
        frame["kind"] = pandas.Categorical.from_codes(paint.index, words)
        by = datashader.count_cat("kind")
        hexes = ["#" + "".join(f"{round(255 * float(c)):02x}" for c in row) for row in paint.table]
        more = {"color_key": dict(zip(words, hexes, strict=True)), "norm": "eq_hist"}
    spread = lambda image: datashader.transfer_functions.dynspread(image, threshold=0.5, max_px=2)
    artist = datashader.mpl_ext.dsshow(
        frame, at, by, ax=ax, aspect=None, shade_hook=spread, x_range=limits[0], y_range=limits[1],
        alpha=alpha, zorder=zorder, **more,
    )  # fmt: skip
    ax.set_xlim(limits[0])
    ax.set_ylim(limits[1])
    return artist


def _raster(ax: Any, y: Any, paint: Paint, alpha: float | None, zorder: float) -> Any:
    """Each pixel in the mean colour of its points, more opaque the more there are."""
    low, high = _canvas.box(y)
    span = np.maximum(high - low, 1e-12)
    longer = float(np.clip(np.sqrt(len(y)), 500, 1200))
    shape = np.maximum((longer * span / span.max()).astype(int), 1)
    cells = int(shape[0] * shape[1])
    count = np.zeros(cells)
    sums = np.zeros((3, cells))
    for start in range(0, len(y), _CHUNK):
        part = slice(start, start + _CHUNK)
        place = ((y[part] - low) / span * (shape - 1e-6)).astype(np.intp)
        at = np.clip(place, 0, shape - 1) @ np.array([1, shape[0]])
        count += np.bincount(at, minlength=cells)
        for sum_of, values in zip(sums, paint.rgb(part).T, strict=True):
            sum_of += np.bincount(at, values, cells)
    there = count > 0
    image = np.zeros((cells, 4))
    image[there, :3] = (sums[:, there] / count[there]).T
    # By rank, so that neither a few crowded pixels nor the many thin ones decide.
    _, ranks = np.unique(count[there], return_inverse=True)
    share = np.cumsum(np.bincount(ranks)) / max(there.sum(), 1)
    image[there, 3] = (0.45 + 0.55 * share[ranks]) * (1 if alpha is None else alpha)
    return ax.imshow(
        image.reshape(shape[1], shape[0], 4),
        extent=(low[0], high[0], low[1], high[1]),
        origin="lower",
        aspect=ax.get_aspect(),
        interpolation="antialiased",
        interpolation_stage="rgba",
        zorder=zorder,
    )
