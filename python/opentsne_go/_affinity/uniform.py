"""The same affinity between all neighbours."""

from __future__ import annotations

from typing import Any

from opentsne_go._input import arguments
from opentsne_go._native import choices
from opentsne_go.nearest_neighbors import KNNIndex

from .base import Asked
from .fixed_count import FixedCountAffinities


class Uniform(FixedCountAffinities):
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

    __module__ = "opentsne_go.affinity"
    _of_new = ("k_neighbors",)

    @arguments.named
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
            raise arguments.bad("symmetrize", symmetrize, "True, False, 'max', 'mean' or 'none'")
        how = method, metric, metric_params, n_jobs, random_state, verbose
        self.knn_index = self._found(data, knn_index, "k_neighbors", k_neighbors, *how)
        self.n_jobs = n_jobs
        self.verbose = verbose
        self._kind = "uniform" if symmetrize == "mean" else "uniform_max"
        self._make(symmetrize not in (False, "none"))

    def _own(self) -> dict[str, Any]:
        return {"affinity": choices.AFFINITY[self._kind], "k": self._count(None)}

    @arguments.named
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
        return self._count(k_neighbors), {"affinity": choices.AFFINITY["uniform"]}
