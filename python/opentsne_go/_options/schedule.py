"""What the library takes for phases of which nothing is said (docs/schedule.md)."""

from __future__ import annotations

import ctypes as ct
from typing import Any

from opentsne_go._native import structures
from opentsne_go._native.calls import call

from .table import NUMBERS

#: What it may write, and what it goes by beside.
PHASES = ("early_exaggeration_iter", "n_iter", "initial_momentum", "final_momentum", "momentum_iterations")
_BESIDE = ("exaggeration", "learning_rate", "anneal_iterations", "auto_stop", "density_lambda", "pull")


def settled(fields: dict[str, Any], n: int) -> dict[str, Any]:
    """The fields of the phases in a fit of n points; 0: the defaults."""
    names = [NUMBERS[name].field for name in PHASES]
    said = [*names, *(NUMBERS[name].field for name in _BESIDE), "early_exaggeration"]
    options = structures.options(**{name: fields[name] for name in said if name in fields})
    call("tsne_options_settle", ct.byref(options), n)
    return {name: getattr(options, name) for name in names}


def arguments(settings: dict[str, Any], n: int) -> dict[str, Any]:
    """`TSNE`'s arguments with what a fit of n points takes for "auto" phases."""
    fields = {NUMBERS[name].field: NUMBERS[name].read(name, settings[name]) for name in (*PHASES, *_BESIDE)}
    if settings["early_exaggeration"] != "auto":
        fields["early_exaggeration"] = settings["early_exaggeration"]
    found = settled(fields, n)
    return {**settings, **{name: found[NUMBERS[name].field] for name in PHASES}}
