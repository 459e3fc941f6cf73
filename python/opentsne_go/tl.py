"""t-SNE for AnnData, in scanpy's manner."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._input import arguments
from ._native.choices import STARTS_OF_DATA
from ._options import job
from ._options.checked import STARTS
from ._options.settings import DEFAULTS
from ._scanpy.anndata import (
    asked_jobs,
    jobs,
    keys,
    log_end,
    log_start,
    neighbor_graph,
    representation,
    writable,
)
from ._scanpy.onto_reference import align, transform
from .affinity import Affinities, Multiscale, PerplexityBasedNN
from .initialization import rescale
from .nearest_neighbors import PrecomputedDistanceMatrix
from .tsne import TSNE

__all__ = ["tsne", "transform", "align"]


def tsne(
    adata: Any,
    n_pcs: int | None = None,
    *,
    n_components: int = 2,
    perplexity: float | list[float] = 30,
    learning_rate: str | float = "auto",
    early_exaggeration_iter: int = 250,
    early_exaggeration: str | float = 12,
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
    n_jobs: int | None = None,
    neighbors: str = "auto",
    knn_kwargs: dict[str, Any] | None = None,
    negative_gradient_method: str = "auto",
    callbacks: Any = None,
    callbacks_every_iters: int = 50,
    random_state: Any = 0,
    verbose: bool = False,
    affinity: str = "perplexity",
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
    pull_frame: str = "scaled",
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
density_shift, sample_size, pull, pull_y, pull_weights, pull_frame
        As in `opentsne_go.TSNE`. The learning rate is "auto" where scanpy has
        1000, as Kobak & Berens (2019) advise.
    random_state : int, None, RandomState or Generator
        Seed.
    n_jobs : int or None
        Threads. None: ``scanpy.settings.n_jobs`` if that was changed from its
        default of 1, else all processors. Does not change the result.
    neighbors_key : str, optional
        Reuse the graph that ``scanpy.pp.neighbors`` left under this key of
        ``adata.uns`` ("neighbors" unless it was given another). A graph of k
        neighbours can carry a perplexity of k / 3.
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
        float32, and ``.uns["tsne"]``: "params", with the seed that was used,
        and "kl_divergence".
    """
    given = dict(locals())
    writable(adata, copy)
    began = log_start()
    adata = adata.copy() if copy else adata
    if use_fast_tsne:
        warnings.warn(
            "Argument `use_fast_tsne` is deprecated and without effect.",
            FutureWarning,
            stacklevel=2,
        )
    asked, n_jobs = asked_jobs(n_jobs), jobs(n_jobs)
    seed = arguments.seed(random_state if rng is None else rng)
    settings = {name: given[name] for name in DEFAULTS} | {
        "initialization": _start(adata, init_pos, initialization, n_components),
        "random_state": seed,
        "n_jobs": n_jobs,
    }
    model = TSNE(**settings)
    job.check(model, adata.shape[0])  # before a PCA is computed
    if neighbors_key is None:
        embedding = model.fit(representation(adata, use_rep, n_pcs))
    else:
        affinities, params = _reused(adata, neighbors_key, perplexity, n_jobs)
        rows = None
        if isinstance(model.initialization, str) and model.initialization in STARTS_OF_DATA:
            rep = params.get("use_rep") if use_rep is None else use_rep
            rows = representation(adata, rep, params.get("n_pcs") if n_pcs is None else n_pcs)
        embedding = model.fit(rows, affinities=affinities)

    used = {
        **{name: value for name, value in settings.items() if _recordable(value)},
        "n_jobs": asked,
        "use_rep": use_rep,
        "n_pcs": n_pcs,
        "neighbors_key": neighbors_key,
        "init_pos": init_pos if isinstance(init_pos, str) else None,
    }
    key_uns, key_obsm = keys(key_added)
    adata.obsm[key_obsm] = np.asarray(embedding)
    adata.uns[key_uns] = {
        "params": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in used.items()
            if value is not None
        },
        "kl_divergence": float(embedding.kl_divergence),
    }
    log_end(began, key_obsm, key_uns)
    return adata if copy else None


def _recordable(value: Any) -> bool:
    """Whether a file of annotated data can have a setting."""
    plain = (bool, int, float, str, np.integer, np.floating)
    return isinstance(value, plain) or (
        isinstance(value, (list, tuple)) and all(isinstance(one, plain) for one in value)
    )


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


def _reused(
    adata: Any, key: str, perplexity: Any, n_jobs: int
) -> tuple[Affinities, dict[str, Any]]:
    """Affinities of the graph that scanpy.pp.neighbors made."""
    graph, params = neighbor_graph(adata, key)
    index = PrecomputedDistanceMatrix(graph, graph.shape[0] - 1)
    if not isinstance(perplexity, (list, tuple, np.ndarray)):
        lowered = min(perplexity, index.k / 3)
        if lowered < perplexity:
            logging.getLogger("opentsne_go").warning(
                "perplexity: %g is too large for the %d neighbors of adata.uns[%r], using "
                "%.4g; scanpy.pp.neighbors(n_neighbors=%d) would carry it",
                perplexity,
                index.k,
                key,
                lowered,
                3 * perplexity + 1,
            )
        return PerplexityBasedNN(perplexity=lowered, knn_index=index, n_jobs=n_jobs), params
    return Multiscale(perplexities=perplexity, knn_index=index, n_jobs=n_jobs), params
