"""Figures of docs/pull.md and docs/align.md: python bench/pull.py global|large|lines|blood."""

import sys

import anndata
import matplotlib.pyplot as plt
import numpy as np
import scipy.sparse

import data
import engine
import opentsne_go as og
import pictures
from mapping_common import THREADS, share_right
from mapping_large import kept
from opentsne_go import tl

PULLS = (0.0001, 0.001, 0.01, 0.1)
FREE = "t-SNE"


def load(name):
    return np.load(data.shared() / "data" / f"{name}.npz", allow_pickle=True)


def some(X, y, n, seed=0):
    at = np.sort(np.random.default_rng(seed).choice(len(X), min(n, len(X)), replace=False))
    return np.ascontiguousarray(X[at], np.float32), y[at]


def sets():
    digits, blood, mass, lines = load("mnist70k"), load("multicenter_cytof"), load("thymus_masscyt"), load("cellmix_5lines")
    one = blood["batch"] == 1
    return {"MNIST": some(digits["X"] / np.float32(255), digits["y"], 10_000), "mouse thymus": some(mass["X"], mass["y"], 10_000),
            "blood": some(blood["X"][one], blood["y"][one], 10_000), "cell lines": (lines["X"], lines["y"]), "simulated": data.simulated()}


def ways(n):
    """Name: settings; those of a curve are pulls."""
    multi = {"perplexity": [30, n // 100]} if n > 3000 else {"perplexity": [30, 100]}
    return {FREE: {}, **{f"pull {p:g}": {"pull": p} for p in PULLS}, f"perplexities 30, {multi['perplexity'][1]}": multi, "exaggeration 4": {"exaggeration": 4}}


def towards_components():
    import umap
    found = {}
    for name, (X, y) in sets().items():
        makers = {way: lambda how=how: fitted(X, **how) for way, how in ways(len(X)).items()}
        makers["umap-learn"] = lambda: (umap.UMAP(random_state=0).fit_transform(X), None)
        for way, make in makers.items():
            Y, kl = make()
            q = og.quality(X, Y, y, n_jobs=THREADS)
            found.setdefault(name, {})[way] = q.knn, q.cpd
            knc = f"{q.knc:.3f}" if len(np.unique(y)) > 5 else ""
            print(f"| {name} | {way} | {q.knn:.3f} | {knc} | {q.cpd:.3f} | {f'{kl:.3f}' if kl else ''} |", flush=True)
    curves(found)


def fitted(X, **how):
    e = og.TSNE(n_jobs=THREADS, random_state=0, **engine.BY_RULE | how).fit(X)
    return np.asarray(e), e.kl_divergence


def curves(found):
    fig, axes = plt.subplots(1, len(found), figsize=(3.2 * len(found), 3.6), layout="constrained")
    for ax, (name, at) in zip(axes, found.items()):
        line = np.array([at[FREE]] + [at[f"pull {p:g}"] for p in PULLS])
        ax.plot(*line.T, "-o", color="#4e79a7", ms=4, label="pull")
        for (x, y), word in zip(line, ("0", *(f"{p:g}" for p in PULLS))):
            ax.annotate(word, (x, y), xytext=(4, 4), textcoords="offset points", fontsize=8, color="#4e79a7")
        others = [w for w in at if w != FREE and not w.startswith("pull")]
        for w, mark, color in zip(others, "s^D", ("#59a14f", "#f28e2b", "#e15759")):
            ax.plot(*at[w], mark, color=color, ms=7, label="perplexities" if w.startswith("perpl") else w)
        ax.set_title(name, loc="left", fontsize=11, weight="bold")
        ax.set_xlabel("KNN: neighbours kept")
        ax.margins(0.14)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("CPD: distances kept")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    pictures.save(fig, data.ROOT / "docs" / "img" / "pull.png", 100)


def large():
    """The miss of docs/large-data.md: 500,000 simulated cells, exaggeration 4, started from a sample's map."""
    X, _ = data.load("cells500000")
    judge, affinities = kept("cells500000"), og.affinity.PerplexityBasedNN(X, perplexity=30, n_jobs=THREADS)
    flat = og.initialization.pca(X, random_state=0)
    for start, pull in (("sample", None), ("sample", 0.0001), ("sample", 0.001), ("PCA", None), ("PCA", 0.001)):
        how = {"initialization": flat if start == "PCA" else "sample", "pull": pull, "pull_y": flat if pull else None}
        e = og.TSNE(n_jobs=THREADS, random_state=0, exaggeration=4, **how).fit(X, affinities=affinities)
        knn, knc, cpd = judge(e)
        print(f"| {start} | {pull or 0:g} | {knn:.3f} | {knc:.2f} | {cpd:.2f} | {e.kl_divergence:.3f} |", flush=True)


def cells(X, labels, rep):
    a = anndata.AnnData(X, obsm={"X_pca": rep})
    a.obs["y"] = labels
    return a


def lines():
    z = load("cellmix_5lines")
    C = scipy.sparse.csr_matrix((z["counts_data"], z["counts_indices"], z["counts_indptr"]), shape=tuple(z["counts_shape"])).toarray().astype(float)
    L = np.log1p(C / C.sum(1, keepdims=True) * 1e4).astype(np.float32)
    made = {}
    for i in range(5):
        X = L[z["batch"] == i]
        u, s, _ = np.linalg.svd((X - X.mean(0)).astype(float), full_matrices=False)
        made[i] = cells(X, z["y"][z["batch"] == i], (u * s)[:, :50].astype(np.float32))
    compare("cell lines", made, 2, (0, 1, 3, 4), z["batch_names"], {}, -1, 20, 20)


def blood():
    z = load("multicenter_cytof")
    made = {}
    for i in (1, 6, 7, 9, 11, 13, 14, 15, 16):  # the settings were chosen on 5, 8, 10 and 12
        X, y = some(z["X"][z["batch"] == i], z["y"][z["batch"] == i], 10_000)
        made[i] = cells(X, y, X)
    compare("blood", made, 1, (6, 7, 9, 11, 13, 14, 15, 16), [f"sample {i}" for i in range(17)], {"use_rep": "X_pca"}, 0, 1, 2)


def compare(name, made, first, others, names, how, unlabelled, seeds, starts):
    """Means of several: of so few cells as the lines have, a divergence varies by some 3 % from start to start."""
    old = made[first]
    tl.tsne(old, n_jobs=THREADS, use_rep="X_pca")
    known = old.obs["y"].to_numpy() != unlabelled
    for i in others:
        new = made[i]
        y, use = new.obs["y"].to_numpy(), new.obs["y"].to_numpy() != unlabelled

        def share():
            return share_right(old.obsm["X_tsne"][known], old.obs["y"].to_numpy()[known], new.obsm["X_tsne"][use], y[use])
        tl.transform(new, old, n_jobs=THREADS, **how)
        placed, aligned, kls = share(), [], []
        for seed in range(seeds):
            tl.align(new, old, n_jobs=THREADS, random_state=seed, fit_rep="X_pca", **how)
            aligned.append(share())
            kls.append(new.uns["tsne"]["kl_divergence"])
        rows = new.obsm["X_pca"]
        free = [og.TSNE(n_jobs=THREADS, **engine.BY_RULE).fit(np.ascontiguousarray(rows @ turned(s, rows.shape[1]))).kl_divergence for s in range(starts)]
        more, unsure = 100 * (np.mean(kls) / np.mean(free) - 1), 100 * np.hypot(spread(free), spread(kls)) / np.mean(free)
        print(f"| {name} | {names[i]} | {len(y):,} | {placed:.3f} | {np.mean(aligned):.3f} | {np.mean(free):.3f} | {np.mean(kls):.3f} | {more:+.1f} ± {unsure:.1f} % |",
              flush=True)


def spread(values):
    """Standard error of their mean."""
    return np.std(values, ddof=1) / len(values) ** 0.5 if len(values) > 1 else 0.0


def turned(seed, d):
    """The same data from another PCA start: axes mirrored and swapped by their numbers."""
    return np.eye(d, dtype=np.float32) if seed == 0 else np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0].astype(np.float32)


if __name__ == "__main__":
    {"global": towards_components, "large": large, "lines": lines, "blood": blood}[sys.argv[1]]()
