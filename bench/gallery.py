"""Every picture of opentsne_go.pl on real cells, to look at: docs/img/pl-*.png.

bench/gallery.py [NAME ...]    all, or those named: python bench/gallery.py list

The cells: scanpy's 700 of blood (10 classes), 2,370 of three samples, a mouse thymus (25,000, 4 classes) and blood by mass cytometry
(929,685: 4 gates and cells without one, or 60 clusters by k-means).
Maps are kept in build/gallery.
"""

import functools
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import opentsne_go as og
from data import shared
from opentsne_go import pl

KEPT = pathlib.Path("build/gallery")


@functools.cache
def cells(name):
    """Columns, classes by name, and the file itself."""
    if name == "pbmc":
        import scanpy

        adata = scanpy.datasets.pbmc68k_reduced()
        return adata.obsm["X_pca"], adata.obs["bulk_labels"], adata
    found = np.load(shared() / "data" / f"{name}.npz")
    labels = np.array(found["names"].astype(object))[found["y"]]
    if name == "multicenter_cytof":
        labels[found["y"] == 0] = None
    return found["X"], labels, found


def kept(name, make):
    """Positions from their file, or made."""
    path = KEPT / f"{name}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.asarray(make()))
    return np.load(path)


def fitted(name, **settings):
    return kept(name, lambda: og.TSNE(n_jobs=-1, random_state=0, **settings).fit(cells(name)[0]))


def blood():
    """929,685 cells, each drawn to its 15 nearest alike."""
    return fitted("multicenter_cytof", affinity="uniform", k=15)


def scatter_700():
    adata = cells("pbmc")[2]
    adata.obsm["X_tsne"] = fitted("pbmc")
    return pl.scatter(adata, "bulk_labels", on_data=True)


def scatter_gene():
    adata = cells("pbmc")[2]
    adata.obsm["X_tsne"] = fitted("pbmc")
    return pl.scatter(adata, "CD79A", title="CD79A")


def scatter_3():
    found = cells("cell_lines")[2]
    return pl.scatter(fitted("cell_lines"), found["batch_names"][found["batch"]])


def scatter_unlabelled():
    return pl.scatter(blood(), cells("multicenter_cytof")[1])


def scatter_60():
    from sklearn.cluster import KMeans

    X = cells("multicenter_cytof")[0]
    clusters = kept("clusters", lambda: KMeans(60, n_init=1, random_state=0).fit(X[::40]).predict(X))
    return pl.scatter(blood(), clusters, continuous=False)


def scatter_number():
    """A column of the cytometer."""
    return pl.scatter(blood(), cells("multicenter_cytof")[0][:, 0], palette="magma")


@functools.cache
def thymus():
    """Every fifth cell of the thymus is new: the map of the others, places of 50 resamples, and what all are."""
    X, kinds, _ = cells("thymus_masscyt")
    new = np.arange(len(X)) % 5 == 0
    path = KEPT / "thymus.npz"
    if not path.exists():
        og.TSNE(n_jobs=-1, random_state=0).fit(X[~new]).save(path)
    reference = og.load(path)
    return reference, reference.bootstrap(X[new], n_samples=50, random_state=0), kinds[~new], kinds[new]


def mapped_contours():
    reference, places, _, kinds = thymus()
    return pl.mapped(reference, places, labels=kinds)


def mapped_doubtful():
    reference, places, _, kinds = thymus()
    return pl.mapped(reference, places, labels=kinds, regions="doubtful")


def mapped_ellipses():
    X, kinds, adata = cells("pbmc")
    new = np.arange(len(X)) % 20 == 0
    genes = adata.X
    reference = og.TSNE(random_state=0, metric="cosine").fit(genes[~new])
    return pl.mapped(reference, reference.bootstrap(genes[new], random_state=0), labels=kinds[new])


def side_by_side():
    X, lines, found = cells("cell_lines")
    some = [found["batch"] == i for i in range(3)]
    first = og.TSNE(random_state=0).fit(X[some[0]])
    maps = [first] + [og.align(first, X[one], og.TSNE(random_state=0)).embedding for one in some[1:]]
    return pl.side_by_side(maps, [lines[one] for one in some], ["half and half", "jurkat", "293T"])


def sheet():
    X, kinds, _ = cells("pbmc")
    found = og.sweep(X, perplexity=[5, 15, 30, 60, 100, 200], labels=kinds)
    return pl.sheet(found.maps, kinds, [f"perplexity {p:g}" for p in found.table["perplexity"]], marked=found.suggested)


def kl_curve():
    return pl.kl_curve(history())


@functools.cache
def history():
    told = og.callbacks.History(embeddings=True)
    og.TSNE(random_state=0, callbacks=told, callbacks_every_iters=25).fit(cells("pbmc")[0])
    return told


def film(path):
    pl.animation(history(), path, labels=cells("pbmc")[1])


PICTURES = (
    scatter_700, scatter_gene, scatter_3, scatter_unlabelled, scatter_60, scatter_number, mapped_contours, mapped_doubtful,
    mapped_ellipses, side_by_side, sheet, kl_curve,
)  # fmt: skip


def save(figure, path, limit=150_000):
    """As it is, or with so many colours that classes keep theirs."""
    figure.savefig(path, dpi=80)
    if path.stat().st_size > limit:
        full = Image.open(path).convert("RGB")
        full.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)


def main(names):
    for make in PICTURES:
        name = make.__name__.replace("_", "-")
        if names and name not in names:
            continue
        drawn = make()
        path = pathlib.Path(f"docs/img/pl-{name}.png")
        save(getattr(drawn, "figure", drawn), path)
        print(path, path.stat().st_size, flush=True)
        plt.close("all")
    if not names or "film" in names:
        film("docs/img/pl-film.gif")


if __name__ == "__main__":
    main(sys.argv[1:])
