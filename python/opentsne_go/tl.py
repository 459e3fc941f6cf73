"""t-SNE for AnnData, in scanpy's manner."""

from __future__ import annotations

import logging
import sys
import time
import warnings
from typing import Any

import numpy as np

from . import _input
from .tsne import TSNE

__all__ = ["tsne"]

log = logging.getLogger("opentsne_go")

# scanpy's: with no more variables than this they are used as they are.
_N_PCS = 50


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
    key_added : str, optional
        Key of both results instead of "X_tsne" and "tsne".
    copy : bool
        Return a changed copy.

    Returns
    -------
    anndata.AnnData or None
        None unless ``copy``. Sets ``.obsm["X_tsne"]``, (n_obs, n_components)
        float32, and ``.uns["tsne"]["params"]``.
    """
    began = _log_start()
    adata = adata.copy() if copy else adata
    if n_jobs is None:
        n_jobs = getattr(_scanpy("settings"), "n_jobs", 1)
        n_jobs = -1 if n_jobs == 1 else n_jobs
    model = TSNE(
        n_components=n_components,
        perplexity=perplexity,
        metric=metric,
        early_exaggeration=early_exaggeration,
        early_exaggeration_iter=early_exaggeration_iter,
        learning_rate=learning_rate,
        exaggeration=exaggeration,
        n_iter=n_iter,
        initialization=initialization,
        neighbors=neighbors,
        negative_gradient_method=negative_gradient_method,
        random_state=random_state,
        n_jobs=n_jobs,
        callbacks=callbacks,
        callbacks_every_iters=callbacks_every_iters,
        verbose=verbose,
    )
    model._check(adata.shape[0])  # before a PCA is computed
    embedding = model.fit(_representation(adata, use_rep, n_pcs))

    params = {
        "perplexity": list(perplexity) if isinstance(perplexity, tuple) else perplexity,
        "early_exaggeration": early_exaggeration,
        "learning_rate": learning_rate,
        "n_jobs": n_jobs,
        "metric": metric,
        "use_rep": use_rep,
        "n_pcs": n_pcs,
        "n_components": n_components,
        "exaggeration": exaggeration,
        "random_state": random_state
        if isinstance(random_state, (int, np.integer))
        else None,
    }
    key_uns, key_obsm = ("tsne", "X_tsne") if key_added is None else (key_added,) * 2
    adata.obsm[key_obsm] = np.asarray(embedding)
    adata.uns[key_uns] = {
        "params": {name: value for name, value in params.items() if value is not None}
    }
    _log_end(began, key_obsm, key_uns)
    return adata if copy else None


def _scanpy(part: str) -> Any:
    """A part of scanpy if the caller has imported it."""
    return getattr(sys.modules.get("scanpy"), part, None)


def _log_start() -> Any:
    logg = _scanpy("logging")
    if logg is not None:
        return logg.info("computing tSNE")
    log.info("computing tSNE")
    return time.perf_counter()


def _log_end(began: Any, key_obsm: str, key_uns: str) -> None:
    added = (
        "added\n"
        f"    {key_obsm!r}, tSNE coordinates (adata.obsm)\n"
        f"    {key_uns!r}, tSNE parameters (adata.uns)"
    )
    logg = _scanpy("logging")
    if logg is not None:
        logg.info("    finished", time=began, deep=added)
    else:
        log.info("    finished (%.2f s)", time.perf_counter() - began)


def _representation(adata: Any, use_rep: str | None, n_pcs: int | None) -> Any:
    """What scanpy would take for these arguments."""
    if n_pcs is not None:
        n_pcs = _input.whole("n_pcs", n_pcs, 0)
    if use_rep is None and (n_pcs == 0 or adata.n_vars <= _N_PCS):
        use_rep = "X"
    if use_rep == "X":
        return _dense(adata.X)
    if use_rep is None:
        use_rep = "X_pca"
        if use_rep not in adata.obsm:
            warnings.warn(
                "adata.obsm['X_pca'] is missing: computing a PCA first. Call "
                "scanpy.pp.pca before, to choose how",
                UserWarning,
                stacklevel=3,
            )
            _pca(adata, n_pcs or _N_PCS)
    if use_rep not in adata.obsm:
        raise _input.bad("use_rep", use_rep, f"'X', or one of {list(adata.obsm)}")
    values = adata.obsm[use_rep]
    if n_pcs is None:
        return _dense(values)
    if n_pcs > values.shape[1]:
        raise _input.bad("n_pcs", n_pcs, f"up to {values.shape[1]}, as {use_rep!r} has")
    chosen = values.iloc[:, :n_pcs] if hasattr(values, "iloc") else values[:, :n_pcs]
    return _dense(chosen)


def _dense(values: Any) -> Any:
    return values.toarray() if hasattr(values, "toarray") else values


def _pca(adata: Any, n_comps: int) -> None:
    """Writes obsm["X_pca"], by scanpy if it is installed."""
    n_comps = min(n_comps, min(adata.shape) - 1)
    try:
        from scanpy.preprocessing import pca
    except ImportError:
        x = _input.matrix(_dense(adata.X)).astype(np.float64)
        x -= x.mean(axis=0)
        u, s, vt = np.linalg.svd(x, full_matrices=False)
        # The sign is free: make the largest loading positive.
        sign = np.sign(vt[np.arange(len(vt)), np.abs(vt).argmax(axis=1)])
        adata.obsm["X_pca"] = (u * s * sign)[:, :n_comps].astype(np.float32)
    else:
        pca(adata, n_comps=n_comps)
