"""A map that is only looked at."""

from __future__ import annotations

from typing import Any

import numpy as np

from opentsne_go._affinity.kinds import of_model
from opentsne_go._affinity.native import NativeAffinities
from opentsne_go._affinity.recipe import Recipe
from opentsne_go._embedding.embedding import TSNEEmbedding
from opentsne_go.nearest_neighbors import KNNIndex


def static_map(y: Any, x: Any, metric: str, n_jobs: int) -> TSNEEmbedding:
    """A finished map of rows x, on which new points can be placed.

    Placing takes positions and data; the affinities are a stand-in, in which
    each point has the next.
    """
    n = len(y)
    ring = np.stack([np.arange(-1, n - 1) % n, np.arange(1, n + 1) % n], axis=1)
    ptr, col = np.arange(0, 2 * n + 1, 2), np.sort(ring, axis=1).ravel()
    built = NativeAffinities.of_csr(ptr, col, np.ones(2 * n))
    affinities = of_model(built, Recipe(5), n_jobs, lambda k, axes: None)
    affinities.knn_index = KNNIndex(x, 1, metric)
    return TSNEEmbedding(y, affinities, n_jobs=n_jobs)
