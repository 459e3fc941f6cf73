"""The map: an array that can be optimised further."""

from __future__ import annotations

import ctypes as ct
import logging
import math
import threading
from typing import Any, Callable, Iterator

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import ArrayLike, NDArray

from . import _input, _knobs, _lib
from ._run import run
from ._watch import Watch
from .affinity import Affinities, call
from .errors import OptimizationInterrupt

__all__ = ["TSNEEmbedding", "gradient"]

log = logging.getLogger("opentsne_go")


def model_handle(pointer: ct.c_void_p) -> _lib.Handle:
    """Owner of a ``tsne_model``."""
    return _lib.Handle(pointer, "tsne_model_free")


class _Turn:
    """A lock that says so when its own thread asks again, as a callback may."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0

    def __enter__(self) -> None:
        if self._owner == threading.get_ident():
            raise RuntimeError("this embedding is being optimised: use a copy made before")
        self._lock.acquire()
        self._owner = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._owner = 0
        self._lock.release()


class TSNEEmbedding(NDArrayOperatorsMixin):
    """Positions of the points, and what is needed to optimise them further.

    Behaves like the (n, n_components) float32 array it holds: indexing,
    arithmetic, numpy functions, and ndarray's methods. ``numpy.asarray`` gives
    that array itself. Results of indexing and arithmetic are plain arrays.

    Parameters
    ----------
    embedding : array-like, (n, n_components)
        Positions to start from; a standard deviation of 1e-4 is advisable.
    affinities : Affinities
        What the map is optimised against.
    random_state : optional
        Kept for compatibility: the optimisation draws no random numbers.
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
    gradient_descent_params : dict
        Defaults of `optimize`.
    """

    def __init__(
        self,
        embedding: ArrayLike,
        affinities: Affinities,
        *,
        random_state: Any = None,
        **gradient_descent_params: Any,
    ) -> None:
        given = Affinities._take(affinities)
        y = _input.matrix(embedding, "embedding").copy()
        dims = _knobs.dims(y.shape[1])
        _input.start(y, given.n_samples, dims, "embedding")
        params = _merged(_knobs.DESCENT, gradient_descent_params)
        _knobs.forces(params, dims)
        self._set(y, None, given, random_state, params)

    def _set(
        self,
        y: _input.Float32,
        model: _lib.Handle | None,
        affinities: Affinities | None,
        random_state: Any,
        params: dict[str, Any],
    ) -> None:
        self._y = y
        self._model = model
        self._affinities = affinities
        self._kl = math.nan
        self._turn = _Turn()
        self.random_state = random_state
        self.gradient_descent_params = params

    @classmethod
    def _of(
        cls,
        y: _input.Float32,
        model: _lib.Handle,
        random_state: Any,
        params: dict[str, Any],
    ) -> TSNEEmbedding:
        made = cls.__new__(cls)
        made._set(y, model, None, random_state, params)
        return made

    # What the map knows.

    @property
    def affinities(self) -> Affinities:
        if self._affinities is None:
            assert self._model is not None
            pointer = ct.c_void_p()
            call("tsne_model_affinities", ct.byref(pointer), self._model.pointer)
            self._affinities = Affinities._of(pointer)
        return self._affinities

    @property
    def kl_divergence(self) -> float:
        if math.isnan(self._kl):
            kl = self._info()[1]
            if math.isnan(kl):
                params = self.gradient_descent_params
                options = _lib.options(**_knobs.forces(params, self._y.shape[1]))
                kl = _gradient(self._y, self.affinities, options)[1]
            self._kl = kl
        return self._kl

    @property
    def n_iter(self) -> int:
        return self._info()[0]

    def _info(self) -> tuple[int, float]:
        """Iterations done and KL divergence as the library has them."""
        if self._model is None:
            return 0, math.nan
        done, kl = ct.c_int64(), ct.c_double()
        call(
            "tsne_model_info", None, None, ct.byref(done), ct.byref(kl), self._model.pointer
        )
        return done.value, kl.value

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
        learning_rate : float or "auto"
            "auto" is n / exaggeration (Belkina et al. 2019).
        exaggeration : float or None
            Factor on the attractive forces; None is 1.
        momentum : float
            0 to below 1; 0.8 unless given.
        negative_gradient_method, theta, max_step_norm, n_jobs, callbacks, \
callbacks_every_iters, verbose
            As in `TSNE`; those not given are as the embedding was made with.

        Returns
        -------
        TSNEEmbedding
            This one if ``inplace``, else a new one.
        """
        knobs = _merged(self.gradient_descent_params, gradient_descent_params)
        n_iter = _input.whole("n_iter", n_iter, 0)
        exaggeration = _knobs.exaggeration("exaggeration", knobs["exaggeration"])
        momentum = _knobs.momentum("momentum", knobs["momentum"])
        learning_rate = _knobs.learning_rate(knobs["learning_rate"])
        every = _input.whole("callbacks_every_iters", knobs["callbacks_every_iters"], 1)
        callbacks = _knobs.callbacks(knobs["callbacks"])
        fields = _knobs.forces(knobs, self._y.shape[1])
        options = _lib.options(**fields)

        if not inplace:
            return self._copy().optimize(
                n_iter, True, propagate_exception, **gradient_descent_params
            )
        with self._turn:
            model = self._ready(options)
            watch = Watch(knobs["verbose"], callbacks, every, [self.n_iter])
            options.progress_every = watch.report_every()
            y = self._y

            def work() -> int:
                return call(
                    "tsne_model_optimize",
                    _input.pointer(y, _lib.F32),
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
                status = run(work, options, watch)
            finally:
                watch.close()
        if status == _lib.E_CANCELLED:
            log.info("Optimization was interrupted with callback.")
            if propagate_exception:
                raise OptimizationInterrupt(self.kl_divergence, self)
        return self

    def _copy(self) -> TSNEEmbedding:
        other = type(self).__new__(type(self))
        with self._turn:
            other.__dict__.update(self.__dict__)
            other._turn = _Turn()
            other._y = self._y.copy()
            other.gradient_descent_params = dict(self.gradient_descent_params)
            if self._model is not None:
                pointer = ct.c_void_p()
                call("tsne_model_clone", ct.byref(pointer), self._model.pointer)
                other._model = model_handle(pointer)
        return other

    def _ready(self, options: _lib.Options) -> _lib.Handle:
        """The model that stands at our positions: if someone has written to
        them, a new one, whose momentum starts from rest."""
        if self._model is not None:
            there = np.empty_like(self._y)
            call("tsne_model_embedding", _input.pointer(there, _lib.F32), self._model.pointer)
            if np.array_equal(there, self._y):
                return self._model
            _input.start(self._y, len(self._y), self._y.shape[1], "embedding")
        affinities = self.affinities
        pointer = ct.c_void_p()
        call(
            "tsne_model_new",
            ct.byref(pointer),
            _input.pointer(self._y, _lib.F32),
            affinities._handle.pointer,
            ct.byref(options),
        )
        self._model = model_handle(pointer)
        return self._model

    # Being an array.

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy:
            return np.array(self._y, dtype=dtype)
        array = np.asarray(self._y, dtype=dtype)
        if copy is False and array is not self._y:
            raise ValueError(f"an array of {dtype} cannot be made without a copy")
        return array

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        outputs = kwargs.get("out", ())
        if outputs:
            kwargs["out"] = tuple(_plain(one) for one in outputs)
        result = getattr(ufunc, method)(*map(_plain, inputs), **kwargs)
        return outputs[0] if len(outputs) == 1 else result

    def __getitem__(self, key: Any) -> Any:
        return self._y[_plain(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._y[_plain(key)] = _plain(value)
        self._kl = math.nan

    def __len__(self) -> int:
        return len(self._y)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._y)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self._y, name)

    def __dir__(self) -> list[str]:
        arrays = [name for name in dir(self._y) if not name.startswith("_")]
        return sorted({*super().__dir__(), *arrays})

    def __repr__(self) -> str:
        return repr(self._y).replace("array(", f"{type(self).__name__}(", 1)

    def __copy__(self) -> TSNEEmbedding:
        return self._copy()

    def __deepcopy__(self, memo: Any) -> TSNEEmbedding:
        return self._copy()

    def __reduce__(self) -> Any:
        # Callbacks stay behind: they are often closures, which cannot travel.
        params = {**self.gradient_descent_params, "callbacks": None}
        return _restore, (self._y, self.affinities, self.kl_divergence, params)


def _restore(y: Any, affinities: Any, kl: float, params: dict[str, Any]) -> TSNEEmbedding:
    made = TSNEEmbedding(y, affinities, **params)
    made._kl = kl
    return made


def _plain(value: Any) -> Any:
    return value._y if isinstance(value, TSNEEmbedding) else value


def _merged(base: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    for name in new:
        if name not in _knobs.DESCENT:
            raise TypeError(
                f"unexpected argument {name!r}; allowed: {', '.join(_knobs.DESCENT)}"
            )
    return {**base, **new}


def _gradient(
    y: _input.Float32, affinities: Affinities, options: _lib.Options
) -> tuple[_input.Float32, float]:
    grad, kl = np.empty_like(y), ct.c_double()
    work: Callable[[], int] = lambda: call(
        "tsne_gradient",
        _input.pointer(grad, _lib.F32),
        ct.byref(kl),
        _input.pointer(y, _lib.F32),
        affinities._handle.pointer,
        ct.byref(options),
    )
    run(work, options, Watch())
    return grad, kl.value


def gradient(
    embedding: ArrayLike,
    affinities: Affinities,
    *,
    negative_gradient_method: str = "auto",
    theta: float = 0.5,
    n_jobs: int | None = 1,
) -> tuple[_input.Float32, float]:
    """Gradient of the KL divergence at some positions, and the divergence.

    Parameters
    ----------
    embedding : array-like, (n, 1 to 3)
        The positions.
    affinities : Affinities
        Affinities of the n points.
    negative_gradient_method, theta, n_jobs
        As in `TSNE`.

    Returns
    -------
    gradient : (n, 1 to 3) float32
        With the factor 4 of van der Maaten & Hinton (2008), equation 5.
    kl_divergence : float
    """
    y = _input.matrix(embedding, "embedding")
    dims = _knobs.dims(y.shape[1])
    given = Affinities._take(affinities)
    _input.start(y, given.n_samples, dims, "embedding")
    knobs = {
        **_knobs.DESCENT,
        "negative_gradient_method": negative_gradient_method,
        "theta": theta,
        "n_jobs": n_jobs,
    }
    return _gradient(y, given, _lib.options(**_knobs.forces(knobs, dims)))
