"""Several sets of annotated cells, each in a map near those beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from opentsne_go._alignment import together
from opentsne_go._input import arguments, labels, reduction, tables
from opentsne_go._input.blame import finite
from opentsne_go._options import job
from opentsne_go.errors import InvalidInputError
from opentsne_go.tsne import TSNE

from . import anndata, record
from .anndata import jobs, jointly, log_end, log_start, representation, writable


@arguments.named
def fit_together(
    adatas: Any,
    batch: str | None = None,
    *,
    keys: str | None = None,
    relations: Sequence[Any] | None = None,
    window: int = 1,
    rounds: int = 5,
    n_pcs: int | None = None,
    use_rep: str | None = None,
    tsne: TSNE | None = None,
    random_state: Any = 0,
    n_jobs: int | None = None,
    key_added: str | None = None,
    copy: bool = False,
    verbose: bool = False,
) -> Any:
    """Maps of several sets of cells, as of time points, donors or versions, each near
    those beside it: `opentsne_go.fit_together` for AnnData.

    Parameters
    ----------
    adatas : sequence of anndata.AnnData, or anndata.AnnData
        Two sets or more, in order, of 4 cells or more; or, with ``batch``, all of them
        in one. Changed in place unless ``copy``.
    batch : str, optional
        Column of ``obs`` that says which set a cell is of. The sets are in the order
        of its categories or, where nobody gave them one, by value.
    keys : str, optional
        Column of ``obs``, or "obs_names": cells of one key are one cell or subject; a
        cell without a value has none. None: by ``relations`` or, without, by where the
        nearest of the other set lie.
    relations, window, rounds
        As in `opentsne_go.fit_together`; rows are counted within each set.
    n_pcs, use_rep
        As in `tsne`, but where several AnnData with neither ``keys`` nor ``relations``
        need columns in common: "X" is then the genes that all have, and None
        principal components of all cells by them if they are more than 50. Any other
        ``use_rep`` is taken to have the same columns in each.
    tsne : TSNE, optional
        Settings of the maps, as in `opentsne_go.fit_together`; ``pull=None``: 0.0005.
    random_state, n_jobs, key_added, copy, verbose
        As in `tsne`; with settings ``random_state``, ``verbose`` and the threads are
        theirs.

    Returns
    -------
    anndata.AnnData, list of anndata.AnnData, or None
        None unless ``copy``. Sets ``.obsm["X_tsne"]``, all in one frame, and
        ``.uns["tsne"]`` as `tsne` does; "kl_divergence" is that of before the map was
        laid on the one before. With ``batch`` it has one for each of "batches", and
        "used" the settings of each by its number.

    Raises
    ------
    ValueError
        A key that is not there, or cells and columns that do not go together.
    """
    several = batch is None
    given = _several(adatas) if several else [adatas]
    for i, adata in enumerate(given):
        writable(adata, copy, f"adatas[{i}]" if several else "adatas")
    settings = _settings(tsne, random_state, n_jobs, verbose)
    batches = None if batch is None else _batches(adatas, batch)
    key_of = None if keys is None else [_keys(one, keys) for one in given]
    began = log_start("computing tSNE of several sets")
    given = [adata.copy() if copy else adata for adata in given]
    if several and keys is None and relations is None and use_rep in (None, "X"):
        rows = jointly(given, use_rep, n_pcs, settings.metric, settings.n_jobs)
    else:
        rows = [_plain(representation(one, use_rep, n_pcs), settings) for one in given]
    if batches is None:
        names = [f"adatas[{i}]" for i in range(len(given))]
    else:
        cells = [np.flatnonzero(batches.codes == i) for i in range(len(batches.names))]
        names = [f"{batch} {name!r}" for name in batches.names]
        whole = tables.data(rows[0])
        finite(rows[0], whole, "X")
        rows = [whole[some] for some in cells]
        key_of = None if key_of is None else [key_of[0][some] for some in cells]
    try:
        maps = together.fit_together(
            rows, settings, keys=key_of, relations=relations, window=window, rounds=rounds
        )
    except InvalidInputError as error:
        raise _told(error, names, keys) from None

    params = record.asked(
        {
            **settings.get_params(),
            "batch": batch,
            "keys": keys,
            "window": window,
            "rounds": rounds,
            "use_rep": use_rep,
            "n_pcs": n_pcs,
        }
    )
    key_uns, key_obsm = anndata.keys(key_added)
    said = [
        {"kl_divergence": float(one.kl_divergence), **record.record(one, settings)} for one in maps
    ]
    if batches is None:
        for adata, one, found in zip(given, maps, said, strict=True):
            adata.obsm[key_obsm] = np.asarray(one)
            adata.uns[key_uns] = {"params": dict(params), **found}
    else:
        y = np.empty((given[0].n_obs, maps[0].shape[1]), np.float32)
        for some, one in zip(cells, maps, strict=True):
            y[some] = one
        given[0].obsm[key_obsm] = y
        given[0].uns[key_uns] = {
            "params": params,
            "batches": np.array(batches.names),
            "kl_divergence": np.array([one["kl_divergence"] for one in said]),
            "used": {str(i): one["used"] for i, one in enumerate(said)},
            "versions": record.versions(),
            "sha256": record.sha256(y),
        }
    log_end(began, key_obsm, key_uns)
    if not copy:
        return None
    return given if several else given[0]


def _several(adatas: Any) -> list[Any]:
    if hasattr(adatas, "obsm"):
        raise arguments.bad("batch", None, "a column of obs that says which set a cell of adatas is of")
    if not isinstance(adatas, Sequence) or isinstance(adatas, str) or len(adatas) < 2:
        got = f"{len(adatas)} sets" if isinstance(adatas, list | tuple) else type(adatas).__name__
        raise arguments.bad("adatas", got, "a list of 2 AnnData or more, or one with batch")
    for i, one in enumerate(adatas):
        if any(one is other for other in adatas[:i]):
            raise arguments.bad(f"adatas[{i}]", "the same as one before", "another AnnData, to be written to")
    return list(adatas)


def _settings(tsne: TSNE | None, random_state: Any, n_jobs: Any, verbose: bool) -> TSNE:
    """Those of the maps, checked, with the seed that is drawn."""
    if tsne is None:
        tsne = TSNE(
            early_exaggeration=12, random_state=random_state, n_jobs=jobs(n_jobs), verbose=verbose
        )
    given = job.settings(tsne).get_params()
    settings = TSNE(**{**given, "random_state": arguments.seed(given["random_state"])})
    job.by_the_library(settings)
    job.descent_and_fields(settings)  # before a PCA is computed
    return settings


def _column(adata: Any, name: str, key: Any) -> Any:
    if not isinstance(key, str) or key not in adata.obs:
        raise arguments.bad(name, key, f"one of {list(adata.obs.columns)}, columns of obs")
    return adata.obs[key]


def _batches(adata: Any, batch: str) -> labels.Classes:
    """Which set each cell is of."""
    found = labels.classes(_column(adata, "batch", batch), adata.n_obs, f"obs[{batch!r}]")
    without = int((found.codes < 0).sum())
    if without:
        raise arguments.bad("batch", f"{batch}, which {without} cells have no value of", "a set for each cell")
    if len(found.names) < 2:
        raise arguments.bad("batch", f"{batch}, of {len(found.names)} value", "2 sets or more")
    return found


def _keys(adata: Any, keys: str) -> Any:
    """A key of each cell, as an array of objects."""
    values = adata.obs_names if keys == "obs_names" else _column(adata, "keys", keys)
    return np.asarray(values, object)


def _plain(rows: Any, settings: TSNE) -> Any:
    """Rows as `TSNE` would have them: sparse ones of many columns are reduced."""
    return reduction.table(rows, settings.metric, settings.n_jobs) if tables.is_sparse(rows) else rows


def _told(error: InvalidInputError, names: list[str], keys: str | None) -> InvalidInputError:
    """An error of sets that are X[0], X[1], ... and of their keys, by what they are here."""
    text = str(error)
    for i, name in enumerate(names):
        text = text.replace(f"keys[{i}]", f"{keys} of {name}").replace(f"X[{i}]", name)
    made = type(error)(text)
    made.status, made.row, made.column = error.status, error.row, error.column
    made.argument = error.argument and text.partition(":")[0]
    return made
