"""Embeds scanpy's bundled cells and scikit-learn's digits, and draws both maps: ./build.sh demo"""

import pathlib
import sys
import time
import warnings

warnings.filterwarnings("ignore", category=FutureWarning)

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import scanpy as sc
from matplotlib.patheffects import withStroke
from sklearn.datasets import load_digits

import opentsne_go as og

COLORS = ["#4e79a7", "#e15759", "#59a14f", "#b07aa1", "#f28e2b", "#76b7b2", "#9c755f", "#d37295", "#b6992d", "#79706e"]


def place(points):
    """Where a label goes: the member nearest to the median of its class, so that it lies on the class."""
    return points[np.linalg.norm(points - np.median(points, 0), axis=1).argmin()]


def spread(at, reach):
    """Moves labels apart vertically until none lies within reach (in map units) of another."""
    at = np.array(at, float)
    for _ in range(200):
        moved = False
        for i in range(len(at)):
            for j in range(i):
                gap = at[i] - at[j]
                if abs(gap[0]) < reach[0] and abs(gap[1]) < reach[1]:
                    push = (reach[1] - abs(gap[1])) / 2 + 1e-3
                    up = 1 if gap[1] >= 0 else -1
                    at[i, 1] += up * push
                    at[j, 1] -= up * push
                    moved = True
        if not moved:
            break
    return at


def panel(ax, Y, labels, title, subtitle, size):
    names = sorted(set(labels))
    labels = np.asarray(labels)
    span = np.ptp(Y, 0).max()
    where = []
    for name, color in zip(names, COLORS):
        some = Y[labels == name]
        ax.scatter(*some.T, s=size, color=color, linewidths=0, alpha=0.85)
        where.append(place(some))
    longest = max(len(n) for n in names)
    for name, color, (x, y) in zip(names, COLORS, spread(where, (span * 0.012 * longest, span * 0.045))):
        ax.text(x, y, name, ha="center", va="center", fontsize=9.5 if longest > 2 else 13, weight="bold",
                color="#1b1b1b", path_effects=[withStroke(linewidth=3, foreground="white", alpha=0.9)])
    ax.set_aspect("equal", "datalim")
    ax.axis("off")
    ax.set_title(title, loc="left", fontsize=13, weight="bold", pad=22)
    ax.text(0, 1.02, subtitle, transform=ax.transAxes, fontsize=10, color="#555555")


def report(name, n, kl, seconds):
    print(f"{name}: n = {n:,}, KL divergence {kl:.3f}, {seconds:.2f} s")
    return f"{n:,} points · KL {kl:.2f} · {seconds:.2f} s"


def main():
    adata = sc.datasets.pbmc68k_reduced()
    t0 = time.perf_counter()
    og.tl.tsne(adata)
    seconds = time.perf_counter() - t0
    _, kl = og.gradient(adata.obsm["X_tsne"], og.Affinities.from_data(adata.obsm["X_pca"]))
    cells = report("scanpy's pbmc68k_reduced", adata.n_obs, kl, seconds)

    digits = load_digits()
    t0 = time.perf_counter()
    Y = og.TSNE(n_jobs=-1).fit(digits.data)
    seconds = time.perf_counter() - t0
    written = report("scikit-learn's digits", len(Y), Y.kl_divergence, seconds)

    plt.rcParams["font.family"] = ["DejaVu Sans"]
    fig, axes = plt.subplots(1, 2, figsize=(13, 6.6), layout="constrained")
    fig.get_layout_engine().set(w_pad=0.3, h_pad=0.2)
    panel(axes[0], adata.obsm["X_tsne"], adata.obs["bulk_labels"].astype(str), "Blood cells", cells, 26)
    panel(axes[1], np.asarray(Y), digits.target.astype(str), "Handwritten digits", written, 12)
    path = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/demo.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    fig.savefig(path, dpi=110)
    print(f"picture: {path.resolve()}")


if __name__ == "__main__":
    main()
