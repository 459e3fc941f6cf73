"""The course of an optimisation."""

from __future__ import annotations

from typing import Any

from opentsne_go._input import arguments

from . import _canvas


@arguments.named
def kl_curve(history: Any, ax: Any = None) -> Any:
    """The KL divergence over the iterations.

    Parameters
    ----------
    history : opentsne_go.callbacks.History
        The callback that the map was fitted with.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    if not history.iterations:
        raise arguments.bad("history", "no iterations", "one that was a callback of a fit")
    ax, _ = _canvas.axes(ax, width=6, height=4)
    ax.plot(history.iterations, history.kl_divergences)
    for begin in history.phases[1:]:
        ax.axvline(begin, linestyle=":", color="grey")
    ax.set_xlabel("iteration")
    ax.set_ylabel("KL divergence")
    return ax
