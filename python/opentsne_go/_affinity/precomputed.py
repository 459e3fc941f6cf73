"""Affinities that are there."""

from __future__ import annotations

from typing import Any

from opentsne_go._extras import extras
from opentsne_go._input import arguments, tables

from .base import Affinities


class PrecomputedAffinities(Affinities):
    """Affinities that are there.

    Parameters
    ----------
    affinities : scipy.sparse matrix or array-like, (n, n)
        Symmetric and non-negative.
    normalize : bool
        Scale P to sum to 1. The optimisation always works with such a P.
    """

    __module__ = "opentsne_go.affinity"

    @arguments.named
    def __init__(self, affinities: Any, normalize: bool = True) -> None:
        with extras():
            from scipy.sparse import csr_matrix

        given = tables.unannotated(affinities, "affinities")
        P: Any = csr_matrix(tables.sound(given, "affinities") if tables.is_sparse(given) else given)
        if P.shape[0] != P.shape[1]:
            raise arguments.bad("affinities", P.shape, "a square matrix")
        self.P = P / P.sum() if normalize else P

    @arguments.named
    def to_new(self, data: Any, return_distances: bool = False) -> Any:
        """Not possible: there are no data to compare with.

        Parameters
        ----------
        data, return_distances
            As elsewhere; not looked at.
        """
        raise RuntimeError("Precomputed affinity matrices cannot be queried.")
