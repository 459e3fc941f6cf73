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


_MODULES: dict[str, dict[str, Any]] = {
    "_affinities": {"Affinities": affinity.Affinities},
    "_align": {
        "Alignment": align.Alignment,
        "Consensus": superpose.Consensus,
        "Superposition": superpose.Superposition,
    },
    "_by_count": {"FixedSigmaNN": affinity.FixedSigmaNN, "Uniform": affinity.Uniform},
    "_by_perplexity": {
        "Multiscale": affinity.Multiscale,
        "MultiscaleMixture": affinity.MultiscaleMixture,
        "PerplexityBasedNN": affinity.PerplexityBasedNN,
    },
    "_knobs": {"Recipe": Recipe},
    "_load": {"restore": _restore},
    "_place": {"Bootstrap": placing.Bootstrap},
    "art": {"Quality": _quality.Quality},
    "embedding": {"TSNEEmbedding": tsne.TSNEEmbedding},
    "partial": {
        "PartialTSNEEmbedding": tsne.PartialTSNEEmbedding,
        "_restore": partial.restore,
    },
}


def keep(package: str) -> None:
    """Lets the modules of earlier versions be imported from a package."""
    for name, things in _MODULES.items():
        module = ModuleType(f"{package}.{name}", "A module of an earlier version.")
        vars(module).update(things)
        sys.modules[module.__name__] = module
        if not name.startswith("_"):
            setattr(sys.modules[package], name, module)
