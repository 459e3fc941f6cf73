"""A map and its KL divergence, drawn while they form."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._extras import extras
from opentsne_go._input import arguments

from . import _canvas, _dots, _legend
from ._paint import Paint, paint

#: Points that are drawn at most, the same ones each time.
_DRAWN = 20_000


class View:
    """A figure of a map beside its curve, where the program's pictures are shown."""

    def __init__(self, labels: Any, palette: Any, continuous: bool | None) -> None:
        with extras():
            import matplotlib.pyplot as plt
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure

        self.given = labels, palette, continuous
        self.in_notebook = _in_notebook()
        self.handle: Any = None
        size: dict[str, Any] = {"figsize": (9.4, 4.2), "layout": "constrained"}
        if self.in_notebook:  # none of pyplot's, which would be shown again after the cell
            self.figure: Any = Figure(**size)
            FigureCanvasAgg(self.figure)
        else:
            self.figure = plt.figure(**size)
        self.map, self.curve = self.figure.subplots(1, 2, width_ratios=(1.25, 1))
        self.dots: Any = None
        self.line: Any = None
        self.marked = 1
        self.drawn: NDArray[np.intp] = np.zeros(0, np.intp)

    def check(self, n: int) -> None:
        """Refuses labels that are not those of n points."""
        labels = self.given[0]
        if labels is not None and len(labels) != n:
            raise arguments.bad("labels", len(labels), f"{n} labels, one for each point")

    def begin(self, n: int) -> None:
        """Makes ready for a map of n points."""
        self.check(n)
        labels, palette, continuous = self.given
        colour: Paint = paint(labels, n, palette, continuous)
        order = _dots.stacked(colour)
        self.drawn = order[np.linspace(0, n - 1, min(n, _DRAWN)).astype(int)]
        self.map.clear()
        self.curve.clear()
        self.marked = 1
        if labels is not None and len(colour.names) <= 20:
            _legend.add(self.map, colour, own=False)
        shown = len(self.drawn)
        self.dots = self.map.scatter(
            np.zeros(shown), np.zeros(shown), c=colour.rgb(self.drawn), linewidths=0,
            s=_dots.size_of(shown, self.map), alpha=_dots.alpha_of(shown),
        )  # fmt: skip
        (self.line,) = self.curve.plot([], [])
        self.curve.set(xlabel="iteration", ylabel="KL divergence")

    def show(self, y: NDArray[Any], iterations: list[int], kl: list[float], phases: list[int]) -> None:
        """Draws positions and the course so far."""
        at = _canvas.plane("embedding", y[self.drawn][:, :2])
        self.dots.set_offsets(at)
        _canvas.frame(self.map, at)
        self.line.set_data(iterations, kl)
        self.curve.set_title(f"iteration {iterations[-1]}, KL {kl[-1]:.3f}", fontsize=10)
        for begin in phases[self.marked :]:
            self.curve.axvline(begin, linestyle=":", color="grey")
        self.marked = len(phases)
        self.curve.relim()
        self.curve.autoscale_view()
        if self.in_notebook:
            self._below_the_cell()
        else:
            _in_a_window(self.figure)

    def _below_the_cell(self) -> None:
        from IPython.display import Image, display

        data = io.BytesIO()
        self.figure.savefig(data, format="png", dpi=80)
        picture: Any = Image(data.getvalue())  # type: ignore[no-untyped-call]
        if self.handle is None:
            self.handle = display(picture, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self.handle.update(picture)


def _in_notebook() -> bool:
    """Whether the program is a cell, whose pictures stand below it."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return hasattr(shell, "kernel")


def _in_a_window(figure: Any) -> None:
    """Shows what has changed, where there are windows."""
    if figure.canvas.required_interactive_framework:
        figure.canvas.manager.show()
    figure.canvas.draw()
    figure.canvas.flush_events()
