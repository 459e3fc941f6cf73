"""The library's C functions on numpy arrays, for measuring; the prototypes are the package's."""

import ctypes as ct
import functools
import hashlib
import time

import numpy as np
import scipy.sparse as sp

from opentsne_go._native import abi, choices, kinds, library, status, structures

REPULSION = choices.REPULSION
F32, F64, I32, I64 = kinds.F32, kinds.F64, kinds.I32, kinds.I64

#: openTSNE's rule, of which all figures are that do not say otherwise: fields, and `TSNE`'s arguments.
RULE = {"early_iterations": 250, "iterations": 500}
BY_RULE = {"early_exaggeration_iter": 250, "n_iter": 500}


def _p(a, kind):
    return a.ctypes.data_as(kind)


def _f32(a):
    return np.ascontiguousarray(a, np.float32)


@functools.cache
def build():
    """Short hash of the library in use, to tell its results from another build's."""
    return hashlib.sha256(open(library.lib()._name, "rb").read()).hexdigest()[:10]


def version():
    return library.lib().tsne_version().decode()


def cpu():
    return library.lib().tsne_cpu().decode()


def _options(keep, perplexity=None, y0=None, neighbors=None, repulsion=None, init=None, **fields):
    if perplexity is not None and np.ndim(perplexity):
        a = np.asarray(perplexity, np.float64)
        keep.append(a)
        fields["perplexities"], fields["n_perplexities"] = _p(a, F64), len(a)
    elif perplexity is not None:
        fields["perplexity"] = perplexity
    if y0 is not None:
        a = _f32(y0)
        keep.append(a)
        fields["init_y"], fields["init"] = _p(a, F32), choices.INIT["given"]
    elif init is not None:
        fields["init"] = choices.INIT[init]
    if repulsion is not None:
        fields["repulsion"] = REPULSION[repulsion]
    if neighbors is not None:
        fields["neighbors"] = choices.NEIGHBORS[neighbors]
    return structures.options(**RULE | fields)


def fit(X, report=None, hear=None, **options):
    """tsne_fit. Returns the map, its KL by the library, the seconds and (stage, iteration, time) of each report.

    report(iteration, kl, Y) is called in the optimisation; Y is valid during the call. hear(stage, iteration, share of it done) is called always.
    """
    keep, stamps = [], []
    X = _f32(X)

    def on(raw, _):
        p = raw.contents
        stamps.append((abi.STAGES[p.stage], int(p.iteration), time.perf_counter()))
        if hear:
            hear(abi.STAGES[p.stage], int(p.iteration), p.done)
        if report and p.y:
            report(int(p.iteration), float(p.kl), np.ctypeslib.as_array(p.y, (p.n, p.dims)))
        return 0
    o = _options(keep, **options)
    o.progress = kinds.PROGRESS_FN(on)
    Y = np.empty((len(X), o.dims), np.float32)
    model = ct.c_void_p()
    lib = library.lib()
    t0 = time.perf_counter()
    status.check(lib.tsne_fit(_p(Y, F32), ct.byref(model), _p(X, F32), *X.shape, ct.byref(o)))
    seconds = time.perf_counter() - t0
    kl = ct.c_double()
    status.check(lib.tsne_model_info(None, None, None, ct.byref(kl), model))
    lib.tsne_model_free(model)
    return Y, kl.value, seconds, [(s, i, t - t0) for s, i, t in stamps]


class Affinities:
    """P, held by the library."""

    def __init__(self, handle):
        self.handle = handle

    @classmethod
    def of(cls, X, **options):
        keep, h, X = [], ct.c_void_p(), _f32(X)
        o = _options(keep, **options)
        status.check(library.lib().tsne_affinities_from_data(ct.byref(h), _p(X, F32), *X.shape, ct.byref(o)))
        return cls(h)

    @classmethod
    def from_csr(cls, P):
        P = sp.csr_matrix(P)
        P.sort_indices()
        ptr, col, val = P.indptr.astype(np.int64), P.indices.astype(np.int32), P.data.astype(np.float32)
        h = ct.c_void_p()
        status.check(library.lib().tsne_affinities_from_csr(ct.byref(h), _p(ptr, I64), _p(col, I32), _p(val, F32), P.shape[0]))
        return cls(h)

    def csr(self):
        n, nnz = ct.c_int64(), ct.c_int64()
        lib = library.lib()
        status.check(lib.tsne_affinities_size(ct.byref(n), ct.byref(nnz), self.handle))
        ptr, col, val = np.empty(n.value + 1, np.int64), np.empty(nnz.value, np.int32), np.empty(nnz.value, np.float32)
        status.check(lib.tsne_affinities_copy(_p(ptr, I64), _p(col, I32), _p(val, F32), self.handle))
        return sp.csr_matrix((val.astype(np.float64), col, ptr), (n.value,) * 2)

    def gradient(self, Y, **options):
        """KL and its gradient at Y, the factor 4 included."""
        keep, Y = [], _f32(Y)
        o = _options(keep, dims=Y.shape[1], **options)
        g, kl = np.empty_like(Y), ct.c_double()
        status.check(library.lib().tsne_affinities_gradient(_p(g, F32), ct.byref(kl), self.handle, _p(Y, F32), ct.byref(o)))
        return kl.value, g.astype(np.float64)

    def __del__(self):
        library.lib().tsne_affinities_free(self.handle)


def neighbors(X, k, **options):
    keep, X = [], _f32(X)
    o = _options(keep, **options)
    index, distance = np.empty((len(X), k), np.int32), np.empty((len(X), k), np.float32)
    status.check(library.lib().tsne_neighbors(_p(index, I32), _p(distance, F32), _p(X, F32), *X.shape, k, ct.byref(o)))
    return index, distance
