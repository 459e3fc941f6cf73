"""Affinities between points, under openTSNE's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._neighbors import search as _graph
from ._input import tables as _input
from ._options import fields as _knobs
from ._affinity.base import Affinities, neighbors
from ._affinity.counted import FixedSigmaNN, Uniform
from ._affinity.perplexity import Multiscale, MultiscaleMixture, PerplexityBasedNN

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


class PrecomputedAffinities(Affinities):
    """Affinities that are there.

    Parameters
    ----------
    affinities : scipy.sparse matrix or array-like, (n, n)
        Symmetric and non-negative.
    normalize : bool
        Scale P to sum to 1. The optimisation always works with such a P.
    """

    def __init__(self, affinities: Any, normalize: bool = True) -> None:
        from scipy.sparse import csr_matrix

        given = _input.sound(affinities, "affinities") if _input.is_sparse(affinities) else affinities
        P: Any = csr_matrix(given)
        if P.shape[0] != P.shape[1]:
            raise _input.bad("affinities", P.shape, "a square matrix")
        self.P = P / P.sum() if normalize else P

    def to_new(self, data: Any, return_distances: bool = False) -> Any:
        """Not possible: there are no data to compare with.

        Parameters
        ----------
        data, return_distances
            As elsewhere; not looked at.
        """
        raise RuntimeError("Precomputed affinity matrices cannot be queried.")


def fitted(
    built: _graph.Affinity, recipe: _knobs.Recipe, n_jobs: Any, index: Callable[[int], Any]
) -> Affinities:
    """The affinities of a map that the library has fitted.

    index makes the neighbour index for a number of neighbours, if somebody
    asks for it.
    """
    n = built.size()[0]
    made: Any
    if recipe.affinity in ("uniform", "uniform_max", "fixed_sigma"):
        k = min(recipe.k or _knobs.DEFAULT_K, n - 1)
        if recipe.affinity == "fixed_sigma":
            made = FixedSigmaNN._of(built)
            made.sigma = recipe.sigma
        else:
            made = Uniform._of(built)
            made._kind = recipe.affinity
        made._k = k
    else:
        asked = _knobs.perplexities("perplexity", recipe.perplexity)
        values = recipe.effective or [min(one, (n - 1) / 3) for one in asked]
        k = recipe.k or max(1, min(n - 1, int(3 * max(values))))
        kind = MultiscaleMixture if recipe.affinity == "multiscale" else Multiscale
        made = kind._of(built)
        made.perplexities = asked[0] if len(asked) == 1 else asked
        made.effective_perplexities_ = values
        made.symmetrize = True
    made.n_jobs = n_jobs
    made._axes = recipe.axes

    def source() -> Any:
        found = index(k)
        if found is not None:
            found._axes = recipe.axes
        return found

    made._source = source
    result: Affinities = made
    return result
