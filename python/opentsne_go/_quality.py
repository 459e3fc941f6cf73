"""How well a map shows its data."""

from __future__ import annotations

import ctypes as ct
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from ._input import arguments, reduction, tables
from ._input.blame import finite
from ._input.labels import codes
from ._native import arrays, kinds, structures
from ._native.calls import call
from ._native.progress import Watch
from ._native.running import run
from ._options import checked

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


def quality(
    X: Any,
    Z: ArrayLike,
    labels: Any = None,
    *,
    metric: str = "euclidean",
    random_state: Any = 0,
    n_jobs: int | None = -1,
) -> Quality:
    """The three figures of Kobak & Berens (2019): KNN, KNC and CPD.

    Parameters
    ----------
    X : array-like, (n, d)
        The data.
    Z : array-like, (n, 1 to 3)
        The map.
    labels : array-like, (n,), optional
        Classes, of any kind.
    metric : str
        Distance between rows of X, and between their class means; in the map it
        is Euclidean.
    random_state : int, None, RandomState or Generator
        Of the points whose distances are compared.
    n_jobs : int or None
        Threads.

    Returns
    -------
    Quality
    """
    number = checked.distance(metric)
    x = reduction.table(X, metric, n_jobs)
    y = tables.matrix(Z, "Z")
    dims = y.shape[1]
    if not 1 <= dims <= 3:
        raise arguments.bad("Z", y.shape, "1 to 3 columns")
    if len(y) != len(x):
        raise arguments.bad("Z", y.shape, f"{len(x)} rows, as X has")
    finite(Z, y, "Z")
    classes = None if labels is None else codes(labels, len(x))
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
