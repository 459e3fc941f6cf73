"""A fit as `TSNE`'s arguments ask for it, checked, in fields of ``tsne_options``."""

from __future__ import annotations

import logging
from typing import Any

from opentsne_go._input import arguments
from opentsne_go._input.starts import given_positions
from opentsne_go._native import abi, arrays
from opentsne_go._native.progress import Watch

from . import checked
from .settings import Settings

log = logging.getLogger("opentsne_go")

# openTSNE's own limit, above which it warns: far above the 1e-4 it advises.
_SPREAD_START = 1e-2


def check(settings: Settings, n: int) -> None:
    """Refuses what `fit` would refuse of the arguments for n points."""
    descent(settings)
    _phases(settings)
    affinity_fields(settings)
    asked = asked_start(settings, None, True)
    start_fields(settings, asked, n, checked.dims(settings.n_components), warn=False)


def descent_and_fields(settings: Settings) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the embedding's own `optimize` goes by, and fields of a whole fit
    without its start."""
    params = descent(settings)
    (early, early_exaggeration, early_momentum), (late, exaggeration, momentum) = (
        _phases(settings)
    )
    fields = {
        **checked.forces(params, checked.dims(settings.n_components)),
        **affinity_fields(settings),
        "anneal_iterations": arguments.whole("anneal_iterations", settings.anneal_iterations, 0),
        "seed": arguments.seed(settings.random_state),
        "early_iterations": early,
        "iterations": late,
        "early_exaggeration": early_exaggeration,
        "exaggeration": exaggeration,
        "learning_rate": checked.learning_rate(settings.learning_rate),
        "early_momentum": early_momentum,
        "momentum": momentum,
    }
    return params, fields


def watch(settings: Settings) -> Watch:
    """Who follows a whole fit."""
    every = arguments.whole("callbacks_every_iters", settings.callbacks_every_iters, 1)
    callbacks = checked.callbacks(settings.callbacks)
    return Watch(settings.verbose, callbacks, every, [0, settings.early_exaggeration_iter])


def descent(settings: Settings) -> dict[str, Any]:
    """What the embedding's own `optimize` goes by."""
    params = {
        name: getattr(settings, name)
        for name in checked.DESCENT
        if name not in ("exaggeration", "momentum", "anneal_iterations")
    }
    params = {**checked.DESCENT, **params}
    arguments.whole("anneal_iterations", settings.anneal_iterations, 0)
    checked.forces(params, checked.dims(settings.n_components))
    checked.learning_rate(settings.learning_rate)
    checked.callbacks(settings.callbacks)
    arguments.whole("callbacks_every_iters", settings.callbacks_every_iters, 1)
    return params


def _phases(settings: Settings) -> list[tuple[int, float, float]]:
    """Iterations, exaggeration and momentum of the two phases."""
    late = checked.exaggeration("exaggeration", settings.exaggeration)
    early = settings.early_exaggeration
    if isinstance(early, str) and early == "auto":
        early = max(12.0, late)
    return [
        (
            arguments.whole("early_exaggeration_iter", settings.early_exaggeration_iter, 0),
            arguments.real(
                "early_exaggeration", early, 0, checked.INF, "'auto', or above 0"
            ),
            checked.momentum("initial_momentum", settings.initial_momentum),
        ),
        (
            arguments.whole("n_iter", settings.n_iter, 0),
            late,
            checked.momentum("final_momentum", settings.final_momentum),
        ),
    ]


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
    if data or value in ("random", "spectral"):
        return value
    if value == "sample":
        raise arguments.bad("initialization", value, "another when there is no data matrix")
    log.warning(
        "Attempting to use `pca` initalization, but there is no data matrix! Using "
        "`spectral` initilization instead, which doesn't need it"
    )
    return "spectral"


def start_fields(
    settings: Settings, start: Any, n: int, dims: int, warn: bool = True
) -> dict[str, Any]:
    """Fields of the initialisation."""
    if isinstance(start, str):
        size = arguments.whole("sample_size", settings.sample_size, 4)
        return {"init": checked.STARTS[start], "sample_size": size}
    y = given_positions(start, n, dims)
    if warn and n and (y.std(axis=0) > _SPREAD_START).any():
        log.warning(
            "initialization: its standard deviation is above %g; a map that starts "
            "that wide may converge badly (1e-4 is usual)",
            _SPREAD_START,
        )
    return {"init": abi.INIT["given"], "init_y": arrays.floats(y)}


def announce(settings: Settings) -> None:
    """Prints the settings as openTSNE does under ``verbose``."""
    print("-" * 80, repr(settings), "-" * 80, sep="\n", flush=True)
