"""The map: an array that can be optimised further."""

from __future__ import annotations

import contextlib
import ctypes as ct
import logging
import math
import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike as Rows

from .._neighbors import search as _graph
from .._input import tables as _input
from .._options import fields as _knobs
from .._native import library as _lib
from .._embedding.positions import Positions
from .._embedding.gradient import evaluate
from .._neighbors.search import call, floats
from .._embedding.model import give_data, index_of_model, model_handle, name_columns
from .._native.running import run, turn
from .._native.progress import Watch
from ..affinity import Affinities, fitted
from ..errors import Error, NoDataError, OptimizationInterrupt

if TYPE_CHECKING:
    from .._embedding.placing import Bootstrap
    from .._embedding.partial import PartialTSNEEmbedding

__all__ = ["TSNEEmbedding"]

log = logging.getLogger("opentsne_go")

Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]


class TSNEEmbedding(Positions):
    """Positions of the points, and what is needed to optimise them further.

    An (n, n_components) float32 ndarray. ``numpy.asarray`` gives a plain array
    over the same memory; results of indexing and arithmetic are plain arrays.

    Parameters
    ----------
    embedding : array-like, (n, n_components)
        Positions to start from; a standard deviation of 1e-4 is advisable.
    affinities : Affinities
        What the map is optimised against.
    dof, n_interpolation_points, min_num_intervals, ints_in_interval, \
negative_gradient_method
        As in `TSNE`.
    random_state : optional
        Kept for compatibility: the optimisation draws no random numbers.
    optimizer : None
        Accepted for compatibility: the optimiser's state is the library's.
    **gradient_descent_params
        Defaults of `optimize`.

    Attributes
    ----------
    affinities : Affinities
        ``.P`` is the sparse matrix.
    kl_divergence : float
        KL divergence (natural logarithm) of the positions.
    n_iter : int
        Iterations since the optimisation began.
    feature_names : list of str or None
        Names of the columns of the data, if those were a table with names.
    gradient_descent_params : dict
        Defaults of `optimize`.
    """

    def __new__(
        cls,
        embedding: Rows,
        affinities: Affinities,
        dof: float = 1,
        n_interpolation_points: int = 3,
        min_num_intervals: int = 50,
        ints_in_interval: float = 1,
        negative_gradient_method: str = "auto",
        random_state: Any = None,
        optimizer: None = None,
        **gradient_descent_params: Any,
    ) -> TSNEEmbedding:
        given = Affinities._take(affinities)
        y = _input.matrix(embedding, "embedding").copy()
        dims = _knobs.dims(y.shape[1])
        _input.start(y, given.n_samples, dims, "embedding")
        named = {
            "dof": dof,
            "n_interpolation_points": n_interpolation_points,
            "min_num_intervals": min_num_intervals,
            "ints_in_interval": ints_in_interval,
            "negative_gradient_method": negative_gradient_method,
        }
        params = _knobs.merged(_knobs.DESCENT, {**gradient_descent_params, **named})
        _knobs.forces(params, dims)
        made = cls._of(y, None, random_state, params)
        made._affinities = given
        made._names = getattr(given._index, "_names", None)
        return made

    @classmethod
    def _of(
        cls,
        y: _input.Float32,
        model: _lib.Handle | None,
        random_state: Any,
        params: dict[str, Any],
        recipe: _knobs.Recipe = _knobs.Recipe(),
    ) -> TSNEEmbedding:
        made = y.view(cls)
        made._model = model
        made._affinities = None
        made._recipe = recipe
        made._kl = math.nan
        made._turn = threading.RLock()
        made._run = object()
        made.random_state = random_state
        made.gradient_descent_params = params
        return made

    _model: _lib.Handle | None
    _affinities: Affinities | None
    _recipe: _knobs.Recipe
    _kl: float
    _names: list[str] | None = None
    _turn: Any
    _run: Any  # of which its phases are, for callbacks
    random_state: Any
    gradient_descent_params: dict[str, Any]

    # What the map knows.

    @property
    def feature_names(self) -> list[str] | None:
        """Names of the columns of the data, by which new points find theirs."""
        return None if self._names is None else list(self._names)

    def _name(self, names: list[str] | None) -> None:
        """Names the columns of the data."""
        self._names = names
        if self._model is not None:
            with contextlib.suppress(NoDataError):  # of a metric that is not the library's
                name_columns(self._model, names)

    @property
    def affinities(self) -> Affinities:
        """What the map is optimised against."""
        if self._affinities is None:
            model = self._model
            assert model is not None
            built = _graph.Affinity()
            run(lambda: call("tsne_model_affinities", built.out, model.pointer))
            self._affinities = fitted(
                built,
                self._recipe,
                self.gradient_descent_params["n_jobs"],
                lambda k: index_of_model(model, k),
            )
        return self._affinities

    @property
    def kl_divergence(self) -> float:
        """KL divergence (natural logarithm) of the positions."""
        if self._model is not None and not self._stands(self._model):
            return self._evaluate()
        if math.isnan(self._kl):
            kl = self._info()[1]
            self._kl = self._evaluate() if math.isnan(kl) else kl
        return self._kl

    def _evaluate(self) -> float:
        options = _lib.options(**_knobs.forces(self.gradient_descent_params, self.shape[1]))
        return float(evaluate(self._y, self.affinities, options)[1])

    @property
    def n_iter(self) -> int:
        """Iterations since the optimisation began."""
        return self._info()[0]

    def _info(self) -> tuple[int, float]:
        """Iterations done and KL divergence as the library has them."""
        if self._model is None:
            return 0, math.nan
        done, kl, model = ct.c_int64(), ct.c_double(), self._model
        out = None, None, ct.byref(done), ct.byref(kl)
        run(lambda: call("tsne_model_info", *out, model.pointer))
        return done.value, kl.value

    def _written(self) -> None:
        self._kl = math.nan

    # Optimising it.

    def optimize(
        self,
        n_iter: int,
        inplace: bool = False,
        propagate_exception: bool = False,
        **gradient_descent_params: Any,
    ) -> TSNEEmbedding:
        """Run some iterations more, with the momentum and gains there are.

        Parameters
        ----------
        n_iter : int
            Number of iterations.
        inplace : bool
            Change this embedding instead of a copy of it.
        propagate_exception : bool
            Raise `OptimizationInterrupt` when a callback stops the
            optimisation, instead of returning the embedding so far.
        **gradient_descent_params
            ``learning_rate``, a number or "auto", which is n / exaggeration
            (Belkina et al. 2019); ``exaggeration``, the factor on the
            attractive forces, None being 1; ``momentum``, 0 to below 1, 0.8
            unless given; ``anneal_iterations``, over which the exaggeration
            goes from that of the last phase to this one's; and, as in `TSNE`,
            ``negative_gradient_method``, ``theta``, ``dof``,
            ``max_grad_norm``, ``max_step_norm``, ``auto_stop``, ``n_jobs``,
            ``callbacks``, ``callbacks_every_iters`` and ``verbose``. Those not
            given are as the embedding was made with. In a callback this
            embedding shows where it was before the call, and raises
            RuntimeError for what would have to wait for it.

        Returns
        -------
        TSNEEmbedding
            This one if ``inplace``, else a new one.

        Raises
        ------
        Error
            As where the embedding diverges; it is as it was before.
        """
        knobs = _knobs.merged(self.gradient_descent_params, gradient_descent_params)
        n_iter = _input.whole("n_iter", n_iter, 0)
        exaggeration = _knobs.exaggeration("exaggeration", knobs["exaggeration"])
        momentum = _knobs.momentum("momentum", knobs["momentum"])
        learning_rate = _knobs.learning_rate(knobs["learning_rate"])
        every = _input.whole("callbacks_every_iters", knobs["callbacks_every_iters"], 1)
        callbacks = _knobs.callbacks(knobs["callbacks"])
        fields = _knobs.forces(knobs, self._y.shape[1])
        if not inplace:
            return self._copy().optimize(
                n_iter, True, propagate_exception, **gradient_descent_params
            )
        options = _lib.options(**fields)
        with turn(self._turn):
            # The kernel belongs to the model, not to the phase.
            kernel = ("dof", "density_lambda", "density_fraction", "density_shift")
            was = self._model, {one: self.gradient_descent_params[one] for one in kernel}
            same = all(knobs[one] == was[1][one] for one in kernel)
            model = self._ready(options, afresh=not same)
            for one in kernel:
                self.gradient_descent_params[one] = knobs[one]
            watch = Watch(knobs["verbose"], callbacks, every, [self.n_iter], self._run)
            options.progress_every = watch.report_every()
            y = self._y

            def work() -> int:
                return call(
                    "tsne_model_optimize",
                    floats(y),
                    None,
                    model.pointer,
                    n_iter,
                    exaggeration,
                    learning_rate,
                    momentum,
                    ct.byref(options),
                )

            self._kl = math.nan
            try:
                status = run(work, options, watch, (model, self._turn))
            except Error:  # as where it diverges; the library has undone its part
                self._model = was[0]
                self.gradient_descent_params.update(was[1])
                raise
            finally:
                watch.close()
        if status == _lib.E_CANCELLED:
            log.info("Optimization was interrupted with callback.")
            if propagate_exception:
                raise OptimizationInterrupt(self.kl_divergence, self)
        return self

    def _copy(self) -> TSNEEmbedding:
        with turn(self._turn):
            other = self._y.copy().view(type(self))
            other.__dict__.update(self.__dict__)
            other._turn = threading.RLock()
            other.gradient_descent_params = dict(self.gradient_descent_params)
            if self._model is not None:
                other._model = model_handle()
                call("tsne_model_clone", other._model.out, self._model.pointer)
        return other

    def _stands(self, model: _lib.Handle) -> bool:
        """Whether the model is where we are: False once someone wrote to us."""
        there = np.empty_like(self._y)
        run(lambda: call("tsne_model_embedding", floats(there), model.pointer))
        return np.array_equal(there, self._y)

    def _ready(self, options: Any = None, afresh: bool = False) -> _lib.Handle:
        """The model that stands at our positions: if someone has written to
        them, or wants another kernel, a new one whose momentum is at rest."""
        if self._model is not None and not afresh and self._stands(self._model):
            return self._model
        _input.start(self._y, len(self._y), self._y.shape[1], "embedding")
        if options is None:
            options = _lib.options(
                **_knobs.forces(self.gradient_descent_params, self._y.shape[1])
            )
        data, fields = self.affinities._for_a_model()
        for name, value in fields.items():  # what a file will say
            setattr(options, name, value)
        model = model_handle()
        call(
            "tsne_model_new",
            model.out,
            floats(self._y),
            self.affinities._affinity().pointer,
            ct.byref(options),
        )
        if data is not None:
            give_data(model, self._model, data, self._names)
        self._model, self._run = model, object()
        return model

    # New points.

    def transform(
        self,
        X: Any,
        perplexity: float = 5,
        initialization: str | Rows = "median",
        k: int = 25,
        learning_rate: float | str = 0.1,
        early_exaggeration: float = 4,
        early_exaggeration_iter: int = 0,
        exaggeration: float = 1.5,
        n_iter: int = 250,
        initial_momentum: float = 0.8,
        final_momentum: float = 0.8,
        max_grad_norm: float | None = 0.25,
        max_step_norm: float | None = None,
        *,
        metric: str | None = None,
        columns: Sequence[int] | None = None,
    ) -> PartialTSNEEmbedding:
        """Place new points on this map, which stays as it is.

        New points do not see each other: one by one, in batches or all at
        once they get the same positions.

        Parameters
        ----------
        X : array-like, (m, d)
            The new points; m may be 0. Columns of a table are matched by name if
            both have names, whatever their order; else they are taken by position.
        perplexity : float or list of float
            Effective number of reference points that attract a new one; several
            for a map of several. Without effect on a map whose affinities are
            uniform or of one bandwidth: new points take its neighbours and sigma.
        initialization : {"median", "weighted", "random"} or array-like
            Where they start: the median, or a weighted mean, of the k nearest
            reference points' positions.
        k : int
            Reference points that place a new one. Kobak & Berens (2019) take 10.
        learning_rate : float or "auto"
            Step size; "auto" is m / exaggeration.
        early_exaggeration, early_exaggeration_iter : float, int
            Of the first phase, which has no iterations by default.
        exaggeration, n_iter : float, int
            Of the second phase; ``n_iter=0`` is the paper's placement alone.
        initial_momentum, final_momentum : float
            Of the first and the second phase.
        max_grad_norm, max_step_norm : float or None
            Longest gradient and longest step of a point.
        metric : str, optional
            Distance to the reference points, if not that of the map.
            "correlation" when the new data come from another experiment.
        columns : sequence of int, optional
            Column j of X is column ``columns[j]`` of the reference, whatever its
            name.

        Returns
        -------
        PartialTSNEEmbedding
            (m, n_components) float32.
        """
        affinity_params = self.affinities._params_of_new(perplexity)
        early = _input.whole("early_exaggeration_iter", early_exaggeration_iter, 0)
        late = _input.whole("n_iter", n_iter, 0)
        phases = [
            (early, "early_exaggeration", early_exaggeration, "initial", initial_momentum),
            (late, "exaggeration", exaggeration, "final", final_momentum),
        ]
        for _, name, factor, which, momentum in phases:  # before any work
            _knobs.exaggeration(name, factor)
            _knobs.momentum(f"{which}_momentum", momentum)
        _knobs.learning_rate(learning_rate)
        _knobs.clipping(max_grad_norm, max_step_norm)
        partial = self.prepare_partial(
            X, initialization, k, metric=metric, columns=columns, **affinity_params
        )
        try:
            for count, _, factor, _, momentum in phases:
                partial.optimize(
                    count,
                    inplace=True,
                    propagate_exception=True,
                    learning_rate=learning_rate,
                    exaggeration=factor,
                    momentum=momentum,
                    max_grad_norm=max_grad_norm,
                    max_step_norm=max_step_norm,
                )
        except OptimizationInterrupt as stopped:
            made: PartialTSNEEmbedding = stopped.final_embedding
            return made
        return partial

    def prepare_partial(
        self,
        X: Any,
        initialization: str | Rows = "median",
        k: int = 25,
        *,
        metric: str | None = None,
        columns: Sequence[int] | None = None,
        **affinity_params: Any,
    ) -> PartialTSNEEmbedding:
        """New points at their starts, ready for ``optimize``.

        Parameters
        ----------
        X, initialization, k, metric, columns
            As in `transform`.
        **affinity_params
            Those of ``affinities.to_new``: ``perplexity`` and ``k_neighbors``,
            ``perplexities``, ``sigma`` and ``k``, or ``k_neighbors``.

        Returns
        -------
        PartialTSNEEmbedding
        """
        from .._embedding.placing import prepare

        return prepare(self, X, initialization, k, metric, columns, affinity_params)

    def bootstrap(
        self,
        X: Any,
        n_samples: int = 100,
        k: int = 10,
        *,
        initialization: str = "median",
        metric: str | None = None,
        columns: Sequence[int] | None = None,
        random_state: Any = None,
    ) -> Bootstrap:
        """How sure the places of new points are, by resampling the columns.

        Parameters
        ----------
        X : array-like, (m, d)
            The new points.
        n_samples : int
            Times that the columns are drawn anew, with replacement.
        k, initialization, metric, columns
            As in `transform`, with the paper's k of 10.
        random_state : int, None, RandomState or Generator
            Of the resamples.

        Returns
        -------
        Bootstrap
            ``embedding`` (m, n_components), ``samples`` (n_samples, m,
            n_components) and ``radius`` (m,): 95 % of the samples of a point
            lie within it.
        """
        from .._embedding.placing import bootstrap

        return bootstrap(
            self, X, n_samples, k, initialization, metric, columns, random_state
        )

    # Keeping it.

    def save(self, path: Path) -> None:
        """Write all there is to one ``.npz``, which C, Go and Python read.

        Parameters
        ----------
        path : str, bytes or path-like
            A file that is there is replaced only by a whole new one.
        """
        name = _input.path(path)
        with turn(self._turn):
            model = self._ready()
        options = _lib.options()
        work = lambda: call("tsne_model_save_with", model.pointer, name, ct.byref(options))
        run(work, options, uses=(model, self._turn))

    def _bytes(self) -> bytes:
        with turn(self._turn):
            model = self._ready()
        size = ct.c_uint64()
        call("tsne_model_save_bytes", None, ct.byref(size), model.pointer)
        room = np.empty(size.value, np.uint8)
        work = lambda: call(
            "tsne_model_save_bytes", room.ctypes.data, ct.byref(size), model.pointer
        )
        run(work, uses=(model, self._turn))
        return room[: size.value].tobytes()

    def __copy__(self) -> TSNEEmbedding:
        return self._copy()

    def __deepcopy__(self, memo: Any) -> TSNEEmbedding:
        return self._copy()

    def __reduce__(self) -> Any:
        from .._embedding.files import restore

        # Callbacks stay behind: they are often closures, which cannot travel.
        params = {**self.gradient_descent_params, "callbacks": None}
        given = self._affinities
        if given is not None and given._source is not None:
            given = None  # comes with the model
        state = params, self.random_state, self._recipe, given
        return restore, (self._bytes(), *state)
