"""Names of classes on the map, none on another.

A name stands on its class, or just above one that it would hide. Names that would
cover each other there go to white space nearby: short ones each for itself, long ones in a column, with a line to
the class. All is counted in pixels of the figure as it is now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._extras import extras

from . import _canvas
from ._paint import Paint

Pixels = NDArray[np.float64]

#: Members of a class that say where its name goes.
_MEMBERS = 5_000
#: Dots of the whole map that say where room is.
_DOTS = 100_000
#: Share of a class from which on a name hides it.
_HIDDEN = 0.4
#: Share of the dots that it would hide there, which it may hide above them.
_FREE = 0.2
#: Cells along the map in which members are counted.
_CELLS = 16
#: Pixels that names stay apart.
_APART = 3
#: Times that the view may grow; the last times names must lie in it if they can.
_GROWTHS = 6
#: A name that many times as wide as high is a long one.
_LONG = 3.0
_INK, _LINE = "#1b1b1b", "#555555"


@dataclass
class _Spot:
    """Where a name goes: the middle of its box, or of its end at the line."""

    at: Pixels
    #: "center" on or beside its class, "left" or "right" the end of a column's.
    align: str = "center"
    moved: bool = False


def write(ax: Any, y: NDArray[Any], paint: Paint) -> list[Any]:
    """Writes the names; the view grows to what does not fit."""
    names = paint.names
    if not names:
        return []
    members = [_members(paint.index, i) for i in range(len(names))]
    low, high = _canvas.box(y)
    cell = max(float((high - low).max()), 1e-12) / _CELLS
    homes = np.array([_home(y[mine], low, cell) for mine in members])
    style = {"fontsize": _font(ax, names), "weight": "bold", "color": _INK, "parse_math": False}
    # As they are measured: where they go is not known yet.
    texts = [ax.text(*homes[i], name, va="center", zorder=6, clip_on=False, **style) for i, name in enumerate(names)]
    whole = ax.figure.canvas.figure
    for growth in range(_GROWTHS + 1):
        whole.draw_without_rendering()
        renderer = whole.canvas.get_renderer()
        boxes = [one.get_window_extent(renderer) for one in texts]
        sizes = np.array([(box.width, box.height) for box in boxes]) + _APART
        view = np.array([ax.bbox.min, ax.bbox.max])
        to = ax.transData.transform
        at = to(homes)
        dots = to(y[:: max(1, len(y) // _DOTS)])
        each = zip(members, at, sizes, strict=True)
        starts = np.array([_seen(to(y[mine]), dots, *one) for mine, *one in each])
        spots = _Layout(at, starts, sizes, dots, view, within=growth >= _GROWTHS - 2).spots()
        corners = np.concatenate([_box(spot, size) for spot, size in zip(spots, sizes, strict=True)])
        need = np.array([np.minimum(view[0], corners.min(axis=0)), np.maximum(view[1], corners.max(axis=0))])
        if growth == _GROWTHS or (np.abs(need - view) < 1).all():
            break
        # The map gets smaller by that and the names do not; the axes keep their shape.
        side = view[1] - view[0]
        more = float((np.abs(need - view).sum(axis=0) / side).max())
        factor = 1 / max(0.4, 1 - more) + 0.02
        spare = (factor - np.ptp(need, axis=0) / side) * side / 2
        grown = ax.transData.inverted().transform(need + np.outer([-1, 1], np.maximum(spare, 0)))
        ax.set_xlim(grown[:, 0])
        ax.set_ylim(grown[:, 1])
    _set(ax, texts, homes, spots, sizes, paint)
    return texts


def _font(ax: Any, names: list[str]) -> float:
    width = min(_canvas.points_of(ax))
    usual = 8.0 if len(names) > 30 else 13.0 if max(map(len, names)) <= 2 else 10.0
    return usual * float(np.clip(width / 380, 0.6, 1))


def _members(index: NDArray[Any], i: int) -> NDArray[np.intp]:
    """Points of a class, or as many of them as say where it is."""
    mine = np.flatnonzero(index == i)
    return mine[:: max(1, len(mine) // _MEMBERS)]


def _home(points: NDArray[Any], low: Pixels, side: float) -> NDArray[Any]:
    """The member of a class that is in the middle of where most of it lies."""
    cell = np.minimum((points - low) / side, _CELLS - 1).astype(int) + 1
    count = np.zeros((_CELLS + 2, _CELLS + 2), int)
    np.add.at(count, (cell[:, 0], cell[:, 1]), 1)
    around = sum(np.roll(count, (a, b), (0, 1)) for a in (-1, 0, 1) for b in (-1, 0, 1))
    top = np.array(np.unravel_index(np.argmax(around), count.shape))
    lump = points[(np.abs(cell - top) <= 1).all(axis=1)]
    home: NDArray[Any] = lump[((lump - np.median(lump, axis=0)) ** 2).sum(axis=1).argmin()]
    return home


def _seen(own: Pixels, dots: Pixels, home: Pixels, size: Pixels) -> Pixels:
    """Home, or above the dots there if a name on them would hide the class and no other does."""

    def under(of: Pixels, at: Pixels) -> int:
        return int((np.abs(of - at) < size / 2).all(axis=1).sum())

    if under(own, home) < _HIDDEN * len(own):
        return home
    x, up = (own - home).T
    column = up[(np.abs(x) < size[0] / 2) & (up < 3 * size[1])]
    above = home + np.array([0, float(column.max()) + size[1] / 2])
    return above if under(dots, above) < _FREE * under(dots, home) else home


class _Layout:
    """The search for room."""

    def __init__(
        self,
        homes: Pixels,
        starts: Pixels,
        sizes: Pixels,
        dots: Pixels,
        view: Pixels,
        within: bool,
    ) -> None:
        self.homes, self.starts, self.sizes = homes, starts, sizes
        #: What is seen now, and whether nothing may go beyond.
        self.view, self.within = view, within
        self.taken = np.zeros((0, 2, 2))
        #: Long names that stand on dots.
        self.long = (sizes[:, 0] >= _LONG * sizes[:, 1]) & (starts == homes).all(axis=1)
        # Dots in a box are counted by four corners of their running sums.
        self.step = max(float(np.ptp(view, axis=0).max()) / 200, 1.0)
        self.margin = sizes.max(axis=0).max() + 40
        self.low = view[0] - self.margin
        cells = np.ceil((view[1] + self.margin - self.low) / self.step).astype(int) + 1
        full = np.zeros(cells + 1)
        at = ((dots - self.low) / self.step).astype(int)
        inside = ((at >= 0) & (at < cells)).all(axis=1)
        full[at[inside, 0] + 1, at[inside, 1] + 1] = 1
        self.sums = full.cumsum(axis=0).cumsum(axis=1)

    def spots(self) -> list[_Spot]:
        """A spot for each name."""
        spots = [_Spot(start) for start in self.starts]
        crowds = self._crowds()
        for members in crowds:
            if len(members) == 1:
                self._take(_box(spots[members[0]], self.sizes[members[0]]))
        for members in crowds:
            if len(members) == 1:
                continue
            high = self.sizes[:, 1].max()
            if self.long[members].mean() < 0.5:
                self._apart(members, spots)
                continue
            members = sorted(members, key=lambda i: -self.homes[i][1])
            most = max(1, int(0.9 * (self.view[1] - self.view[0])[1] / (1.15 * high)))
            pieces = -(-len(members) // most)
            for piece in np.array_split(members, pieces):
                self._column(piece, spots)
        return spots

    def _crowds(self) -> list[list[int]]:
        """Names that would cover each other at their classes."""
        near = np.abs(self.starts[:, None] - self.starts)
        reach = (self.sizes[:, None] + self.sizes) / 2
        reach[self.long[:, None] & self.long] *= [1, 3.5]  # a paragraph of names hides what it stands on
        linked: NDArray[np.bool_] = np.asarray((near < reach).all(axis=2))
        group = np.arange(len(linked))
        while True:
            least = np.where(linked, group, len(group)).min(axis=1)
            if (least == group).all():
                return [np.flatnonzero(group == g).tolist() for g in np.unique(group)]
            group = least

    def _apart(self, members: list[int], spots: list[_Spot]) -> None:
        for i in members:
            own = _box(spots[i], self.sizes[i])
            if not self._covers(own[0], own[1]):
                self._take(own)
                continue
            at = self._room(self.sizes[i], self.starts[i], dots=1)
            spots[i] = _Spot(at, moved=True)
            self._take(_box(spots[i], self.sizes[i]))

    def _column(self, members: NDArray[np.intp], spots: list[_Spot]) -> None:
        high = 1.15 * self.sizes[:, 1].max()
        mark = high  # room of the dot before a name
        size = np.array([self.sizes[members, 0].max() + 2 * mark, high * len(members)])
        around = self.homes[members].mean(axis=0)
        at = self._room(size, around, dots=8, beside=1)
        right = at[0] >= around[0]
        x = at[0] + (mark - size[0] / 2) * (1 if right else -1)
        for k, i in enumerate(members):
            y = at[1] + ((len(members) - 1) / 2 - k) * high
            spots[i] = _Spot(np.array([x, y]), "left" if right else "right", moved=True)
        self._take(np.array([at - size / 2, at + size / 2]))

    def _room(self, size: Pixels, near: Pixels, dots: float, beside: float = 0) -> Pixels:
        """The middle of the nearest free box.

        dots says how many pixels nearer make good one dot that it hides, and beside
        how many make good one pixel that it lies above or below.
        """
        step = max(self.step, float(size.min()) / 4)
        low, high = self.view[0] - size / 2 - 20, self.view[1] + size / 2 + 20
        x, y = (np.arange(a, b + step, step) for a, b in zip(low, high, strict=True))
        at = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
        corners = at - size / 2, at + size / 2
        far = np.maximum(np.abs(at - near) - size / 2, 0)
        outside = np.maximum(self.view[0] - corners[0], 0) + np.maximum(corners[1] - self.view[1], 0)
        cost = np.hypot(*far.T) + 0.02 * np.hypot(*(at - near).T) + 0.3 * outside.sum(axis=1)
        cost += dots * self._dots(*corners)
        cost += beside * np.maximum(size[0] / 2 - np.abs(at[:, 0] - near[0]), 0)
        if self.within:
            cost[outside.any(axis=1)] = np.inf
        cost[self._covers(*corners)] = np.inf
        if not np.isfinite(cost).any():  # a figure full of names: beside it
            return np.array([self.view[1][0] + size[0] / 2, self.taken[:, 1, 1].max() + size[1]])
        best: Pixels = at[cost.argmin()]
        return best

    def _dots(self, low: Pixels, high: Pixels) -> Pixels:
        """How many dots a box has, those on one spot being one."""
        ends = [
            np.clip(((one - self.low) / self.step).astype(int), 0, np.array(self.sums.shape) - 1)
            for one in (low, high)
        ]
        (a, b), (c, d) = (end.T for end in ends)
        found: Pixels = self.sums[c, d] - self.sums[a, d] - self.sums[c, b] + self.sums[a, b]
        return found

    def _covers(self, low: Pixels, high: Pixels) -> Any:
        """Whether a box lies on one that is taken."""
        low, high = low[..., None, :], high[..., None, :]
        return ((low < self.taken[:, 1]) & (high > self.taken[:, 0])).all(axis=-1).any(axis=-1)

    def _take(self, box: Pixels) -> None:
        self.taken = np.concatenate([self.taken, box[None]])


def _box(spot: _Spot, size: Pixels) -> Pixels:
    """Lower left and upper right."""
    shift = {"center": 0.0, "left": 0.5, "right": -0.5}[spot.align] * size[0]
    middle = spot.at + [shift, 0]
    return np.array([middle - size / 2, middle + size / 2])


def _set(
    ax: Any, texts: list[Any], homes: Pixels, spots: list[_Spot], sizes: Pixels, paint: Paint
) -> None:
    """Moves the names to their spots and draws the lines."""
    with extras():
        from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=3, foreground="white", alpha=0.9)]
    data = ax.transData.inverted()
    for i, (text, home, spot, size) in enumerate(zip(texts, homes, spots, sizes, strict=True)):
        text.set(position=data.transform(spot.at), ha=spot.align, path_effects=halo)
        if not spot.moved:
            continue
        end = spot.at.copy()
        if spot.align == "center":  # at the side of the box that faces the class
            way = ax.transData.transform(home) - spot.at
            end += way * min(1.0, float((0.4 * size / np.maximum(np.abs(way), 1e-9)).min()))
        else:
            end[0] += 0.7 * size[1] * (-1 if spot.align == "left" else 1)
        line = np.array([home, data.transform(end)])
        ax.plot(*line.T, color=_LINE, lw=0.7, zorder=4)
        ax.plot(*home, "o", ms=3.0, color=_INK, zorder=5)
        if spot.align != "center":
            ax.plot(*line[1], "o", ms=6, color=tuple(paint.table[i]), zorder=5, clip_on=False)
