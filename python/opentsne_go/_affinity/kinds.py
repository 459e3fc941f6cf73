"""What the kinds of affinities are made by that `TSNE` names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from opentsne_go._options import checked
from opentsne_go.nearest_neighbors import KNNIndex

from .base import Affinities
from .fixed_sigma import FixedSigmaNN
from .multiscale import Multiscale, MultiscaleMixture
from .native import NativeAffinities
from .perplexity import PerplexityBasedNN
from .recipe import Recipe
from .uniform import Uniform


@dataclass(frozen=True)
class _ByPerplexity:
    several: type[MultiscaleMixture]

    def of_index(self, index: KNNIndex, recipe: Recipe, n_jobs: Any) -> Affinities:
        values = checked.perplexities("perplexity", recipe.perplexity)
        if len(values) == 1:
            most = (index.n_samples - 1) / 3
            return PerplexityBasedNN(
                perplexity=min(values[0], most), knn_index=index, n_jobs=n_jobs
            )
        return self.several(perplexities=values, knn_index=index, n_jobs=n_jobs)

    def of_model(self, built: NativeAffinities, recipe: Recipe, n: int) -> tuple[Any, int]:
        asked = checked.perplexities("perplexity", recipe.perplexity)
        values = recipe.effective or [min(one, (n - 1) / 3) for one in asked]
        made: Any = self.several._of(built)
        made.perplexities = asked[0] if len(asked) == 1 else asked
        made.effective_perplexities_ = values
        made.symmetrize = True
        return made, recipe.k or checked.neighbor_count(values, n - 1)


@dataclass(frozen=True)
class _ByCount:
    kind: str
    symmetrize: str

    def of_index(self, index: KNNIndex, recipe: Recipe, n_jobs: Any) -> Affinities:
        return Uniform(knn_index=index, symmetrize=self.symmetrize, n_jobs=n_jobs)

    def of_model(self, built: NativeAffinities, recipe: Recipe, n: int) -> tuple[Any, int]:
        made: Any = Uniform._of(built)
        made._kind = self.kind
        made._k = min(recipe.k or checked.DEFAULT_K, n - 1)
        return made, made._k


class _BySigma:
    def of_index(self, index: KNNIndex, recipe: Recipe, n_jobs: Any) -> Affinities:
        return FixedSigmaNN(knn_index=index, sigma=recipe.sigma, n_jobs=n_jobs)

    def of_model(self, built: NativeAffinities, recipe: Recipe, n: int) -> tuple[Any, int]:
        made: Any = FixedSigmaNN._of(built)
        made.sigma = recipe.sigma
        made._k = min(recipe.k or checked.DEFAULT_K, n - 1)
        return made, made._k


_KINDS: dict[str, Any] = {
    "perplexity": _ByPerplexity(Multiscale),
    "multiscale": _ByPerplexity(MultiscaleMixture),
    "uniform": _ByCount("uniform", "mean"),
    "uniform_max": _ByCount("uniform_max", "max"),
    "fixed_sigma": _BySigma(),
}


def of_index(index: KNNIndex, recipe: Recipe, n_jobs: Any) -> Affinities:
    """The affinities of neighbours that a recipe says."""
    made: Affinities = _KINDS[recipe.affinity].of_index(index, recipe, n_jobs)
    return made


def of_model(
    built: NativeAffinities, recipe: Recipe, n_jobs: Any, index: Callable[[int, Any], Any]
) -> Affinities:
    """The affinities of a map that the library has fitted.

    index makes the neighbour index for a number of neighbours and the axes of
    the reduction, if somebody asks for it.
    """
    made, k = _KINDS[recipe.affinity].of_model(built, recipe, built.size()[0])
    made.n_jobs = n_jobs
    made._axes = recipe.axes
    made._source = lambda: index(k, recipe.axes)
    result: Affinities = made
    return result
