"""Figures of an embedding."""

from __future__ import annotations

import math
from typing import Any

from ._input import arguments

__all__ = ["pBIC"]


@arguments.named
def pBIC(embedding: Any) -> float:
    """Pseudo Bayesian information criterion, to choose a perplexity by.

    2 KL + log(n) perplexity / n (Cao & Wang 2017); lower is better.

    Parameters
    ----------
    embedding : TSNEEmbedding
        Made with affinities of one perplexity.

    Returns
    -------
    float
    """
    affinities = embedding.affinities
    perplexity = getattr(affinities, "perplexity", None)
    if perplexity is None:
        values = getattr(affinities, "effective_perplexities_", [])
        if len(values) != 1:
            raise TypeError("The embedding affinity matrix has no attribute `perplexity`")
        perplexity = values[0]
    n = len(embedding)
    return float(2 * embedding.kl_divergence + math.log(n) * perplexity / n)
