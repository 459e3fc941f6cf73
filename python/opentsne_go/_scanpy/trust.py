"""How far to trust a map of annotated data, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from opentsne_go._embedding import trust
from opentsne_go._embedding.embedding import TSNEEmbedding
from opentsne_go._input import arguments
from opentsne_go.tsne import TSNE

from .anndata import jobs, representation, writable
from .onto_reference import _both

#: What of a map's recorded settings says how its affinities were made.
_MADE_BY = ("perplexity", "metric", "affinity", "k", "sigma", "dof")


@arguments.named
def diagnose(
    adata: Any,
    reference: Any = None,
    *,
    basis: str = "X_tsne",
    use_rep: str | None = None,
    n_pcs: int | None = None,
    genes: Any = None,
    metric: str | None = None,
    k: int | None = None,
    length: float | None = None,
    maps: Iterable[str] | None = None,
    scores: Sequence[str] | None = None,
    random_state: Any = 0,
    n_jobs: int | None = None,
    copy: bool = False,
) -> Any:
    """How far to trust a map, cell by cell, into ``obs``.

    Parameters
    ----------
    adata : anndata.AnnData
        Cells with a map, such as `tsne` leaves it; changed in place unless ``copy``.
        What the map was made with is read from ``uns["tsne"]``, the defaults where
        that is absent.
    reference : anndata.AnnData, optional
        The cells whose map those of ``adata`` were placed on: then it is how far
        outside of the reference they lie.
    basis : str
        Key of the map in ``obsm`` (of the reference, if there is one).
    use_rep, n_pcs
        As in `tsne`, which recorded them; with a reference ``use_rep`` as in
        `transform`, and ``n_pcs`` is refused.
    genes, metric
        With a reference, as in `transform`.
    k, length, scores, random_state
        As in `opentsne_go.diagnose`.
    maps : sequence of str, optional
        Keys of ``obsm`` with other maps of the same cells, for the spread.
    n_jobs, copy
        As in `tsne`.

    Returns
    -------
    anndata.AnnData or None
        None unless ``copy``. Sets ``obs["tsne_recall"]`` and so on, the columns of
        `opentsne_go.diagnose`; the prefix is ``basis`` without ``X_``.

    Raises
    ------
    ValueError
        A key that is not there, or cells and columns that do not go together.
    """
    writable(adata, copy)
    adata = adata.copy() if copy else adata
    if reference is None:
        for name, value in {"genes": genes, "metric": metric}.items():
            if value is not None:
                raise arguments.bad(name, value, "None without a reference")
        found = _of_map(
            adata, basis, use_rep, n_pcs, k, length, maps, scores, random_state, jobs(n_jobs)
        )
    else:
        own = {"n_pcs": n_pcs, "length": length, "maps": maps, "scores": scores}
        for name, value in own.items():
            if value is not None:
                raise arguments.bad(name, value, "None with a reference")
        pair = _both(adata, reference, basis, use_rep, genes, metric, "raise")
        found = pair.outside(k, jobs(n_jobs))
    prefix = basis.removeprefix("X_")
    for name in found:
        adata.obs[f"{prefix}_{name}"] = np.asarray(found[name])
    return adata if copy else None


def _of_map(
    adata: Any,
    basis: str,
    use_rep: str | None,
    n_pcs: int | None,
    k: int | None,
    length: float | None,
    maps: Iterable[str] | None,
    scores: Sequence[str] | None,
    random_state: Any,
    n_jobs: int,
) -> Any:
    y = _map(adata, "basis", basis)
    entry = adata.uns.get(basis.removeprefix("X_"), {})
    params = dict(entry.get("params", {})) if hasattr(entry, "get") else {}
    batch = params.get("batch")
    if batch in adata.obs and adata.obs[batch].nunique() > 1:
        raise arguments.bad("basis", basis, f"a map of one set: adata[adata.obs[{batch!r}] == ...] has one")
    made_by = {name: params[name] for name in _MADE_BY if name in params}
    x = representation(
        adata,
        params.get("use_rep") if use_rep is None else use_rep,
        params.get("n_pcs") if n_pcs is None else n_pcs,
    )
    model = TSNE(n_components=y.shape[1], initialization="random", n_jobs=n_jobs, **made_by)
    others = None if maps is None else [_map(adata, "maps", one) for one in maps]
    return trust.diagnose(
        TSNEEmbedding(y, model.prepare_initial(x).affinities, dof=model.dof),
        k=k,
        length=length,
        maps=others,
        scores=scores,
        random_state=random_state,
        n_jobs=n_jobs,
    )


def _map(adata: Any, name: str, key: Any) -> Any:
    if not isinstance(key, str) or key not in adata.obsm:
        raise arguments.bad(name, key, f"one of {list(adata.obsm)}, keys of adata.obsm")
    return np.asarray(adata.obsm[key], np.float32)
