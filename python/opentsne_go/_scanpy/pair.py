"""Cells of a reference and new ones, a part of them at a time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._cluster.blocks import in_rows, is_dask, no_rows
from opentsne_go._cluster.placing import by_blocks, of_each
from opentsne_go._embedding import trust
from opentsne_go._embedding.embedding import TSNEEmbedding
from opentsne_go._input import arguments, tables
from opentsne_go._input.blame import finite
from opentsne_go._native.progress import Share
from opentsne_go._neighbors import sparse
from opentsne_go._options import checked
from opentsne_go.errors import InvalidInputError

from .static_map import SparseRows, static_map

log = logging.getLogger("opentsne_go")

#: New cells that are dense, or are told of, at a time.
_SOME = 2048

#: Share of values that are not 0 above which sparse rows are searched as dense ones.
_SPARSE = 0.3


@dataclass
class Pair:
    """A map with the rows of its cells, and rows of new cells."""

    y: NDArray[np.float32]
    old: Any
    new: Any
    there: NDArray[np.bool_]  # new cells that the metric can compare
    metric: str

    def map(self, n_jobs: int) -> TSNEEmbedding:
        """The reference as new cells are placed on it."""
        if self._sparse():
            return static_map(self.y, SparseRows(self.old, self.metric, n_jobs), self.metric, n_jobs)
        return static_map(self.y, _dense(self.old), self.metric, n_jobs)

    def _sparse(self) -> bool:
        lazy = is_dask(self.new)
        both = self.old, self.new._meta if lazy else self.new
        few = self.old if lazy else self.new  # a block's share would be its own
        return (
            all(tables.is_sparse(one) for one in both)
            and checked.METRIC_NAMES.get(checked.distance(self.metric)) in sparse.METRICS
            and few.nnz < _SPARSE * few.shape[0] * few.shape[1]
        )

    def lazily(self, onto: TSNEEmbedding, client: Any, constant: str, how: dict[str, Any]) -> Any:
        """Positions of cells that are blocks of a Dask array, as a lazy one."""
        of_each(how)
        onto.transform(no_rows(in_rows(self.new, "adata")), **how)
        how = {**how, "metric": self.metric, "constant": constant}
        again = static_map, (self.y, onto.affinities.knn_index, self.metric, 1)
        return by_blocks(_place, self.new, client, onto, how, again)

    def _some(self) -> Any:
        return self.new if self.there.all() else self.new[self.there]

    def _parts(self, verbose: Any, title: str) -> Iterator[Any]:
        some = self._some()
        share = Share(verbose, title, some.shape[0])
        try:
            for lo in range(0, max(1, some.shape[0]), _SOME):
                part = some[lo : lo + _SOME]
                yield _dense(part)
                share.add(part.shape[0])
        finally:
            share.close()

    def placed(self, onto: TSNEEmbedding, verbose: Any, **how: Any) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Positions of the cells that can be compared, and which those are."""
        title = "Placing cells..."
        index = onto.affinities.knn_index
        if not isinstance(index, SparseRows):
            parts = self._parts(verbose, title)
            return np.concatenate([np.asarray(onto.transform(one, **how)) for one in parts]), self.there
        share = Share(verbose, title, index.n_samples)
        index.tell = lambda done: share.add(round(done * index.n_samples) - share.done)
        try:
            return np.asarray(onto.transform(self._some(), **how)), self.there
        finally:
            share.close()

    def outside(self, k: int | None, n_jobs: int) -> dict[str, NDArray[Any]]:
        """How far outside of the reference such cells lie."""
        onto = static_map(self.y, _dense(self.old), self.metric, n_jobs)
        parts = [
            trust.diagnose(onto.transform(one, n_iter=0), one, k=k, n_jobs=n_jobs)
            for one in self._parts(False, "")
        ]
        return {
            name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in trust.OUTSIDE
        }

    def radius(
        self, onto: TSNEEmbedding, b: int, random_state: Any, verbose: Any, **how: Any
    ) -> NDArray[np.float32]:
        """What holds 95 % of b places of each such cell by resampled columns."""
        if self._sparse():
            threads = onto.gradient_descent_params["n_jobs"]
            onto = static_map(self.y, _dense(self.old), self.metric, threads)
        how |= {"n_samples": b, "random_state": arguments.seed(random_state)}
        parts = self._parts(verbose, "Resampling columns...")
        return np.concatenate([onto.bootstrap(one, **how).radius for one in parts])


def _place(rows: Any, onto: TSNEEmbedding, how: dict[str, Any]) -> NDArray[np.float32]:
    """The places of some cells by themselves."""
    how = dict(how)
    metric, constant = how.pop("metric"), how.pop("constant")
    rows = _sound(rows, "adata")
    there, what = _there(rows, metric)
    if constant == "raise" and not there.all():
        row = int(np.flatnonzero(~there)[0])
        error = InvalidInputError(f"adata: row {row} has {what}; allowed: cells that {metric!r} can compare; or constant='nan'")
        error.argument, error.row = "adata", row
        raise error
    some = rows if there.all() else rows[there]
    index = onto.affinities.knn_index
    if isinstance(index, SparseRows):
        index.n_jobs = onto.gradient_descent_params["n_jobs"]
    else:
        some = _dense(some)
    return among(np.asarray(onto.transform(some, **how)), there)


def pair_of(
    y: Any, reference: Any, adata: Any, old: Any, new: Any, metric: str, constant: str
) -> Pair:
    """The rows of two data, checked; constant says what becomes of those that the
    metric cannot compare."""
    both = []
    for name, cells, rows in (("reference", reference, old), ("adata", adata, new)):
        if is_dask(rows):  # a block will tell
            both.append((rows, np.ones(0, bool)))
            continue
        rows = _sound(rows, name)
        both.append((rows, _comparable(rows, metric, cells, name, constant)))
    (old, kept), (new, there) = both
    if not kept.all():
        y, old = np.ascontiguousarray(y[kept]), old[kept]
        if not len(y):
            raise arguments.bad("reference", "no cell that can be compared", "one or more")
    return Pair(y, old, new, there, metric)


def _sound(rows: Any, name: str) -> Any:
    """Rows of finite numbers."""
    if tables.is_sparse(rows):
        return tables.sparse(rows, name)
    finite(rows, tables.matrix(rows, name), name)
    return rows


def _dense(rows: Any) -> Any:
    return rows.toarray() if tables.is_sparse(rows) else rows


def _there(rows: Any, metric: str) -> tuple[NDArray[np.bool_], str]:
    """Which cells the metric can compare, and what the others have."""
    kind = checked.METRIC_NAMES.get(checked.distance(metric))
    there = np.ones(rows.shape[0], bool)
    if kind in ("correlation", "cosine"):
        low, high = (_ends(rows, end) for end in ("min", "max"))
        there = (low != high) if kind == "correlation" else (low != 0) | (high != 0)
    return there, "the same value in all columns" if kind == "correlation" else "zeros only"


def _comparable(rows: Any, metric: str, cells: Any, name: str, constant: str) -> NDArray[np.bool_]:
    """Which cells the metric can compare; the others are an error or a warning."""
    there, what = _there(rows, metric)
    wrong = np.flatnonzero(~there)
    if not wrong.size:
        return there
    named = ", ".join(map(repr, map(str, cells.obs_names[wrong[:5]])))
    said = f"{wrong.size} of {len(there)} cells with {what}: {named}{', ...' * (wrong.size > 5)}"
    if constant == "raise":
        raise arguments.bad(name, said, f"cells that {metric!r} can compare; or constant='nan'")
    log.warning("%s: %s; they have no place", name, said)
    return there


def _ends(rows: Any, end: str) -> NDArray[Any]:
    """The least or greatest of each row."""
    found = getattr(rows, end)(axis=1)
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found).ravel()


def among(values: NDArray[Any], there: NDArray[np.bool_]) -> NDArray[Any]:
    """Values of some cells among all, those of the others NaN."""
    out = np.full((len(there), *values.shape[1:]), np.nan, values.dtype)
    out[there] = values
    return out
