"""Affinities between points, under openTSNE's names."""

from ._affinity.base import Affinities
from ._affinity.fixed_sigma import FixedSigmaNN
from ._affinity.multiscale import Multiscale, MultiscaleMixture
from ._affinity.perplexity import PerplexityBasedNN
from ._affinity.precomputed import PrecomputedAffinities
from ._affinity.uniform import Uniform
from ._neighbors.graph import neighbors

__all__ = [
    "Affinities",
    "PerplexityBasedNN",
    "FixedSigmaNN",
    "MultiscaleMixture",
    "Multiscale",
    "Uniform",
    "PrecomputedAffinities",
    "neighbors",
]
