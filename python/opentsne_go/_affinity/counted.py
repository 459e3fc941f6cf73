"""Affinities over a number of neighbours that is given."""

from __future__ import annotations

from typing import Any

from .._input import tables as _input
from .._options import fields as _knobs
from .._native import library as _lib
from .._affinity.base import Asked, Graphed, one_source, positive, rows
from ..nearest_neighbors import KNNIndex, index_of


class Counted(Graphed):
    """What `FixedSigmaNN` and `Uniform` have in common."""

    _k: int | None = None  # of a fitted map, which has no index as yet

    @staticmethod
    def _found(
        data: Any, knn_index: KNNIndex | None, name: str, k: Any, method: Any, *how: Any
    ) -> KNNIndex:
        """The index that is given, or one of data; name is what k is called."""
        one_source(data, knn_index)
        if knn_index is not None:
            return knn_index
        if k == _knobs.DEFAULT_K:  # which no data are too small for
            k = max(1, min(k, rows(data) - 1))
        if _input.whole(name, k, 1) >= rows(data):
            raise ValueError(f"`{name}` ({k}) cannot be larger than N-1 ({rows(data) - 1}).")
        return index_of(data, method, k, *how)

    def _count(self, k: Any) -> int:
        """Neighbours of a new point."""
        if k is None:
            return self._k if self._k is not None else int(self._known_index().k)
        if _input.whole("k", k, 1) >= self.n_samples:
            raise ValueError(
                f"`k` ({k}) cannot be larger than the number of reference samples "
                f"({self.n_samples})."
            )
        return int(k)

    def _params_of_new(self, perplexity: Any) -> dict[str, Any]:
        return {}  # no perplexity: neighbours as those of the map


class FixedSigmaNN(Counted):
    """Gaussian affinities of one bandwidth, over nearest neighbours.

    Parameters
    ----------
    data : array-like, (n, d), optional
        The data; or distances with ``metric="precomputed"``.
    sigma : float
        Standard deviation of the Gaussians, in the unit of the distances.
    k : int
        Neighbours of each point.
    method, metric, metric_params, symmetrize, n_jobs, random_state, verbose, \
knn_kwargs, knn_index
        As in `PerplexityBasedNN`.
    """

    def __init__(
        self,
        data: Any = None,
        sigma: float | None = None,
        k: int = 30,
        method: Any = "auto",
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        symmetrize: bool = True,
        n_jobs: int | None = 1,
        random_state: Any = None,
        verbose: bool = False,
        knn_kwargs: dict[str, Any] | None = None,
        knn_index: KNNIndex | None = None,
    ) -> None:
        if sigma is None:
            raise ValueError("`sigma` must be specified!")
        self.sigma = positive("sigma", sigma)
        how = method, metric, metric_params, n_jobs, random_state, verbose
        self.knn_index = self._found(data, knn_index, "k", k, *how)
        self.n_jobs = n_jobs
        self.verbose = verbose
        self._make(symmetrize)

    def _own(self) -> dict[str, Any]:
        return {**self._fields(self.sigma), "k": self._count(None)}

    @staticmethod
    def _fields(sigma: float) -> dict[str, Any]:
        return {"affinity": _lib.AFFINITY["fixed_sigma"], "sigma": sigma}

    def to_new(  # type: ignore[override]
        self,
        data: Any,
        k: int | None = None,
        sigma: float | None = None,
        return_distances: bool = False,
    ) -> Any:
        """Affinities of new points to these.

        Parameters
        ----------
        data : array-like, (m, d)
            New points.
        k, sigma : optional
            Those of the affinities unless given.
        return_distances : bool
            Return neighbours and distances too.

        Returns
        -------
        P : scipy.sparse.csr_matrix, (m, n)
            Each row sums to 1.
        indices, distances : (m, k), if asked for
        """
        return self._new(data, self._for_new(k, sigma), return_distances)

    def _for_new(self, k: Any = None, sigma: Any = None) -> Asked:  # type: ignore[override]
        width = self.sigma if sigma is None else positive("sigma", sigma)
        return self._count(k), self._fields(width)


class Uniform(Counted):
    """The same affinity between all neighbours.

    Parameters
    ----------
    data : array-like, (n, d), optional
        The data; or distances with ``metric="precomputed"``.
    k_neighbors : int
        Neighbours of each point.
    method, metric, metric_params
        As in `PerplexityBasedNN`.
    symmetrize : bool or {"max", "mean", "none"}
        "max", and True: 1 where either point is a neighbour of the other;
        "mean": a half where only one is; "none", and False: not symmetric.
    n_jobs, random_state, verbose, knn_kwargs, knn_index
        As in `PerplexityBasedNN`.
    """

    def __init__(
        self,
        data: Any = None,
        k_neighbors: int = 30,
        method: Any = "auto",
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        symmetrize: bool | str = True,
        n_jobs: int | None = 1,
        random_state: Any = None,
        verbose: bool = False,
        knn_kwargs: dict[str, Any] | None = None,
        knn_index: KNNIndex | None = None,
    ) -> None:
        if symmetrize not in (True, False, "max", "mean", "none"):
            raise _input.bad("symmetrize", symmetrize, "True, False, 'max', 'mean' or 'none'")
        how = method, metric, metric_params, n_jobs, random_state, verbose
        self.knn_index = self._found(data, knn_index, "k_neighbors", k_neighbors, *how)
        self.n_jobs = n_jobs
        self.verbose = verbose
        self._kind = "uniform" if symmetrize == "mean" else "uniform_max"
        self._make(symmetrize not in (False, "none"))

    def _own(self) -> dict[str, Any]:
        return {"affinity": _lib.AFFINITY[self._kind], "k": self._count(None)}

    def to_new(  # type: ignore[override]
        self, data: Any, k_neighbors: int | None = None, return_distances: bool = False
    ) -> Any:
        """Affinities of new points to these.

        Parameters
        ----------
        data : array-like, (m, d)
            New points.
        k_neighbors : int, optional
            That of the affinities unless given.
        return_distances : bool
            Return neighbours and distances too.

        Returns
        -------
        P : scipy.sparse.csr_matrix, (m, n)
            Each row sums to 1.
        indices, distances : (m, k), if asked for
        """
        return self._new(data, self._for_new(k_neighbors), return_distances)

    def _for_new(self, k_neighbors: Any = None) -> Asked:  # type: ignore[override]
        return self._count(k_neighbors), {"affinity": _lib.AFFINITY["uniform"]}
