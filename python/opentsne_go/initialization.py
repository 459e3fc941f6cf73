"""Where the points start."""

from __future__ import annotations

import ctypes as ct
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._affinity.base import Affinities, native_of
from ._affinity.native import NativeAffinities
from ._input import arguments, reduction, tables
from ._native import arrays, choices, structures
from ._native.calls import call
from ._native.progress import Watch
from ._native.running import run
from ._options import checked
from ._positions import plain

__all__ = ["pca", "random", "spectral", "median", "weighted_mean", "weighted", "rescale", "jitter"]

Positions = NDArray[Any]


def _generator(random_state: Any) -> Any:
    if isinstance(random_state, (np.random.RandomState, np.random.Generator)):
        return random_state
    return np.random.default_rng(arguments.seed(random_state))


@arguments.named
def rescale(x: ArrayLike, inplace: bool = False, target_std: float = 1e-4) -> Positions:
    """Scale positions so that the first axis has a given standard deviation.

    Positions whose first axis does not vary become 0.

    Parameters
    ----------
    x : (n, n_components)
        Positions.
    inplace : bool
        Change x instead of a copy.
    target_std : float
        The deviation.

    Returns
    -------
    (n, n_components) ndarray
    """
    y = plain(x) if inplace else np.array(tables.unannotated(x, "x"), copy=True)
    if len(y) and (y[:, 0] != y[0, 0]).any():
        y /= np.std(y[:, 0]) / target_std
    else:
        y[:] = 0
    return x if inplace else y  # type: ignore[return-value]


@arguments.named
def jitter(
    x: ArrayLike, inplace: bool = False, scale: float = 0.01, random_state: Any = None
) -> Positions:
    """Add a little noise, which parts points that coincide.

    Parameters
    ----------
    x : (n, n_components)
        Positions.
    inplace : bool
        Change x instead of a copy.
    scale : float
        Standard deviation of the noise, as a share of the first axis's, or of
        1e-4 if that is 0.
    random_state : int, None, RandomState or Generator
        Of the noise.

    Returns
    -------
    (n, n_components) ndarray
    """
    y = plain(x) if inplace else np.array(tables.unannotated(x, "x"), copy=True)
    deviation = np.std(y[:, 0]) or 1e-4
    noise = _generator(random_state).normal(0, deviation * scale, y.shape)
    y += noise.astype(y.dtype)
    return x if inplace else y  # type: ignore[return-value]


@arguments.named
def random(
    n_samples: Any, n_components: int = 2, random_state: Any = None, verbose: bool = False
) -> Positions:
    """Gaussian positions with standard deviation 1e-4.

    Parameters
    ----------
    n_samples : int or array-like
        Number of points, or their data.
    n_components : int
        Columns.
    random_state : int, None, RandomState or Generator
        Of the positions.
    verbose : bool
        Without effect.

    Returns
    -------
    (n, n_components) ndarray
    """
    n = n_samples.shape[0] if hasattr(n_samples, "shape") and n_samples.shape else n_samples
    n = arguments.whole("n_samples", n, 0)
    options = structures.options(
        dims=checked.dims(n_components), init=choices.INIT["random"], seed=arguments.seed(random_state)
    )
    y = np.empty((n, options.dims), np.float32)
    rows = np.zeros((n, 1), np.float32)  # of which only the number counts
    if n:
        call("tsne_initialize", arrays.floats(y), arrays.floats(rows), *rows.shape, ct.byref(options))
    return y


@arguments.named
def pca(
    X: Any,
    n_components: int = 2,
    svd_solver: str = "auto",
    random_state: Any = None,
    verbose: bool = False,
    add_jitter: bool = True,
) -> Positions:
    """The first principal components, the first with standard deviation 1e-4.

    Parameters
    ----------
    X : array-like or sparse, (n, d)
        The data.
    n_components : int
        Columns.
    svd_solver : str
        Accepted for compatibility and without effect.
    random_state : int, None, RandomState or Generator
        Of the jitter.
    verbose : bool
        Without effect.
    add_jitter : bool
        Add noise of a hundredth of the deviation.

    Returns
    -------
    (n, n_components) ndarray
    """
    dims = checked.dims(n_components)
    x = reduction.table(X)
    if not add_jitter:
        return rescale(reduction.reduce(x, dims), inplace=True)
    options = structures.options(dims=dims, seed=arguments.seed(random_state))
    y = np.empty((len(x), dims), np.float32)

    def work() -> int:
        return call("tsne_initialize", arrays.floats(y), arrays.Data(x), ct.byref(options))

    run(work, options, Watch())
    return y


@arguments.named
def spectral(
    A: Any,
    n_components: int = 2,
    tol: float = 1e-4,
    max_iter: int | None = None,
    random_state: Any = None,
    verbose: bool = False,
    add_jitter: bool = True,
) -> Positions:
    """Leading eigenvectors of the affinities' random walk (a diffusion map).

    Parameters
    ----------
    A : Affinities, or scipy.sparse matrix or array-like, (n, n)
        Symmetric affinities.
    n_components : int
        Columns.
    tol, max_iter
        Accepted for compatibility and without effect.
    random_state : int, None, RandomState or Generator
        Of the jitter.
    verbose : bool
        Without effect.
    add_jitter : bool
        Add noise of a hundredth of the standard deviation, which is 1e-4.

    Returns
    -------
    (n, n_components) ndarray
    """
    dims = checked.dims(n_components)
    if isinstance(A, Affinities):
        built = native_of(A)
    else:
        shape = np.shape(A)
        if len(shape) != 2:
            raise ValueError("The graph adjacency matrix must be a 2-dimensional matrix.")
        if shape[0] != shape[1]:
            raise ValueError("The graph adjacency matrix must be a square matrix.")
        built = NativeAffinities.of_matrix(A, "A")
    seed = arguments.seed(random_state)
    options = structures.options(dims=dims, seed=seed)
    if add_jitter:
        options.init = choices.INIT["spectral"]
    y = np.empty((built.size()[0], dims), np.float32)
    run(lambda: call("tsne_spectral", arrays.floats(y), built.pointer, ct.byref(options)), options)
    return y


@arguments.named
def median(embedding: Any, neighbors: ArrayLike, verbose: bool = False) -> Positions:
    """The median position of some points of a map, for each new point.

    Parameters
    ----------
    embedding : (n, n_components)
        The map.
    neighbors : (m, k) int
        Points of the map near each new one.
    verbose : bool
        Without effect.

    Returns
    -------
    (m, n_components) ndarray
    """
    near = tables.as_array(neighbors, "neighbors")
    return np.ascontiguousarray(np.median(tables.as_array(embedding, "embedding")[near], axis=1))


@arguments.named
def weighted_mean(
    X: Any, embedding: Any, neighbors: ArrayLike, distances: ArrayLike, verbose: bool = False
) -> Positions:
    """The mean position of some points of a map, weighted as openTSNE does.

    Parameters
    ----------
    X : (m, d)
        The new points; only their number counts.
    embedding : (n, n_components)
        The map.
    neighbors : (m, k) int
        Points of the map near each new one.
    distances : (m, k)
        The weights.
    verbose : bool
        Without effect.

    Returns
    -------
    (m, n_components) ndarray
    """
    near = tables.as_array(neighbors, "neighbors")
    if len(near) != len(X):
        raise arguments.bad("neighbors", near.shape, f"{len(X)} rows, as X has")
    weights = tables.as_array(distances, "distances").astype(float)
    places = tables.as_array(embedding, "embedding").astype(float)[near]
    y = (places * weights[..., None]).sum(axis=1) / weights.sum(axis=1, keepdims=True)
    return np.ascontiguousarray(y)


weighted = weighted_mean
