"""Settings under one name, in the place of those that a caller does not give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

from opentsne_go._input import arguments

from .table import PRESETS

P = ParamSpec("P")
R = TypeVar("R")


def of(preset: Any) -> dict[str, Any]:
    """What a preset sets; nothing of what is none, which `check` refuses."""
    return PRESETS.get(preset, {}) if isinstance(preset, str) else {}


def check(preset: Any) -> None:
    """Refuses what is no preset: in a fit, since scikit-learn's arguments are kept unread."""
    if preset is not None and not of(preset):
        raise arguments.bad("preset", preset, ", ".join(map(repr, [None, *PRESETS])))


def settled(given: dict[str, Any], others: Iterable[str] = ()) -> dict[str, Any]:
    """Arguments by name with those of their preset beside, but for others that are given too."""
    sets = of(given.get("preset"))
    return {**{name: value for name, value in sets.items() if name not in others}, **given}


def taken(function: Callable[P, R]) -> Callable[P, R]:
    """A function of `TSNE`'s arguments that takes a preset, `named` too."""
    return arguments.named(function, settled)
