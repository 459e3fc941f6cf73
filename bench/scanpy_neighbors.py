"""Figures of docs/coming-from.md: maps of the 15 neighbours that scanpy finds by default.

python bench/scanpy_neighbors.py
"""

import anndata
import numpy as np
import scanpy as sc

import data
import opentsne_go as og
from opentsne_go import tl

STARTS = (0, 1, 2)


def cells(seed):
    """6,000 cells of the mouse thymus, another 6,000 and another start for each seed."""
    z = np.load(data.shared() / "data" / "thymus_masscyt.npz", allow_pickle=True)
    at = np.sort(np.random.default_rng(seed).choice(len(z["X"]), 6000, replace=False))
    made = anndata.AnnData(np.ascontiguousarray(z["X"][at], np.float32))
    made.obs["y"] = z["y"][at]
    return made


def main():
    ways = {
        "perplexity, lowered to 4.67": {"neighbors_key": "neighbors"},
        'affinity="uniform"': {"neighbors_key": "neighbors", "affinity": "uniform"},
        "neighbours of its own, perplexity 30": {},
    }
    found = {name: [] for name in ways}
    for seed in STARTS:
        one = cells(seed)
        sc.pp.neighbors(one, use_rep="X")
        for name, how in ways.items():
            tl.tsne(one, n_jobs=2, random_state=seed, **how)
            q = og.quality(one.X, one.obsm["X_tsne"], one.obs["y"].to_numpy(), n_jobs=2)
            found[name].append((q.knn, q.knc, q.cpd))
    for name, figures in found.items():
        mean, spread = np.mean(figures, axis=0), np.std(figures, axis=0, ddof=1)
        print(f"| {name} | " + " | ".join(f"{m:.3f} ± {s:.3f}" for m, s in zip(mean, spread, strict=True)) + " |")


if __name__ == "__main__":
    main()
