"""A fit as `TSNE`'s arguments ask for it, checked, in fields of ``tsne_options``."""

from __future__ import annotations

import logging
from typing import Any, TypeVar

from opentsne_go._input import arguments
from opentsne_go._input.starts import given_positions, given_weights
from opentsne_go._native import arrays, choices
from opentsne_go._native.progress import Watch

from . import checked, presets
from .settings import Settings
from .table import DESCENT, NUMBERS

Given = TypeVar("Given", bound=Settings)

log = logging.getLogger("opentsne_go")

# openTSNE's own limit, above which it warns: far above the 1e-4 it advises.
_SPREAD_START = 1e-2

#: Numbers that a fit reads with others, or not from the settings alone.
_APART = ("early_exaggeration", "k", "sigma", "callbacks_every_iters")


def settings(tsne: Given) -> Given:
    """What users give as settings of a fit."""
    if not isinstance(tsne, Settings):
        raise arguments.bad("tsne", type(tsne).__name__, "an opentsne_go.TSNE, or None")
    return tsne


def check(settings: Settings, n: int) -> None:
    """Refuses what `fit` would refuse of the arguments for n points."""
    descent_and_fields(settings)
    asked = asked_start(settings, None, True)
    dims = checked.dims(settings.n_components)
    start_fields(settings, asked, n, dims, warn=False)
    pull_fields(settings, n, dims)
    tell_callbacks(settings, n)


def tell_callbacks(settings: Settings, n: int) -> None:
    """Those that are about the points hear how many there are, and may refuse them."""
    for one in checked.callbacks(settings.callbacks):
        told = getattr(one, "points", None)
        if told is not None:
            told(n)


def descent_and_fields(settings: Settings) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the embedding's own `optimize` goes by, and fields of a whole fit
    without its start."""
    given = settings.get_params()
    presets.check(settings.preset)
    params = {
        **DESCENT,
        **{name: given[name] for name in DESCENT if name not in checked.ANEW and name in given},
    }
    whole = {**params, "anneal_iterations": settings.anneal_iterations}
    checked.callbacks(settings.callbacks)
    numbers = {
        number.field: number.read(name, given[name])
        for name, number in NUMBERS.items()
        if name not in _APART
    }
    checked.number("callbacks_every_iters", settings.callbacks_every_iters)
    early = settings.early_exaggeration
    if isinstance(early, str) and early == "auto":
        early = max(12.0, numbers["exaggeration"])
    fields = {
        **numbers,
        **checked.forces(whole, checked.dims(settings.n_components)),
        **affinity_fields(settings),
        "seed": arguments.seed(settings.random_state),
        "checkpoint": None if settings.checkpoint is None else arguments.path(settings.checkpoint, "checkpoint"),
        "scratch": None if settings.scratch is None else arguments.path(settings.scratch, "scratch"),
        "early_exaggeration": arguments.positive(
            "early_exaggeration", early, "'auto', or above 0"
        ),
    }
    return params, fields


def by_the_library(settings: Settings) -> None:
    """Refuses a metric that is not the library's, for what it does by itself."""
    if checked.foreign(settings.metric) or settings.metric == "precomputed":
        raise arguments.bad("metric", settings.metric, ", ".join(map(repr, checked.METRICS)))


def watch(settings: Settings, early: int) -> Watch:
    """Who follows a fit of so many early iterations."""
    every = int(checked.number("callbacks_every_iters", settings.callbacks_every_iters))
    callbacks = checked.callbacks(settings.callbacks)
    return Watch(settings.verbose, callbacks, every, [0, early])


def affinity_fields(settings: Settings) -> dict[str, Any]:
    """Fields that say how the affinities of data are made."""
    return checked.affinity_fields(
        perplexity=settings.perplexity,
        metric=settings.metric,
        metric_params=settings.metric_params,
        neighbors=settings.neighbors,
        n_jobs=settings.n_jobs,
        affinity=settings.affinity,
        k=settings.k,
        sigma=settings.sigma,
    )


def asked_start(settings: Settings, given: Any, data: bool) -> Any:
    """The start that is asked for: a name, or positions."""
    value = settings.initialization if given is None else given
    if not isinstance(value, str):
        return value
    if value not in checked.STARTS:
        known = ", ".join(map(repr, checked.STARTS))
        raise arguments.bad("initialization", value, f"{known}, or an array of positions")
    if data or value not in choices.STARTS_OF_DATA:
        return value
    if value != "pca":
        raise arguments.bad("initialization", value, "another when there is no data matrix")
    log.warning("initialization: 'pca' takes data, of which there are none here; 'spectral' is used")
    return "spectral"


def start_fields(
    settings: Settings, start: Any, n: int, dims: int, warn: bool = True
) -> dict[str, Any]:
    """Fields of the initialisation."""
    if isinstance(start, str):
        return {"init": checked.STARTS[start]}
    y = given_positions(start, n, dims)
    if warn and n and (y.std(axis=0) > _SPREAD_START).any():
        log.warning(
            "initialization: its standard deviation is above %g; a map that starts "
            "that wide may converge badly (1e-4 is usual)",
            _SPREAD_START,
        )
    return {"init": choices.INIT["given"], "init_y": arrays.floats(y)}


def pull_fields(settings: Settings, n: int, dims: int) -> dict[str, Any]:
    """Fields of the reference positions that a pull is towards."""
    fields = {}
    if settings.pull_y is not None:
        fields["pull_y"] = arrays.floats(given_positions(settings.pull_y, n, dims, "pull_y"))
    if settings.pull_weights is not None:
        fields["pull_weights"] = arrays.floats(given_weights(settings.pull_weights, n, "pull_weights"))
    return fields


def announce(settings: Settings) -> None:
    """Prints the settings as openTSNE does under ``verbose``."""
    print("-" * 80, repr(settings), "-" * 80, sep="\n", flush=True)
