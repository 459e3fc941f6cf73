"""Affinities of the neighbours that scanpy has found."""

from __future__ import annotations

import logging
from typing import Any

from opentsne_go._affinity.base import Affinities
from opentsne_go._affinity.kinds import of_index
from opentsne_go._affinity.recipe import Recipe
from opentsne_go._input import arguments
from opentsne_go._native import choices
from opentsne_go._options import checked
from opentsne_go._options.settings import Settings
from opentsne_go.nearest_neighbors import PrecomputedDistanceMatrix

from .anndata import neighbor_graph

log = logging.getLogger("opentsne_go")


def reused(adata: Any, key: str, settings: Settings) -> tuple[Affinities, dict[str, Any]]:
    """Affinities of the graph that ``scanpy.pp.neighbors`` left, and its parameters."""
    graph, params = neighbor_graph(adata, key)
    k = settings.k
    index = PrecomputedDistanceMatrix(graph, graph.shape[0] - 1 if k is None else k)
    if k is not None and index.k < k:
        raise arguments.bad("k", k, f"up to {index.k}, the neighbors of adata.uns[{key!r}]")
    perplexity = settings.perplexity
    if settings.affinity not in choices.AFFINITY_TAKES:
        perplexity = _carried(perplexity, index.k, key)
    recipe = Recipe(perplexity, settings.affinity, k, settings.sigma)
    return of_index(index, recipe, settings.n_jobs), params


def _carried(perplexity: Any, k: int, key: str) -> list[float]:
    """Perplexities, lowered with a warning to what k neighbours carry."""
    asked, most = checked.perplexities("perplexity", perplexity), k / 3
    if max(asked) <= most:
        return asked
    log.warning(
        "perplexity: %g is too large for the %d neighbors of adata.uns[%r], using %.4g; "
        "affinity='uniform' takes all of them alike, and scanpy.pp.neighbors(n_neighbors=%d) "
        "would carry it",
        max(asked),
        k,
        key,
        most,
        3 * max(asked) + 1,
    )
    return sorted({min(one, most) for one in asked})
