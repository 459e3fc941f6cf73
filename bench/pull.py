"""Figures of docs/pull.md and docs/align.md: python bench/pull.py global|align."""

import sys

import anndata
import numpy as np
import scipy.sparse

import data
import opentsne_go as og
from mapping_common import share_right
from opentsne_go import tl

PULLS = (None, 0.0001, 0.001, 0.01, 0.1)


def load(name):
    return np.load(data.shared() / "data" / f"{name}.npz", allow_pickle=True)


def some(X, y, n):
    at = np.sort(np.random.default_rng(0).choice(len(X), n, replace=False))
    return np.ascontiguousarray(X[at], np.float32), y[at]


def towards_components():
    digits, cells, mass = load("mnist70k"), load("multicenter_cytof"), load("thymus_masscyt")
    one = cells["batch"] == 1
    sets = {"MNIST": some(digits["X"] / np.float32(255), digits["y"], 10_000), "mouse thymus": some(mass["X"], mass["y"], 10_000),
            "blood": some(cells["X"][one], cells["y"][one], 10_000)}
    for name, (X, y) in sets.items():
        for pull in PULLS:
            e = og.TSNE(n_jobs=2, random_state=0, pull=pull).fit(X)
            q = og.quality(X, e, y, n_jobs=2)
            print(f"| {name} | {pull or 0:g} | {q.knn:.3f} | {q.knc:.3f} | {q.cpd:.3f} | {e.kl_divergence:.3f} |", flush=True)


def cells(X, labels, rep):
    a = anndata.AnnData(X, obsm={"X_pca": rep})
    a.obs["y"] = labels
    return a


def batches():
    z = load("cellmix_5lines")
    C = scipy.sparse.csr_matrix((z["counts_data"], z["counts_indices"], z["counts_indptr"]), shape=tuple(z["counts_shape"])).toarray().astype(float)
    L = np.log1p(C / C.sum(1, keepdims=True) * 1e4).astype(np.float32)
    made = {}
    for i in range(5):
        X = L[z["batch"] == i]
        u, s, _ = np.linalg.svd((X - X.mean(0)).astype(float), full_matrices=False)
        made[i] = cells(X, z["y"][z["batch"] == i], (u * s)[:, :50].astype(np.float32))
    compare("cell lines", made, 2, (0, 1, 3, 4), z["batch_names"], {}, -1)
    z = load("multicenter_cytof")
    made = {}
    for i in (1, 6, 9, 13, 15):
        X, y = some(z["X"][z["batch"] == i], z["y"][z["batch"] == i], 20_000)
        made[i] = cells(X, y, X)
    compare("blood", made, 1, (6, 9, 13, 15), [f"sample {i}" for i in range(17)], {"use_rep": "X_pca"}, 0)


def compare(name, made, first, others, names, how, unlabelled):
    old = made[first]
    tl.tsne(old, n_jobs=2, use_rep="X_pca")
    known = old.obs["y"].to_numpy() != unlabelled
    for i in others:
        new = made[i]
        y, use = new.obs["y"].to_numpy(), new.obs["y"].to_numpy() != unlabelled
        shares = []
        for place in (tl.transform, tl.align):
            place(new, old, n_jobs=2, **how, **({"fit_rep": "X_pca"} if place is tl.align else {}))
            shares.append(share_right(old.obsm["X_tsne"][known], old.obs["y"].to_numpy()[known], new.obsm["X_tsne"][use], y[use]))
        kl = new.uns["tsne"]["kl_divergence"]
        free = [og.TSNE(n_jobs=2, random_state=s).fit(np.ascontiguousarray(new.obsm["X_pca"] @ turned(s, new.obsm["X_pca"].shape[1]))).kl_divergence
                for s in range(3)]
        print(f"| {name} | {names[i]} | {len(y):,} | {shares[0]:.3f} | {shares[1]:.3f} | {np.mean(free):.3f} | {kl:.3f} | {100 * (kl / np.mean(free) - 1):+.1f} % |",
              flush=True)


def turned(seed, d):
    """The same data from another PCA start: axes mirrored and swapped by their numbers."""
    return np.eye(d, dtype=np.float32) if seed == 0 else np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0].astype(np.float32)


if __name__ == "__main__":
    {"global": towards_components, "align": batches}[sys.argv[1]]()
