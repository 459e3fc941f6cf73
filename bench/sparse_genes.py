"""Figures of docs/transform.md: cells placed by sparse genes, as they are and as dense ones;
with "large", 50,000 onto 50,000; with "bounds", how many pairs a projection would rule out.

python bench/sparse_genes.py [large | bounds]
"""

import sys
import time

import anndata
import numpy as np
import scipy.sparse

from opentsne_go import tl
from opentsne_go._scanpy import pair

GENES, CLASSES, OLD, NEW = 2000, 12, 20_000, 4000


def cells(n, seed):
    """Log counts of simulated cells: 12 kinds, of whose genes a tenth are their own."""
    fixed = np.random.default_rng(0)
    base = fixed.lognormal(-3.4, 1.3, GENES)
    own = np.exp(2 * fixed.normal(0, 1, (CLASSES, GENES)) * (fixed.random((CLASSES, GENES)) < 0.1))
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, CLASSES, n)
    parts = []
    for lo in range(0, n, 2000):
        some = kind[lo : lo + 2000]
        counts = rng.poisson(base * own[some] * rng.lognormal(0, 0.3, (len(some), 1)))
        parts.append(scipy.sparse.csr_matrix(np.log1p(counts / counts.sum(1, keepdims=True) * 1e4).astype(np.float32)))
    return anndata.AnnData(scipy.sparse.vstack(parts).tocsr(), obs={"kind": kind})


def main():
    old, new = cells(OLD, 1), cells(NEW, 2)
    rng = np.random.default_rng(0)
    centre = rng.normal(0, 30, (CLASSES, 2))
    old.obsm["X_tsne"] = (centre[old.obs["kind"]] + rng.normal(size=(OLD, 2))).astype(np.float32)
    print(f"{OLD} cells, {NEW} new, {GENES} genes, {old.X.nnz / np.prod(old.shape):.3f} of the values are not 0")
    share, places = {"as they are": pair._SPARSE, "as dense ones": 0}, {}
    for _ in range(3):
        for name, most in share.items():
            pair._SPARSE = most
            place(new, old, name)
            places[name] = new.obsm["X_tsne"]
    a, b = places.values()
    right = [(np.argmin(((y[:, None] - centre) ** 2).sum(-1), axis=1) == new.obs["kind"]).mean() for y in (a, b)]
    print(f"same places, to the bit: {(a == b).all(axis=1).mean():.4f}; of their kind: {right[0]:.4f}, {right[1]:.4f}")


def place(new, old, name):
    wall, cpu = time.perf_counter(), time.process_time()
    tl.transform(new, old, n_jobs=2)
    print(f"{name}: {time.process_time() - cpu:.2f} s of processor time, {time.perf_counter() - wall:.2f} s", flush=True)


def large():
    old, new = cells(50_000, 1), cells(50_000, 2)
    old.obsm["X_tsne"] = np.random.default_rng(0).normal(size=(50_000, 2)).astype(np.float32)
    for _ in range(2):
        place(new, old, "50,000 onto 50,000")


def bounds():
    """Pairs that are too far for a tenth neighbour by a lower bound of their distance: along leading
    components, and by the lengths of what is left of each cell."""
    old, new = (cells(n, seed).X.toarray().astype(float) for n, seed in ((8000, 1), (400, 2)))
    for x in (old, new):
        x -= x.mean(axis=1, keepdims=True)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
    tenth = np.partition(2 - 2 * new @ old.T, 9, axis=1)[:, 9, None]
    centre = old.mean(axis=0)
    axes = np.linalg.svd(old[:1024] - centre, full_matrices=False)[2]
    for p in (64, 256, 512):
        a, b = ((x - centre) @ axes[:p].T for x in (old, new))
        rest = [
            np.sqrt(np.maximum(((x - centre) ** 2).sum(1) - (y**2).sum(1), 0)) for x, y in ((old, a), (new, b))
        ]
        least = (b**2).sum(1)[:, None] + (a**2).sum(1) - 2 * b @ a.T + (rest[1][:, None] - rest[0]) ** 2
        print(f"{p} components: {(least > tenth).mean():.7f} of {least.size} pairs are too far")


if __name__ == "__main__":
    {"large": large, "bounds": bounds}[sys.argv[1]]() if sys.argv[1:] else main()
