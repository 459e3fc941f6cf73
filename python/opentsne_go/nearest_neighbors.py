"""Neighbour searches, under openTSNE's names.

The search is always the library's: exact for up to 100,000 rows and then by
inverted lists. The classes differ in whether they insist on one of the two.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._input import arguments, collected, reduction, tables
from ._input.blame import finite
from ._neighbors import search
from ._neighbors.search import Graph
from ._options import checked

__all__ = [
    "KNNIndex",
    "Sklearn",
    "Annoy",
    "NNDescent",
    "HNSW",
    "PrecomputedDistanceMatrix",
    "PrecomputedNeighbors",
]


class KNNIndex:
    """Neighbours among rows, and of new rows.

    Parameters
    ----------
    data : array-like, (n, d)
        The rows; sparse ones with more than 50 columns are reduced to 50.
    k : int
        Neighbours of each row.
    metric : str or callable
        As in `opentsne_go.TSNE`, but for "precomputed".
    metric_params : dict, optional
        Keyword arguments of a callable metric.
    n_jobs, random_state, verbose
        As in `opentsne_go.TSNE`.
    knn_kwargs : dict, optional
        Accepted for compatibility and without effect.

    Attributes
    ----------
    n_samples : int
        Rows.
    """

    VALID_METRICS: ClassVar[list[str]] = [*checked.METRICS, *checked.FOREIGN_METRICS]
    _method = "auto"
    _seed: int | None = None
    _names: list[str] | None = None  # of the columns

    @arguments.named
    def __init__(
        self,
        data: Any,
        k: int,
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        n_jobs: int | None = 1,
        random_state: Any = None,
        verbose: bool = False,
        knn_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.metric = self.check_metric(metric)
        self.metric_params = metric_params
        data = collected.here(data, verbose=verbose)
        self.data: Any = reduction.table(data, metric, n_jobs)
        self._names = tables.names(data)
        self._axes = reduction.axes(data, self.data)
        self.n_samples = len(self.data)
        self.k = arguments.whole("k", k, 1)
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.knn_kwargs = knn_kwargs
        self._built: Graph | None = None

    def _how(self) -> dict[str, Any]:
        """The arguments of both searches."""
        if self._seed is None:  # drawn once: a query is as random as the build
            self._seed = arguments.seed(self.random_state)
        return {
            "metric": self.metric,
            "metric_params": self.metric_params,
            "method": self._method,
            "n_jobs": self.n_jobs,
            "random_state": self._seed,
            "verbose": self.verbose,
        }

    def build(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The k nearest rows of each row, itself excluded, nearest first.

        Returns
        -------
        indices : (n, k) int
        distances : (n, k) float
        """
        if self._built is None:
            self._built = search.neighbors_of(self.data, self.k, **self._how())
        return self._built

    def query(self, query: Any, k: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """The k rows nearest to each new row, nearest first.

        A row equal to a new one is its neighbour.

        Parameters
        ----------
        query : array-like, (m, d)
            New rows.
        k : int
            Neighbours of each.

        Returns
        -------
        indices : (m, k) int
        distances : (m, k) float
        """
        query = tables.in_order(query, self._names, "query")
        new = reduction.new_rows(query, self._axes, "query")
        return search.neighbors_of_new(self.data, new, k, **self._how())

    def check_metric(self, metric: Any) -> Any:
        """The metric, if it is one of ``VALID_METRICS`` or callable.

        Parameters
        ----------
        metric : str or callable
            The one wanted.

        Returns
        -------
        str or callable
        """
        if not callable(metric) and metric not in self.VALID_METRICS:
            known = ", ".join(map(repr, self.VALID_METRICS))
            raise arguments.bad("metric", metric, f"a callable, or one of {known}")
        return metric


class Sklearn(KNNIndex):
    """The exact search. Parameters are those of `KNNIndex`."""

    _method = "exact"


class Annoy(KNNIndex):
    """The approximate search. Parameters are those of `KNNIndex`."""

    _method = "approx"


class NNDescent(KNNIndex):
    """The approximate search. Parameters are those of `KNNIndex`."""

    _method = "approx"


class HNSW(KNNIndex):
    """The approximate search. Parameters are those of `KNNIndex`."""

    _method = "approx"


class PrecomputedDistanceMatrix(KNNIndex):
    """Neighbours from distances that are there.

    Parameters
    ----------
    distance_matrix : array-like or scipy.sparse matrix, (n, n)
        Distances; of a sparse matrix the stored ones off the diagonal count.
    k : int
        Neighbours of each row.
    """

    @arguments.named
    def __init__(self, distance_matrix: Any, k: int) -> None:
        indices, distances = search.neighbors_of_distances(distance_matrix, k)
        self.indices: NDArray[Any] = indices
        self.distances: NDArray[Any] = distances
        self.n_samples, self.k = self.indices.shape
        self.metric = "precomputed"
        self.data = None

    def build(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The neighbours that are there.

        Returns
        -------
        indices : (n, k) int
        distances : (n, k) float
        """
        return self.indices, self.distances

    def query(self, query: Any, k: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """The k nearest of each new row.

        Parameters
        ----------
        query : array-like, (m, n)
            Distances of each new row to the rows.
        k : int
            Neighbours of each.

        Returns
        -------
        indices : (m, k) int
        distances : (m, k) float
        """
        far = tables.matrix(query, "query")
        if far.shape[1] != self.n_samples:
            raise arguments.bad("query", far.shape, f"{self.n_samples} columns")
        finite(query, far, "query")
        if arguments.whole("k", k, 1) > self.n_samples:
            raise arguments.bad("k", k, f"1 to {self.n_samples}, the points of the reference")
        indices = np.argsort(far, axis=1, kind="stable")[:, :k]
        return indices, np.take_along_axis(far, indices, axis=1)


class PrecomputedNeighbors(KNNIndex):
    """Neighbours that are there.

    Parameters
    ----------
    neighbors : array-like of int, (n, k)
        Rows nearest to each row, itself excluded.
    distances : array-like, (n, k)
        Their distances.
    """

    @arguments.named
    def __init__(self, neighbors: ArrayLike, distances: ArrayLike) -> None:
        self.indices: NDArray[Any]
        self.distances: NDArray[Any]
        self.indices, self.distances = search.checked_graph(neighbors, distances)
        self.n_samples, self.k = self.indices.shape
        self.metric = "precomputed"
        self.data = None

    def build(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The neighbours that are there.

        Returns
        -------
        indices : (n, k) int
        distances : (n, k) float
        """
        return self.indices, self.distances

    def query(self, query: Any, k: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Not possible: there are no rows to compare with.

        Parameters
        ----------
        query, k
            As in `KNNIndex`; not looked at.
        """
        raise RuntimeError("Precomputed distance matrices cannot be queried")


_METHODS = {
    "auto": KNNIndex,
    "exact": Sklearn,
    "approx": Annoy,
    "annoy": Annoy,
    "pynndescent": NNDescent,
    "hnsw": HNSW,
}


def index_of_rows(
    rows: Any, k: int, metric: str, names: list[str] | None = None, axes: Any = None
) -> KNNIndex:
    """The index of a map's own data: their columns' names, and the axes along
    which sparse ones were reduced to them."""
    index = KNNIndex(rows, k, metric)
    index._names, index._axes = names, axes
    return index


def column_names(index: Any) -> list[str] | None:
    """Names of the columns of an index's data, if it is a `KNNIndex` and they have some."""
    names: list[str] | None = getattr(index, "_names", None)
    return names


def axes_of(index: Any) -> Any:
    """The axes along which an index's sparse data were reduced, or None."""
    return getattr(index, "_axes", None)


def library_search(index: KNNIndex) -> dict[str, Any] | None:
    """The arguments of an index's search, if the library can search its data by
    itself and has not yet."""
    if type(index) not in _METHODS.values() or index._built is not None or checked.foreign(index.metric):
        return None
    return index._how()


def index_of(
    data: Any,
    method: Any,
    k: int,
    metric: Any = "euclidean",
    metric_params: dict[str, Any] | None = None,
    n_jobs: int | None = 1,
    random_state: Any = None,
    verbose: bool = False,
    knn_kwargs: dict[str, Any] | None = None,
) -> KNNIndex:
    """The index that these arguments of openTSNE's affinities ask for."""
    if isinstance(method, KNNIndex):
        return method
    kind = _METHODS.get(method) if isinstance(method, str) else None
    if kind is None:
        raise arguments.bad("method", method, ", ".join(map(repr, _METHODS)) + " or a KNNIndex")
    if isinstance(metric, str) and metric == "precomputed":
        return PrecomputedDistanceMatrix(data, k)
    return kind(data, k, metric, metric_params, n_jobs, random_state, verbose, knn_kwargs)
