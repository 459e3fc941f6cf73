"""The divergence and its gradient at given positions."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from opentsne_go._affinity.base import Affinities, as_affinities, native_of
from opentsne_go._input import arguments, tables
from opentsne_go._input.starts import given_positions
from opentsne_go._native import arrays, structures
from opentsne_go._native.arrays import Float32
from opentsne_go._native.calls import call
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import run
from opentsne_go._options import checked
from opentsne_go._options.table import DESCENT


def evaluate(
    y: Float32, affinities: Affinities, options: Any
) -> tuple[Float32, float]:
    """Gradient and divergence, by options that are made."""
    grad, kl = np.empty_like(y), ct.c_double()
    built = native_of(affinities)
    work: Callable[[], int] = lambda: call(
        "tsne_affinities_gradient",
        arrays.floats(grad),
        ct.byref(kl),
        built.pointer,
        arrays.floats(y),
        ct.byref(options),
    )
    run(work, options, Watch())
    return grad, kl.value


@arguments.named
def gradient(
    embedding: ArrayLike,
    affinities: Affinities,
    *,
    negative_gradient_method: str = "auto",
    theta: float = 0.5,
    dof: float = 1,
    n_jobs: int | None = 1,
) -> tuple[Float32, float]:
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
    y = tables.matrix(embedding, "embedding")
    dims = checked.dims(y.shape[1])
    given = as_affinities(affinities)
    given_positions(y, given.n_samples, dims, "embedding")
    params = {
        **DESCENT,
        "negative_gradient_method": negative_gradient_method,
        "theta": theta,
        "dof": dof,
        "n_jobs": n_jobs,
    }
    return evaluate(y, given, structures.options(**checked.forces(params, dims)))
