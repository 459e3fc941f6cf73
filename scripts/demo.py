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


def crowds(at, reach):
    """Groups of labels that would cover each other if each stood on its class."""
    group = list(range(len(at)))
    for i in range(len(at)):
        for j in range(i):
            if (np.abs(at[i] - at[j]) < reach).all():
                group = [group[j] if g == group[i] else g for g in group]
    return [[i for i in range(len(at)) if group[i] == g] for g in dict.fromkeys(group)]


def label(ax, at, names, colors, long, span, side):
    """Names on their classes; those of a crowd in a column beside it, each with a line to its class."""
    halo = [withStroke(linewidth=3, foreground="white", alpha=0.9)]
    for members in crowds(at, np.array([0.25, 0.09]) * span if long else np.zeros(2)):
        if len(members) == 1:
            i = members[0]
            ax.text(*at[i], names[i], ha="center", va="center", fontsize=10 if long else 13, weight="bold",
                    color="#1b1b1b", path_effects=halo)
            continue
        members.sort(key=lambda i: -at[i][1])
        x = side(at[members]) + 0.05 * span
        middle = np.mean([at[i][1] for i in members])
        for k, i in enumerate(members):
            y = middle + ((len(members) - 1) / 2 - k) * 0.06 * span
            ax.plot([at[i][0], x - 0.01 * span], [at[i][1], y], color="#555555", lw=0.7, zorder=3)
            ax.plot(*at[i], "o", ms=3.5, color="#333333", zorder=4)
            ax.plot(x, y, "o", ms=6, color=colors[i], clip_on=False)
            ax.text(x + 0.02 * span, y, names[i], ha="left", va="center", fontsize=10, weight="bold", color="#1b1b1b",
                    path_effects=halo)


def panel(ax, Y, labels, title, subtitle, size):
    names = sorted(set(labels))
    labels = np.asarray(labels)
    for name, color in zip(names, COLORS, strict=False):
        ax.scatter(*Y[labels == name].T, s=size, color=color, linewidths=0, alpha=0.85)
    at = np.array([place(Y[labels == name]) for name in names])
    span = np.ptp(Y, 0).max()

    def side(of):
        low, high = of[:, 1].min() - 0.1 * span, of[:, 1].max() + 0.1 * span
        near = Y[(Y[:, 1] > low) & (Y[:, 1] < high) & (np.abs(Y[:, 0] - of[:, 0].mean()) < 0.25 * span)]
        return near[:, 0].max()
    label(ax, at, names, COLORS, max(map(len, names)) > 2, span, side)
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
