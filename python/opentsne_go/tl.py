"""t-SNE for AnnData, in scanpy's manner."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._input import arguments
from ._native.choices import STARTS_OF_DATA
from ._options import job, presets
from ._options.checked import STARTS
from ._options.names import AffinityName, InitName, MetricName, NeighborsName, PresetName, PullFrameName, RepulsionName
from ._options.settings import DEFAULTS, Settings
from ._scanpy import record
from ._scanpy.anndata import (
    asked_jobs,
    jobs,
    keys,
    log_end,
    log_start,
    representation,
    taken,
    writable,
)
from ._scanpy.onto_reference import align, transform
from ._scanpy.reused import reused
from ._scanpy.together import fit_together
from ._scanpy.trust import diagnose
from .initialization import rescale
from .tsne import TSNE

__all__ = ["tsne", "transform", "align", "fit_together", "diagnose"]


@presets.taken
def tsne(
    adata: Any,
    n_pcs: int | None = None,
    *,
    n_components: int = 2,
    perplexity: float | list[float] = 30,
    learning_rate: str | float = "auto",
    early_exaggeration_iter: str | int = "auto",
    early_exaggeration: str | float = 12,
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
    n_jobs: int | None = None,
    neighbors: NeighborsName = "auto",
    knn_kwargs: dict[str, Any] | None = None,
    negative_gradient_method: RepulsionName = "auto",
    callbacks: Any = None,
    callbacks_every_iters: int = 50,
    random_state: Any = 0,
    verbose: bool = False,
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
    tsne: TSNE | None = None,
    use_rep: str | None = None,
    key_added: str | None = None,
    copy: bool = False,
    neighbors_key: str | None = None,
    init_pos: Any = None,
    rng: Any = None,
    use_fast_tsne: bool = False,
) -> Any:
    """Embed an annotated data matrix; ``scanpy.pl.tsne`` then shows it.

    Parameters
    ----------
    adata : anndata.AnnData
        Changed in place unless ``copy``.
    n_pcs : int, optional
        Use this many principal components (or columns of ``use_rep``); 0 means
        ``adata.X``.
    n_components : {2, 1, 3}
        Columns of the embedding.
    use_rep : str, optional
        Key of ``adata.obsm``, or "X". None: ``adata.X`` if it has at most 50
        variables, else ``obsm["X_pca"]``, computed with a warning if absent.
    perplexity, learning_rate, early_exaggeration_iter, early_exaggeration, \
n_iter, exaggeration, dof, theta, n_interpolation_points, min_num_intervals, \
ints_in_interval, initialization, metric, metric_params, initial_momentum, \
final_momentum, max_grad_norm, max_step_norm, neighbors, knn_kwargs, \
negative_gradient_method, callbacks, callbacks_every_iters, verbose, affinity, \
k, sigma, anneal_iterations, auto_stop, density_lambda, density_fraction, \
density_shift, sample_size, pull, pull_y, pull_weights, pull_frame, \
checkpoint, checkpoint_every, momentum_iterations, preset, scratch
        As in `opentsne_go.TSNE`. The learning rate is "auto" where scanpy has
        1000, as Kobak & Berens (2019) advise.
    random_state : int, None, RandomState or Generator
        Seed.
    n_jobs : int or None
        Threads. None: ``scanpy.settings.n_jobs`` if that was changed from its
        default of 1, else all processors. Does not change the result.
    tsne : TSNE, optional
        All of these settings at once, beside which none may be given.
    neighbors_key : str, optional
        Reuse the graph that ``scanpy.pp.neighbors`` left under this key of
        ``adata.uns`` ("neighbors" unless it was given another), of which the
        distances are. A graph of k neighbours can carry a perplexity of k / 3, to
        which a larger one is lowered with a warning; ``affinity="uniform"`` takes
        all of them alike, as suits scanpy's 15.
    init_pos : str or array-like, optional
        Instead of ``initialization``: also a key of ``adata.obsm``, whose first
        columns are scaled down to the size of a start.
    rng : int, None, RandomState or Generator
        scanpy's newer name of ``random_state``, instead of which it is taken.
    use_fast_tsne : bool
        scanpy's switch to another program: without effect, with the warning
        that it is deprecated.
    key_added : str, optional
        Key of both results instead of "X_tsne" and "tsne".
    copy : bool
        Return a changed copy.

    Returns
    -------
    anndata.AnnData or None
        None unless ``copy``. Sets ``.obsm["X_tsne"]``, (n_obs, n_components)
        float32, and ``.uns["tsne"]``: "params" as they were asked for, with the
        seed; "kl_divergence"; and what decides the bits: "used", the settings as
        the fit used them, with its iterations; "data", of what: "use_rep" and the
        number of its "columns", "neighbors_key"; "versions"; "sha256" of the
        positions.
    """
    given = dict(locals())
    writable(adata, copy)
    began = log_start()
    adata = adata.copy() if copy else adata
    if use_fast_tsne:
        warnings.warn(
            "Argument `use_fast_tsne` is deprecated and without effect.",
            FutureWarning,
            stacklevel=3,
        )
    settings = {name: given[name] for name in DEFAULTS} if tsne is None else _of(tsne, given)
    seed = settings["random_state"] if rng is None else rng
    start = _start(adata, init_pos, settings["initialization"], settings["n_components"])
    settings |= {"initialization": start, "random_state": arguments.seed(seed)}
    asked = settings["n_jobs"] if tsne is not None else asked_jobs(n_jobs)
    settings["n_jobs"] = asked if tsne is not None else jobs(n_jobs)
    model = TSNE(**settings)
    job.check(model, adata.shape[0])  # before a PCA is computed
    if neighbors_key is None:
        rows = representation(adata, use_rep, n_pcs, verbose=model.verbose)
        of = record.data(taken(adata, use_rep, n_pcs), rows)
        embedding = model.fit(rows)
    else:
        affinities, params = reused(adata, neighbors_key, model)
        rows, of = None, {"neighbors_key": neighbors_key}
        if isinstance(model.initialization, str) and model.initialization in STARTS_OF_DATA:
            rep = params.get("use_rep") if use_rep is None else use_rep
            columns = params.get("n_pcs") if n_pcs is None else n_pcs
            rows = representation(adata, rep, columns)
            of |= record.data(taken(adata, rep, columns), rows)
        embedding = model.fit(rows, affinities=affinities)
        model.set_params(metric=params.get("metric", "euclidean"))  # that of the graph

    called = {
        **settings,
        "n_jobs": asked,
        "use_rep": use_rep,
        "n_pcs": n_pcs,
        "neighbors_key": neighbors_key,
        "init_pos": init_pos if isinstance(init_pos, str) else None,
    }
    key_uns, key_obsm = keys(key_added)
    adata.obsm[key_obsm] = np.asarray(embedding)
    adata.uns[key_uns] = {
        "params": record.asked(called),
        "kl_divergence": float(embedding.kl_divergence),
        "data": of,
        **record.record(embedding, model),
    }
    log_end(began, key_obsm, key_uns)
    return adata if copy else None


#: What each argument is unless it is given.
_UNLESS_GIVEN: dict[str, Any] = dict(tsne.__kwdefaults__ or {})


def _of(settings: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Settings that are given as a whole, and none of them again beside."""
    if not isinstance(settings, Settings):
        raise arguments.bad("tsne", type(settings).__name__, "a TSNE")
    for name in ("preset", *DEFAULTS, "rng"):
        value, default = given[name], _UNLESS_GIVEN[name]
        if value is not default and not np.array_equal(value, default):
            got = np.shape(value) or value
            raise arguments.bad(name, got, "none beside tsne=, which has it")
    return settings.get_params()


def _start(adata: Any, init_pos: Any, initialization: Any, dims: Any) -> Any:
    """The start: positions of ``obsm`` by their key, or as it was given."""
    if init_pos is None:
        return initialization
    if not isinstance(init_pos, str) or init_pos not in adata.obsm:
        if isinstance(init_pos, str) and init_pos not in STARTS:
            raise arguments.bad(
                "init_pos",
                init_pos,
                f"{', '.join(map(repr, STARTS))}, positions, or one of {list(adata.obsm)}",
            )
        return init_pos
    values = np.asarray(adata.obsm[init_pos], np.float32)
    if values.ndim != 2 or values.shape[1] < dims:
        raise arguments.bad("init_pos", init_pos, f"a key of {dims} columns or more")
    return rescale(np.ascontiguousarray(values[:, :dims]))
