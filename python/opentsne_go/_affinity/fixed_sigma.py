"""Affinities of one bandwidth."""

from __future__ import annotations

from typing import Any

from opentsne_go._input import arguments
from opentsne_go._native import choices
from opentsne_go.nearest_neighbors import KNNIndex

from .base import Asked
from .fixed_count import FixedCountAffinities
from .neighbor_based import positive


class FixedSigmaNN(FixedCountAffinities):
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

    __module__ = "opentsne_go.affinity"
    _of_new = ("k", "sigma")

    @arguments.named
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
            raise arguments.bad("sigma", sigma, "a number above 0")
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
        return {"affinity": choices.AFFINITY["fixed_sigma"], "sigma": sigma}

    @arguments.named
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
