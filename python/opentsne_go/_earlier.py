"""Names that modules had in earlier versions: pickles have them in them."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from . import _quality, affinity, tsne
from ._affinity.recipe import Recipe
from ._alignment import align, superpose
from ._embedding import embedding, partial, placing


def _restore(data: bytes, params: Any, random_state: Any, recipe: Recipe, given: Any) -> Any:
    """What pickles of embeddings called."""
    return embedding.restore(data, params, random_state, recipe.axes, given)


_MODULES: dict[str, list[Any]] = {
    "_affinities": [affinity.Affinities],
    "_align": [align.Alignment, superpose.Consensus, superpose.Superposition],
    "_by_count": [affinity.FixedSigmaNN, affinity.Uniform],
    "_by_perplexity": [affinity.Multiscale, affinity.MultiscaleMixture, affinity.PerplexityBasedNN],
    "_knobs": [Recipe],
    "_load": [_restore],
    "_place": [placing.Bootstrap],
    "art": [_quality.Quality],
    "embedding": [tsne.TSNEEmbedding],
    "partial": [tsne.PartialTSNEEmbedding],
}
_NAMES = {_restore: "restore"}


def keep(package: str) -> None:
    """Lets the modules of earlier versions be imported from a package."""
    for name, things in _MODULES.items():
        module = ModuleType(f"{package}.{name}", "A module of an earlier version.")
        for one in things:
            setattr(module, _NAMES.get(one, one.__name__), one)
        if name == "partial":
            module._restore = partial.restore  # type: ignore[attr-defined]
        sys.modules[module.__name__] = module
