"""The divergence and its gradient at given positions."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike as Rows

from .._input import tables as _input
from .._options import fields as _knobs
from .._native import library as _lib
from .._neighbors.search import call, floats
from .._native.running import run
from .._native.progress import Watch
from ..affinity import Affinities


def evaluate(
    y: _input.Float32, affinities: Affinities, options: Any
) -> tuple[_input.Float32, float]:
    """Gradient and divergence, by options that are made."""
    grad, kl = np.empty_like(y), ct.c_double()
    built = affinities._affinity()
    work: Callable[[], int] = lambda: call(
        "tsne_gradient",
        floats(grad),
        ct.byref(kl),
        floats(y),
        built.pointer,
        ct.byref(options),
    )
    run(work, options, Watch())
    return grad, kl.value


def gradient(
    embedding: Rows,
    affinities: Affinities,
    *,
    negative_gradient_method: str = "auto",
    theta: float = 0.5,
    dof: float = 1,
    n_jobs: int | None = 1,
) -> tuple[_input.Float32, float]:
    """Gradient of the KL divergence at some positions, and the divergence.

    Parameters
    ----------
    embedding : array-like, (n, 1 to 3)
        The positions.
    affinities : Affinities
        Affinities of the n points.
    negative_gradient_method, theta, dof, n_jobs
        As in `TSNE`.

    Returns
    -------
    gradient : (n, 1 to 3) float32
        With the factor 4 of van der Maaten & Hinton (2008), equation 5.
    kl_divergence : float
    """
    y = _input.matrix(embedding, "embedding")
    dims = _knobs.dims(y.shape[1])
    given = Affinities._take(affinities)
    _input.start(y, given.n_samples, dims, "embedding")
    knobs = {
        **_knobs.DESCENT,
        "negative_gradient_method": negative_gradient_method,
        "theta": theta,
        "dof": dof,
        "n_jobs": n_jobs,
    }
    return evaluate(y, given, _lib.options(**_knobs.forces(knobs, dims)))
