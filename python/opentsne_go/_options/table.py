"""What `TSNE` takes. Written by scripts/options from ``tsne/options.toml``: change it there."""

from __future__ import annotations

from typing import Any

from .number import Number

#: How the numbers among the arguments are checked, and their fields.
NUMBERS = {
    "n_components": Number(
        "dims", whole=True, low=1, high=3, allowed="an integer, 1, 2 or 3",
    ),
    "learning_rate": Number(
        "learning_rate", above=0, auto=0, allowed="'auto', or above 0",
    ),
    "early_exaggeration_iter": Number(
        "early_iterations",
        whole=True,
        low=0,
        high=2147483647,
        auto=-1,
        allowed="'auto', or an integer, 0 to 2^31 - 1",
    ),
    "n_iter": Number(
        "iterations",
        whole=True,
        low=0,
        high=2147483647,
        auto=-1,
        allowed="'auto', or an integer, 0 to 2^31 - 1",
    ),
    "exaggeration": Number("exaggeration", above=0, none=1, allowed="None, or above 0"),
    "dof": Number("dof", low=0.01, high=10000, allowed="0.01 to 10000"),
    "theta": Number("theta", low=0, high=2, allowed="0 to 2"),
    "initial_momentum": Number(
        "early_momentum", low=0, below=1, allowed="0 to below 1",
    ),
    "final_momentum": Number(
        "momentum", low=0, below=1, auto=-1, allowed="'auto', or 0 to below 1",
    ),
    "max_grad_norm": Number(
        "max_grad_norm", above=0, infinite=True, none=0, allowed="None, or above 0",
    ),
    "max_step_norm": Number(
        "max_step_norm", above=0, infinite=True, none=0, allowed="None, or above 0",
    ),
    "callbacks_every_iters": Number(
        "progress_every", whole=True, low=1, allowed="an integer, 1 or more",
    ),
    "k": Number(
        "k", whole=True, low=1, none=0, allowed="None, or an integer, 1 or more",
    ),
    "sigma": Number("sigma", above=0, none=0, allowed="None, or above 0"),
    "anneal_iterations": Number(
        "anneal_iterations", whole=True, low=0, allowed="an integer, 0 or more",
    ),
    "auto_stop": Number("auto_stop", above=0, none=0, allowed="None, or above 0"),
    "density_lambda": Number(
        "density_lambda", low=0, none=0, allowed="None, or 0 or more",
    ),
    "density_fraction": Number(
        "density_fraction", above=0, high=1, allowed="above 0, at most 1",
    ),
    "density_shift": Number("density_shift", above=0, allowed="above 0"),
    "sample_size": Number(
        "sample_size", whole=True, low=4, allowed="an integer, 4 or more",
    ),
    "pull": Number("pull", low=0, none=0, allowed="None, or 0 or more"),
    "checkpoint_every": Number(
        "checkpoint_every", whole=True, low=1, allowed="an integer, 1 or more",
    ),
    "momentum_iterations": Number(
        "momentum_iterations",
        whole=True,
        low=0,
        high=2147483647,
        allowed="an integer, 0 to 2^31 - 1",
    ),
}

#: What going on with a map takes, with openTSNE's defaults.
DESCENT: dict[str, Any] = {
    "learning_rate": "auto",
    "exaggeration": None,
    "dof": 1,
    "theta": 0.5,
    "n_interpolation_points": 3,
    "min_num_intervals": 50,
    "ints_in_interval": 1,
    "momentum": 0.8,
    "max_grad_norm": None,
    "max_step_norm": 5,
    "n_jobs": 1,
    "negative_gradient_method": "auto",
    "callbacks": None,
    "callbacks_every_iters": 50,
    "verbose": False,
    "anneal_iterations": 0,
    "auto_stop": None,
    "density_lambda": None,
    "density_fraction": 0.3,
    "density_shift": 0.1,
    "pull": None,
    "pull_frame": "scaled",
}

#: Those of them that are numbers, under the names of `NUMBERS`.
DESCENT_NUMBERS = {
    "learning_rate": "learning_rate",
    "exaggeration": "exaggeration",
    "dof": "dof",
    "theta": "theta",
    "momentum": "final_momentum",
    "max_grad_norm": "max_grad_norm",
    "max_step_norm": "max_step_norm",
    "callbacks_every_iters": "callbacks_every_iters",
    "anneal_iterations": "anneal_iterations",
    "auto_stop": "auto_stop",
    "density_lambda": "density_lambda",
    "density_fraction": "density_fraction",
    "density_shift": "density_shift",
    "pull": "pull",
}

#: What only the points of a map have, since they see each other.
OF_MAPS = (
    "anneal_iterations",
    "auto_stop",
    "density_lambda",
    "density_fraction",
    "density_shift",
    "pull",
    "pull_frame",
)

#: Arguments under one name.
PRESETS: dict[str, dict[str, Any]] = {
    "atlas": {
        "affinity": "uniform",
        "k": 15,
        "initialization": "sample",
        "anneal_iterations": 250,
    },
}
