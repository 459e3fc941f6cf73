"""What made a map that is of more than one fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: What a call did, as an element of ``Report.steps``: "call", and what it was of.
Step = dict[str, Any]


#: Calls that fit.
FITS = ("fit", "update", "zoom", "fit_together", "align")


def steps_to(embedding: Any) -> tuple[Step, ...]:
    """The calls that made a map, the first of which may be one that is not known."""
    if embedding._steps:
        return tuple(embedding._steps)
    making, n = embedding._making, len(embedding)
    if making is None:
        return (unknown(n),)
    return ({"call": "fit", "points": n}, *({"call": "optimize", **phase} for phase in making.phases))


def unknown(n: int) -> Step:
    """A map of n points that came from elsewhere."""
    return {"call": "unknown", "points": n}


def paragraph(steps: tuple[Step, ...]) -> str:
    """The steps as sentences."""
    if [one["call"] for one in steps] == ["unknown"]:
        return "How the map came to be is not known in full."
    text = "The map was made in steps: " + "; then ".join(_SAYS[one["call"]](one) for one in steps) + "."
    fits = any(one["call"] in FITS[1:] for one in steps)
    return text + " What is said of affinities, start, descent and seed is of the last fit among these." * fits


def _optimize(step: Step) -> str:
    how = ", ".join(f"{name} {value}" for name, value in step.items() if name not in ("call", "n_iter"))
    return f"{step['n_iter']} more iterations{' with ' + how if how else ''}"


def _update(step: Step) -> str:
    held = step["hold"]
    held = held if isinstance(held, str) else f"pulled to their places with weight {held:g}"
    return (
        f"{step['new']:,} new points taken in, which began at the median of their 10 nearest and are fitted "
        f"with the others, these {held}"
    )


def _together(step: Step) -> str:
    return (
        f"number {step['set'] + 1} of {step['sets']} data sets fitted together, matched by {step['by']}, "
        f"over a window of {step['window']} and in {step['rounds']} rounds of 50 iterations, "
        f"pulled with weight {step['pull']:g} to those beside it, and laid on the one before"
    )


_SAYS: dict[str, Callable[[Step], str]] = {
    "fit": lambda step: f"a fit of {step['points']:,} points",
    "optimize": _optimize,
    "unknown": lambda step: f"a map of {step['points']:,} points, of which nothing more is known",
    "written": lambda _: "positions written by hand",
    "update": _update,
    "zoom": lambda step: f"{step['points']:,} of its points fitted anew by affinities among themselves, and laid over where they lay",
    "fit_together": _together,
    "align": lambda step: (
        f"{step['points']:,} other points aligned with it, which began at their places there and were "
        f"pulled to these with weight {step['pull']:g}"
    ),
}
