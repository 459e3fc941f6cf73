"""How the affinities of a map were made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """How the affinities of a fitted map were made, in `TSNE`'s arguments."""

    perplexity: Any = 30
    affinity: str = "perplexity"
    k: int | None = None
    sigma: float | None = None
    #: Perplexities as they were lowered.
    effective: Any = None
    #: (d, 50): along what sparse data were reduced.
    axes: Any = field(default=None, compare=False, repr=False)
