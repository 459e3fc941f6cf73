"""The map of data: optimised, kept, and a place for new points."""

from __future__ import annotations

import contextlib
import ctypes as ct
import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from opentsne_go._affinity.base import Affinities, as_affinities, names_of, of_a_model, params_of_new
from opentsne_go._cluster.blocks import is_dask
from opentsne_go._cluster.placing import placed
from opentsne_go._cluster.workers import Filed
from opentsne_go._input import arguments, tables
from opentsne_go._input.starts import given_positions
from opentsne_go._native import arrays, structures
from opentsne_go._native.arrays import Float32
from opentsne_go._native.calls import call
from opentsne_go._native.handles import Handle
from opentsne_go._native.running import run
from opentsne_go._options import checked
from opentsne_go._options.settings import Settings
from opentsne_go._options.table import DESCENT, NUMBERS
from opentsne_go.errors import NoDataError, OptimizationInterrupt

from . import growing, placing, trust
from .making import of_fit, of_model
from .model import model_handle, model_names, model_options, model_recipe, name_columns, name_rows, row_names
from .optimizable import OptimizableEmbedding, standing
from .partial import PartialTSNEEmbedding
from .placing import Bootstrap
from .report import Report, reported
from .steps import Step, unknown

__all__ = ["TSNEEmbedding"]

Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]


class TSNEEmbedding(OptimizableEmbedding):
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
    row_names : list of str or None
        Names of the points, as ``adata.obs_names``, if they were given some: `save`
        writes them and `load` has them again, as R's ``save_model`` and ``load_model``.
    gradient_descent_params : dict
        Defaults of `optimize`.
    """

    __module__ = "opentsne_go"

    def __new__(
        cls,
        embedding: ArrayLike,
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
        given = as_affinities(affinities)
        y = tables.matrix(embedding, "embedding").copy()
        dims = checked.dims(y.shape[1])
        given_positions(y, given.n_samples, dims, "embedding")
        named = {
            "dof": dof,
            "n_interpolation_points": n_interpolation_points,
            "min_num_intervals": min_num_intervals,
            "ints_in_interval": ints_in_interval,
            "negative_gradient_method": negative_gradient_method,
        }
        own = ("embedding", "affinities", "random_state", "optimizer")
        given_params = {**gradient_descent_params, **named}
        params = checked.merged(DESCENT, given_params, cls.__name__, *own)
        checked.forces(params, dims)
        made = cls._of(y, None, random_state, params)
        made._affinities = given
        made._names = names_of(given)
        made._steps = (unknown(len(y)),)
        return made

    # New points.

    @arguments.named
    def transform(
        self,
        X: Any,
        perplexity: float = 5,
        initialization: str | ArrayLike = "median",
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
        client: Any = None,
        path: Path | None = None,
    ) -> Any:
        """Place new points on this map, which stays as it is.

        New points do not see each other: one by one, in batches or all at
        once they get the same positions.

        Parameters
        ----------
        X : array-like, (m, d)
            The new points; m may be 0. Columns of a table are matched by name if
            both have names, whatever their order; else they are taken by position.
            A Dask array of blocks of whole rows, dense or CSR, is placed where its
            blocks are, when the result is computed.
        perplexity : float or list of float
            Effective number of reference points that attract a new one; several
            for a map of several. Without effect on a map whose affinities are
            uniform or of one bandwidth: new points take its neighbours and sigma.
        initialization : {"median", "weighted", "random"} or array-like
            Where they start: the median, or a weighted mean, of the k nearest
            reference points' positions.
        k : int
            Reference points that place a new one. The default stands for no more
            than draw it, as in openTSNE: 15 at a perplexity of 5. Kobak & Berens
            (2019) take 10.
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
        client : distributed.Client, optional
            For a Dask array: whose workers place its rows; None: the current
            client's or, without one, threads of this process. The map is sent to them
            once.
        path : str, bytes or path-like, optional
            For a Dask array: the file to which `save` has written this map. Whoever
            places rows reads it once: for maps too large to be sent, and for workers
            that come and go.

        Returns
        -------
        PartialTSNEEmbedding or dask.array.Array
            (m, n_components) float32; of a Dask array a lazy one, in its chunks,
            with the same bits whatever they are.
        """
        how = {name: value for name, value in locals().items() if name not in ("self", "X", "client", "path")}
        if is_dask(X):
            return placed(self, X, client, how, None if path is None else self._filed(path))
        for name, value in (("client", client), ("path", path)):
            if value is not None:
                raise arguments.bad(name, type(value).__name__, "None, unless X is a Dask array")
        affinity_params = params_of_new(self.affinities, perplexity)
        early = arguments.whole("early_exaggeration_iter", early_exaggeration_iter, 0)
        late = arguments.whole("n_iter", n_iter, 0)
        phases = [
            (early, "early_exaggeration", early_exaggeration, "initial", initial_momentum),
            (late, "exaggeration", exaggeration, "final", final_momentum),
        ]
        for _, name, factor, which, momentum in phases:  # before any work
            NUMBERS["exaggeration"].read(name, factor)
            checked.number(f"{which}_momentum", momentum)
        for name, value in (
            ("learning_rate", learning_rate),
            ("max_grad_norm", max_grad_norm),
            ("max_step_norm", max_step_norm),
        ):
            checked.number(name, value)
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
        initialization: str | ArrayLike = "median",
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

        return placing.prepare(self, X, initialization, k, metric, columns, affinity_params)

    @arguments.named
    def bootstrap(
        self,
        X: Any,
        n_samples: int = 100,
        k: int | None = None,
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
            As in `transform`; k None: the paper's 10, or as many as there are.
        random_state : int, None, RandomState or Generator
            Of the resamples.

        Returns
        -------
        Bootstrap
            ``embedding`` (m, n_components), ``samples`` (n_samples, m,
            n_components) and ``radius`` (m,): 95 % of the samples of a point
            lie within it.
        """

        return placing.bootstrap(
            self, X, n_samples, k, initialization, metric, columns, random_state
        )

    # Telling of it.

    @arguments.named
    def report(self, labels: Any = None, *, measured: bool = True) -> Report:
        """What a paper's methods section says of this map, and what makes it again.

        Parameters
        ----------
        labels : array-like, (n,), optional
            Classes of the points, for KNC.
        measured : bool
            Measure `opentsne_go.quality` of a map that has its data: a neighbour
            search of the data, as long as that of a fit.

        Returns
        -------
        Report
            ``print`` shows the paragraph; ``as_dict()``, ``json()``, ``code`` and
            ``sha256`` are for programs.
        """
        return reported(self, labels, measured)

    @arguments.named
    def diagnose(
        self,
        *,
        k: int | None = None,
        length: float | None = None,
        maps: Iterable[ArrayLike] | None = None,
        scores: Sequence[str] | None = None,
        random_state: Any = 0,
        n_jobs: int | None = -1,
    ) -> Any:
        """How far to trust the map, one row a cell: `opentsne_go.diagnose`.

        Parameters
        ----------
        k, length, maps, scores, random_state, n_jobs
            As there.

        Returns
        -------
        pandas.DataFrame, or dict of arrays without pandas
            As there.
        """
        return trust.diagnose(
            self,
            k=k,
            length=length,
            maps=maps,
            scores=scores,
            random_state=random_state,
            n_jobs=n_jobs,
        )

    # Its own data again.

    @arguments.named
    def update(
        self, X: Any, hold: str | float = "pinned", tsne: Settings | None = None
    ) -> TSNEEmbedding:
        """A map of this one's points and of new ones.

        Unlike those of `transform`, new points see each other and are part of the map.
        They begin where `transform` would place them, at the median of their 10
        nearest.

        Parameters
        ----------
        X : array-like, (m, d)
            The new points, at least one; columns as in `transform`.
        hold : {"pinned", "held", "free"} or float
            Of the points that are there: "pinned", to the bit; "held", pulled to where
            they are; "free". A number is the weight of that pull, "held" being 1.
        tsne : TSNE, optional
            Settings of the fit, its ``initialization``, ``pull_y``, ``pull_weights`` and
            ``pull_frame`` aside; it has no early phase. Its ``pull``; None: 0.0005.
            Without, those that this map was made with.

        Returns
        -------
        TSNEEmbedding
            (n + m, n_components) float32, this one's rows first. `optimize` goes on
            holding them.
        """
        return growing.update(self, X, hold, tsne, embedding_of_model)

    @arguments.named
    def zoom(self, rows: ArrayLike, tsne: Settings | None = None) -> TSNEEmbedding:
        """Some of the points embedded anew, in their place.

        They are fitted by affinities among themselves alone, from where they lie,
        scaled down, and the map is laid over where they lay: moved, turned, mirrored
        and scaled, so that half of the points are as near to their mean as they were.

        Parameters
        ----------
        rows : array-like
            Which points, at least 4: their numbers, or a mask.
        tsne : TSNE, optional
            Settings of the fit, its ``initialization`` and ``pull`` aside. Without,
            those that this map was made with.

        Returns
        -------
        TSNEEmbedding
            (m, n_components) float32, in the order of ``rows``; `put_back` gives the
            whole map with it. The KL divergence that the library keeps is that of
            before it was laid.
        """
        made = growing.zoom(self, rows, tsne, embedding_of_model)
        if self._row_names is not None:
            made._row_names = [self._row_names[i] for i in np.arange(len(self))[np.asarray(rows)]]
        return made

    def put_back(self, rows: ArrayLike, part: ArrayLike) -> Float32:
        """The whole map, with other positions of some points.

        Parameters
        ----------
        rows : array-like
            As in `zoom`.
        part : array-like, (m, n_components)
            What `zoom` made of them.

        Returns
        -------
        (n, n_components) float32
        """
        return growing.put_back(self, rows, part)

    # Keeping it.

    @property
    def row_names(self) -> list[str] | None:
        """Names of the points. Set them to a list of n texts, or to None."""
        return None if self._row_names is None else list(self._row_names)

    @row_names.setter
    def row_names(self, names: Iterable[str] | None) -> None:
        given = None if names is None else list(names)
        if given is not None and (len(given) != len(self) or not all(map(_is_name, given))):
            raise arguments.bad("row_names", f"{len(given)} names", f"{len(self)} texts without NUL, one for each point")
        self._row_names = given

    def save(self, path: Path) -> None:
        """Write all there is to one ``.npz``, which C, Go and Python read.

        Parameters
        ----------
        path : str, bytes or path-like
            A file that is there is replaced only by a whole new one.
        """
        name = arguments.path(path)
        model, uses = self._named()
        options = structures.options()
        work = lambda: call("tsne_model_save_with", model.pointer, name, ct.byref(options))
        run(work, options, uses=uses)

    def _filed(self, path: Path) -> Filed:
        """This map as a file has it."""
        if self._recipe.axes is not None:
            raise arguments.bad("path", os.fsdecode(path), "None for a map of sparse data, whose axes are in no file")
        name = os.path.abspath(os.fsdecode(arguments.path(path)))
        params = {**self.gradient_descent_params, "callbacks": None}
        filed = Filed(_from_file, (name, params, self.random_state, _digest(self)))
        filed.open()
        return filed

    def _named(self) -> tuple[Handle, tuple[Any, Any]]:
        model, uses = standing(self)
        name_rows(model, self._row_names)
        return model, uses

    def _bytes(self) -> bytes:
        model, uses = self._named()
        size = ct.c_uint64()
        call("tsne_model_save_bytes", None, ct.byref(size), model.pointer)
        room = np.empty(size.value, np.uint8)
        work = lambda: call(
            "tsne_model_save_bytes", room.ctypes.data, ct.byref(size), model.pointer
        )
        run(work, uses=uses)
        return room[: size.value].tobytes()

    def __reduce__(self) -> Any:
        # Callbacks stay behind: they are often closures, which cannot travel.
        params = {**self.gradient_descent_params, "callbacks": None}
        given = self._affinities
        if given is not None and of_a_model(given):
            given = None  # comes with the model
        state = params, self.random_state, self._recipe.axes, given
        return self._restored, (self._bytes(), *state)

    @classmethod
    def _restored(cls, *state: Any) -> TSNEEmbedding:
        """What pickles call: by the name of this class, wherever it is made."""
        return restore(*state)


def embedding_of_model(
    y: Float32,
    model: Handle,
    random_state: Any,
    params: dict[str, Any],
    *,
    axes: Any = None,
    affinities: Affinities | None = None,
    run: Any = None,
    names: list[str] | None = None,
    settings: dict[str, Any] | None = None,
    steps: tuple[Step, ...] = (),
) -> TSNEEmbedding:
    """The embedding of a model that the library has made at y.

    axes are those along which sparse data were reduced, affinities those that were
    given, run which map its phases are of, names those of the data's columns,
    settings those of the fit that has made it, with "affinities" if they were given,
    and steps what has made it, where that is no such fit.
    """
    made = TSNEEmbedding._of(y, model, random_state, params, model_recipe(model, axes))
    made._affinities, made._fit = affinities, model_options(model)
    made._steps = steps
    if settings is not None:
        made._making = of_fit(settings, made._fit, made.n_iter)
    if run is not None:
        made._run = run
    set_feature_names(made, names)
    return made


def _is_name(text: Any) -> bool:
    return isinstance(text, str) and "\0" not in text


def set_feature_names(embedding: TSNEEmbedding, names: list[str] | None) -> None:
    """Names the columns of the data."""
    embedding._names = names
    if embedding._model is not None:
        with contextlib.suppress(NoDataError):  # of a metric that is not the library's
            name_columns(embedding._model, names)


def read_model(
    model: Handle, random_state: Any, params: dict[str, Any], axes: Any = None
) -> TSNEEmbedding:
    """The embedding of a model that has been read."""
    n, dims = ct.c_int64(), ct.c_int32()
    call("tsne_model_info", ct.byref(n), ct.byref(dims), None, None, model.pointer)
    y = np.empty((n.value, dims.value), np.float32)
    call("tsne_model_embedding", arrays.floats(y), model.pointer)
    made = embedding_of_model(y, model, random_state, params, axes=axes, names=model_names(model))
    made._row_names = row_names(model)
    made._making = of_model(made._fit, made._recipe, made.n_iter)[1]
    if made.n_iter < made._fit.early_iterations + made._fit.iterations:
        made._fit = None  # a file does not say whether a fit made it
    return made


def _digest(embedding: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(embedding).tobytes()).hexdigest()


def _from_file(path: str, params: dict[str, Any], random_state: Any, digest: str) -> TSNEEmbedding:
    """The map of a file, if it is the one that is meant."""
    options = structures.options(threads=arguments.threads(params["n_jobs"]))
    model = model_handle()
    name = arguments.path(path)
    run(lambda: call("tsne_model_load", model.out, name, ct.byref(options)), options)
    made = read_model(model, random_state, params)
    if _digest(made) != digest:
        raise arguments.bad("path", path, "the file of this map, as it stands")
    return made


def restore(
    data: bytes, params: dict[str, Any], random_state: Any, axes: Any, given: Any
) -> TSNEEmbedding:
    """The inverse of pickling, by whichever version: it may know of fewer parameters."""
    params = {**DESCENT, **params}
    options = structures.options(threads=arguments.threads(params["n_jobs"]))
    model = model_handle()
    given_bytes = data, len(data)
    run(lambda: call("tsne_model_load_bytes", model.out, *given_bytes, ct.byref(options)), options)
    made = read_model(model, random_state, params, axes)
    made._affinities = given
    return made
