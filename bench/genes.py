"""Figures of docs/large-data.md: principal components of sparse genes that lie in a file.

    python bench/genes.py N [--genes 30000] [--components 50] [--dir FOLDER] [--check]

writes N simulated cells as an .h5ad of CSR counts (log1p of counts to 10,000), reads it backed and prints one JSON line: the share of
values that are not 0, seconds and processor seconds, readings of the store, and the most anonymous memory above what the process
had before. --check holds the result to scikit-learn's: PCA of the whole matrix made dense (svd_solver="arpack" takes sparse rows, and so
is taken) gives the subspace, of which the largest angle in radians is told by components asked for, and the variance.
"""

import argparse
import json
import pathlib
import tempfile
import time

import anndata
import h5py
import numpy as np
import scipy.linalg
import scipy.sparse

import opentsne_go
from opentsne_go._input import components
from scale import Watch

TYPES, PART = 40, 500


def parts(n, genes):
    """Log counts of cells of 40 kinds of unlike size, in which a tenth of the genes are their own, and of 20 programs that all have in some degree."""
    fixed = np.random.default_rng(0)
    base = fixed.lognormal(-4.6, 1.9, genes)
    own = np.exp(1.5 * fixed.normal(0, 1, (TYPES, genes)) * (fixed.random((TYPES, genes)) < 0.1)).astype(np.float32)
    programs = (0.25 * fixed.normal(0, 1, (20, genes)) * (fixed.random((20, genes)) < 0.2)).astype(np.float32)
    weight = fixed.dirichlet(np.full(TYPES, 1.0))
    rng = np.random.default_rng(1)
    for lo in range(0, n, PART):
        count = min(PART, n - lo)
        kind = rng.choice(TYPES, count, p=weight)
        rate = base * own[kind] * np.exp(rng.normal(size=(count, 20)).astype(np.float32) @ programs) * rng.lognormal(0, 0.3, (count, 1))
        rows = rng.poisson(rate)
        yield scipy.sparse.csr_matrix(np.log1p(rows / rows.sum(1, keepdims=True) * 1e4).astype(np.float32))


def write(path, n, genes):
    made = parts(n, genes)
    anndata.AnnData(next(made)).write_h5ad(path)
    with h5py.File(path, "a") as file:
        x = anndata.io.sparse_dataset(file["X"])
        for part in made:
            x.append(part)
        for name in ("obs", "obsm"):
            del file[name]
        anndata.io.write_elem(file, "obs", anndata.AnnData(shape=(n, 0)).obs)
        anndata.io.write_elem(file, "obsm", {})


def check(path, scores, k):
    """The largest angle between the first j components, and the variance they have beside the best."""
    from sklearn.decomposition import PCA
    X = anndata.read_h5ad(path).X
    pca = PCA(k, svd_solver="arpack", random_state=0)
    best = pca.fit_transform(X.astype(np.float64))
    variance = scores.astype(np.float64).var(axis=0, ddof=1)
    angles = {j: float(scipy.linalg.subspace_angles(best[:, :j], scores[:, :j]).max()) for j in (5, 10, 20, 30, 40, k) if j <= k}
    return {"angles": angles, "variance": float(variance.sum() / pca.explained_variance_.sum()),
            "least of one": float((variance / pca.explained_variance_).min()), "eigenvalues": [round(float(v), 3) for v in pca.explained_variance_[[0, 9, 19, 29, 39, k - 1]]]}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("n", type=int)
    a.add_argument("--genes", type=int, default=30_000)
    a.add_argument("--components", type=int, default=50)
    a.add_argument("--dir")
    a.add_argument("--check", action="store_true")
    job = a.parse_args()
    with tempfile.TemporaryDirectory(dir=job.dir) as folder:
        path = pathlib.Path(folder) / "cells.h5ad"
        write(path, job.n, job.genes)
        backed = anndata.read_h5ad(path, backed="r")
        readings = []
        blocks = components._Reading.blocks
        components._Reading.blocks = lambda self, what: readings.append(what) or blocks(self, what)
        with Watch() as watch:
            cpu = time.process_time()
            scores = opentsne_go.pca(backed.X, job.components)
            cpu, seconds = time.process_time() - cpu, time.perf_counter() - watch.t0
        facts = {"n": job.n, "genes": job.genes, "filled": backed.X._indptr[-1] / job.n / job.genes if hasattr(backed.X, "_indptr") else None,
                 "seconds": round(seconds, 1), "processor": round(cpu, 1), "readings": len(readings), "peak": watch.peak(0, seconds),
                 "file": path.stat().st_size}
        print(json.dumps(facts | (check(path, scores, job.components) if job.check else {})), flush=True)


if __name__ == "__main__":
    main()
