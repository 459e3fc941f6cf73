"""Affinities that the library owns."""

from __future__ import annotations

import ctypes as ct
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opentsne_go._extras import extras
from opentsne_go._input import arguments, tables
from opentsne_go._native import arrays, kinds, structures
from opentsne_go._native.arrays import Float32, Rows
from opentsne_go._native.calls import call
from opentsne_go._native.handles import Handle
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import run
from opentsne_go._neighbors import search
from opentsne_go._neighbors.search import Graph
from opentsne_go.errors import InvalidInputError


class NativeAffinities:
    """Owns a ``tsne_affinities``: symmetric, sums to 1."""

    def __init__(self) -> None:
        self.handle = Handle("tsne_affinities_free")

    @property
    def pointer(self) -> Any:
        return self.handle.pointer

    @property
    def out(self) -> Any:
        return self.handle.out

    def size(self) -> tuple[int, int]:
        """Points and stored values."""
        n, nnz = ct.c_int64(), ct.c_int64()
        call("tsne_affinities_size", ct.byref(n), ct.byref(nnz), self.pointer)
        return n.value, nnz.value

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int32], Float32]:
        """ptr, col and val of the CSR form."""
        n, nnz = self.size()
        ptr = np.empty(n + 1, np.int64)
        col = np.empty(nnz, np.int32)
        val = np.empty(nnz, np.float32)

        def work() -> int:
            return call(
                "tsne_affinities_copy",
                arrays.pointer(ptr, kinds.I64),
                arrays.pointer(col, kinds.I32),
                arrays.floats(val),
                self.pointer,
            )

        run(work)
        return ptr, col, val

    @classmethod
    def of_data(cls, x: Rows, options: Any, watch: Any = None) -> NativeAffinities:
        """Affinities of rows."""

        def work() -> NativeAffinities:
            made = cls()
            call("tsne_affinities_from_data", made.out, arrays.Data(x), ct.byref(options))
            return made

        return run(work, options, watch or Watch())

    @classmethod
    def of_graph(cls, graph: Graph, options: Any) -> NativeAffinities:
        """Affinities of a neighbour graph."""
        return cls._of_index("tsne_affinities_from_neighbors", *search.checked_graph(*graph), options)

    @classmethod
    def of_conditional(cls, index: NDArray[np.int32], p: Float32, options: Any) -> NativeAffinities:
        """Affinities of neighbours and their p_j|i."""
        return cls._of_index("tsne_affinities_from_conditional", index, p, options)

    @classmethod
    def _of_index(cls, function: str, index: NDArray[np.int32], values: Float32, options: Any) -> NativeAffinities:
        def work() -> NativeAffinities:
            made = cls()
            call(function, made.out, arrays.pointer(index, kinds.I32), arrays.floats(values), *index.shape, ct.byref(options))
            return made

        return run(work, options, Watch())

    @classmethod
    def of_csr(cls, ptr: Any, col: Any, val: Any) -> NativeAffinities:
        """Affinities as they are, scaled to sum to 1."""
        ptr = np.ascontiguousarray(ptr, np.int64)
        col = np.ascontiguousarray(col, np.int32)
        val = np.ascontiguousarray(val, np.float32)
        made = cls()

        def work() -> int:
            return call(
                "tsne_affinities_from_csr",
                made.out,
                arrays.pointer(ptr, kinds.I64),
                arrays.pointer(col, kinds.I32),
                arrays.floats(val),
                len(ptr) - 1,
            )

        run(work)
        return made

    @classmethod
    def of_matrix(cls, matrix: Any, name: str = "P") -> NativeAffinities:
        """Affinities of a sparse or dense symmetric matrix."""
        with extras():
            from scipy.sparse import csr_matrix

        given = tables.sound(matrix, name) if tables.is_sparse(matrix) else tables.unannotated(matrix, name)
        csr: Any = csr_matrix(given, copy=True)
        if csr.shape[0] != csr.shape[1]:
            raise arguments.bad(name, csr.shape, "a square matrix")
        csr.sum_duplicates()
        try:
            return cls.of_csr(csr.indptr, csr.indices, csr.data)
        except InvalidInputError as error:
            if csr.diagonal().any():
                raise arguments.also(error, f"{name}.setdiag(0) takes them off") from None
            if (csr != csr.T).nnz:
                raise arguments.also(error, f"({name} + {name}.T) / 2 is symmetric") from None
            raise


def conditional(distances: ArrayLike, n_jobs: Any = 1, **fields: Any) -> NDArray[np.float64]:
    """p(j|i) of rows of distances; each row sums to 1."""
    far = tables.matrix(distances, "distances")
    options = structures.options(threads=arguments.threads(n_jobs), **fields)
    p = np.empty_like(far)
    work = lambda: call(
        "tsne_conditional", arrays.floats(p), arrays.floats(far), *far.shape, ct.byref(options)
    )
    run(work, options, Watch())
    rows = p.astype(float)
    rows /= rows.sum(axis=1, keepdims=True)
    return rows
