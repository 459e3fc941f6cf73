"""Affinities whose bandwidths follow a perplexity."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from opentsne_go._input import arguments
from opentsne_go._options import checked
from opentsne_go.nearest_neighbors import KNNIndex, index_of

from .base import Asked
from .neighbor_based import NeighborAffinities, beyond, one_source, positive, rows

log = logging.getLogger("opentsne_go")


class PerplexityBasedNN(NeighborAffinities):
    """Gaussian affinities of one perplexity, over nearest neighbours.

    Parameters
    ----------
    data : array-like, (n, d), optional
        The data; or distances with ``metric="precomputed"``.
    perplexity : float
        Effective number of neighbours. Above k it is lowered to k / 3 with a
        warning.
    method : str or KNNIndex
        "auto", "exact", "approx", "annoy", "pynndescent" or "hnsw".
    metric : str or callable
        As in `opentsne_go.TSNE`.
    metric_params : dict, optional
        Keyword arguments of a callable metric.
    symmetrize : bool
        Whether P is symmetric, as the optimisation needs it.
    n_jobs, random_state, verbose
        As in `opentsne_go.TSNE`.
    k_neighbors : int or "auto"
        "auto" is 3 times the perplexity.
    knn_kwargs : dict, optional
        Without effect.
    knn_index : KNNIndex, optional
        Instead of data and all that says how neighbours are found.
    """

    __module__ = "opentsne_go.affinity"
    _of_new = ("perplexity", "k_neighbors")
    _perplexity_of_new = "perplexity"

    @arguments.named
    def __init__(
        self,
        data: Any = None,
        perplexity: float = 30,
        method: Any = "auto",
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        symmetrize: bool = True,
        n_jobs: int | None = 1,
        random_state: Any = None,
        verbose: bool = False,
        k_neighbors: int | str = "auto",
        knn_kwargs: dict[str, Any] | None = None,
        knn_index: KNNIndex | None = None,
    ) -> None:
        one_source(data, knn_index)
        if knn_index is None:
            if k_neighbors == "auto":
                k = checked.neighbor_count([positive("perplexity", perplexity)], rows(data) - 1)
            else:
                k = arguments.whole("k_neighbors", k_neighbors, 1)
            effective = self.check_perplexity(perplexity, k)
            if k > int(3 * effective):
                log.warning(
                    "k_neighbors: %d is over 3 times the perplexity of %g; this costs "
                    "time and changes little",
                    k,
                    effective,
                )
            knn_index = index_of(
                data, method, k, metric, metric_params, n_jobs, random_state, verbose
            )
        self.knn_index = knn_index
        self.perplexity = perplexity
        self.effective_perplexity_ = self.check_perplexity(perplexity, knn_index.k)
        self.symmetrize = symmetrize
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.knn_kwargs = knn_kwargs
        self._remake(None)

    def _own(self) -> dict[str, Any]:
        return checked.perplexity_fields([self.effective_perplexity_])

    def _remake(self, k: int | None) -> None:
        # Of a graph the library takes a perplexity of at most a third of n - 1.
        wide = 3 * self.effective_perplexity_ > self.knn_index.n_samples - 1
        self._make(self.symmetrize and not wide, k)
        if self.symmetrize and wide:
            self.P = (self.P + self.P.T) / 2

    def set_perplexity(self, new_perplexity: float) -> None:
        """Make P anew with a perplexity that the neighbours there are allow.

        Parameters
        ----------
        new_perplexity : float
            At most the number of neighbours; above a third of it with a warning.
        """
        if new_perplexity == self.perplexity:
            return
        effective = self.check_perplexity(new_perplexity, np.inf)
        if effective > self.knn_index.k:
            raise beyond(self, "new_perplexity", effective, self.knn_index.k)
        if 3 * effective > self.knn_index.k:
            log.warning(
                "perplexity: %g is above a third of the %d neighbors there are",
                effective,
                self.knn_index.k,
            )
        before = self.perplexity, self.effective_perplexity_
        self.perplexity, self.effective_perplexity_ = new_perplexity, effective
        try:
            self._remake(int(3 * new_perplexity))
        except BaseException:
            self.perplexity, self.effective_perplexity_ = before
            raise

    @arguments.named
    def to_new(  # type: ignore[override]
        self,
        data: Any,
        perplexity: float | None = None,
        return_distances: bool = False,
        k_neighbors: int | str = "auto",
    ) -> Any:
        """Affinities of new points to these.

        Parameters
        ----------
        data : array-like, (m, d)
            New points.
        perplexity : float, optional
            That of the affinities unless given.
        return_distances : bool
            Return neighbours and distances too.
        k_neighbors : int or "auto"
            "auto" is 3 times the perplexity.

        Returns
        -------
        P : scipy.sparse.csr_matrix, (m, n)
            Each row sums to 1.
        indices, distances : (m, k), if asked for
        """
        return self._new(data, self._for_new(perplexity, k_neighbors), return_distances)

    def _for_new(  # type: ignore[override]
        self, perplexity: Any = None, k_neighbors: Any = "auto"
    ) -> Asked:
        wanted = positive("perplexity", self.perplexity if perplexity is None else perplexity)
        if k_neighbors == "auto":
            k = checked.neighbor_count([wanted], self.n_samples)
        else:
            k = arguments.whole("k_neighbors", k_neighbors, 1)
        return k, checked.perplexity_fields([self.check_perplexity(wanted, k)])

    @staticmethod
    def check_perplexity(perplexity: float, k_neighbors: float) -> float:
        """The perplexity, lowered with a warning if there are too few neighbours.

        Parameters
        ----------
        perplexity : float
            The one wanted.
        k_neighbors : int
            Neighbours of each point.

        Returns
        -------
        float
        """
        if not perplexity > 0:
            raise arguments.bad("perplexity", perplexity, "above 0")
        if perplexity > k_neighbors:
            lowered = k_neighbors / 3
            log.warning(
                "Perplexity value %g is too high. Using perplexity %.2f instead",
                perplexity,
                lowered,
            )
            return lowered
        return perplexity
