"""Positions that the library optimises against affinities."""

from __future__ import annotations

import ctypes as ct
import logging
import math
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from opentsne_go._affinity.base import Affinities, for_a_model, native_of
from opentsne_go._affinity.kinds import of_model
from opentsne_go._affinity.native import NativeAffinities
from opentsne_go._affinity.recipe import Recipe
from opentsne_go._input import arguments
from opentsne_go._input.starts import given_positions
from opentsne_go._native import arrays, structures
from opentsne_go._native.arrays import Float32
from opentsne_go._native.calls import call
from opentsne_go._native.handles import Handle
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import read, run, turn
from opentsne_go._native.status import E_CANCELLED
from opentsne_go._options import checked
from opentsne_go._positions import Positions
from opentsne_go._shown import as_html
from opentsne_go.errors import Error, OptimizationInterrupt

from . import told
from .gradient import evaluate
from .making import Making, phase
from .model import give_data, index_of_model, model_handle
from .steps import Step, steps_to

if TYPE_CHECKING:
    from typing_extensions import Self

log = logging.getLogger("opentsne_go")


class OptimizableEmbedding(Positions):
    """Positions of points, and what is needed to optimise them further.

    What `TSNEEmbedding` is but for new points and for keeping it.
    """

    @classmethod
    def _of(
        cls,
        y: Float32,
        model: Handle | None,
        random_state: Any,
        params: dict[str, Any],
        recipe: Recipe = Recipe(),
    ) -> Self:
        """Positions of a model, if there is one already."""
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

    _model: Handle | None
    _affinities: Affinities | None
    _recipe: Recipe
    _kl: float
    _fit: Any = None  # options of the fit that made it
    _making: Making | None = None  # what gives it again, if that is known
    _steps: tuple[Step, ...] = ()  # what made it, if more than that
    _names: list[str] | None = None
    _row_names: list[str] | None = None
    _turn: Any
    _run: Any  # of which its phases are, for callbacks
    random_state: Any
    gradient_descent_params: dict[str, Any]

    # What the map knows.

    @property
    def feature_names(self) -> list[str] | None:
        """Names of the columns of the data, by which new points find theirs."""
        return None if self._names is None else list(self._names)

    @property
    def affinities(self) -> Affinities:
        """What the map is optimised against."""
        if self._affinities is None:
            model = self._model
            assert model is not None
            built = NativeAffinities()
            run(lambda: call("tsne_model_affinities", built.out, model.pointer))
            self._affinities = of_model(
                built,
                self._recipe,
                self.gradient_descent_params["n_jobs"],
                lambda k, axes: index_of_model(model, k, axes),
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
        options = structures.options(**checked.forces(self.gradient_descent_params, self.shape[1]))
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

    def _repr_html_(self) -> str | None:
        if not self.__dict__:  # an array made of this one
            return None
        rows = {
            "points": len(self._y),
            **told.course(lambda: self.kl_divergence, lambda: self.n_iter),
            **told.drawn_by(self._recipe, self._affinities),
            **told.settings(self._fit),
        }
        return as_html(type(self).__name__, rows, self._y)

    # Optimising it.

    def optimize(
        self,
        n_iter: int,
        inplace: bool = False,
        propagate_exception: bool = False,
        **gradient_descent_params: Any,
    ) -> Self:
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
        descent = checked.merged(
            self.gradient_descent_params, gradient_descent_params, *checked.OPTIMIZE
        )
        n_iter = arguments.whole("n_iter", n_iter, 0)
        exaggeration = checked.going_on("exaggeration", descent["exaggeration"])
        momentum = checked.going_on("momentum", descent["momentum"])
        learning_rate = checked.going_on("learning_rate", descent["learning_rate"])
        every = int(checked.going_on("callbacks_every_iters", descent["callbacks_every_iters"]))
        callbacks = checked.callbacks(descent["callbacks"])
        fields = checked.forces(descent, self._y.shape[1])
        if not inplace:
            return self._copy().optimize(
                n_iter, True, propagate_exception, **gradient_descent_params
            )
        options = structures.options(**fields)
        with turn(self._turn):
            # The kernel belongs to the model, not to the phase.
            kernel = ("dof", "density_lambda", "density_fraction", "density_shift")
            was = self._model, {one: self.gradient_descent_params[one] for one in kernel}
            before = self._info()[0]
            same = all(descent[one] == was[1][one] for one in kernel)
            model = self._ready(options, afresh=not same)
            for one in kernel:
                self.gradient_descent_params[one] = descent[one]
            watch = Watch(descent["verbose"], callbacks, every, [self.n_iter], self._run)
            options.progress_every = watch.report_every()
            y = self._y

            def work() -> int:
                return call(
                    "tsne_model_optimize",
                    arrays.floats(y),
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
        if self._making is not None or self._steps:
            done = self._info()[0] - (before if model is was[0] else 0)
            if self._making is not None:
                self._making = self._making.and_then(done, gradient_descent_params)
            else:
                self._steps += ({"call": "optimize", **phase(done, gradient_descent_params)},)
        if status == E_CANCELLED:
            log.info("Optimization was interrupted with callback.")
            if propagate_exception:
                raise OptimizationInterrupt(self.kl_divergence, self)
        return self

    def _copy(self) -> Self:
        with turn(self._turn):
            other = self._y.copy().view(type(self))
            other.__dict__.update(self.__dict__)
            other._turn = threading.RLock()
            other.gradient_descent_params = dict(self.gradient_descent_params)
            if self._model is not None:
                other._model = model_handle()
                call("tsne_model_clone", other._model.out, self._model.pointer)
                other._model.lent = self._model.lent
        return other

    def _stands(self, model: Handle, held: bool = False) -> bool:
        """Whether the model is where we are: False once someone wrote to us."""
        there = np.empty_like(self._y)
        work = lambda: call("tsne_model_embedding", arrays.floats(there), model.pointer)
        if held:
            read(work, there.size)
        else:
            run(work)
        return np.array_equal(there, self._y)

    def _ready(self, options: Any = None, afresh: bool = False) -> Handle:
        """For who has our turn: the model that stands at our positions: if someone has written to
        them, or wants another kernel, a new one whose momentum is at rest."""
        if self._model is not None:
            if not self._stands(self._model, held=True):
                self._steps = (*steps_to(self), {"call": "written"})
                self._making = None
            elif not afresh:
                return self._model
        given_positions(self._y, len(self._y), self._y.shape[1], "embedding")
        if options is None:
            options = structures.options(
                **checked.forces(self.gradient_descent_params, self._y.shape[1])
            )
        data, fields = for_a_model(self.affinities)
        for name, value in fields.items():  # what a file will say
            setattr(options, name, value)
        model = model_handle()
        call(
            "tsne_model_from_affinities",
            model.out,
            native_of(self.affinities).pointer,
            arrays.floats(self._y),
            ct.byref(options),
        )
        if data is not None:
            give_data(model, self._model, data, self._names)
        self._model, self._run = model, object()
        return model

    def __copy__(self) -> Self:
        return self._copy()

    def __deepcopy__(self, memo: Any) -> Self:
        return self._copy()


def standing(embedding: OptimizableEmbedding) -> tuple[Handle, tuple[Any, Any]]:
    """The model that stands at an embedding's positions, and what a call with it uses."""
    with turn(embedding._turn):
        model = embedding._ready()
    return model, (model, embedding._turn)
