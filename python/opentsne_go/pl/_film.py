"""The optimisation as a moving picture."""

from __future__ import annotations

import base64
import os
import tempfile
from typing import Any

import numpy as np

from opentsne_go._extras import extras
from opentsne_go._input import arguments

from . import _canvas, _dots
from ._paint import Paint, paint

#: Inches of a frame's side.
_SIDE = 4.0


class Film:
    """Maps in turn, which Jupyter plays over and over.

    `animation` makes it.
    """

    __module__ = "opentsne_go.pl"

    @arguments.named
    def __init__(self, frames: list[Any], colour: Paint, rate: int) -> None:
        self._frames, self._colour, self._rate = frames, colour, rate
        self._gif = b""

    def __len__(self) -> int:
        return len(self._frames)

    def __repr__(self) -> str:
        n = len(self._frames[0])
        return f"Film of {len(self)} maps of {n} points, {self._rate} a second; save(path) writes it"

    def _repr_html_(self) -> str:
        """The film as a GIF, which needs no script, no network and no trust in a notebook."""
        if not self._gif:
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "film.gif")
                self.save(path)
                with open(path, "rb") as file:
                    self._gif = file.read()
        data = base64.b64encode(self._gif).decode()
        return f"<img alt='film' src='data:image/gif;base64,{data}'>"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file.

        Parameters
        ----------
        path : str or path-like
            Ends in ".gif", or in ".html" for a page with buttons to play it.
        """
        name = named(path)
        if name.endswith(".html"):
            page = self._played(lambda moving: moving.to_jshtml())
            with open(name, "w", encoding="utf-8") as file:
                file.write(page)
            return
        with extras():
            from matplotlib.animation import PillowWriter

        self._played(lambda moving: moving.save(name, writer=PillowWriter(fps=self._rate)))

    def _played(self, use: Any) -> Any:
        """What a use of the frames as matplotlib's animation gives."""
        with extras():
            from matplotlib.animation import FuncAnimation
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure

        figure = Figure(figsize=(_SIDE, _SIDE), dpi=80)  # none of pyplot's: nobody shows it
        FigureCanvasAgg(figure)
        ax = figure.add_axes((0, 0, 1, 1))
        order = _dots.stacked(self._colour)
        first = self._frames[0]
        _canvas.frame(ax, first)
        n = len(first)
        drawn = ax.scatter(
            first[order, 0], first[order, 1], s=_dots.size_of(n, ax), c=self._colour.rgb(order),
            alpha=_dots.alpha_of(n), linewidths=0,
        )  # fmt: skip

        def show(frame: int) -> list[Any]:
            y = self._frames[frame]
            drawn.set_offsets(y[order])
            reach = 1.05 * max(float(np.abs(y).max()), 1e-12)
            ax.set_xlim(-reach, reach)
            ax.set_ylim(-reach, reach)
            return [drawn]

        return use(FuncAnimation(figure, show, frames=len(self), interval=1000 / self._rate))


def named(path: str | os.PathLike[str]) -> str:
    """A file's name, of a kind that is written."""
    name = os.fspath(path)
    if not name.endswith((".gif", ".html")):
        raise arguments.bad("path", name, "a name that ends in .gif or .html")
    return name


@arguments.named
def animation(
    history: Any,
    path: str | os.PathLike[str] | None = None,
    labels: Any = None,
    frames_per_second: int = 12,
    *,
    palette: Any = None,
    continuous: bool | None = None,
) -> Film:
    """The optimisation as a moving picture, which a notebook plays.

    Parameters
    ----------
    history : opentsne_go.callbacks.History or sequence of (n, 1 or 2)
        The callback that the map was fitted with, or the maps themselves.
    path : str or path-like, optional
        A file to write as well: ".gif", or ".html" for a page with buttons to play it.
    labels : array-like, (n,), optional
        Classes of the points, or numbers.
    frames_per_second : int
    palette, continuous
        As in `scatter`.

    Returns
    -------
    Film
        Shows itself in Jupyter; ``save(path)`` writes it.
    """
    maps = list(getattr(history, "embeddings", history))
    if not maps:
        raise arguments.bad("history", "no positions", "History(embeddings=True) of a fit")
    frames = [_canvas.plane(f"history[{i}]", one) for i, one in enumerate(maps)]
    for i, one in enumerate(frames):
        if len(one) != len(frames[0]):
            raise arguments.bad(f"history[{i}]", f"{len(one)} points", f"{len(frames[0])}, as the first")
    colour = paint(labels, len(frames[0]), palette, continuous)
    rate = arguments.whole("frames_per_second", frames_per_second, 1)
    name = None if path is None else named(path)
    made = Film(frames, colour, rate)
    if name is not None:
        made.save(name)
    return made
