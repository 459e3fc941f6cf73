"""A map that is only looked at."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _graph
from .affinity import Affinities
from .embedding import TSNEEmbedding
from .nearest_neighbors import KNNIndex


class _Rows(Affinities):
    """Points with data whose affinities nobody asks for: each has the next."""

    perplexity = 5


def frozen(y: Any, x: Any, metric: str, n_jobs: int) -> TSNEEmbedding:
    """A finished map of rows x, on which new points can be placed.

    Placing takes positions and data; the affinities are a stand-in.
    """
    n = len(y)
    ring = np.stack([np.arange(-1, n - 1) % n, np.arange(1, n + 1) % n], axis=1)
    ptr, col = np.arange(0, 2 * n + 1, 2), np.sort(ring, axis=1).ravel()
    affinities = _Rows._of(_graph.Affinity.of_csr(ptr, col, np.ones(2 * n)))
    affinities.knn_index = KNNIndex(x, 1, metric)
    return TSNEEmbedding(y, affinities, n_jobs=n_jobs)
