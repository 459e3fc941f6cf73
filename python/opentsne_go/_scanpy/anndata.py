"""Reading AnnData as scanpy does, and saying so as scanpy does."""

from __future__ import annotations

import logging
import sys
import time
import warnings
from typing import Any

import numpy as np

from opentsne_go._cluster import summing
from opentsne_go._input import arguments, collected, components, reduction, sources, tables
from opentsne_go._input.blame import finite

log = logging.getLogger("opentsne_go")

# scanpy's: with no more variables than this they are used as they are.
_N_PCS = 50
#: Values of X from which on the PCA of a store reads blocks; below, it is scanpy's of data in memory.
_MANY_VALUES = 1 << 29


def scanpy_part(part: str) -> Any:
    """A part of scanpy if the caller has imported it."""
    return getattr(sys.modules.get("scanpy"), part, None)


def log_start(what: str = "computing tSNE") -> Any:
    """Says what begins; the result is for `log_end`."""
    logg = scanpy_part("logging")
    if logg is not None:
        return logg.info(what)
    log.info(what)
    return time.perf_counter()


def log_end(began: Any, key_obsm: str, key_uns: str) -> None:
    """Says what was written."""
    added = (
        "added\n"
        f"    {key_obsm!r}, tSNE coordinates (adata.obsm)\n"
        f"    {key_uns!r}, tSNE parameters (adata.uns)"
    )
    if isinstance(began, float):  # before scanpy was imported, if it is now
        log.info("    finished (%.2f s)", time.perf_counter() - began)
    else:
        scanpy_part("logging").info("    finished", time=began, deep=added)


def taken(adata: Any, use_rep: str | None, n_pcs: int | None) -> str:
    """Where scanpy would take the rows from for these arguments: "X" or a key of obsm."""
    if use_rep is not None:
        return use_rep
    return "X" if n_pcs == 0 or adata.n_vars <= _N_PCS else "X_pca"


def representation(adata: Any, use_rep: str | None, n_pcs: int | None, verbose: Any = False) -> Any:
    """What scanpy would take for these arguments; what lies in a store is read, but for Dask arrays."""
    if n_pcs is not None:
        n_pcs = arguments.whole("n_pcs", n_pcs, 0)
    computed, use_rep = use_rep is None, taken(adata, use_rep, n_pcs)
    if use_rep == "X":
        return adata.X if hasattr(adata.X, "compute") else collected.here(adata.X, verbose=verbose)
    if computed and use_rep not in adata.obsm:
        warnings.warn(
            "adata.obsm['X_pca'] is missing: computing a PCA first. Call "
            "scanpy.pp.pca before, to choose how",
            UserWarning,
            stacklevel=4,
        )
        _pca(adata, n_pcs or _N_PCS, verbose)
    if use_rep not in adata.obsm:
        raise arguments.bad("use_rep", use_rep, f"'X', or one of {list(adata.obsm)}")
    values = adata.obsm[use_rep]
    if n_pcs is not None and n_pcs > values.shape[1]:
        raise arguments.bad("n_pcs", n_pcs, f"up to {values.shape[1]}, as {use_rep!r} has")
    if hasattr(values, "compute"):  # Dask's, which a fit reads or its workers do
        return values if n_pcs is None else values[:, :n_pcs]
    if sources.source(values) is not None:
        return _dense(collected.here(values, verbose=verbose, columns=n_pcs))
    if n_pcs is not None:
        values = values.iloc[:, :n_pcs] if hasattr(values, "iloc") else values[:, :n_pcs]
    return _dense(values)


def annotated(data: Any, name: str) -> None:
    """Refuses what is no AnnData."""
    if not (hasattr(data, "obsm") and hasattr(data, "uns")):
        raise arguments.bad(name, type(data).__name__, "an AnnData")


def writable(adata: Any, copy: bool, name: str = "adata") -> None:
    """Refuses, before any work, data that cannot take the result."""
    annotated(adata, name)
    if not getattr(adata, "isbacked", False):
        return
    if copy:
        raise arguments.bad("copy", copy, "False for data of a file; adata.to_memory() is a copy")
    if adata.is_view:
        raise arguments.bad(
            name,
            "a view of data of a file, to which nothing can be written",
            f"{name}.to_memory(), or all of the data",
        )


def in_memory(values: Any) -> Any:
    """Rows as numpy or scipy have them; those of a file are read."""
    if hasattr(values, "to_memory"):
        return values.to_memory()
    if sources.source(values) is None or hasattr(values, "compute"):  # Dask's stay lazy
        return values
    return values[:]


def _dense(values: Any) -> Any:
    values = in_memory(values)
    return tables.sound(values, "X").toarray() if hasattr(values, "toarray") else values


def _pca(adata: Any, n_comps: int, verbose: Any = False) -> None:
    """Writes obsm["X_pca"], by scanpy if it is installed, but of many values of a store
    by blocks."""
    n_comps = min(n_comps, min(adata.shape) - 1)
    stored = sources.source(adata.X, "adata.X")
    variable = None
    if stored is not None and "highly_variable" in list(adata.var.columns):  # as scanpy takes them
        variable = np.asarray(adata.var["highly_variable"], bool)
    if stored is not None and adata.n_obs * adata.n_vars >= _MANY_VALUES:
        chosen = stored if variable is None else sources.chosen(stored, variable)
        adata.obsm["X_pca"] = components.scores(summing.reading(chosen, None, verbose), min(n_comps, chosen.shape[1]), None)
        return
    try:
        from scanpy.preprocessing import pca
    except ImportError:
        x = tables.matrix(_dense(adata.X)).astype(np.float64)
        x -= x.mean(axis=0)
        u, s, vt = np.linalg.svd(x, full_matrices=False)
        # The sign is free: make the largest loading positive.
        sign = np.sign(vt[np.arange(len(vt)), np.abs(vt).argmax(axis=1)])
        adata.obsm["X_pca"] = (u * s * sign)[:, :n_comps].astype(np.float32)
    else:
        if stored is None:
            pca(adata, n_comps=n_comps)
            return
        rows = in_memory(adata.X)
        read = type(adata)(rows.compute() if hasattr(rows, "compute") else rows)  # scanpy reads no file
        if variable is not None:
            read.var["highly_variable"] = variable
        pca(read, n_comps=n_comps)
        adata.obsm["X_pca"] = read.obsm["X_pca"]


def keys(key_added: str | None) -> tuple[str, str]:
    """Names in ``uns`` and ``obsm``."""
    return ("tsne", "X_tsne") if key_added is None else (key_added, key_added)


def asked_jobs(n_jobs: int | None) -> int:
    """The number given, or scanpy's setting; what its functions record."""
    if n_jobs is not None:
        return n_jobs
    return int(getattr(scanpy_part("settings"), "n_jobs", 1))


def jobs(n_jobs: int | None) -> int:
    """The number given, scanpy's setting if somebody changed it, or all."""
    asked = asked_jobs(n_jobs)
    return -1 if n_jobs is None and asked == 1 else asked


def neighbor_graph(adata: Any, key: str) -> tuple[Any, dict[str, Any]]:
    """Distances between neighbours as ``scanpy.pp.neighbors`` left them, and
    its parameters."""
    if key not in adata.uns:
        raise arguments.bad(
            "neighbors_key", key, "a key of adata.uns; run scanpy.pp.neighbors first"
        )
    entry = adata.uns[key]
    name = entry.get("distances_key", "distances")
    if name not in adata.obsp:
        raise arguments.bad("neighbors_key", key, f"one whose {name!r} is in adata.obsp")
    return adata.obsp[name], dict(entry.get("params", {}))


def shared_genes(adata: Any, reference: Any, genes: Any) -> list[str]:
    """Names that both have, in the reference's order."""
    for name, one in (("adata", adata), ("reference", reference)):
        if not one.var_names.is_unique:
            raise arguments.bad(f"{name}.var_names", "repeated names", "unique ones")
    wanted = reference.var_names if genes is None else genes
    if genes is not None:
        missing = [one for one in genes if one not in reference.var_names]
        if missing:
            raise arguments.bad("genes", missing[0], "names of reference.var_names")
    there = set(adata.var_names)
    shared = [one for one in wanted if one in there]
    if not shared:
        raise arguments.bad(
            "adata.var_names",
            f"{adata.n_vars} names, none of them the reference's",
            "at least one shared gene",
        )
    return shared


def jointly(adatas: list[Any], use_rep: str | None, n_pcs: int | None, metric: Any, n_jobs: Any) -> list[Any]:
    """Rows of several data sets by the genes that all have: for None, and of more than
    50 of them, principal components of all cells; sparse ones are reduced together."""
    if n_pcs is not None:
        n_pcs = arguments.whole("n_pcs", n_pcs, 0)
    for i, one in enumerate(adatas):
        if one.X is None:
            raise arguments.bad("use_rep", use_rep, f"a key of obsm: adatas[{i}] has no X")
        if not one.var_names.is_unique:
            raise arguments.bad(f"adatas[{i}].var_names", "repeated names", "unique ones")
    others = [set(one.var_names) for one in adatas[1:]]
    genes = [name for name in adatas[0].var_names if all(name in of for of in others)]
    if not genes:
        raise arguments.bad("adatas", "AnnData without a gene that all have", "shared genes, or keys")
    parts = []
    for i, one in enumerate(adatas):
        part = columns(one, genes)
        name = f"adatas[{i}]"
        if tables.is_sparse(part):
            parts.append(tables.sparse(part, name))
            continue
        dense = tables.data(part, name)
        finite(part, dense, name)
        parts.append(dense)
    if all(map(tables.is_sparse, parts)):
        import scipy.sparse

        rows = scipy.sparse.vstack(parts, "csr")
    else:
        rows = np.concatenate([one.toarray() if tables.is_sparse(one) else one for one in parts])
    if use_rep is None and n_pcs != 0 and len(genes) > _N_PCS:
        whole = type(adatas[0])(rows)
        _pca(whole, n_pcs or _N_PCS)
        rows = whole.obsm["X_pca"]
    ends = np.cumsum([one.n_obs for one in adatas])[:-1]
    return np.split(reduction.table(rows, metric, n_jobs), ends)


def columns(adata: Any, genes: list[str]) -> Any:
    """Columns of X by name, in memory; sparse ones stay so."""
    return in_memory(adata[:, genes].X)
