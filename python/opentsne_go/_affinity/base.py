"""What all affinities have in common."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from opentsne_go._extras import extras
from opentsne_go._input import arguments, reduction
from opentsne_go._native import structures
from opentsne_go._native.progress import Watch
from opentsne_go._neighbors import search
from opentsne_go._options import checked
from opentsne_go.nearest_neighbors import KNNIndex, axes_of, column_names

from .native import NativeAffinities

#: How many neighbours draw a new point, and fields of the library's options
#: that say how.
Asked = tuple[int, dict[str, Any]]


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

    __module__ = "opentsne_go.affinity"

    verbose: Any = False
    n_jobs: int | None = 1
    _built: NativeAffinities | None = None
    _matrix: Any = None
    _index: KNNIndex | None = None
    _source: Any = None  # makes the index when somebody asks for it
    _axes: Any = None  # of its data, until it is made

    @arguments.named
    def __init__(self, verbose: bool = False) -> None:
        self.verbose = verbose

    @classmethod
    def _of(cls, built: NativeAffinities) -> Affinities:
        made = cls.__new__(cls)
        made._built = built
        return made

    @classmethod
    @arguments.named
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
        fields = checked.affinity_fields(
            perplexity=perplexity, metric=metric, neighbors=neighbors, n_jobs=n_jobs
        )
        x = reduction.table(X, metric, n_jobs)
        options = structures.options(seed=arguments.seed(random_state), **fields)
        watch = Watch(verbose)
        try:
            return Affinities._of(NativeAffinities.of_data(x, options, watch))
        finally:
            watch.close()

    @classmethod
    @arguments.named
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
        fields = checked.affinity_fields(perplexity=perplexity, n_jobs=n_jobs)
        graph = search.checked_graph(indices, distances)
        return Affinities._of(NativeAffinities.of_graph(graph, structures.options(**fields)))

    @classmethod
    def from_matrix(cls, P: Any) -> Affinities:
        """Affinities given as a symmetric sparse or dense matrix.

        Parameters
        ----------
        P : scipy.sparse matrix or array-like, (n, n)
            Non-negative; copied, and scaled to sum to 1.
        """
        return Affinities._of(NativeAffinities.of_matrix(P))

    @property
    def P(self) -> Any:
        """A copy as ``scipy.sparse.csr_matrix`` of float32, made once.

        Needs scipy.
        """
        if self._matrix is None and self._built is not None:
            with extras():
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

    @property
    def n_samples(self) -> int:
        """Number of points."""
        if self._built is not None:
            return self._built.size()[0]
        return native_of(self).size()[0] if self._matrix is None else self._matrix.shape[0]

    @property
    def nnz(self) -> int:
        """Number of stored values."""
        return native_of(self).size()[1]

    @arguments.named
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

    def _params_of_new(self, perplexity: Any) -> dict[str, Any]:
        """Arguments of `to_new` that say a perplexity for new points."""
        checked.perplexities("perplexity", perplexity)
        return {"perplexity": perplexity}

    def _renamed(self, params: dict[str, Any]) -> dict[str, Any]:
        """Arguments of `to_new` by its own names, refused where it has no such."""
        return params

    def _in_one_call(self, params: dict[str, Any]) -> Asked | None:
        """What `to_new` asks of the library, if that can do it all while it
        places points."""
        return None

    def _query(self, data: Any, k: int, params: dict[str, Any]) -> tuple[Any, Any, Any]:
        """`to_new` with neighbours and distances, at least k of them if it can."""
        try:
            P, near, far = self.to_new(data, return_distances=True, **params)
        except TypeError as error:
            if "perplexity" not in params:
                raise
            raise TypeError(
                f"transform: the to_new of {type(self).__name__} takes no perplexity ({error}); "
                "prepare_partial and optimize place points without"
            ) from error
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
            self._built = NativeAffinities.of_csr(*arrays)

    def __repr__(self) -> str:
        n, nnz = native_of(self).size()
        return f"{type(self).__name__}({n} points, {nnz} values)"


def as_affinities(value: Any) -> Affinities:
    """Ours, or any object whose ``P`` is an affinity matrix."""
    if isinstance(value, Affinities):
        return value
    if hasattr(value, "P"):
        return Affinities.from_matrix(value.P)
    allowed = "Affinities, such as affinity.PrecomputedAffinities(P), or an object with a P"
    raise arguments.bad("affinities", type(value).__name__, allowed)


def native_of(affinities: Affinities) -> NativeAffinities:
    """What the library optimises against."""
    if affinities._built is None:
        if affinities._matrix is None:
            raise arguments.bad("affinities", type(affinities).__name__, "one whose P is set")
        affinities._built = NativeAffinities.of_matrix(affinities._matrix)
    return affinities._built


def for_a_model(affinities: Affinities) -> tuple[Any, dict[str, Any]]:
    """The data that a model of these keeps, None if it has none, and fields of
    the library's options that say how these were made."""
    index, own = affinities.knn_index, affinities._own()
    data = getattr(index, "data", None)
    # By another metric than its own the library would compare new points.
    if data is None or checked.foreign(getattr(index, "metric", None)):
        return None, own
    return data, {**own, "metric": checked.distance(index.metric)}


def of_a_model(affinities: Affinities) -> bool:
    """Whether affinities are those of a map that the library has fitted."""
    return affinities._source is not None


def names_of(affinities: Affinities) -> list[str] | None:
    """Names of the columns of the data behind affinities."""
    return column_names(affinities._index)


def reduction_of(affinities: Affinities) -> Any:
    """The axes to which sparse data were reduced, or None."""
    return affinities._axes if affinities._index is None else axes_of(affinities._index)


# What the placing of new points asks of affinities, which differ in it.


def params_of_new(affinities: Affinities, perplexity: Any) -> dict[str, Any]:
    """Arguments of ``to_new`` that say a perplexity for new points."""
    return affinities._params_of_new(perplexity)


def renamed(affinities: Affinities, params: dict[str, Any]) -> dict[str, Any]:
    """Arguments of ``to_new`` by its own names, refused where it has no such."""
    return affinities._renamed(params)


def in_one_call(affinities: Affinities, params: dict[str, Any]) -> Asked | None:
    """What ``to_new`` asks of the library, if that can do it all while it places points."""
    return affinities._in_one_call(params)


def query(
    affinities: Affinities, data: Any, k: int, params: dict[str, Any]
) -> tuple[Any, Any, Any]:
    """``to_new`` with neighbours and distances, at least k of them if it can."""
    return affinities._query(data, k, params)
