"""New cells on the map of others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._alignment.align import at_places
from opentsne_go._input import arguments, tables
from opentsne_go._options import checked, job
from opentsne_go.tsne import TSNE

from .anndata import (
    expression,
    in_memory,
    jobs,
    keys,
    log_end,
    log_start,
    representation,
    shared_genes,
    writable,
)
from .static_map import static_map


def transform(
    adata: Any,
    reference: Any,
    *,
    basis: str = "X_tsne",
    use_rep: str | None = None,
    genes: Any = None,
    metric: str | None = None,
    k: int = 10,
    initialization: str = "median",
    n_iter: int = 0,
    n_bootstrap: int = 0,
    random_state: Any = 0,
    n_jobs: int | None = None,
    key_added: str | None = None,
    copy: bool = False,
    constant: str = "raise",
) -> Any:
    """Place cells on the map of a reference.

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
        As in `TSNEEmbedding.transform`; the paper's: the median of 10 and no
        refinement.
    n_bootstrap : int
        Resamples of the columns, for ``obs["tsne_radius"]``.
    random_state : int, None, RandomState or Generator
        Of the resamples.
    n_jobs, key_added, copy
        As in `tsne`.
    constant : {"raise", "nan"}
        What becomes of cells that the metric cannot compare, whose values are all
        the same (by "correlation") or all 0 (by "cosine"): an error that counts
        and names them, or NaN for their positions.

    Returns
    -------
    anndata.AnnData or None
        None unless ``copy``. Sets ``.obsm["X_tsne"]``, ``.uns["tsne"]`` and,
        with ``n_bootstrap``, ``.obs["tsne_radius"]``: 95 % of a cell's
        resamples lie within it.

    Raises
    ------
    ValueError
        No shared gene, or a key that is not there.
    """
    writable(adata, copy)
    began = log_start("mapping onto a tSNE")
    b = arguments.whole("n_bootstrap", n_bootstrap, 0)
    arguments.choice("constant", constant, {"raise": "raise", "nan": "nan"})
    adata = adata.copy() if copy else adata
    y, old, new, metric = _both(adata, reference, basis, use_rep, genes, metric)
    there = _comparable(new, metric, adata, constant == "raise", also="; or constant='nan'")
    some = new if there.all() else new[there]
    onto = static_map(y, old, metric, jobs(n_jobs))
    placed = onto.transform(some, initialization=initialization, k=k, n_iter=n_iter)
    key_uns, key_obsm = keys(key_added)
    if b:
        spread = onto.bootstrap(
            some, b, k, initialization=initialization, random_state=random_state
        )
        adata.obs[f"{key_uns}_radius"] = _among(spread.radius, there)
    adata.obsm[key_obsm] = _among(np.asarray(placed), there)
    params = {
        "basis": basis,
        "metric": metric,
        "k": k,
        "initialization": initialization,
        "n_iter": n_iter,
        "n_columns": new.shape[1],
        "n_bootstrap": b,
        "use_rep": use_rep,
    }
    adata.uns[key_uns] = {"params": {n: v for n, v in params.items() if v is not None}}
    log_end(began, key_obsm, key_uns)
    return adata if copy else None


def align(
    adata: Any,
    reference: Any,
    *,
    basis: str = "X_tsne",
    use_rep: str | None = None,
    genes: Any = None,
    metric: str | None = None,
    k: int = 10,
    n_pcs: int | None = None,
    fit_rep: str | None = None,
    tsne: TSNE | None = None,
    random_state: Any = 0,
    n_jobs: int | None = None,
    key_added: str | None = None,
    copy: bool = False,
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
        aside; ``pull=None``: 0.0005.
    random_state, n_jobs, key_added, copy
        As in `tsne`; with settings the first two are theirs.

    Returns
    -------
    anndata.AnnData or None
        None unless ``copy``. Sets ``.obsm["X_tsne"]`` and ``.uns["tsne"]``, with
        "disparity" (0 where map and places agree) and "overlap" (share of the
        10 nearest that both have).
    """
    writable(adata, copy)
    began = log_start("aligning a tSNE")
    adata = adata.copy() if copy else adata
    threads = jobs(n_jobs)
    y, old, new, metric = _both(adata, reference, basis, use_rep, genes, metric)
    _comparable(new, metric, adata)
    if tsne is None:
        seed = arguments.seed(random_state)
        tsne = TSNE(y.shape[1], early_exaggeration=12, random_state=seed, n_jobs=threads)
    if tsne.n_components != y.shape[1]:
        raise arguments.bad("tsne", f"n_components={tsne.n_components}", f"{y.shape[1]}, as {basis!r}")
    job.check(tsne, adata.shape[0])
    onto = static_map(y, old, metric, threads)
    places = onto.transform(new, k=k, n_iter=0)
    made = at_places(onto, representation(adata, fit_rep, n_pcs), places, tsne)
    key_uns, key_obsm = keys(key_added)
    adata.obsm[key_obsm] = np.asarray(made.embedding)
    params = {"basis": basis, "metric": metric, "k": k, "n_columns": new.shape[1]}
    adata.uns[key_uns] = {
        "params": params,
        "kl_divergence": float(made.embedding.kl_divergence),
        "disparity": made.disparity,
        "overlap": made.overlap,
    }
    log_end(began, key_obsm, key_uns)
    return adata if copy else None


def _comparable(
    rows: Any,
    metric: str,
    adata: Any,
    refuse: bool = True,
    name: str = "adata",
    also: str = "",
) -> NDArray[np.bool_]:
    """Which cells the metric can compare; with refuse all or an error."""
    kind = checked.METRIC_NAMES.get(checked.distance(metric))
    there = np.ones(rows.shape[0], bool)
    if kind in ("correlation", "cosine"):
        low, high = (_ends(rows, end) for end in ("min", "max"))
        there = (low != high) if kind == "correlation" else (low != 0) | (high != 0)
    wrong = np.flatnonzero(~there)
    if refuse and wrong.size:
        what = "the same value in all columns" if kind == "correlation" else "zeros only"
        named = ", ".join(map(repr, map(str, adata.obs_names[wrong[:5]])))
        raise arguments.bad(
            name,
            f"{wrong.size} of {len(there)} cells with {what}: {named}{', ...' * (wrong.size > 5)}",
            f"cells that {metric!r} can compare" + also,
        )
    return there


def _ends(rows: Any, end: str) -> NDArray[Any]:
    """The least or greatest of each row."""
    found = getattr(rows, end)(axis=1)
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found).ravel()


def _among(values: NDArray[Any], there: NDArray[np.bool_]) -> NDArray[Any]:
    """Values of some cells among all, those of the others NaN."""
    out = np.full((len(there), *values.shape[1:]), np.nan, values.dtype)
    out[there] = values
    return out


def _both(
    adata: Any,
    reference: Any,
    basis: str,
    use_rep: str | None,
    genes: Any,
    metric: str | None,
) -> tuple[NDArray[np.float32], Any, Any, str]:
    """The map, the rows of the reference, the new rows, and the metric."""
    if basis not in reference.obsm:
        raise arguments.bad("basis", basis, f"one of {list(reference.obsm)} of the reference")
    y = tables.matrix(np.asarray(reference.obsm[basis]), f"reference.obsm[{basis!r}]")
    if use_rep is None or use_rep == "X":
        chosen = shared_genes(adata, reference, genes)
        metric = "correlation" if metric is None else metric
        checked.distance(metric)
        rows = expression(reference, chosen)
        _comparable(rows, metric, reference, name="reference")
        return y, rows, expression(adata, chosen), metric
    metric = "euclidean" if metric is None else metric
    checked.distance(metric)
    for name, one in (("reference", reference), ("adata", adata)):
        if use_rep not in one.obsm:
            raise arguments.bad("use_rep", use_rep, f"'X', or one of {list(one.obsm)} of {name}")
    rows = in_memory(reference.obsm[use_rep])
    _comparable(rows, metric, reference, name="reference")
    return y, rows, in_memory(adata.obsm[use_rep]), metric
