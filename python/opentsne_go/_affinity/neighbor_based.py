"""What affinities over nearest neighbours have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._extras import extras
from opentsne_go._input import arguments
from opentsne_go._native import choices, structures
from opentsne_go._native.progress import Watch
from opentsne_go._neighbors import search
from opentsne_go._neighbors.search import Graph
from opentsne_go._options import checked
from opentsne_go.errors import NoDataError
from opentsne_go.nearest_neighbors import KNNIndex, library_search

from . import native
from .base import Affinities, Asked
from .native import NativeAffinities


def sparse_rows(near: Any, p: NDArray[np.float64], n: int) -> Any:
    """p(j|i) of k neighbours each as a matrix of n columns."""
    with extras():
        from scipy.sparse import csr_matrix

    m, k = near.shape
    start = np.arange(0, m * k + 1, k)
    return csr_matrix((p.ravel(), near.ravel(), start), shape=(m, n))


def directed(near: Any, p: NDArray[np.float64]) -> Any:
    """p(j|i) as a matrix that sums to 1 and is not symmetric."""
    return sparse_rows(near, p / p.sum(), len(near))


def one_source(data: Any, knn_index: KNNIndex | None) -> None:
    if data is None and knn_index is None:
        raise arguments.bad("data", data, "rows, or None beside knn_index")
    if data is not None and knn_index is not None:
        raise arguments.bad("knn_index", type(knn_index).__name__, "None beside data: one of the two")


def beyond(affinities: Any, name: str, got: float, most: float) -> RuntimeError:
    """openTSNE's kind of error for a perplexity that the neighbours at hand are too few for."""
    who = type(affinities).__name__
    allowed = f"up to {most:g}, which the neighbours that were found serve; a new {who} for more"
    return RuntimeError(f"{name}: got {got:g}; allowed: {allowed}")


def rows(data: Any) -> int:
    return int(data.shape[0]) if hasattr(data, "shape") else len(data)


def positive(name: str, value: Any) -> float:
    return arguments.positive(name, value)


#: What placing new points takes beside the arguments of `to_new`.
_PLACED = ("X", "initialization", "k", "metric", "columns")


class NeighborAffinities(Affinities):
    """Affinities made of a neighbour graph."""

    #: Arguments of `to_new` that say how new points are drawn, and which of them
    #: is the perplexity, if one is.
    _of_new: tuple[str, ...] = ()
    _perplexity_of_new: str | None = None

    def _graph(self) -> Graph:
        near, far = self.knn_index.build()
        return search.checked_graph(near, far)

    def _make(self, symmetrize: bool, k: int | None = None) -> None:
        """Sets P from the first k neighbours of the graph, all unless k is given."""
        fields = {name: value for name, value in self._own().items() if name != "k"}
        how = library_search(self.knn_index) if symmetrize and k is None else None
        if how is not None:
            built = self._at_once(how, fields)
            self._matrix, self._built = None, built
            return
        near, far = self._graph()
        near, far = near[:, :k], far[:, :k]
        if symmetrize:
            threads = arguments.threads(self.n_jobs)
            options = structures.options(threads=threads, k=near.shape[1], **fields)
            built = NativeAffinities.of_graph((near, far), options)
            self._matrix, self._built = None, built
        else:
            self.P = directed(near, native.conditional(far, self.n_jobs, **fields))

    def _at_once(self, how: dict[str, Any], fields: dict[str, Any]) -> Any:
        """P of data, with the bits of `TSNE.fit`, which does not round distances."""
        index = self.knn_index
        options = structures.options(
            neighbors=choices.NEIGHBORS[how["method"]],
            metric=checked.distance(how["metric"]),
            threads=arguments.threads(self.n_jobs),
            seed=how["random_state"],
            k=index.k,
            **fields,
        )
        watch = Watch(self.verbose)
        try:
            return NativeAffinities.of_data(index.data, options, watch)
        finally:
            watch.close()

    def _for_new(self, **params: Any) -> Asked:
        """What arguments of `to_new` ask for."""
        raise NotImplementedError

    def _by_for_new(self) -> bool:
        """Whether `to_new` does what `_for_new` says: not so where somebody's own
        subclass has another."""
        kind = next(one for one in type(self).__mro__ if "to_new" in vars(one))
        return "_for_new" in vars(kind)

    def _params_of_new(self, perplexity: Any) -> dict[str, Any]:
        if not self._by_for_new():
            return super()._params_of_new(perplexity)
        if self._perplexity_of_new is None:
            return {}  # neighbours as those of the map
        checked.perplexities("perplexity", perplexity)
        return {self._perplexity_of_new: perplexity}

    def _renamed(self, params: dict[str, Any]) -> dict[str, Any]:
        if not self._by_for_new():
            return params
        own = self._perplexity_of_new
        if own == "perplexities" and "perplexity" in params and own not in params:
            checked.perplexities("perplexity", params["perplexity"])
            params = {**params, own: params["perplexity"]}
            del params["perplexity"]
        for name in params:
            if name not in self._of_new:
                known = dict.fromkeys([*_PLACED, *["perplexity"] * (own is not None), *self._of_new])
                raise arguments.unknown("prepare_partial", name, known)
        return params

    def _in_one_call(self, params: dict[str, Any]) -> Asked | None:
        if not self._by_for_new():
            return None
        index = self._index  # that of a fitted map is not copied out for this
        if index is not None:
            if type(index).query is not KNNIndex.query or checked.foreign(index.metric):
                return None
        asked = self._for_new(**params)
        # Its one call lowers a perplexity above a third of the points.
        wide = any(3 * one > self.n_samples for one in asked[1].get("perplexities", ()))
        return None if wide else asked

    def _query(self, data: Any, k: int, params: dict[str, Any]) -> tuple[Any, Any, Any]:
        if not self._by_for_new():
            return super()._query(data, k, params)
        count, fields = self._for_new(**params)
        near, far = self._known_index().query(data, max(k, count))
        return self._rows(near[:, :count], far[:, :count], fields), near, far

    def _new(self, data: Any, asked: Asked, return_distances: bool) -> Any:
        """`to_new` by what `_for_new` says."""
        k, fields = asked
        near, far = self._known_index().query(data, k)
        P = self._rows(near, far, fields)
        return (P, near, far) if return_distances else P

    def _known_index(self) -> KNNIndex:
        index: KNNIndex | None = self.knn_index
        if index is None:
            raise NoDataError("to_new: the map was saved without its data")
        return index

    def _rows(self, near: Any, far: Any, fields: dict[str, Any]) -> Any:
        """P of new points whose neighbours are there."""
        p = native.conditional(far, self.n_jobs, **fields)
        return sparse_rows(near, p, self.n_samples)
