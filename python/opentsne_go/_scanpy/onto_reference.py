"""New cells on the map of others."""

from __future__ import annotations

from typing import Any

import numpy as np

from opentsne_go._alignment.align import at_places
from opentsne_go._cluster.blocks import is_dask, whole
from opentsne_go._embedding.placing import papers_k
from opentsne_go._input import arguments, tables
from opentsne_go._options import checked, job
from opentsne_go.tsne import TSNE

from . import record
from .anndata import (
    annotated,
    columns,
    in_memory,
    jobs,
    keys,
    log_end,
    log_start,
    representation,
    shared_genes,
    taken,
    writable,
)
from .pair import Pair, among, pair_of


@arguments.named
def transform(
    adata: Any,
    reference: Any,
    *,
    basis: str = "X_tsne",
    use_rep: str | None = None,
    genes: Any = None,
    metric: str | None = None,
    k: int | None = None,
    initialization: str = "median",
    n_iter: int = 0,
    n_bootstrap: int = 0,
    random_state: Any = 0,
    n_jobs: int | None = None,
    key_added: str | None = None,
    copy: bool = False,
    constant: str = "raise",
    verbose: bool = False,
    client: Any = None,
) -> Any:
    """Place cells on the map of a reference.

    Cells whose rows are a Dask array, of whole rows, dense or CSR, as those of a lazy
    AnnData are, are placed where its blocks are, when the result is computed.

    Sparse cells are not made dense as a whole: by "euclidean", "cosine" and
    "correlation" they are searched as they are, where both are sparse and have less than
    0.3 of values that are not 0; else new ones are dense 2,048 at a time.

    Parameters
    ----------
    adata : anndata.AnnData
        The new cells. Changed in place unless ``copy``.
    reference : anndata.AnnData
        Cells with a map, such as `tsne` leaves it.
    basis : str
        Key of the map in ``reference.obsm``.
    use_rep : str, optional
        Key of ``obsm`` in both, or "X". None: the shared genes of ``X``.
    genes : sequence of str, optional
        Names to use; those that ``adata`` lacks are left out. None: all.
    metric : str, optional
        Distance between cells. None: "correlation" by genes, as Kobak & Berens
        (2019) advise across experiments, "euclidean" by ``use_rep``.
    k, initialization, n_iter
        As in `TSNEEmbedding.transform`; the paper's: the median of 10 (k None; of
        fewer where the reference has no more) and no refinement.
    n_bootstrap : int
        Resamples of the columns, for ``obs["tsne_radius"]``. They take the
        reference's rows as dense ones.
    random_state : int, None, RandomState or Generator
        Of the resamples.
    n_jobs, key_added, copy
        As in `tsne`.
    constant : {"raise", "nan"}
        What becomes of cells that the metric cannot compare, whose values are all
        the same (by "correlation") or all 0 (by "cosine"): an error that counts
        and names them, or NaN for their positions, with a warning that does; those
        of the reference then place no cell.
    verbose : bool
        Show how far the placing is: a progress bar if tqdm is installed, lines
        otherwise.
    client : distributed.Client, optional
        For cells that are a Dask array: whose workers place them; None: the current
        client's or, without one, threads of this process.

    Returns
    -------
    anndata.AnnData or None
        None unless ``copy``. Sets ``.obsm["X_tsne"]``, of a Dask array a lazy one,
        ``.uns["tsne"]`` and, with ``n_bootstrap``, ``.obs["tsne_radius"]``: 95 % of a cell's
        resamples lie within it.

    Raises
    ------
    ValueError
        No shared gene, or a key that is not there.
    """
    writable(adata, copy)
    began = log_start("mapping onto a tSNE")
    b = arguments.whole("n_bootstrap", n_bootstrap, 0)
    arguments.choice("constant", constant, _CONSTANT)
    adata = adata.copy() if copy else adata
    pair = _both(adata, reference, basis, use_rep, genes, metric, constant)
    k = papers_k(len(pair.y)) if k is None else k
    how = {"initialization": initialization, "k": k}
    onto = pair.map(jobs(n_jobs))
    key_uns, key_obsm = keys(key_added)
    if is_dask(pair.new):
        if b:
            raise arguments.bad("n_bootstrap", b, "0 for cells that are a Dask array")
        adata.obsm[key_obsm] = pair.lazily(onto, client, constant, {"n_iter": n_iter, **how})
    else:
        if client is not None:
            raise arguments.bad("client", type(client).__name__, "None, unless the cells are a Dask array")
        placed, there = pair.placed(onto, verbose, n_iter=n_iter, **how)
        if b:
            radius = pair.radius(onto, b, random_state, verbose, **how)
            adata.obs[f"{key_uns}_radius"] = among(radius, there)
        adata.obsm[key_obsm] = among(placed, there)
    params = {
        "basis": basis,
        "metric": pair.metric,
        "k": k,
        "initialization": initialization,
        "n_iter": n_iter,
        "n_columns": pair.new.shape[1],
        "n_bootstrap": b,
        "use_rep": use_rep,
    }
    adata.uns[key_uns] = {"params": {n: v for n, v in params.items() if v is not None}}
    log_end(began, key_obsm, key_uns)
    return adata if copy else None


@arguments.named
def align(
    adata: Any,
    reference: Any,
    *,
    basis: str = "X_tsne",
    use_rep: str | None = None,
    genes: Any = None,
    metric: str | None = None,
    k: int | None = None,
    n_pcs: int | None = None,
    fit_rep: str | None = None,
    tsne: TSNE | None = None,
    random_state: Any = 0,
    n_jobs: int | None = None,
    key_added: str | None = None,
    copy: bool = False,
    constant: str = "raise",
    verbose: bool = False,
) -> Any:
    """Embed cells so that their map agrees with that of a reference.

    The cells are placed on the reference as by `transform`, the places scaled
    down to the size of a start, and the map made from there (Kobak & Berens
    2019, "Methods"), while each cell is pulled to its place, as weakly as
    keeps islands on those of the reference. The map is in the reference's frame.

    Parameters
    ----------
    adata, reference, basis, use_rep, genes, metric, k
        As in `transform`.
    n_pcs, fit_rep
        What the map is made of: ``n_pcs`` and ``use_rep`` of `tsne`.
    tsne : TSNE, optional
        Settings of the map, its ``initialization``, ``pull_y`` and ``pull_frame``
        aside; ``pull=None``: 0.002.
    random_state, n_jobs, key_added, copy, verbose
        As in `tsne`; with settings ``random_state``, ``verbose`` and the threads of
        the map are theirs.
    constant : {"raise", "nan"}
        As in `transform`; cells without a place are left out of the map.

    Returns
    -------
    anndata.AnnData or None
        None unless ``copy``. Sets ``.obsm["X_tsne"]`` and ``.uns["tsne"]``, with
        "disparity" (0 where map and places agree), "overlap" (share of the
        10 nearest that both have).
    """
    writable(adata, copy)
    began = log_start("aligning a tSNE")
    arguments.choice("constant", constant, _CONSTANT)
    adata = adata.copy() if copy else adata
    pair = _both(adata, reference, basis, use_rep, genes, metric, constant)
    k = papers_k(len(pair.y)) if k is None else k
    threads, dims = jobs(n_jobs), pair.y.shape[1]
    if tsne is None:
        seed = arguments.seed(random_state)
        tsne = TSNE(
            dims, early_exaggeration=12, random_state=seed, n_jobs=threads, verbose=verbose
        )
    if tsne.n_components != dims:
        raise arguments.bad("tsne", f"n_components={tsne.n_components}", f"{dims}, as {basis!r}")
    if is_dask(pair.new):
        raise arguments.bad("adata", "a Dask array", "cells in memory; transform takes lazy ones")
    job.check(tsne, adata.shape[0])
    onto = pair.map(threads)
    places, there = pair.placed(onto, tsne.verbose, k=k, n_iter=0)
    rows = representation(adata, fit_rep, n_pcs)
    if not there.all():
        rows = rows[there]
        if tsne.pull_weights is not None:
            weights = np.asarray(tsne.pull_weights)[there]
            tsne = TSNE(**{**tsne.get_params(), "pull_weights": weights})
    made = at_places(onto, rows, places, tsne)
    key_uns, key_obsm = keys(key_added)
    adata.obsm[key_obsm] = among(np.asarray(made.embedding), there)
    params = {"basis": basis, "metric": pair.metric, "k": k, "n_columns": pair.new.shape[1]}
    adata.uns[key_uns] = {
        "params": params,
        "kl_divergence": float(made.embedding.kl_divergence),
        "disparity": made.disparity,
        "overlap": made.overlap,
        "data": record.data(taken(adata, fit_rep, n_pcs), rows),
        **record.record(made.embedding, tsne),
    }
    log_end(began, key_obsm, key_uns)
    return adata if copy else None


_CONSTANT = {"raise": "raise", "nan": "nan"}


def _both(
    adata: Any,
    reference: Any,
    basis: str,
    use_rep: str | None,
    genes: Any,
    metric: str | None,
    constant: str,
) -> Pair:
    """The map, the rows of the reference and the new ones, and the metric."""
    annotated(reference, "reference")
    if basis not in reference.obsm:
        raise arguments.bad("basis", basis, f"one of {list(reference.obsm)} of the reference")
    y = tables.matrix(np.asarray(reference.obsm[basis]), f"reference.obsm[{basis!r}]")
    by_genes = use_rep is None or use_rep == "X"
    if metric is None:
        metric = "correlation" if by_genes else "euclidean"
    checked.distance(metric)
    if by_genes:
        chosen = shared_genes(adata, reference, genes)
        old, new = whole(columns(reference, chosen)), columns(adata, chosen)
        return pair_of(y, reference, adata, old, new, metric, constant)
    for name, one in (("reference", reference), ("adata", adata)):
        if use_rep not in one.obsm:
            raise arguments.bad("use_rep", use_rep, f"'X', or one of {list(one.obsm)} of {name}")
    old, new = whole(in_memory(reference.obsm[use_rep])), in_memory(adata.obsm[use_rep])
    return pair_of(y, reference, adata, old, new, metric, constant)
