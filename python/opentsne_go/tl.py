"""t-SNE for AnnData, in scanpy's manner."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np

from ._input import arguments
from ._options import job
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
    use_rep: str | None = None,
    perplexity: float | list[float] = 30,
    metric: str = "euclidean",
    early_exaggeration: float | str = 12,
    learning_rate: float | str = "auto",
    random_state: Any = 0,
    n_jobs: int | None = None,
    key_added: str | None = None,
    copy: bool = False,
    exaggeration: float | None = None,
    early_exaggeration_iter: int = 250,
    n_iter: int = 500,
    initialization: Any = "pca",
    neighbors: str = "auto",
    negative_gradient_method: str = "auto",
    callbacks: Any = None,
    callbacks_every_iters: int = 50,
    verbose: bool = False,
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
    perplexity, metric, early_exaggeration, learning_rate, exaggeration, \
early_exaggeration_iter, n_iter, initialization, neighbors, \
negative_gradient_method, callbacks, callbacks_every_iters, verbose
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
    model = TSNE(
        n_components=n_components,
        perplexity=perplexity,
        metric=metric,
        early_exaggeration=early_exaggeration,
        early_exaggeration_iter=early_exaggeration_iter,
        learning_rate=learning_rate,
        exaggeration=exaggeration,
        n_iter=n_iter,
        initialization=_start(adata, init_pos, initialization, n_components),
        neighbors=neighbors,
        negative_gradient_method=negative_gradient_method,
        random_state=seed,
        n_jobs=n_jobs,
        callbacks=callbacks,
        callbacks_every_iters=callbacks_every_iters,
        verbose=verbose,
    )
    job.check(model, adata.shape[0])  # before a PCA is computed
    if neighbors_key is None:
        embedding = model.fit(representation(adata, use_rep, n_pcs))
    else:
        affinities, params = _reused(adata, neighbors_key, perplexity, n_jobs)
        rows = None
        if isinstance(model.initialization, str) and model.initialization in ("pca", "sample"):
            rep = params.get("use_rep") if use_rep is None else use_rep
            rows = representation(adata, rep, params.get("n_pcs") if n_pcs is None else n_pcs)
        embedding = model.fit(rows, affinities=affinities)

    used = {
        "perplexity": list(perplexity) if isinstance(perplexity, tuple) else perplexity,
        "early_exaggeration": early_exaggeration,
        "learning_rate": learning_rate,
        "n_jobs": asked,
        "metric": metric,
        "use_rep": use_rep,
        "n_pcs": n_pcs,
        "n_components": n_components,
        "exaggeration": exaggeration,
        "neighbors_key": neighbors_key,
        "init_pos": init_pos if isinstance(init_pos, str) else None,
        "random_state": seed,
    }
    key_uns, key_obsm = keys(key_added)
    adata.obsm[key_obsm] = np.asarray(embedding)
    adata.uns[key_uns] = {
        "params": {name: value for name, value in used.items() if value is not None},
        "kl_divergence": float(embedding.kl_divergence),
    }
    log_end(began, key_obsm, key_uns)
    return adata if copy else None


def _start(adata: Any, init_pos: Any, initialization: Any, dims: Any) -> Any:
    """The start: positions of ``obsm`` by their key, or as it was given."""
    if init_pos is None:
        return initialization
    if not isinstance(init_pos, str) or init_pos not in adata.obsm:
        if isinstance(init_pos, str) and init_pos not in ("pca", "spectral", "random", "sample"):
            raise arguments.bad(
                "init_pos",
                init_pos,
                f"'pca', 'spectral', 'random', 'sample', positions, or one of {list(adata.obsm)}",
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
