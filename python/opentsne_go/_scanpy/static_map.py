"""A map that is only looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from opentsne_go._affinity.kinds import of_model
from opentsne_go._affinity.native import NativeAffinities
from opentsne_go._affinity.recipe import Recipe
from opentsne_go._embedding.embedding import TSNEEmbedding
from opentsne_go._input import arguments, tables
from opentsne_go._neighbors import sparse
from opentsne_go.nearest_neighbors import KNNIndex


class SparseRows(KNNIndex):
    """Sparse rows of many columns, which are searched without being made dense."""

    #: Told the share of a search that is done.
    tell: Callable[[float], None] | None = None

    def __init__(self, rows: Any, metric: str, n_jobs: Any) -> None:
        self.rows, self.metric, self.n_jobs = rows, metric, n_jobs
        self.n_samples, self.k, self.data = rows.shape[0], 1, None

    def query(self, query: Any, k: int) -> tuple[Any, Any]:
        """The k rows nearest to each new row, nearest first."""
        new = tables.sparse(query, "query")
        if arguments.whole("k", k, 1) > self.n_samples:
            raise arguments.bad("k", k, f"1 to {self.n_samples}, the points of the reference")
        return sparse.nearest(self.rows, new, k, self.metric, self.n_jobs, self.tell)


def static_map(y: Any, x: Any, metric: str, n_jobs: int) -> TSNEEmbedding:
    """A finished map of rows x, or of an index of them, on which new points can be placed.

    Placing takes positions and data; the affinities are a stand-in, in which
    each point has the next.
    """
    n = len(y)
    ring = np.stack([np.arange(-1, n - 1) % n, np.arange(1, n + 1) % n], axis=1)
    ptr, col = np.arange(0, 2 * n + 1, 2), np.sort(ring, axis=1).ravel()
    built = NativeAffinities.of_csr(ptr, col, np.ones(2 * n))
    affinities = of_model(built, Recipe(5), n_jobs, lambda k, axes: None)
    affinities.knn_index = x if isinstance(x, KNNIndex) else KNNIndex(x, 1, metric)
    return TSNEEmbedding(y, affinities, n_jobs=n_jobs)
