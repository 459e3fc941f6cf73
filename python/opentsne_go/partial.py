"""New points over a frozen map."""

from __future__ import annotations

import ctypes as ct
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _graph, _input, _knobs, _lib
from ._array import Positions, Turn
from ._graph import call, floats
from ._run import run
from ._watch import Watch
from .affinity import MultiscaleMixture
from .embedding import TSNEEmbedding, merged
from .errors import OptimizationInterrupt

__all__ = ["PartialTSNEEmbedding", "Bootstrap"]

log = logging.getLogger("opentsne_go")

DEFAULT_K = 25


@dataclass(frozen=True)
class Bootstrap:
    """Places of new points and how sure they are.

    Attributes
    ----------
    embedding : (m, n_components) float32
        Places by all columns.
    samples : (n_samples, m, n_components) float32
        Places by resampled columns.
    radius : (m,) float32
        95 % of a point's samples lie within it of its place.
    """

    embedding: NDArray[np.float32]
    samples: NDArray[np.float32]
    radius: NDArray[np.float32]


class PartialTSNEEmbedding(Positions):
    """Positions of new points over a finished map.

    An (m, n_components) float32 ndarray, as `TSNEEmbedding` is. Made by `TSNEEmbedding.transform` and
    `TSNEEmbedding.prepare_partial`.

    Attributes
    ----------
    reference_embedding : TSNEEmbedding
        The map.
    kl_divergence : float
        Mean over the points of sum p log(p / q).
    n_iter : int
        Iterations so far.
    gradient_descent_params : dict
        Defaults of `optimize`: those of the map.
    """

    def __new__(cls, *_: Any) -> PartialTSNEEmbedding:
        raise TypeError(
            "a PartialTSNEEmbedding is made by TSNEEmbedding.transform or .prepare_partial"
        )

    @classmethod
    def _of(
        cls, y: _input.Float32, handle: _lib.Handle, reference: TSNEEmbedding, request: _Request
    ) -> PartialTSNEEmbedding:
        made = y.view(cls)
        made._handle = handle
        made._request = request
        made._turn = Turn()
        made._kl = math.nan
        made.reference_embedding = reference
        made.gradient_descent_params = dict(reference.gradient_descent_params)
        return made

    _handle: _lib.Handle
    _request: _Request
    _turn: Turn
    _kl: float
    reference_embedding: TSNEEmbedding
    gradient_descent_params: dict[str, Any]

    @property
    def P(self) -> Any:
        """Affinities of the new points to the map's, (m, n), sparse."""
        request = self._request
        if request.columns is not None or request.metric is not None:
            raise RuntimeError("P is not kept when columns or a metric were given")
        affinities: Any = self.reference_embedding.affinities
        many = isinstance(affinities, MultiscaleMixture)
        value = request.params["perplexity"]
        return affinities.to_new(
            request.x, **{"perplexities" if many else "perplexity": value}
        )

    @property
    def kl_divergence(self) -> float:
        return self._info()[1]

    @property
    def n_iter(self) -> int:
        return self._info()[0]

    def _info(self) -> tuple[int, float]:
        done, kl = ct.c_int64(), ct.c_double()
        call(
            "tsne_partial_info", None, None, ct.byref(done), ct.byref(kl), self._handle.pointer
        )
        return done.value, kl.value

    def optimize(
        self,
        n_iter: int,
        inplace: bool = False,
        propagate_exception: bool = False,
        **gradient_descent_params: Any,
    ) -> PartialTSNEEmbedding:
        """Refine the positions against the map, which stays as it is.

        Parameters
        ----------
        n_iter, inplace, propagate_exception
            As in `TSNEEmbedding.optimize`.
        **gradient_descent_params
            As there; ``learning_rate="auto"`` is m / exaggeration, and 0.1 is
            what `TSNEEmbedding.transform` takes.

        Returns
        -------
        PartialTSNEEmbedding
            This one if ``inplace``, else a new one.
        """
        knobs = merged(self.gradient_descent_params, gradient_descent_params)
        n_iter = _input.whole("n_iter", n_iter, 0)
        exaggeration = _knobs.exaggeration("exaggeration", knobs["exaggeration"])
        momentum = _knobs.momentum("momentum", knobs["momentum"])
        rate = _knobs.learning_rate(knobs["learning_rate"]) or len(self._y) / exaggeration
        every = _input.whole("callbacks_every_iters", knobs["callbacks_every_iters"], 1)
        callbacks = _knobs.callbacks(knobs["callbacks"])
        fields = _fields(knobs)
        if not inplace:
            return self._copy().optimize(
                n_iter, True, propagate_exception, **gradient_descent_params
            )
        if len(self._y) == 0:
            return self
        options = _lib.transform_options(**fields)
        with self._turn:
            handle = self._ready()
            watch = Watch(knobs["verbose"], callbacks, every, [self.n_iter])
            options.progress_every = watch.report_every()
            y = self._y

            def work() -> int:
                return call(
                    "tsne_partial_optimize",
                    floats(y),
                    None,
                    handle.pointer,
                    n_iter,
                    exaggeration,
                    rate,
                    momentum,
                    ct.byref(options),
                )

            try:
                status = run(work, options, watch)
            finally:
                watch.close()
        if status == _lib.E_CANCELLED:
            log.info("Optimization was interrupted with callback.")
            if propagate_exception:
                raise OptimizationInterrupt(self.kl_divergence, self)
        return self

    def _ready(self) -> _lib.Handle:
        """The points where we stand: placed anew if somebody wrote to them."""
        there = np.empty_like(self._y)
        call("tsne_partial_embedding", floats(there), self._handle.pointer)
        if not np.array_equal(there, self._y):
            n, dims = self._y.shape
            _input.start(self._y, n, dims, "embedding")
            self._handle = self._request.place(self.reference_embedding, self._y)[1]
        return self._handle

    def _copy(self) -> PartialTSNEEmbedding:
        with self._turn:
            other = self._y.copy().view(type(self))
            other.__dict__.update(self.__dict__)
            other._turn = Turn()
            other.gradient_descent_params = dict(self.gradient_descent_params)
            pointer = ct.c_void_p()
            call("tsne_partial_clone", ct.byref(pointer), self._handle.pointer)
            other._handle = _partial_handle(pointer)
        return other

    def __copy__(self) -> PartialTSNEEmbedding:
        return self._copy()

    def __deepcopy__(self, memo: Any) -> PartialTSNEEmbedding:
        return self._copy()

    def __reduce__(self) -> Any:
        params = {**self.gradient_descent_params, "callbacks": None}
        return _restore, (self._y, self.reference_embedding, self._request, params)


def _restore(
    y: Any, reference: TSNEEmbedding, request: _Request, params: dict[str, Any]
) -> PartialTSNEEmbedding:
    handle = request.place(reference, y)[1]
    made = PartialTSNEEmbedding._of(y, handle, reference, request)
    made.gradient_descent_params = params
    return made


def _partial_handle(pointer: ct.c_void_p) -> _lib.Handle:
    return _lib.Handle(pointer, "tsne_partial_free")


def _fields(knobs: dict[str, Any]) -> dict[str, Any]:
    """Fields of ``tsne_transform_options`` for the parameters of a descent."""
    forces = _knobs.forces(knobs, 2)
    names = ("repulsion", "theta", "threads", "max_grad_norm", "max_step_norm")
    return {name: forces[name] for name in names}


@dataclass
class _Request:
    """New points, and by what they are placed."""

    x: _input.Float32
    k: int
    placement: str
    metric: str | None
    columns: NDArray[np.int32] | None
    params: dict[str, Any]
    seed: int = 0

    def options(self, reference: TSNEEmbedding, start: Any = None) -> Any:
        knobs = reference.gradient_descent_params
        options = _lib.transform_options(
            k=self.k,
            placement=_lib.PLACEMENT["given" if start is not None else self.placement],
            metric=0 if self.metric is None else _knobs.distance(self.metric),
            seed=self.seed,
            **_fields(knobs),
        )
        if self.params:
            options.perplexity = self.params["perplexity"]
        if start is not None:
            options.init_y = floats(start)
        if self.columns is not None:
            options.columns = _input.pointer(self.columns, _lib.I32)
            options.n_columns = len(self.columns)
        return options

    def place(
        self, reference: TSNEEmbedding, start: Any = None
    ) -> tuple[_input.Float32, _lib.Handle]:
        """Positions and handle of the points, at a start or at their places."""
        options = self.options(reference, start)
        with reference._turn:
            model = reference._ready()
        y = np.empty((len(self.x), reference.shape[1]), np.float32)
        pointer = ct.c_void_p()
        watch = Watch(reference.gradient_descent_params["verbose"])

        def work() -> int:
            return call(
                "tsne_transform",
                floats(y),
                ct.byref(pointer),
                model.pointer,
                floats(self.x),
                *self.x.shape,
                ct.byref(options),
            )

        try:
            _graph.run_on(self.x, self.x, work, options, watch)
        finally:
            watch.close()
        return y, _partial_handle(pointer)


def new_points(
    reference: TSNEEmbedding,
    X: Any,
    k: int,
    placement: Any,
    metric: str | None,
    columns: Sequence[int] | None,
    params: dict[str, Any],
) -> _Request:
    """The request, checked as far as Python can."""
    # Sparse rows are not reduced here: the reference's reduction was its own.
    x = _input.matrix(X.toarray() if _input.is_sparse(X) else X)
    if metric is not None:
        _knobs.distance(metric)
    chosen = None
    if columns is not None:
        given = np.asarray(columns)
        if given.ndim != 1 or given.dtype.kind not in "iu" or len(given) != x.shape[1]:
            raise _input.bad(
                "columns",
                f"{given.dtype} of shape {given.shape}",
                f"{x.shape[1]} integers, one for each column of X",
            )
        chosen = np.ascontiguousarray(given, np.int32)
    k = _input.whole("k", k, 1)
    if k == DEFAULT_K:  # openTSNE's default, which no reference is too small for
        k = min(k, len(reference))
    elif k > len(reference):
        raise _input.bad("k", k, f"1 to {len(reference)}, the points of the map")
    return _Request(x, k, placement, metric, chosen, params)


def _perplexity(reference: TSNEEmbedding, params: dict[str, Any]) -> float:
    """The perplexity for new points: the one given, or that of the map."""
    affinities = reference.affinities
    own = getattr(affinities, "effective_perplexities_", None)
    own = getattr(affinities, "effective_perplexity_", own)
    given = params.pop("perplexities", own)
    given = params.pop("perplexity", given)
    if params:
        raise TypeError(f"unexpected argument {next(iter(params))!r}; allowed: perplexity")
    if given is None:
        raise TypeError(
            f"{type(affinities).__name__} affinities have no perplexity: give one for new points"
        )
    values = _knobs.perplexities("perplexity", given)
    if len(values) > 1:
        raise _input.bad("perplexity", given, "one, for new points")
    return values[0]


def prepare(
    reference: TSNEEmbedding,
    X: Any,
    initialization: Any,
    k: int,
    metric: str | None,
    columns: Sequence[int] | None,
    params: dict[str, Any],
) -> PartialTSNEEmbedding:
    """`TSNEEmbedding.prepare_partial`."""
    params = {"perplexity": _perplexity(reference, dict(params))}
    if isinstance(initialization, str) and initialization not in (
        "median",
        "weighted",
        "random",
    ):
        raise _input.bad(
            "initialization", initialization, "'median', 'weighted', 'random', or an array"
        )
    dims = reference.shape[1]
    placement = initialization if isinstance(initialization, str) else "given"
    request = new_points(reference, X, k, placement, metric, columns, params)
    start = None
    if placement == "random":
        rng = np.random.default_rng(_input.seed(reference.random_state))
        start = rng.normal(0, 1e-4, (len(request.x), dims)).astype(np.float32)
    elif placement == "given":
        start = _input.start(initialization, len(request.x), dims)
    y, handle = request.place(reference, start)
    return PartialTSNEEmbedding._of(y, handle, reference, request)


def bootstrap(
    reference: TSNEEmbedding,
    X: Any,
    n_samples: int,
    k: int,
    initialization: str,
    metric: str | None,
    columns: Sequence[int] | None,
    random_state: Any,
) -> Bootstrap:
    """`TSNEEmbedding.bootstrap`."""
    b = _input.whole("n_samples", n_samples, 1)
    placement = _input.choice(
        "initialization", initialization, {"median": "median", "weighted": "weighted"}
    )
    request = new_points(reference, X, k, placement, metric, columns, {})
    request.seed = _input.seed(random_state)
    options = request.options(reference)
    with reference._turn:
        model = reference._ready()
    x = request.x
    m, dims = len(x), reference.shape[1]
    y = np.empty((m, dims), np.float32)
    samples = np.empty((b, m, dims), np.float32)
    radius = np.empty(m, np.float32)

    def work() -> int:
        return call(
            "tsne_bootstrap",
            floats(y),
            floats(samples),
            floats(radius),
            model.pointer,
            floats(x),
            *x.shape,
            b,
            ct.byref(options),
        )

    _graph.run_on(X, x, work, options)
    return Bootstrap(y, samples, radius)
