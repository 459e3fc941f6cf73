"""Data of a file, a store or a graph of tasks: its principal components, and a file that a fit reads where it lies."""

from __future__ import annotations

from os import PathLike
from typing import Any

from ._cluster import summing
from ._input import arguments, collected, components, sources
from ._native.arrays import Rows


@arguments.named
def to_npy(X: Any, path: str | PathLike[str], *, verbose: bool = False) -> Rows:
    """Write rows to a file .npy, a block at a time, and map it for reading.

    A fit, a transform and a model read the rows of such a file where they lie, and need
    no memory for them; it must stay as it is while they are used.

    Parameters
    ----------
    X : array-like, (n, d)
        Dense rows of any kind that `TSNE.fit` takes: an HDF5 dataset, a zarr or Dask
        array, a memory map, the path of another .npy.
    path : path
        The file, whose name ends in .npy. It has its name once it is whole.
    verbose : bool
        Show how much is read.

    Returns
    -------
    (n, d) numpy.memmap
        float32; float64 if a column of doubles is so far from zero that float32 would
        blur it.

    Raises
    ------
    ValueError
        A value is not finite, or rows are not what was promised, by the row.
    OSError
        X cannot be read, or the file not be written, as on a full disk: it is not there then.
    """
    return collected.stored(sources.of(X), verbose, path)


@arguments.named
def pca(
    X: Any, n_components: int = 50, *, path: str | PathLike[str] | None = None, verbose: bool = False, client: Any = None
) -> Rows:
    """Principal component scores of rows that are read a block at a time.

    Up to 2,048 columns it is by the sums of their products, in two readings; beyond, as
    of sparse genes, by block Lanczos, a reading a step and some ten in all. Columns are
    centred and sparse rows stay sparse; sums are in double precision. Of each component
    the loading greatest in size is positive. numpy makes the products: other processors
    may differ in the last bits. Blocks of a Dask array are summed and projected by the
    workers of a cluster, where there is one; this process adds up the sums.

    Parameters
    ----------
    X : array-like or sparse, (n, d)
        Rows of any kind that `TSNE.fit` takes, those of files and Dask's included.
    n_components : int
        Columns of the result (1 to the lesser of n and d).
    path : path, optional
        A file .npy for the scores, which is mapped for reading; None: memory.
    verbose : bool
        Show how much is read.
    client : distributed.Client, optional
        Whose workers take the blocks of a Dask array; None: the current client's.

    Returns
    -------
    (n, n_components) float32

    Raises
    ------
    ValueError, OSError
        As `to_npy`.

    Examples
    --------
    >>> import numpy as np, opentsne_go
    >>> opentsne_go.pca(np.random.default_rng(0).normal(size=(300, 80)), 10).shape
    (300, 10)
    """
    return components.scores(summing.reading(sources.of(X), client, verbose), n_components, path)
