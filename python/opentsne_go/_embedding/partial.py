"""New points over a frozen map."""

from __future__ import annotations

import ctypes as ct
import logging
import threading
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opentsne_go._extras import extras
from opentsne_go._input import arguments, tables
from opentsne_go._input.starts import given_positions
from opentsne_go._native import arrays, kinds, structures
from opentsne_go._native.arrays import Float32
from opentsne_go._native.calls import call
from opentsne_go._native.handles import Handle
from opentsne_go._native.progress import Watch
from opentsne_go._native.running import read, run, turn
from opentsne_go._native.status import E_CANCELLED
from opentsne_go._options import checked
from opentsne_go._options.table import DESCENT, OF_MAPS
from opentsne_go._positions import Positions
from opentsne_go._shown import as_html
from opentsne_go.errors import OptimizationInterrupt

from . import told
from .optimizable import OptimizableEmbedding, standing

__all__ = ["PartialTSNEEmbedding"]

log = logging.getLogger("opentsne_go")

#: ptr, col and val of a matrix in CSR form.
Sparse = tuple[NDArray[np.int64], NDArray[np.int32], Float32]


class PartialTSNEEmbedding(Positions):
    """Positions of new points over a finished map.

    An (m, n_components) float32 ndarray, as `TSNEEmbedding` is.
    `TSNEEmbedding.transform` and `TSNEEmbedding.prepare_partial` make them too.

    Parameters
    ----------
    embedding : array-like, (m, n_components)
        Positions to start from.
    reference_embedding : TSNEEmbedding
        The map; it is kept as it is now.
    P : scipy.sparse matrix or array-like, (m, n)
        What draws the new points to the n of the map: each row 0 or more, and
        not all 0. Rows are scaled to sum to 1.
    optimizer : None
        Accepted for compatibility: the optimiser's state is the library's.
    **gradient_descent_params
        Defaults of `optimize`.

    Attributes
    ----------
    reference_embedding : TSNEEmbedding
        The map.
    P : scipy.sparse.csr_matrix, (m, n)
        A copy of what draws the new points; each row sums to 1.
    kl_divergence : float
        Mean over the points of sum p log(p / q); NaN before `optimize`.
    n_iter : int
        Iterations so far.
    gradient_descent_params : dict
        Defaults of `optimize`.
    """

    __module__ = "opentsne_go"

    def __new__(
        cls,
        embedding: ArrayLike,
        reference_embedding: OptimizableEmbedding,
        P: Any,
        optimizer: None = None,
        **gradient_descent_params: Any,
    ) -> PartialTSNEEmbedding:
        if not isinstance(reference_embedding, OptimizableEmbedding):
            raise TypeError(
                f"reference_embedding: got {type(reference_embedding).__name__}; "
                "allowed: a TSNEEmbedding"
            )
        if optimizer is not None:
            raise TypeError(f"optimizer: got {type(optimizer).__name__}; allowed: None")
        n, dims = reference_embedding.shape
        kernel = {"dof": reference_embedding.gradient_descent_params["dof"]}
        own = ("embedding", "reference_embedding", "P", "optimizer")
        params = checked.merged({**DESCENT, **kernel}, gradient_descent_params, cls.__name__, *own)
        _same_kernel(params, kernel)
        _of_points(gradient_descent_params)
        descent_fields(params)
        y = tables.matrix(embedding, "embedding").copy()
        rows = _sparse(P, n)
        if len(rows[0]) - 1 != len(y):
            raise arguments.bad("P", (len(rows[0]) - 1, n), f"{len(y)} rows, as embedding has")
        given_positions(y, len(y), dims, "embedding")
        handle = _drawn(reference_embedding, y, rows, params)
        return cls._of(y, handle, reference_embedding, params)

    @classmethod
    def _of(
        cls,
        y: Float32,
        handle: Handle,
        reference: OptimizableEmbedding,
        params: dict[str, Any],
    ) -> PartialTSNEEmbedding:
        made = y.view(cls)
        made._handle = handle
        made._turn = threading.RLock()
        made._run = object()
        made.reference_embedding = reference
        made.gradient_descent_params = params
        return made

    _handle: Handle
    _turn: Any
    _run: Any  # of which its phases are, for callbacks
    reference_embedding: OptimizableEmbedding
    gradient_descent_params: dict[str, Any]

    @property
    def P(self) -> Any:
        """Affinities of the new points to the map's, (m, n) csr_matrix; rows sum to 1."""
        with extras():
            from scipy.sparse import csr_matrix

        ptr, col, val = self._rows()
        return csr_matrix((val, col, ptr), shape=(len(self._y), len(self.reference_embedding)))

    def _rows(self) -> Sparse:
        """The affinities as the library has them."""
        nnz, partial = ct.c_int64(), self._handle.pointer
        call("tsne_partial_affinities", ct.byref(nnz), None, None, None, partial)
        ptr = np.empty(len(self._y) + 1, np.int64)
        col = np.empty(nnz.value, np.int32)
        val = np.empty(nnz.value, np.float32)
        call("tsne_partial_affinities", None, *_pointers(ptr, col, val), partial)
        return ptr, col, val

    @property
    def kl_divergence(self) -> float:
        """Mean over the points of sum p log(p / q)."""
        return self._info()[1]

    @property
    def n_iter(self) -> int:
        """Iterations so far."""
        return self._info()[0]

    def _repr_html_(self) -> str | None:
        if not self.__dict__:  # an array made of this one
            return None
        rows = {
            "points": len(self._y),
            "on a map of": len(self.reference_embedding),
            **told.course(lambda: self.kl_divergence, lambda: self.n_iter),
        }
        return as_html(type(self).__name__, rows, self._y, self.reference_embedding)

    def _info(self) -> tuple[int, float]:
        done, kl, handle = ct.c_int64(), ct.c_double(), self._handle
        out = None, None, ct.byref(done), ct.byref(kl)
        run(lambda: call("tsne_partial_info", *out, handle.pointer))
        return done.value, kl.value

    def optimize(
        self,
        n_iter: int,
        inplace: bool = False,
        propagate_exception: bool = False,
        **gradient_descent_params: Any,
    ) -> PartialTSNEEmbedding:
        """Refine the positions against the map, which stays as it is.

        Parameters
        ----------
        n_iter, inplace, propagate_exception
            As in `TSNEEmbedding.optimize`.
        **gradient_descent_params
            As there, but for annealing, ``auto_stop``, density and pull, which new
            points do not have; ``learning_rate="auto"`` is m / exaggeration,
            and 0.1 is what `TSNEEmbedding.transform` takes.

        Returns
        -------
        PartialTSNEEmbedding
            This one if ``inplace``, else a new one.
        """
        descent = checked.merged(
            self.gradient_descent_params, gradient_descent_params, *checked.OPTIMIZE
        )
        n_iter = arguments.whole("n_iter", n_iter, 0)
        exaggeration = checked.going_on("exaggeration", descent["exaggeration"])
        momentum = checked.going_on("momentum", descent["momentum"])
        rate = checked.going_on("learning_rate", descent["learning_rate"]) or len(self._y) / exaggeration
        every = int(checked.going_on("callbacks_every_iters", descent["callbacks_every_iters"]))
        callbacks = checked.callbacks(descent["callbacks"])
        fields = descent_fields(descent)
        _same_kernel(descent, self.gradient_descent_params)
        _of_points(gradient_descent_params)
        if not inplace:
            return self._copy().optimize(
                n_iter, True, propagate_exception, **gradient_descent_params
            )
        if len(self._y) == 0 or (n_iter == 0 and not callbacks):
            return self
        options = structures.transform_options(**fields)
        with turn(self._turn):
            handle = self._ready()
            starts = [self.n_iter] if callbacks or descent["verbose"] else None
            watch = Watch(descent["verbose"], callbacks, every, starts, self._run)
            options.progress_every = watch.report_every()
            y = self._y

            def work() -> int:
                return call(
                    "tsne_partial_optimize",
                    arrays.floats(y),
                    None,
                    handle.pointer,
                    n_iter,
                    exaggeration,
                    rate,
                    momentum,
                    ct.byref(options),
                )

            try:
                status = run(work, options, watch, (handle, self._turn))
            finally:
                watch.close()
        if status == E_CANCELLED:
            log.info("Optimization was interrupted with callback.")
            if propagate_exception:
                raise OptimizationInterrupt(self.kl_divergence, self)
        return self

    def _ready(self) -> Handle:
        """For who has our turn: the points where we stand, placed anew if somebody wrote to them."""
        there, handle = np.empty_like(self._y), self._handle
        read(lambda: call("tsne_partial_embedding", arrays.floats(there), handle.pointer), there.size)
        if not np.array_equal(there, self._y):
            n, dims = self._y.shape
            given_positions(self._y, n, dims, "embedding")
            self._handle = _drawn(
                self.reference_embedding, self._y, self._rows(), self.gradient_descent_params
            )
        return self._handle

    def _copy(self) -> PartialTSNEEmbedding:
        with turn(self._turn):
            handle = partial_handle()
            call("tsne_partial_clone", handle.out, self._handle.pointer)
            return type(self)._of(
                self._y.copy(),
                handle,
                self.reference_embedding,
                dict(self.gradient_descent_params),
            )

    def __copy__(self) -> PartialTSNEEmbedding:
        return self._copy()

    def __deepcopy__(self, memo: Any) -> PartialTSNEEmbedding:
        return self._copy()

    def __reduce__(self) -> Any:
        params = {**self.gradient_descent_params, "callbacks": None}
        return self._restored, (self._y, self.reference_embedding, self._rows(), params)

    @classmethod
    def _restored(cls, *state: Any) -> PartialTSNEEmbedding:
        """What pickles call: by the name of this class, wherever it is made."""
        return restore(*state)


def restore(
    y: Any, reference: OptimizableEmbedding, rows: Sparse, params: dict[str, Any]
) -> PartialTSNEEmbedding:
    """The inverse of pickling, by whichever version: it may know of fewer parameters."""
    params = {**DESCENT, **params}
    handle = _drawn(reference, y, rows, params)
    return PartialTSNEEmbedding._of(y, handle, reference, params)


def _of_points(given: dict[str, Any]) -> None:
    """Refuses what new points do not have."""
    for name in OF_MAPS:
        default = DESCENT[name]
        if given.get(name, default) not in (default, None, 0):
            raise arguments.bad(name, given[name], f"{default}, as new points have none")


def _same_kernel(descent: dict[str, Any], own: dict[str, Any]) -> None:
    """Refuses another dof: the map's own is that of its field."""
    if descent["dof"] != own["dof"]:
        raise arguments.bad("dof", descent["dof"], f"{own['dof']}, that of the map")


def _sparse(P: Any, n: int) -> Sparse:
    """A matrix of n columns in CSR form."""
    if tables.is_sparse(P):
        csr = tables.sound(P, "P").tocsr()  # in the order it is in, which is that of the sums
        if csr.dtype.kind not in "fiub":
            raise TypeError(f"P: got dtype {csr.dtype}; allowed: real numbers")
        shape, ptr, col, val = csr.shape, csr.indptr, csr.indices, csr.data
    else:
        full = tables.matrix(P, "P")
        row, col = np.nonzero(full)
        shape, val = full.shape, full[row, col]
        ptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(full)))])
    if shape[1] != n:
        raise arguments.bad("P", shape, f"{n} columns, the points of the map")
    return (
        np.ascontiguousarray(ptr, np.int64),
        np.ascontiguousarray(col, np.int32),
        np.ascontiguousarray(val, np.float32),
    )


def _pointers(ptr: Any, col: Any, val: Any) -> tuple[Any, Any, Any]:
    return arrays.pointer(ptr, kinds.I64), arrays.pointer(col, kinds.I32), arrays.floats(val)


def _drawn(
    reference: OptimizableEmbedding, y: Float32, rows: Sparse, params: dict[str, Any]
) -> Handle:
    """New points at y drawn by given affinities."""
    options = structures.transform_options(**descent_fields(params))
    model, uses = standing(reference)
    handle = partial_handle()
    data = arrays.floats(y), *_pointers(*rows), len(y)

    def work() -> int:
        return call(
            "tsne_partial_from_csr", handle.out, model.pointer, *data, ct.byref(options)
        )

    run(work, options, uses=uses)
    return handle


def partial_handle() -> Handle:
    """Owner of a ``tsne_partial`` to come."""
    return Handle("tsne_partial_free")


def inherited(reference: OptimizableEmbedding) -> dict[str, Any]:
    """Parameters that new points have from their map."""
    params = dict(reference.gradient_descent_params)
    all_callbacks = checked.callbacks(params["callbacks"])
    passing = [one for one in all_callbacks if not getattr(one, "of_one_map", False)]
    return {**params, "callbacks": passing or None}


def descent_fields(descent: dict[str, Any]) -> dict[str, Any]:
    """Fields of ``tsne_transform_options`` for the parameters of a descent."""
    forces = checked.forces(descent, 2)
    return {name: value for name, value in forces.items() if name not in (*OF_MAPS, "dims", "dof")}
