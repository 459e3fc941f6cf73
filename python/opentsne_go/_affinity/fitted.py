"""The affinities of a map that the library has fitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opentsne_go._options import checked

from .base import Affinities
from .fixed_sigma import FixedSigmaNN
from .multiscale import Multiscale, MultiscaleMixture
from .native import NativeAffinities
from .recipe import Recipe
from .uniform import Uniform


def fitted(
    built: NativeAffinities, recipe: Recipe, n_jobs: Any, index: Callable[[int, Any], Any]
) -> Affinities:
    """The affinities of a map that the library has fitted.

    index makes the neighbour index for a number of neighbours and the axes of
    the reduction, if somebody asks for it.
    """
    n = built.size()[0]
    made: Any
    if recipe.affinity in ("uniform", "uniform_max", "fixed_sigma"):
        k = min(recipe.k or checked.DEFAULT_K, n - 1)
        if recipe.affinity == "fixed_sigma":
            made = FixedSigmaNN._of(built)
            made.sigma = recipe.sigma
        else:
            made = Uniform._of(built)
            made._kind = recipe.affinity
        made._k = k
    else:
        asked = checked.perplexities("perplexity", recipe.perplexity)
        values = recipe.effective or [min(one, (n - 1) / 3) for one in asked]
        k = recipe.k or max(1, min(n - 1, int(3 * max(values))))
        kind = MultiscaleMixture if recipe.affinity == "multiscale" else Multiscale
        made = kind._of(built)
        made.perplexities = asked[0] if len(asked) == 1 else asked
        made.effective_perplexities_ = values
        made.symmetrize = True
    made.n_jobs = n_jobs
    made._axes = recipe.axes

    made._source = lambda: index(k, recipe.axes)
    result: Affinities = made
    return result
