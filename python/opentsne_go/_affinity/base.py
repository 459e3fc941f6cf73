"""What all affinities have in common."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._neighbors import search as _graph
from .._input import tables as _input
from .._options import fields as _knobs
from .._native import library as _lib
from .._native.progress import Watch
from ..errors import NoDataError
from ..nearest_neighbors import KNNIndex

#: How many neighbours draw a new point, and fields of the library's options
#: that say how.
Asked = tuple[int, dict[str, Any]]


def neighbors(
    X: ArrayLike,
    k: int,
    *,
    metric: Any = "euclidean",
    metric_params: dict[str, Any] | None = None,
    method: str = "auto",
    n_jobs: int | None = 1,
    random_state: Any = 0,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The k nearest rows of each row, itself excluded, nearest first.

    Parameters
    ----------
    X : array-like, (n, d)
        The data.
    k : int
        Neighbours per row, 1 to n - 1.
    metric : str or callable
        "euclidean", "cosine", "correlation", "manhattan", "chebyshev",
        "hamming", or a function of two rows.
    metric_params : dict, optional
        Keyword arguments of a callable metric.
    method : {"auto", "exact", "approx"}
        The default is the faster one for this n and d.
    n_jobs : int or None
        Threads; -1 or None: all processors. Does not change the result.
    random_state : int, None, RandomState or Generator
        Of the approximate search.

    Returns
    -------
    indices : (n, k) int32
    distances : (n, k) float32
        In the units of the metric.
    """
    return _graph.neighbors_of(
        _graph.table(X, metric, n_jobs),
        k,
        metric=metric,
        metric_params=metric_params,
        method=method,
        n_jobs=n_jobs,
        random_state=random_state,
        original=X,
    )


class Affinities:
    """Symmetric affinities P between points, which sum to 1.

    Found as ``embedding.affinities``, made by the subclasses or by
    `from_data`, `from_neighbors` and `from_matrix`. The library owns the
    values; `P` copies them out. A subclass may set `P` itself.

    Parameters
    ----------
    verbose : bool
        Say what is going on.
    """

    verbose: Any = False
    n_jobs: int | None = 1
    _built: _graph.Affinity | None = None
    _matrix: Any = None
    _index: KNNIndex | None = None
    _source: Any = None  # makes the index when somebody asks for it
    _axes: Any = None  # of its data, until it is made

    def __init__(self, verbose: bool = False) -> None:
        self.verbose = verbose

    @classmethod
    def _of(cls, built: _graph.Affinity) -> Affinities:
        made = cls.__new__(cls)
        made._built = built
        return made

    @classmethod
    def from_data(
        cls,
        X: ArrayLike,
        perplexity: float | list[float] = 30,
        *,
        metric: Any = "euclidean",
        neighbors: str = "auto",
        n_jobs: int | None = 1,
        random_state: Any = None,
        verbose: bool = False,
    ) -> Affinities:
        """Affinities of data, by a perplexity search over nearest neighbours.

        Parameters
        ----------
        X : array-like, (n, d)
            The data, one row per point.
        perplexity : float or list of float
            Effective number of neighbours; several are averaged (multiscale).
        metric : str
            As in `TSNE`, without callables.
        neighbors : {"auto", "exact", "approx"}
            How neighbours are found; 3 times the perplexity of them are.
        n_jobs, random_state, verbose
            As in `TSNE`.
        """
        fields = _knobs.search(
            perplexity=perplexity, metric=metric, neighbors=neighbors, n_jobs=n_jobs
        )
        x = _graph.table(X, metric, n_jobs)
        options = _lib.options(seed=_input.seed(random_state), **fields)
        watch = Watch(verbose)
        try:
            return Affinities._of(_graph.Affinity.of_data(x, options, watch, X))
        finally:
            watch.close()

    @classmethod
    def from_neighbors(
        cls,
        indices: ArrayLike,
        distances: ArrayLike,
        perplexity: float | list[float] = 30,
        *,
        n_jobs: int | None = 1,
    ) -> Affinities:
        """Affinities of a neighbour graph as `neighbors` gives it.

        Parameters
        ----------
        indices : (n, k) int
            Row numbers of the neighbours, the point itself excluded.
        distances : (n, k) float
            Their distances.
        perplexity : float or list of float
            At most k / 3 of it can be honoured.
        n_jobs : int or None
            Threads.
        """
        fields = _knobs.search(perplexity=perplexity, n_jobs=n_jobs)
        graph = _graph.checked_graph(indices, distances)
        return Affinities._of(_graph.Affinity.of_graph(graph, _lib.options(**fields)))

    @classmethod
    def from_matrix(cls, P: Any) -> Affinities:
        """Affinities given as a symmetric sparse or dense matrix.

        Parameters
        ----------
        P : scipy.sparse matrix or array-like, (n, n)
            Non-negative; copied, and scaled to sum to 1.
        """
        return Affinities._of(_graph.Affinity.of_matrix(P))

    @classmethod
    def _take(cls, value: Any) -> Affinities:
        """Ours, or any object whose ``P`` is an affinity matrix."""
        if isinstance(value, Affinities):
            return value
        if hasattr(value, "P"):
            return cls.from_matrix(value.P)
        raise _input.bad(
            "affinities", type(value).__name__, "Affinities, or an object with a P"
        )

    def _affinity(self) -> _graph.Affinity:
        """What the library optimises against."""
        if self._built is None:
            if self._matrix is None:
                raise _input.bad("affinities", type(self).__name__, "one whose P is set")
            self._built = _graph.Affinity.of_matrix(self._matrix)
        return self._built

    @property
    def P(self) -> Any:
        """A copy as ``scipy.sparse.csr_matrix`` of float32, made once.

        Needs scipy.
        """
        if self._matrix is None and self._built is not None:
            from scipy.sparse import csr_matrix

            ptr, col, val = self._built.arrays()
            n = len(ptr) - 1
            self._matrix = csr_matrix((val, col, ptr), shape=(n, n))
        return self._matrix

    @P.setter
    def P(self, value: Any) -> None:
        self._matrix, self._built = value, None

    @property
    def knn_index(self) -> Any:
        """The `KNNIndex` behind the affinities, or None."""
        if self._index is None and self._source is not None:
            self._index = self._source()
        return self._index

    @knn_index.setter
    def knn_index(self, value: Any) -> None:
        self._index = value

    def _along(self) -> Any:
        """The axes to which sparse data were reduced, or None."""
        return self._axes if self._index is None else getattr(self._index, "_axes", None)

    @property
    def n_samples(self) -> int:
        """Number of points."""
        if self._built is not None:
            return self._built.size()[0]
        return self._affinity().size()[0] if self._matrix is None else self._matrix.shape[0]

    @property
    def nnz(self) -> int:
        """Number of stored values."""
        return self._affinity().size()[1]

    def to_new(self, data: Any, return_distances: bool = False) -> Any:
        """Affinities of new points to these; subclasses with data have them.

        Parameters
        ----------
        data : array-like, (m, d)
            New points.
        return_distances : bool
            Return neighbours and distances too.

        Returns
        -------
        P : scipy.sparse.csr_matrix, (m, n)
            Each row sums to 1.
        indices, distances : (m, k), if asked for
        """
        raise RuntimeError(f"{type(self).__name__} affinities cannot be queried")

    def _own(self) -> dict[str, Any]:
        """Fields of the library's options that say how P was made."""
        return {}

    def _for_a_model(self) -> tuple[Any, dict[str, Any]]:
        """The data that a model of these keeps, None if it has none, and fields of
        the library's options that say how these were made."""
        index = self.knn_index
        data = getattr(index, "data", None)
        if _knobs.foreign(getattr(index, "metric", None)):
            data = None  # the library would compare new points by another metric
        if data is None:
            return None, self._own()
        return data, {**self._own(), "metric": _knobs.distance(index.metric)}

    def _params_of_new(self, perplexity: Any) -> dict[str, Any]:
        """Arguments of `to_new` that say a perplexity for new points."""
        names = inspect.signature(self.to_new).parameters
        for name in ("perplexity", "perplexities"):
            if name in names:
                _knobs.perplexities("perplexity", perplexity)
                return {name: perplexity}
        raise TypeError(
            f"`transform` currently does not support {type(self).__name__} affinities. "
            "Please use `prepare_partial` and `optimize` to add points to the embedding."
        )

    def _in_one_call(self, params: dict[str, Any]) -> Asked | None:
        """What `to_new` asks of the library, if that can do it all while it
        places points."""
        return None

    def _query(self, data: Any, k: int, params: dict[str, Any]) -> tuple[Any, Any, Any]:
        """`to_new` with neighbours and distances, at least k of them if it can."""
        P, near, far = self.to_new(data, return_distances=True, **params)
        return P, near, far

    def __getstate__(self) -> dict[str, Any]:
        if self._source is not None:
            _ = self.knn_index
        state = {k: v for k, v in self.__dict__.items() if k != "_source"}
        built = state.pop("_built", None)
        if built is not None:
            state["_arrays"] = built.arrays()
            state.pop("_matrix", None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        arrays = state.pop("_arrays", None)
        self.__dict__.update(state)
        if arrays is not None:
            self._built = _graph.Affinity.of_csr(*arrays)

    def __repr__(self) -> str:
        n, nnz = self._affinity().size()
        return f"{type(self).__name__}({n} points, {nnz} values)"


def sparse_rows(near: Any, p: NDArray[np.float64], n: int) -> Any:
    """p(j|i) of k neighbours each as a matrix of n columns."""
    from scipy.sparse import csr_matrix

    m, k = near.shape
    start = np.arange(0, m * k + 1, k)
    return csr_matrix((p.ravel(), near.ravel(), start), shape=(m, n))


def directed(near: Any, p: NDArray[np.float64]) -> Any:
    """p(j|i) as a matrix that sums to 1 and is not symmetric."""
    return sparse_rows(near, p / p.sum(), len(near))


def one_source(data: Any, knn_index: KNNIndex | None) -> None:
    if data is None and knn_index is None:
        raise ValueError(
            "At least one of the parameters `data` or `knn_index` must be specified!"
        )
    if data is not None and knn_index is not None:
        raise ValueError("Both `data` or `knn_index` were specified! Please pass only one.")


def rows(data: Any) -> int:
    return int(data.shape[0]) if hasattr(data, "shape") else len(data)


def positive(name: str, value: Any) -> float:
    return _input.real(name, value, 0, _knobs.INF, "above 0")


class Graphed(Affinities):
    """Affinities made of a neighbour graph."""

    def _graph(self) -> _graph.Graph:
        near, far = self.knn_index.build()
        return _graph.checked_graph(near, far)

    def _make(self, symmetrize: bool, k: int | None = None) -> None:
        """Sets P from the first k neighbours of the graph, all unless k is given."""
        fields = {name: value for name, value in self._own().items() if name != "k"}
        if symmetrize and k is None and self.knn_index._searchable():
            built = self._at_once(fields)
            self._matrix, self._built = None, built
            return
        near, far = self._graph()
        near, far = near[:, :k], far[:, :k]
        if symmetrize:
            threads = _input.threads(self.n_jobs)
            options = _lib.options(threads=threads, k=near.shape[1], **fields)
            built = _graph.Affinity.of_graph((near, far), options)
            self._matrix, self._built = None, built
        else:
            self.P = directed(near, _graph.conditional(far, self.n_jobs, **fields))

    def _at_once(self, fields: dict[str, Any]) -> Any:
        """P of data, with the bits of `TSNE.fit`, which does not round distances."""
        index = self.knn_index
        how = index._how()
        options = _lib.options(
            neighbors=_lib.NEIGHBORS[how["method"]],
            metric=_knobs.distance(how["metric"]),
            threads=_input.threads(self.n_jobs),
            seed=how["random_state"],
            k=index.k,
            **fields,
        )
        watch = Watch(self.verbose)
        try:
            return _graph.Affinity.of_data(index.data, options, watch)
        finally:
            watch.close()

    def _for_new(self, **params: Any) -> Asked:
        """What arguments of `to_new` ask for."""
        raise NotImplementedError

    def _ours(self) -> bool:
        """Whether `to_new` is not that of somebody's own subclass."""
        return type(self).to_new.__module__.startswith(f"{__package__}.")

    def _in_one_call(self, params: dict[str, Any]) -> Asked | None:
        if not self._ours():
            return None
        index = self._index  # that of a fitted map is not copied out for this
        if index is not None:
            if type(index).query is not KNNIndex.query or _knobs.foreign(index.metric):
                return None
        asked = self._for_new(**params)
        # Its one call lowers a perplexity above a third of the points.
        wide = any(3 * one > self.n_samples for one in asked[1].get("perplexities", ()))
        return None if wide else asked

    def _query(self, data: Any, k: int, params: dict[str, Any]) -> tuple[Any, Any, Any]:
        if not self._ours():
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
        p = _graph.conditional(far, self.n_jobs, **fields)
        return sparse_rows(near, p, self.n_samples)
