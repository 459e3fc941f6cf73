"""From argument names of the field to fields of ``tsne_options``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from . import _input, _lib

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
}

Callback = Callable[[int, float, Any], Any]


def exaggeration(name: str, value: Any) -> float:
    """None is 1."""
    return 1.0 if value is None else _input.real(name, value, 0, INF, "above 0")


def momentum(name: str, value: Any) -> float:
    """0 to below 1."""
    return _input.real(name, value, -1e-300, 1, "0 to below 1")


def learning_rate(value: Any) -> float:
    """0 is n / exaggeration of the phase."""
    if isinstance(value, str) and value == "auto":
        return 0.0
    return _input.real("learning_rate", value, 0, INF, "'auto', or above 0")


def callbacks(value: Any) -> list[Callback]:
    """One callable or several, as a list."""
    if value is None:
        return []
    many = list(value) if isinstance(value, Iterable) and not callable(value) else [value]
    for one in many:
        if not callable(one):
            raise _input.bad("callbacks", one, "a callable, or a list of them")
    return many


def forces(knobs: dict[str, Any], dims: int) -> dict[str, Any]:
    """Fields that say how the gradient is computed and stepped along."""
    if knobs["dof"] != 1:
        raise _input.bad("dof", knobs["dof"], "1")
    if knobs["max_grad_norm"] is not None:
        raise _input.bad(
            "max_grad_norm", knobs["max_grad_norm"], "None (see max_step_norm)"
        )
    method = _input.choice(
        "negative_gradient_method", knobs["negative_gradient_method"], GRADIENTS
    )
    if method == "fft" and dims == 3:
        raise _input.bad(
            "negative_gradient_method",
            knobs["negative_gradient_method"],
            "'auto', 'bh' or 'exact' for n_components=3",
        )
    theta = _input.real("theta", knobs["theta"], -1e-300, 2.0000001, "0 to 2")
    if theta == 0:  # a tree that approximates nothing
        method, theta = ("exact" if method == "bh" else method), 0.5
    step = knobs["max_step_norm"]
    if step is not None:
        step = _input.real("max_step_norm", step, 0, INF, "None, or above 0")
    return {
        "dims": dims,
        "repulsion": _lib.REPULSION[method],
        "theta": theta,
        "max_step_norm": step or 0.0,
        "threads": _input.threads(knobs["n_jobs"]),
    }


def search(
    *, perplexity: Any, metric: Any, metric_params: Any, neighbors: Any, n_jobs: Any
) -> dict[str, Any]:
    """Fields that say how affinities are made."""
    if metric != "euclidean":
        raise _input.bad("metric", metric, "'euclidean'")
    if metric_params:
        raise _input.bad("metric_params", metric_params, "None: euclidean has none")
    fields: dict[str, Any] = {
        "neighbors": _lib.NEIGHBORS[_input.choice("neighbors", neighbors, NEIGHBORS)],
        "threads": _input.threads(n_jobs),
    }
    several = isinstance(perplexity, (list, tuple, np.ndarray))
    values = [
        _input.real("perplexity", one, 0, INF, "above 0, or a list of such numbers")
        for one in (perplexity if several else [perplexity])
    ]
    if not values:
        raise _input.bad("perplexity", perplexity, "above 0, or a list of such numbers")
    if several:
        fields["perplexities"] = _input.doubles(values)
        fields["n_perplexities"] = len(values)
    else:
        fields["perplexity"] = values[0]
    return fields


def dims(n_components: Any) -> int:
    """1, 2 or 3."""
    if isinstance(n_components, (int, np.integer)) and not isinstance(n_components, bool):
        if 1 <= n_components <= 3:
            return int(n_components)
    raise _input.bad("n_components", n_components, "1, 2 or 3")
