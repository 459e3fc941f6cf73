"""Embeds scanpy's bundled cells and scikit-learn's digits, and draws both maps: ./build.sh demo"""

import pathlib
import sys
import time
import warnings

warnings.filterwarnings("ignore", category=FutureWarning)

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import scanpy as sc
from sklearn.datasets import load_digits

import opentsne_go as og


def panel(ax, embedding, labels, title, subtitle):
    ax.set_anchor("NW")
    og.pl.scatter(embedding, labels, on_data=True, ax=ax)
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
    fig, axes = plt.subplots(1, 2, figsize=(13, 6.6))
    fig.subplots_adjust(left=0.02, right=0.98, bottom=0.02, top=0.9, wspace=0.06)
    panel(axes[0], adata, "bulk_labels", "Blood cells", cells)
    panel(axes[1], Y, digits.target, "Handwritten digits", written)
    path = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/demo.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    fig.savefig(path, dpi=110)
    print(f"picture: {path.resolve()}")


if __name__ == "__main__":
    main()
