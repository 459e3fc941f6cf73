"""Options: their names and values in the field, checked, as fields of ``tsne_options``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from opentsne_go._input import arguments
from opentsne_go._native import arrays, choices
from opentsne_go._native.progress import Callback
from opentsne_go.errors import UnsupportedError

from .table import DESCENT, DESCENT_NUMBERS, NUMBERS


def _known(numbers: dict[str, int], aliases: dict[str, str]) -> dict[str, str]:
    """The names there are, and the plain one that each stands for."""
    return {name: name for name in numbers} | aliases


NEIGHBORS = _known(choices.NEIGHBORS, choices.NEIGHBORS_ALIASES)
GRADIENTS = _known(choices.REPULSION, choices.REPULSION_ALIASES)
FRAMES = _known(choices.PULL_FRAME, {})
METRICS = {
    name: choices.METRICS[plain]
    for name, plain in _known(choices.METRICS, choices.METRICS_ALIASES).items()
}
#: Metrics that scikit-learn computes for us, unless the library has them: slower, and exact.
FOREIGN_METRICS = tuple(
    name
    for name in choices.METRICS_ELSEWHERE
    if name not in METRICS
)
METRIC_NAMES = {number: name for name, number in choices.METRICS.items()}
STARTS = {name: number for name, number in choices.INIT.items() if name != "given"}


def name_of(numbers: dict[str, int], number: int) -> str:
    """The name of one of the library's numbers."""
    return next(name for name, one in numbers.items() if one == number)


#: ``optimize``, and what it takes beside the parameters of the descent.
OPTIMIZE = ("optimize", "n_iter", "inplace", "propagate_exception")


def merged(base: dict[str, Any], new: dict[str, Any], who: str, *also: str) -> dict[str, Any]:
    """Parameters of the descent with some changed, by who takes those also named."""
    for name in new:
        if name not in DESCENT:
            raise arguments.unknown(who, name, [*also, *DESCENT])
    return {**base, **new}


def number(name: str, value: Any) -> float:
    """An argument of `TSNE` as its field."""
    return NUMBERS[name].read(name, value)


def going_on(name: str, value: Any) -> float:
    """An argument of ``optimize`` as its field. One phase has no schedule."""
    number = NUMBERS[DESCENT_NUMBERS[name]]
    if number.auto == -1:
        number = replace(number, auto=None, allowed=number.allowed.removeprefix("'auto', or "))
    return number.read(name, value)


def callbacks(value: Any) -> list[Callback]:
    """One callable or several, as a list."""
    if value is None:
        return []
    many = list(value) if isinstance(value, Iterable) and not callable(value) else [value]
    for one in many:
        if not callable(one):
            raise arguments.bad("callbacks", one, "a callable, or a list of them")
    return many


#: What ``optimize`` begins anew with.
ANEW = ("exaggeration", "momentum", "anneal_iterations")

#: What ``optimize`` gives beside the options.
_PHASE = ("exaggeration", "learning_rate", "momentum", "callbacks_every_iters")


def forces(params: dict[str, Any], dims: int) -> dict[str, Any]:
    """Fields that say how the gradient is computed and stepped along."""
    method = arguments.choice(
        "negative_gradient_method", params["negative_gradient_method"], GRADIENTS
    )
    if method == "fft" and dims == 3:
        given = params["negative_gradient_method"]
        error = UnsupportedError(
            f"negative_gradient_method: got {given!r}; allowed: 'auto', 'bh' or 'exact' for "
            "n_components=3"
        )
        error.argument = "negative_gradient_method"
        raise error
    fields = {
        NUMBERS[argument].field: going_on(name, params[name])
        for name, argument in DESCENT_NUMBERS.items()
        if name not in _PHASE
    }
    if fields["theta"] == 0:  # a tree that approximates nothing
        method, fields["theta"] = ("exact" if method == "bh" else method), 0.5
    return {
        **fields,
        "dims": dims,
        "repulsion": choices.REPULSION[method],
        "pull_frame": choices.PULL_FRAME[arguments.choice("pull_frame", params["pull_frame"], FRAMES)],
        "threads": arguments.threads(params["n_jobs"]),
    }


#: Fields of the library's options that say how affinities were made.
AFFINITY = ("perplexities", "n_perplexities", "affinity", "k", "sigma")

#: Neighbours of a point with uniform and fixed-sigma affinities, openTSNE's.
DEFAULT_K = 30


def perplexities(name: str, value: Any) -> list[float]:
    """One perplexity or several, as a list."""
    several = isinstance(value, (list, tuple, np.ndarray))
    allowed = "above 0, or a list of such numbers"
    values = [
        arguments.positive(name, one, allowed) for one in (value if several else [value])
    ]
    if not values:
        raise arguments.bad(name, value, allowed)
    return values


def neighbor_count(values: Iterable[float], most: int) -> int:
    """Neighbours of a point by its perplexities: three a unit of the largest, as far as there are."""
    return max(1, min(most, int(3 * max(values))))


def foreign(metric: Any) -> bool:
    """Whether distances are not the library's: a function's or scikit-learn's."""
    return callable(metric) or (isinstance(metric, str) and metric in FOREIGN_METRICS)


def distance(value: Any, metric_params: Any = None) -> int:
    """The library's number of a metric, 0 for one that is `foreign`."""
    if foreign(value):
        return 0
    known = ", ".join(map(repr, [*METRICS, *FOREIGN_METRICS]))
    if not isinstance(value, str) or value not in METRICS:
        raise arguments.bad("metric", value, f"{known}, 'precomputed' or a callable")
    if metric_params:
        raise arguments.bad("metric_params", metric_params, f"None: {value!r} has none")
    return METRICS[value]


def affinity_fields(
    *,
    perplexity: Any = 30,
    metric: Any = "euclidean",
    metric_params: Any = None,
    neighbors: Any = "auto",
    n_jobs: Any = 1,
    affinity: Any = "perplexity",
    k: Any = None,
    sigma: Any = None,
) -> dict[str, Any]:
    """Fields that say how affinities are made."""
    given = isinstance(metric, str) and metric == "precomputed"
    measure = METRICS["euclidean"] if given else distance(metric, metric_params)
    kind = arguments.choice("affinity", affinity, _known(choices.AFFINITY, {}))
    fields: dict[str, Any] = {
        "neighbors": choices.NEIGHBORS[arguments.choice("neighbors", neighbors, NEIGHBORS)],
        "threads": arguments.threads(n_jobs),
        "metric": measure,
        "affinity": choices.AFFINITY[kind],
        "k": number("k", k),
    }
    takes = choices.AFFINITY_TAKES.get(kind, ())
    if "k" in takes:
        fields["k"] = fields["k"] or DEFAULT_K
    if "sigma" in takes:
        fields["sigma"] = arguments.positive("sigma", sigma)
    return fields | perplexity_fields(perplexities("perplexity", perplexity))


def for_points(fields: dict[str, Any], k: Any, n: int) -> dict[str, Any]:
    """Fields for n points: a k beyond them is lowered, unless somebody gave it."""
    if k is not None and k >= n:
        raise arguments.bad("k", k, f"1 to {n - 1}, one less than the points")
    return {**fields, "k": max(0, min(fields["k"], n - 1))}


def perplexity_fields(values: list[float]) -> dict[str, Any]:
    """Fields of one perplexity or more."""
    return {"perplexities": arrays.doubles(values), "n_perplexities": len(values)}


def dims(n_components: Any) -> int:
    """1, 2 or 3."""
    return int(number("n_components", n_components))
