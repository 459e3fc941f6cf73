"""`TSNE`: data in, map out."""

from __future__ import annotations

import ctypes as ct
import inspect
import logging
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import _input, _knobs, _lib
from ._watch import Watch
from .affinity import Affinities, call, run_on
from .embedding import TSNEEmbedding, model_handle
from .errors import OptimizationInterrupt

__all__ = ["TSNE"]

log = logging.getLogger("opentsne_go")

# openTSNE's own limit, above which it warns: far above the 1e-4 it advises.
_SPREAD_START = 1e-2


class TSNE:
    """t-distributed stochastic neighbor embedding.

    Arguments and defaults are openTSNE's. The defaults follow Kobak & Berens
    (2019): PCA initialisation and a learning rate of n / exaggeration.

    The same data, arguments and seed give the same bits on any number of
    threads.

    Parameters
    ----------
    n_components : {2, 1, 3}
        Columns of the embedding.
    perplexity : float or list of float
        Effective number of neighbours of a point. It is lowered to
        (n - 1) / 3 with a warning if it is above that. A list averages the
        affinities of several (multiscale; Kobak & Berens use 30 and n / 100).
    learning_rate : "auto" or float
        Step size. "auto" is n / exaggeration in each phase (Belkina et al.
        2019, Nature Communications 10:5415).
    early_exaggeration_iter : int
        Iterations of the first phase.
    early_exaggeration : "auto" or float
        Factor on the attractive forces in the first phase. "auto" is
        ``max(12, exaggeration)``.
    n_iter : int
        Iterations of the second phase.
    exaggeration : float or None
        Factor in the second phase; None is 1. For millions of points 4 gives
        denser, better parted clusters.
    dof : 1
        Degrees of freedom of the kernel. Only 1 as yet.
    theta : float
        Barnes-Hut only: 0 (exact) to 2; less is more accurate and slower.
    n_interpolation_points, min_num_intervals, ints_in_interval
        Accepted for compatibility and without effect: the interpolation grid
        is chosen for a set accuracy.
    initialization : {"pca", "random"} or array-like, (n, n_components)
        Where the points start. "pca": the first components, scaled so that the
        first has standard deviation 1e-4. "random": Gaussian with that
        deviation. An array is used as it is.
    metric : "euclidean"
        Distance between rows of X. Only this one as yet.
    metric_params : None
        Euclidean distance has none.
    initial_momentum, final_momentum : float
        Momentum of the first and second phase, 0 to below 1.
    max_grad_norm : None
        Not supported: limit the step with ``max_step_norm``.
    max_step_norm : float or None
        Longest step of a point in one iteration, in units of the embedding.
    n_jobs : int or None
        Threads. -1 or None: all processors; -2: all but one, and so on.
    neighbors : {"auto", "exact", "approx"}
        "auto" takes the faster one for this n and d. "annoy", "pynndescent"
        and "hnsw" are openTSNE's names for "approx".
    knn_kwargs
        Accepted for compatibility and without effect.
    negative_gradient_method : {"auto", "fft", "bh", "exact"}
        How the repulsion is summed. "FFT" and "interpolation" mean "fft", "BH"
        and "barnes-hut" mean "bh". "fft" makes 1 or 2 components.
    callbacks : callable or list of callable
        Called with the iteration of the phase, the KL divergence and a copy of
        the embedding. Returning True stops the phase, and `fit` then returns
        the embedding so far. An exception comes out of `fit` as itself.
    callbacks_every_iters : int
        Iterations from one call to the next.
    random_state : int, None, RandomState or Generator
        Seed of the random start, the jitter of equal rows and the approximate
        search. None draws one from ``numpy.random``.
    verbose : bool
        Print what is going on: a progress bar if tqdm is installed, lines
        otherwise.

    Examples
    --------
    >>> import numpy as np, opentsne_go
    >>> X = np.random.default_rng(0).normal(size=(200, 10))
    >>> embedding = opentsne_go.TSNE(random_state=0).fit(X)
    >>> embedding.shape
    (200, 2)
    """

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

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments by name, as scikit-learn asks for them."""
        return {name: getattr(self, name) for name in inspect.signature(TSNE).parameters}

    def set_params(self, **params: Any) -> TSNE:
        """Change arguments by name."""
        known = inspect.signature(TSNE).parameters
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
                value, inspect.signature(TSNE).parameters[name].default
            )
        ]
        return f"TSNE({', '.join(changed)})"

    def fit(
        self,
        X: ArrayLike | None = None,
        affinities: Affinities | None = None,
        initialization: str | ArrayLike | None = None,
    ) -> TSNEEmbedding:
        """Embed data, or affinities that are already there.

        Parameters
        ----------
        X : array-like, (n, d), n at least 4
            The data: numbers of any kind, in any memory order, or a DataFrame.
            float32 in C order is used where it lies; all else is converted
            once. Never changed.
        affinities : Affinities, optional
            Used instead of those of X; X is then only needed for
            ``initialization="pca"``.
        initialization : optional
            Instead of the constructor's.

        Returns
        -------
        TSNEEmbedding
            (n, n_components) float32.

        Raises
        ------
        ValueError
            An argument or a value of X that cannot be used, by name.
        TypeError
            X is sparse or holds something else than numbers.
        MemoryError
            The job would need more memory than there is.
        """
        if affinities is None:
            return self._fit_data(X, initialization)
        knobs = self._descent()  # refuse a bad second phase before the first
        phases = self._phases()
        if self.verbose:
            self._announce()
        embedding = self.prepare_initial(X, affinities, initialization)
        try:
            for count, exaggeration, momentum in phases:
                embedding.optimize(
                    count,
                    inplace=True,
                    propagate_exception=True,
                    learning_rate=knobs["learning_rate"],
                    exaggeration=exaggeration,
                    momentum=momentum,
                )
        except OptimizationInterrupt as stopped:
            embedding = stopped.final_embedding
        return embedding

    def prepare_initial(
        self,
        X: ArrayLike | None = None,
        affinities: Affinities | None = None,
        initialization: str | ArrayLike | None = None,
    ) -> TSNEEmbedding:
        """The embedding before its first iteration, ready for ``optimize``.

        Parameters and exceptions are those of `fit`.

        Returns
        -------
        TSNEEmbedding
        """
        knobs = self._descent()
        self._phases()
        search = self._search()
        dims = _knobs.dims(self.n_components)
        x = None if X is None else _input.matrix(X)
        given = None if affinities is None else Affinities._take(affinities)
        if x is None and given is None:
            raise _input.bad("X", None, "data, or affinities")
        n = given.n_samples if given is not None else len(x)  # type: ignore[arg-type]
        if x is not None and len(x) != n:
            raise _input.bad("X", x.shape, f"{n} rows, as many as the affinities have")
        start = self._start(initialization, n, dims, x is not None)
        seed = _input.seed(self.random_state)
        options = _lib.options(seed=seed, **search)
        first = _lib.options(
            seed=seed, dims=dims, threads=options.threads, perplexity=1, **start
        )
        # A random start looks at the size of the data only.
        rows = np.zeros((n, 1), np.float32) if x is None else x
        y = np.empty((n, dims), np.float32)
        watch = Watch(self.verbose)

        def work() -> Affinities:
            data = (_input.pointer(rows, _lib.F32), *rows.shape)
            first.cancel = options.cancel
            call("tsne_initialize", _input.pointer(y, _lib.F32), *data, ct.byref(first))
            if given is not None:
                return given
            made = ct.c_void_p()
            call("tsne_affinities_from_data", ct.byref(made), *data, ct.byref(options))
            return Affinities._of(made)

        try:
            made = run_on(X, rows, work, options, watch)
        finally:
            watch.close()
        return TSNEEmbedding(y, made, random_state=self.random_state, **knobs)

    def _fit_data(self, X: Any, initialization: Any) -> TSNEEmbedding:
        knobs = self._descent()
        (early, early_exaggeration, early_momentum), (late, exaggeration, momentum) = (
            self._phases()
        )
        dims = _knobs.dims(self.n_components)
        fields = {**self._search(), **_knobs.forces(knobs, dims)}
        every = _input.whole("callbacks_every_iters", self.callbacks_every_iters, 1)
        callbacks = _knobs.callbacks(self.callbacks)
        if X is None:
            raise _input.bad("X", None, "data, or affinities")
        x = _input.matrix(X)
        n, d = x.shape
        fields |= self._start(initialization, n, dims, True)
        if self.verbose:
            self._announce()
        watch = Watch(self.verbose, callbacks, every, [0, early])
        options = _lib.options(
            seed=_input.seed(self.random_state),
            early_iterations=early,
            iterations=late,
            early_exaggeration=early_exaggeration,
            exaggeration=exaggeration,
            learning_rate=_knobs.learning_rate(self.learning_rate),
            early_momentum=early_momentum,
            momentum=momentum,
            progress_every=watch.report_every(),
            **fields,
        )
        y = np.empty((n, dims), np.float32)

        def work() -> TSNEEmbedding:
            model = ct.c_void_p()
            status = call(
                "tsne_fit",
                _input.pointer(y, _lib.F32),
                ct.byref(model),
                _input.pointer(x, _lib.F32),
                n,
                d,
                ct.byref(options),
            )
            if status == _lib.E_CANCELLED and not model.value:
                raise _lib.error(status)
            return TSNEEmbedding._of(y, model_handle(model), self.random_state, knobs)

        try:
            embedding: TSNEEmbedding = run_on(X, x, work, options, watch)
        finally:
            watch.close()
        return embedding

    # Arguments, checked.

    def _check(self, n: int) -> None:
        """Refuses what `fit` would refuse of the arguments for n points."""
        self._descent()
        self._phases()
        self._search()
        self._start(None, n, _knobs.dims(self.n_components), True, warn=False)

    def _descent(self) -> dict[str, Any]:
        """What the embedding's own `optimize` goes by."""
        knobs = {
            name: getattr(self, name)
            for name in _knobs.DESCENT
            if name not in ("exaggeration", "momentum")
        }
        knobs = {**_knobs.DESCENT, **knobs}
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
        )

    def _start(
        self, given: Any, n: int, dims: int, data: bool, warn: bool = True
    ) -> dict[str, Any]:
        """Fields of the initialisation."""
        value = self.initialization if given is None else given
        if isinstance(value, str):
            known = {"pca": "pca", "random": "random"}
            if value == "pca" and not data:
                raise _input.bad(
                    "initialization", value, "'random' or an array when X is not given"
                )
            if value not in known:
                raise _input.bad(
                    "initialization", value, "'pca', 'random', or an array of positions"
                )
            return {"init": _lib.INIT[value]}
        y = _input.start(value, n, dims)
        if warn and n and (y.std(axis=0) > _SPREAD_START).any():
            log.warning(
                "initialization: its standard deviation is above %g; a map that starts "
                "that wide may converge badly (1e-4 is usual)",
                _SPREAD_START,
            )
        return {
            "init": _lib.INIT["given"],
            "init_y": _input.pointer(y, _lib.F32),
        }

    def _announce(self) -> None:
        print("-" * 80, repr(self), "-" * 80, sep="\n", flush=True)
