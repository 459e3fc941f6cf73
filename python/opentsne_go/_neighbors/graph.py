"""The neighbours of all rows, as a function."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opentsne_go._input import arguments, reduction

from . import search


@arguments.named
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
    return search.neighbors_of(
        reduction.table(X, metric, n_jobs),
        k,
        metric=metric,
        metric_params=metric_params,
        method=method,
        n_jobs=n_jobs,
        random_state=random_state,
    )
