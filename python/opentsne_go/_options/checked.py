"""Options: their names and values in the field, checked, as fields of ``tsne_options``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from opentsne_go._input import arguments
from opentsne_go._native import abi, arrays
from opentsne_go._native.progress import Callback
from opentsne_go.errors import UnsupportedError

NEIGHBORS = {
    "auto": "auto",
    "exact": "exact",
    "approx": "approx",
    "annoy": "approx",
    "pynndescent": "approx",
    "hnsw": "approx",
}
GRADIENTS = {
    "auto": "auto",
    "fft": "fft",
    "FFT": "fft",
    "interpolation": "fft",
    "bh": "bh",
    "BH": "bh",
    "barnes-hut": "bh",
    "exact": "exact",
}
_METRIC_ALIASES = {
    "l2": "euclidean",
    "pearson": "correlation",
    "l1": "manhattan",
    "cityblock": "manhattan",
    "taxicab": "manhattan",
    "linfinity": "chebyshev",
    "linfty": "chebyshev",
    "linf": "chebyshev",
    "infinity": "chebyshev",
}
METRICS = {
    **abi.METRICS,
    **{alias: abi.METRICS[name] for alias, name in _METRIC_ALIASES.items()},
}
#: Metrics that scikit-learn computes for us: slower, and exact.
FOREIGN_METRICS = (
    "braycurtis",
    "canberra",
    "dice",
    "haversine",
    "jaccard",
    "mahalanobis",
    "minkowski",
    "rogerstanimoto",
    "russellrao",
    "seuclidean",
    "sokalsneath",
    "sqeuclidean",
    "yule",
)
METRIC_NAMES = {number: name for name, number in abi.METRICS.items()}
STARTS = {name: number for name, number in abi.INIT.items() if name != "given"}
INF = float("inf")

#: What `TSNEEmbedding.optimize` takes, with openTSNE's defaults.
DESCENT: dict[str, Any] = {
    "learning_rate": "auto",
    "exaggeration": None,
    "dof": 1,
    "momentum": 0.8,
    "negative_gradient_method": "auto",
    "theta": 0.5,
    "n_interpolation_points": 3,
    "min_num_intervals": 50,
    "ints_in_interval": 1,
    "max_grad_norm": None,
    "max_step_norm": 5,
    "n_jobs": 1,
    "callbacks": None,
    "callbacks_every_iters": 50,
    "verbose": False,
    "anneal_iterations": 0,
    "auto_stop": None,
    "density_lambda": None,
    "density_fraction": 0.3,
    "density_shift": 0.1,
}


def name_of(numbers: dict[str, int], number: int) -> str:
    """The name of one of the library's numbers."""
    return next(name for name, one in numbers.items() if one == number)


def merged(base: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Parameters of the descent with some changed."""
    for name in new:
        if name not in DESCENT:
            raise TypeError(
                f"unexpected argument {name!r}; allowed: {', '.join(DESCENT)}"
            )
    return {**base, **new}


def exaggeration(name: str, value: Any) -> float:
    """None is 1."""
    return 1.0 if value is None else arguments.real(name, value, 0, INF, "above 0")


def momentum(name: str, value: Any) -> float:
    """0 to below 1."""
    return arguments.real(name, value, -1e-300, 1, "0 to below 1")


def learning_rate(value: Any) -> float:
    """0 is n / exaggeration of the phase."""
    if isinstance(value, str) and value == "auto":
        return 0.0
    return arguments.real("learning_rate", value, 0, INF, "'auto', or above 0")


def callbacks(value: Any) -> list[Callback]:
    """One callable or several, as a list."""
    if value is None:
        return []
    many = list(value) if isinstance(value, Iterable) and not callable(value) else [value]
    for one in many:
        if not callable(one):
            raise arguments.bad("callbacks", one, "a callable, or a list of them")
    return many


def forces(params: dict[str, Any], dims: int) -> dict[str, Any]:
    """Fields that say how the gradient is computed and stepped along."""
    method = arguments.choice(
        "negative_gradient_method", params["negative_gradient_method"], GRADIENTS
    )
    if method == "fft" and dims == 3:
        given = params["negative_gradient_method"]
        raise UnsupportedError(
            f"negative_gradient_method: got {given!r}; allowed: 'auto', 'bh' or 'exact' for "
            "n_components=3"
        )
    theta = arguments.real("theta", params["theta"], -1e-300, 2.0000001, "0 to 2")
    if theta == 0:  # a tree that approximates nothing
        method, theta = ("exact" if method == "bh" else method), 0.5
    return {
        "dims": dims,
        "repulsion": abi.REPULSION[method],
        "theta": theta,
        "dof": arguments.real("dof", params["dof"], 0, INF, "above 0"),
        **clipping(params["max_grad_norm"], params["max_step_norm"]),
        "threads": arguments.threads(params["n_jobs"]),
        "anneal_iterations": arguments.whole("anneal_iterations", params["anneal_iterations"], 0),
        "auto_stop": _limit("auto_stop", params["auto_stop"]),
        "density_lambda": _optional("density_lambda", params["density_lambda"]),
        "density_fraction": arguments.real(
            "density_fraction", params["density_fraction"], 0, 1.0000001, "above 0, at most 1"
        ),
        "density_shift": arguments.real(
            "density_shift", params["density_shift"], 0, INF, "above 0"
        ),
    }


def _limit(name: str, value: Any) -> float:
    """None is 0, which the library takes for no limit."""
    return 0.0 if value is None else arguments.real(name, value, 0, INF, "None, or above 0")


def clipping(max_grad_norm: Any, max_step_norm: Any) -> dict[str, float]:
    """Longest gradient and step of a point; 0 is no limit."""
    return {
        "max_grad_norm": _limit("max_grad_norm", max_grad_norm),
        "max_step_norm": _limit("max_step_norm", max_step_norm),
    }


def _optional(name: str, value: Any) -> float:
    """None and 0 are 0."""
    if value is None:
        return 0.0
    return arguments.real(name, value, -1e-300, INF, "None, or 0 and above")


#: Fields of the library's options that say how affinities were made.
AFFINITY = ("perplexities", "n_perplexities", "affinity", "k", "sigma")

#: Neighbours of a point with uniform and fixed-sigma affinities, openTSNE's.
DEFAULT_K = 30


def perplexities(name: str, value: Any) -> list[float]:
    """One perplexity or several, as a list."""
    several = isinstance(value, (list, tuple, np.ndarray))
    allowed = "above 0, or a list of such numbers"
    values = [
        arguments.real(name, one, 0, INF, allowed) for one in (value if several else [value])
    ]
    if not values:
        raise arguments.bad(name, value, allowed)
    return values


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
    number = METRICS["euclidean"] if given else distance(metric, metric_params)
    kind = arguments.choice("affinity", affinity, {name: name for name in abi.AFFINITY})
    fields: dict[str, Any] = {
        "neighbors": abi.NEIGHBORS[arguments.choice("neighbors", neighbors, NEIGHBORS)],
        "threads": arguments.threads(n_jobs),
        "metric": number,
        "affinity": abi.AFFINITY[kind],
        "k": 0 if k is None else arguments.whole("k", k, 1),
    }
    if kind in ("uniform", "uniform_max", "fixed_sigma"):
        fields["k"] = fields["k"] or DEFAULT_K
    if kind == "fixed_sigma":
        fields["sigma"] = arguments.real("sigma", sigma, 0, INF, "above 0")
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
    if isinstance(n_components, (int, np.integer)) and not isinstance(n_components, bool):
        if 1 <= n_components <= 3:
            return int(n_components)
    raise arguments.bad("n_components", n_components, "1, 2 or 3")
