"""Affinities over a number of neighbours that is given."""

from __future__ import annotations

from typing import Any

from opentsne_go._input import arguments
from opentsne_go._options import checked
from opentsne_go.nearest_neighbors import KNNIndex, index_of

from .neighbor_based import NeighborAffinities, one_source, rows


class FixedCountAffinities(NeighborAffinities):
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
        if k == checked.DEFAULT_K:  # which no data are too small for
            k = max(1, min(k, rows(data) - 1))
        if arguments.whole(name, k, 1) >= rows(data):
            raise arguments.bad(name, k, f"1 to {rows(data) - 1}, one less than the points")
        return index_of(data, method, k, *how)

    def _count(self, k: Any) -> int:
        """Neighbours of a new point."""
        if k is None:
            return self._k if self._k is not None else int(self._known_index().k)
        if arguments.whole("k", k, 1) >= self.n_samples:
            raise arguments.bad("k", k, f"1 to {self.n_samples - 1}, one less than the reference's points")
        return int(k)
