"""The arguments of `TSNE`: kept, told and changed by name."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from opentsne_go._input import arguments

from . import presets
from .names import AffinityName, InitName, MetricName, NeighborsName, PresetName, PullFrameName, RepulsionName

if TYPE_CHECKING:
    from typing_extensions import Self


class Settings:
    """The arguments of `TSNE`, by name; nothing is checked but a start of the wrong width."""

    @presets.taken
    def __init__(
        self,
        n_components: int = 2,
        perplexity: float | list[float] = 30,
        learning_rate: str | float = "auto",
        early_exaggeration_iter: str | int = "auto",
        early_exaggeration: str | float = "auto",
        n_iter: str | int = "auto",
        exaggeration: float | None = None,
        dof: float = 1,
        theta: float = 0.5,
        n_interpolation_points: int = 3,
        min_num_intervals: int = 50,
        ints_in_interval: float = 1,
        initialization: InitName | ArrayLike = "pca",
        metric: MetricName | Callable[..., Any] = "euclidean",
        metric_params: dict[str, Any] | None = None,
        initial_momentum: float = 0.8,
        final_momentum: str | float = "auto",
        max_grad_norm: float | None = None,
        max_step_norm: float | None = 5,
        n_jobs: int | None = 1,
        neighbors: NeighborsName = "auto",
        knn_kwargs: dict[str, Any] | None = None,
        negative_gradient_method: RepulsionName = "auto",
        callbacks: Any = None,
        callbacks_every_iters: int = 50,
        random_state: Any = None,
        verbose: bool = False,
        *,
        affinity: AffinityName = "perplexity",
        k: int | None = None,
        sigma: float | None = None,
        anneal_iterations: int = 0,
        auto_stop: float | None = None,
        density_lambda: float | None = None,
        density_fraction: float = 0.3,
        density_shift: float = 0.1,
        sample_size: int = 25000,
        pull: float | None = None,
        pull_y: ArrayLike | None = None,
        pull_weights: ArrayLike | None = None,
        pull_frame: PullFrameName = "scaled",
        checkpoint: str | PathLike[str] | None = None,
        checkpoint_every: int = 50,
        momentum_iterations: int = 0,
        preset: PresetName | None = None,
        scratch: str | PathLike[str] | None = None,
    ) -> None:
        self.n_components = n_components
        self.perplexity = perplexity
        self.learning_rate = learning_rate
        self.early_exaggeration_iter = early_exaggeration_iter
        self.early_exaggeration = early_exaggeration
        self.n_iter = n_iter
        self.exaggeration = exaggeration
        self.dof = dof
        self.theta = theta
        self.n_interpolation_points = n_interpolation_points
        self.min_num_intervals = min_num_intervals
        self.ints_in_interval = ints_in_interval
        self.initialization = initialization
        self.metric = metric
        self.metric_params = metric_params
        self.initial_momentum = initial_momentum
        self.final_momentum = final_momentum
        self.max_grad_norm = max_grad_norm
        self.max_step_norm = max_step_norm
        self.n_jobs = n_jobs
        self.neighbors = neighbors
        self.knn_kwargs = knn_kwargs
        self.negative_gradient_method = negative_gradient_method
        self.callbacks = callbacks
        self.callbacks_every_iters = callbacks_every_iters
        self.random_state = random_state
        self.verbose = verbose
        self.affinity = affinity
        self.k = k
        self.sigma = sigma
        self.anneal_iterations = anneal_iterations
        self.auto_stop = auto_stop
        self.density_lambda = density_lambda
        self.density_fraction = density_fraction
        self.density_shift = density_shift
        self.sample_size = sample_size
        self.pull = pull
        self.pull_y = pull_y
        self.pull_weights = pull_weights
        self.pull_frame = pull_frame
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every
        self.momentum_iterations = momentum_iterations
        self.preset = preset
        self.scratch = scratch
        self._check_width()

    def _check_width(self) -> None:
        """openTSNE refuses a start of the wrong width before it has data."""
        start, width = self.initialization, self.n_components
        if isinstance(start, np.ndarray) and start.shape[1:] != (width,):
            raise arguments.bad("initialization", start.shape, f"{width} columns (n_components)")

    def __setstate__(self, state: dict[str, Any]) -> None:
        """A pickle of an earlier version knows of fewer arguments."""
        self.__dict__.update({**DEFAULTS, **state})

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments by name, as scikit-learn asks for them.

        Parameters
        ----------
        deep : bool
            Without effect.

        Returns
        -------
        dict
        """
        return {name: getattr(self, name) for name in DEFAULTS}

    def set_params(self, **params: Any) -> Self:
        """Change arguments by name; a preset changes those that it sets.

        Parameters
        ----------
        **params
            Names and new values.

        Returns
        -------
        TSNE
            This one.
        """
        for name, value in presets.settled(params).items():
            if name not in DEFAULTS:
                raise arguments.bad("set_params", name, arguments.nearest(name, DEFAULTS))
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        told = presets.of(self.preset)
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if name in told or not np.array_equal(value, DEFAULTS[name])
        ]
        return f"TSNE({', '.join(changed)})"


#: All arguments of `TSNE` and their defaults, in their order.
DEFAULTS: dict[str, Any] = dict(vars(Settings()))
