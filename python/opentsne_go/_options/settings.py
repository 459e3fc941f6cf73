"""The arguments of `TSNE`: kept, told, checked, and handed to the library."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .._input import tables as _input
from .._options import fields as _knobs
from .._native import library as _lib
from .._neighbors.search import floats
from .._native.progress import Watch

if TYPE_CHECKING:
    from typing_extensions import Self

log = logging.getLogger("opentsne_go")

# openTSNE's own limit, above which it warns: far above the 1e-4 it advises.
_SPREAD_START = 1e-2


class Settings:
    """What `TSNE` is made with."""

    def __init__(
        self,
        n_components: int = 2,
        perplexity: float | list[float] = 30,
        learning_rate: str | float = "auto",
        early_exaggeration_iter: int = 250,
        early_exaggeration: str | float = "auto",
        n_iter: int = 500,
        exaggeration: float | None = None,
        dof: float = 1,
        theta: float = 0.5,
        n_interpolation_points: int = 3,
        min_num_intervals: int = 50,
        ints_in_interval: float = 1,
        initialization: str | ArrayLike = "pca",
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        initial_momentum: float = 0.8,
        final_momentum: float = 0.8,
        max_grad_norm: float | None = None,
        max_step_norm: float | None = 5,
        n_jobs: int | None = 1,
        neighbors: str = "auto",
        knn_kwargs: dict[str, Any] | None = None,
        negative_gradient_method: str = "auto",
        callbacks: Any = None,
        callbacks_every_iters: int = 50,
        random_state: Any = None,
        verbose: bool = False,
        *,
        affinity: str = "perplexity",
        k: int | None = None,
        sigma: float | None = None,
        anneal_iterations: int = 0,
        auto_stop: float | None = None,
        density_lambda: float | None = None,
        density_fraction: float = 0.3,
        density_shift: float = 0.1,
        sample_size: int = 25000,
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
        if isinstance(initialization, np.ndarray) and initialization.shape[1:] != (n_components,):
            raise _input.bad(
                "initialization", initialization.shape, f"{n_components} columns (n_components)"
            )
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
        return {name: getattr(self, name) for name in inspect.signature(Settings).parameters}

    def set_params(self, **params: Any) -> Self:
        """Change arguments by name.

        Parameters
        ----------
        **params
            Names and new values.

        Returns
        -------
        TSNE
            This one.
        """
        known = inspect.signature(Settings).parameters
        for name, value in params.items():
            if name not in known:
                raise _input.bad("set_params", name, ", ".join(known))
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if not np.array_equal(
                value, inspect.signature(Settings).parameters[name].default
            )
        ]
        return f"TSNE({', '.join(changed)})"

    # Checked.

    def _check(self, n: int) -> None:
        """Refuses what `fit` would refuse of the arguments for n points."""
        self._descent()
        self._phases()
        self._search()
        start = self._start(None, True)
        self._positions(start, n, _knobs.dims(self.n_components), warn=False)

    def _job(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the embedding's own `optimize` goes by, and fields of a whole fit
        without its start."""
        knobs = self._descent()
        (early, early_exaggeration, early_momentum), (late, exaggeration, momentum) = (
            self._phases()
        )
        fields = {
            **_knobs.forces(knobs, _knobs.dims(self.n_components)),
            **self._search(),
            "anneal_iterations": _input.whole("anneal_iterations", self.anneal_iterations, 0),
            "seed": _input.seed(self.random_state),
            "early_iterations": early,
            "iterations": late,
            "early_exaggeration": early_exaggeration,
            "exaggeration": exaggeration,
            "learning_rate": _knobs.learning_rate(self.learning_rate),
            "early_momentum": early_momentum,
            "momentum": momentum,
        }
        return knobs, fields

    def _watch(self) -> Watch:
        """Who follows a whole fit."""
        every = _input.whole("callbacks_every_iters", self.callbacks_every_iters, 1)
        callbacks = _knobs.callbacks(self.callbacks)
        return Watch(self.verbose, callbacks, every, [0, self.early_exaggeration_iter])

    def _descent(self) -> dict[str, Any]:
        """What the embedding's own `optimize` goes by."""
        knobs = {
            name: getattr(self, name)
            for name in _knobs.DESCENT
            if name not in ("exaggeration", "momentum", "anneal_iterations")
        }
        knobs = {**_knobs.DESCENT, **knobs}
        _input.whole("anneal_iterations", self.anneal_iterations, 0)
        _knobs.forces(knobs, _knobs.dims(self.n_components))
        _knobs.learning_rate(self.learning_rate)
        _knobs.callbacks(self.callbacks)
        _input.whole("callbacks_every_iters", self.callbacks_every_iters, 1)
        return knobs

    def _phases(self) -> list[tuple[int, float, float]]:
        """Iterations, exaggeration and momentum of the two phases."""
        late = _knobs.exaggeration("exaggeration", self.exaggeration)
        early = self.early_exaggeration
        if isinstance(early, str) and early == "auto":
            early = max(12.0, late)
        return [
            (
                _input.whole("early_exaggeration_iter", self.early_exaggeration_iter, 0),
                _input.real(
                    "early_exaggeration", early, 0, _knobs.INF, "'auto', or above 0"
                ),
                _knobs.momentum("initial_momentum", self.initial_momentum),
            ),
            (
                _input.whole("n_iter", self.n_iter, 0),
                late,
                _knobs.momentum("final_momentum", self.final_momentum),
            ),
        ]

    def _search(self) -> dict[str, Any]:
        return _knobs.search(
            perplexity=self.perplexity,
            metric=self.metric,
            metric_params=self.metric_params,
            neighbors=self.neighbors,
            n_jobs=self.n_jobs,
            affinity=self.affinity,
            k=self.k,
            sigma=self.sigma,
        )

    def _start(self, given: Any, data: bool) -> Any:
        """The start that is asked for: a name, or positions."""
        value = self.initialization if given is None else given
        if not isinstance(value, str):
            return value
        if value not in _knobs.STARTS:
            known = ", ".join(map(repr, _knobs.STARTS))
            raise _input.bad("initialization", value, f"{known}, or an array of positions")
        if data or value in ("random", "spectral"):
            return value
        if value == "sample":
            raise _input.bad("initialization", value, "another when there is no data matrix")
        log.warning(
            "Attempting to use `pca` initalization, but there is no data matrix! Using "
            "`spectral` initilization instead, which doesn't need it"
        )
        return "spectral"

    def _positions(self, start: Any, n: int, dims: int, warn: bool = True) -> dict[str, Any]:
        """Fields of the initialisation."""
        if isinstance(start, str):
            size = _input.whole("sample_size", self.sample_size, 4)
            return {"init": _knobs.STARTS[start], "sample_size": size}
        y = _input.start(start, n, dims)
        if warn and n and (y.std(axis=0) > _SPREAD_START).any():
            log.warning(
                "initialization: its standard deviation is above %g; a map that starts "
                "that wide may converge badly (1e-4 is usual)",
                _SPREAD_START,
            )
        return {"init": _lib.INIT["given"], "init_y": floats(y)}

    def _announce(self) -> None:
        print("-" * 80, repr(self), "-" * 80, sep="\n", flush=True)
