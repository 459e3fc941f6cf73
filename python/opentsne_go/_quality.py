"""How well a map shows its data."""

from __future__ import annotations

import ctypes as ct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._cluster.blocks import in_rows, is_dask
from ._cluster.measuring import DISTANCES, Asked, measured
from ._cluster.workers import client_of
from ._extras import extras
from ._input import arguments, reduction, tables
from ._input.blame import finite
from ._input.labels import codes
from ._native import arrays, kinds, structures
from ._native.calls import call
from ._native.progress import Watch
from ._native.running import run
from ._options import checked
from .errors import InvalidInputError

__all__ = ["Quality", "quality"]


@dataclass(frozen=True)
class Quality:
    """How well a map shows its data, each at most 1.

    Attributes
    ----------
    knn : float
        Mean share of the 10 nearest neighbours that stay among the 10 nearest.
    knc : float
        The same of the 4 nearest class means; NaN without labels, by "hamming",
        and where a mean has no direction by "cosine" or "correlation".
    cpd : float
        Spearman correlation of the distances among 1000 random points.
    """

    __module__ = "opentsne_go"

    knn: float
    knc: float
    cpd: float


@arguments.named
def quality(
    X: Any,
    Z: ArrayLike,
    labels: Any = None,
    *,
    metric: str = "euclidean",
    random_state: Any = 0,
    n_jobs: int | None = -1,
    sample: int | None = None,
    client: Any = None,
) -> Quality:
    """The three figures of Kobak & Berens (2019): KNN, KNC and CPD.

    Parameters
    ----------
    X : array-like, (n, d)
        The data. Of a Dask array, as of one for Z, blocks are read where they are, twice;
        rows in memory beside it are measured here, when this is called.
    Z : array-like, (n, 1 to 3)
        The map.
    labels : array-like, (n,), optional
        Classes, of any kind, in memory.
    metric : str
        Distance between rows of X, and between their class means; in the map it
        is Euclidean.
    random_state : int, None, RandomState or Generator
        Of the points whose distances are compared.
    n_jobs : int or None
        Threads; on workers of a cluster their own.
    sample : int, optional
        Rows, drawn at random, whose neighbours among all rows are compared, found exactly
        (1 or more); as many as there are give KNN of all. None: all rows; of Dask arrays
        1000. The figures of Dask arrays are those of the same rows in memory with the same
        ``sample``, to the last digit, whatever blocks and workers are. Columns of doubles far
        from zero are refused with it: X - X.mean(axis=0).
    client : distributed.Client, optional
        Whose workers measure Dask arrays. None: the current one or, without that, threads.

    Returns
    -------
    Quality
        Of Dask arrays a ``dask.delayed.Delayed``, whose ``compute()`` gives it.
    """
    number = checked.distance(metric)
    if number == 0:
        raise arguments.bad("metric", metric, f"{', '.join(map(repr, checked.METRICS))}")
    size = None if sample is None else arguments.whole("sample", sample, 1)
    if is_dask(X) or is_dask(Z):
        lazy: Quality = _of_blocks(X, Z, labels, metric, arguments.seed(random_state), n_jobs, size, client)
        return lazy
    if client is not None:
        raise arguments.bad("client", type(client).__name__, "None, unless X or Z is a Dask array")
    x = reduction.table(X, metric, n_jobs)
    y = tables.matrix(Z, "Z")
    _fit_together(x, y)
    dims = y.shape[1]
    finite(Z, y, "Z")
    classes = None if labels is None else codes(labels, len(x))
    if size is not None:
        asked = Asked.of(len(x), size, _count(classes), metric, arguments.seed(random_state), n_jobs)
        return Quality(*measured(x, y, classes, asked))
    options = structures.options(
        seed=arguments.seed(random_state), threads=arguments.threads(n_jobs), metric=number
    )
    knn, knc, cpd = ct.c_double(), ct.c_double(), ct.c_double()

    def work() -> int:
        return call(
            "tsne_quality",
            *map(ct.byref, (knn, knc, cpd)),
            arrays.Data(x),
            arrays.floats(y),
            dims,
            None if classes is None else arrays.pointer(classes, kinds.I32),
            ct.byref(options),
        )

    run(work, options, Watch())
    return Quality(knn.value, knc.value, cpd.value)


def _of_blocks(
    X: Any, Z: Any, labels: Any, metric: str, seed: int, n_jobs: Any, size: int | None, client: Any
) -> Any:
    """`quality` where data or map are a Dask array, lazily."""
    with extras():
        from dask.delayed import delayed

    x = in_rows(X) if is_dask(X) else reduction.table(X, metric, n_jobs)
    y = in_rows(Z, "Z") if is_dask(Z) else tables.matrix(Z, "Z")
    if tables.is_sparse(getattr(x, "_meta", None)) and x.shape[1] > reduction.SPARSE_COLUMNS:
        raise arguments.bad("X", f"CSR blocks of {x.shape[1]} columns", f"up to {reduction.SPARSE_COLUMNS}, or dense blocks; opentsne_go.pca reduces them")
    _fit_together(x, y)
    n = len(x)
    classes = None if labels is None else codes(labels, n)
    asked = Asked.of(n, DISTANCES if size is None else size, _count(classes), metric, seed, n_jobs)
    client_of(client)  # says what is wrong with it
    return delayed(_quality)(measured(x, y, _small(classes), asked))


def _quality(figures: tuple[float, float, float]) -> Quality:
    return Quality(*figures)


def _fit_together(x: Any, y: Any) -> None:
    if not 1 <= y.shape[1] <= 3:
        raise arguments.bad("Z", y.shape, "1 to 3 columns")
    for name, one in (("X", x), ("Z", y)):
        if one.shape[0] != one.shape[0]:
            raise InvalidInputError(f"{name}: got blocks of unknown sizes; allowed: known ones, as after {name}.compute_chunk_sizes()")
    if y.shape[0] != x.shape[0]:
        raise arguments.bad("Z", y.shape, f"{x.shape[0]} rows, as X has")


def _small(classes: Any) -> Any:
    """Classes that travel with the tasks, in as few bytes as hold them."""
    return None if classes is None else classes.astype(np.min_scalar_type(-_count(classes)))


def _count(classes: Any) -> int:
    return 0 if classes is None else int(classes.max(initial=-1)) + 1
