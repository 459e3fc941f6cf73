"""Affinities whose bandwidths follow several perplexities."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from opentsne_go._input import arguments
from opentsne_go._native import choices
from opentsne_go._options import checked
from opentsne_go.nearest_neighbors import KNNIndex, index_of

from .base import Asked
from .neighbor_based import NeighborAffinities, beyond, one_source, rows

log = logging.getLogger("opentsne_go")


class MultiscaleMixture(NeighborAffinities):
    """Affinities of several perplexities: one p(j|i) of their averaged Gaussians.

    Parameters
    ----------
    data : array-like, (n, d), optional
        The data; or distances with ``metric="precomputed"``.
    perplexities : float or list of float
        Each is lowered to (n - 1) / 3 with a warning if it is above that.
    method, metric, metric_params, symmetrize, n_jobs, random_state, verbose, \
knn_kwargs, knn_index
        As in `PerplexityBasedNN`.
    """

    __module__ = "opentsne_go.affinity"
    _of_new = ("perplexities",)
    _perplexity_of_new = "perplexities"

    _kind = "multiscale"

    @arguments.named
    def __init__(
        self,
        data: Any = None,
        perplexities: Any = None,
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
        if perplexities is None:
            raise arguments.bad("perplexities", perplexities, "a number above 0, or several")
        one_source(data, knn_index)
        n = rows(data) if knn_index is None else knn_index.n_samples
        effective = self.check_perplexities(perplexities, n)
        if knn_index is None:
            knn_index = index_of(
                data,
                method,
                checked.neighbor_count(effective, n - 1),
                metric,
                metric_params,
                n_jobs,
                random_state,
                verbose,
            )
        self.knn_index = knn_index
        self.perplexities = perplexities
        self.effective_perplexities_ = effective
        self.symmetrize = symmetrize
        self.n_jobs = n_jobs
        self.verbose = verbose
        self._make(symmetrize)

    def _fields(self, values: list[float]) -> dict[str, Any]:
        return {**checked.perplexity_fields(values), "affinity": choices.AFFINITY[self._kind]}

    def _own(self) -> dict[str, Any]:
        return self._fields(self.effective_perplexities_)

    def set_perplexities(self, new_perplexities: Any) -> None:
        """Make P anew with perplexities that the neighbours there are allow.

        Parameters
        ----------
        new_perplexities : float or list of float
            The largest at most that of the beginning.
        """
        if np.array_equal(self.perplexities, new_perplexities):
            return
        effective = self.check_perplexities(new_perplexities, self.n_samples)
        k = checked.neighbor_count(effective, self.n_samples - 1)
        if k > self.knn_index.k:
            raise beyond(self, "new_perplexities", max(effective), self.knn_index.k // 3)
        before = self.perplexities, self.effective_perplexities_
        self.perplexities, self.effective_perplexities_ = new_perplexities, effective
        try:
            self._make(self.symmetrize, k)
        except BaseException:
            self.perplexities, self.effective_perplexities_ = before
            raise

    @arguments.named
    def to_new(  # type: ignore[override]
        self, data: Any, perplexities: Any = None, return_distances: bool = False
    ) -> Any:
        """Affinities of new points to these.

        Parameters
        ----------
        data : array-like, (m, d)
            New points.
        perplexities : float or list of float, optional
            Those of the affinities unless given.
        return_distances : bool
            Return neighbours and distances too.

        Returns
        -------
        P : scipy.sparse.csr_matrix, (m, n)
            Each row sums to 1.
        indices, distances : (m, k), if asked for
        """
        return self._new(data, self._for_new(perplexities), return_distances)

    def _for_new(self, perplexities: Any = None) -> Asked:  # type: ignore[override]
        wanted = self.perplexities if perplexities is None else perplexities
        n = self.n_samples
        effective = self.check_perplexities(wanted, n)
        return checked.neighbor_count(effective, n - 1), self._fields(effective)

    @staticmethod
    def check_perplexities(perplexities: Any, n_samples: int) -> list[float]:
        """The perplexities, sorted, lowered with a warning where n is too small.

        Parameters
        ----------
        perplexities : float or list of float
            Those wanted.
        n_samples : int
            Points.

        Returns
        -------
        list of float
        """
        usable: list[float] = []
        for perplexity in sorted(checked.perplexities("perplexities", perplexities)):
            most = (n_samples - 1) / 3
            if perplexity <= most:
                usable.append(perplexity)
                continue
            word = "Dropping" if most in usable else f"Using perplexity {most:.2f} instead of"
            log.warning("Perplexity value %g is too high. %s it", perplexity, word)
            if most not in usable:
                usable.append(most)
        return usable


class Multiscale(MultiscaleMixture):
    """Affinities of several perplexities: the mean of their p(j|i).

    Kobak & Berens (2019) use perplexities 30 and n / 100 in this way.
    Parameters are those of `MultiscaleMixture`.
    """

    __module__ = "opentsne_go.affinity"

    _kind = "perplexity"
