#!/usr/bin/env python3
"""The figures of docs/trust.md.

bench/trust.py mnist [N]    cost of each score, and flagged digits against purity
bench/trust.py cost N [SCORE ...]  of digits
bench/trust.py picture [N]  docs/img/trust.png: a map by digit and by three scores
bench/trust.py torn [N]     digits that a random start at a low rate tears, by each score
bench/trust.py blood N [SCORE ...] on N cells of multicenter_cytof
bench/trust.py outside      a line that the reference lacks, by ratio
bench/trust.py mix FILE     beside the authors' published scores (5GMM_PScore_tsne_perplexity_60
                            of their data, as .npz with X, Y and score)
Data are those of data/README.md under TSNE_SHARED.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import engine
import opentsne_go

DATA = Path(os.environ.get("TSNE_SHARED", "../shared")) / "data"
COSTS = ["recall", "stretch", "trustworthiness", "reliability", "dubious", "singularity", "perturbation"]


def purity(X: Any, y: Any, k: int = 15) -> Any:
    """Share of each row's k nearest in the data that have its label."""
    near, _ = opentsne_go.neighbors(X, k)
    return (y[near] == y[:, None]).mean(axis=1)


def auc(score: Any, positive: Any) -> float:
    """Chance that a positive has the larger score, ties counting half."""
    from scipy.stats import rankdata

    rank = rankdata(score)
    m = positive.sum()
    return float((rank[positive].sum() - m * (m + 1) / 2) / (m * (len(score) - m)))


def costs(embedding: Any, wanted: list[str] = COSTS) -> None:
    for name in [*wanted, None] if wanted == COSTS else wanted:
        began = time.process_time()
        opentsne_go.diagnose(embedding, scores=None if name is None else [name])
        print(f"{name or 'all':16} {time.process_time() - began:7.1f} s of processor time", flush=True)


def digits(n: int) -> tuple[Any, Any]:
    with np.load(DATA / "mnist70k.npz") as f:
        X, y = f["X"][:n].astype(np.float32) / 255, f["y"][:n]
    X = X - X.mean(axis=0)
    axes = np.linalg.eigh(X.T @ X)[1][:, ::-1][:, :50]
    return np.ascontiguousarray(X @ axes), y


def cost(n: int, *wanted: str) -> None:
    X, _ = digits(n)
    embedding = opentsne_go.TSNE(**engine.BY_RULE).fit(X)
    costs(embedding, list(wanted) or COSTS)


def mnist(n: int) -> None:
    X, y = digits(n)
    began = time.process_time()
    embedding = opentsne_go.TSNE(**engine.BY_RULE).fit(X)
    print(f"fit {time.process_time() - began:.1f} s of processor time")
    costs(embedding)
    t = embedding.diagnose()
    mixed = purity(X, y) < 0.5
    placed = purity(np.asarray(embedding), y) < 0.5
    print(f"{n} digits; impure in the data {mixed.mean():.4f}, in the map {placed.mean():.4f}; dubious {t.dubious.mean():.4f}")
    for name in ("recall", "trustworthiness", "continuity", "reliability"):
        print(f"{name:16} mean {t[name].mean():.4f}; AUC for impure in the map {auc(-t[name], placed):.3f}")
    for name in ("stretch", "perturbation", "singularity"):
        print(f"{name:16} median {t[name].median():.4g}; AUC for impure in the map {auc(t[name], placed):.3f}")


def picture(n: int) -> None:
    import matplotlib.pyplot

    from pictures import save

    X, y = digits(n)
    embedding = opentsne_go.TSNE(**engine.BY_RULE).fit(X)
    t = embedding.diagnose(scores=["continuity", "stretch", "perturbation"])
    figure, axes = matplotlib.pyplot.subplots(2, 2, figsize=(9, 8), layout="constrained")
    axes = axes.ravel()
    opentsne_go.pl.scatter(embedding, y, title="digit", ax=axes[0], on_data=True, size=3)
    shown = {
        "continuity": t.continuity.clip(t.continuity.quantile(0.02)),
        "log2 stretch": np.log2(t.stretch).clip(-1.5, 1.5),
        "log10 perturbation": np.log10(t.perturbation.clip(0.1)),
    }
    for ax, (name, values) in zip(axes[1:], shown.items(), strict=True):
        opentsne_go.pl.scatter(embedding, values.to_numpy(), title=name, continuous=True, ax=ax, size=3, alpha=1)
    save(figure, "docs/img/trust.png", 90)


def torn(n: int) -> None:
    X, y = digits(n)
    near, _ = opentsne_go.neighbors(X, 15)
    whole: set[int] = set()
    for seed in range(-1, 4):
        options: dict[str, Any] = {} if seed < 0 else {"initialization": "random", "learning_rate": 20, "random_state": seed}
        embedding = opentsne_go.TSNE(**engine.BY_RULE | options).fit(X)
        piece = pieces(np.asarray(embedding), y)
        counts = {c: len(np.unique(piece[(y == c) & (piece >= 0)])) for c in range(10)}
        print(f"{options or 'defaults'}: KL {embedding.kl_divergence:.3f}; torn {({c: k for c, k in counts.items() if k > 1}) or 'none'}")
        if seed < 0:
            whole = {c for c, k in counts.items() if k == 1}
        t = embedding.diagnose()
        for c in sorted(whole):
            if counts[c] == 1:
                continue
            own = (y == c) & (piece >= 0)
            main = np.bincount(piece[own]).argmax()
            away = own & (piece != main)
            # At the tear: of the 15 nearest of its own digit some lie in another piece.
            beyond = (y[near] == c) & (piece[near] >= 0) & (piece[near] != piece[:, None])
            edge = own & (beyond.mean(axis=1) >= 0.2)
            print(f"  {c}: {away.sum()} of {own.sum()} in smaller pieces, {edge.sum()} at the tear")
            for name, score in bad(t):
                some = auc(score[own], away[own]), auc(score[own], edge[own]), auc(score, edge)
                print(f"    {name:16} AUC in smaller pieces {some[0]:.3f}, at the tear {some[1]:.3f}, at the tear among all digits {some[2]:.3f}")


def bad(t: Any) -> list[tuple[str, Any]]:
    """Scores by name, the larger the worse."""
    fine = ("recall", "trustworthiness", "continuity", "reliability")
    return [(name, (-t[name] if name in fine else t[name]).to_numpy()) for name in COSTS + ["continuity"] if name != "dubious"]


def pieces(Y: Any, y: Any) -> Any:
    """The piece of its class that each point is in, as docs/fidelity.md counts them; -1 for none."""
    from sklearn.cluster import DBSCAN
    from sklearn.neighbors import NearestNeighbors

    out, taken = np.full(len(Y), -1), 0
    for c in np.unique(y):
        rows = np.flatnonzero(y == c)
        some = Y[rows].astype(float)
        eps = np.median(NearestNeighbors(n_neighbors=51).fit(some).kneighbors(some)[0][:, 50])
        found = DBSCAN(eps=eps, min_samples=25).fit_predict(some)
        for piece in range(found.max() + 1):
            if (found == piece).sum() > 0.05 * len(rows):
                out[rows[found == piece]], taken = taken, taken + 1
    return out


def blood(n: int, *wanted: str) -> None:
    with np.load(DATA / "multicenter_cytof.npz") as f:
        X = f["X"]
    X = X[np.random.default_rng(0).permutation(len(X))[:n]]
    embedding = opentsne_go.TSNE(**engine.BY_RULE).fit(X)
    costs(embedding, list(wanted) or COSTS)


def outside() -> None:
    with np.load(DATA / "cellmix_5lines.npz", allow_pickle=True) as f:
        X, y, batch = f["X"], f["y"], f["batch"]
        lines, batches = [str(v) for v in f["names"]], [str(v) for v in f["batch_names"]]
    reference = batches.index("sc_celseq2_5cl_p2")
    print("| line left out | batch | lines it has: ratio | the line: ratio | AUC | out of map: others | the line |\n|---|---|---|---|---|---|---|")
    for left in range(len(lines)):
        known = (batch == reference) & (y != left)
        embedding = opentsne_go.TSNE(perplexity=10, **engine.BY_RULE).fit(X[known])
        for other in range(len(batches)):
            rows, truth = X[batch == other], y[batch == other] == left
            if other == reference or not truth.any():
                continue
            t = opentsne_go.diagnose(embedding.transform(rows, n_iter=0), rows)
            print(
                f"| {lines[left]} | {batches[other]} | {t.ratio[~truth].median():.2f} | {t.ratio[truth].median():.2f} "
                f"| {auc(t.ratio, truth):.3f} | {t.out_of_map[~truth].mean():.2f} | {t.out_of_map[truth].mean():.2f} |"
            )


def mix(path: str) -> None:
    with np.load(path) as f:
        X, Y, score = f["X"], f["Y"], f["score"]
    P = opentsne_go.affinity.PerplexityBasedNN(X, perplexity=60)
    t = opentsne_go.diagnose(opentsne_go.TSNEEmbedding(Y, P), length=0.5, scores=["perturbation"])
    ours, theirs = t.perturbation > 6, score > 6
    print(
        f"correlation {np.corrcoef(t.perturbation, score)[0, 1]:.3f}; above 6: theirs {theirs.sum()}, "
        f"ours {ours.sum()}, both {(ours & theirs).sum()}"
    )


if __name__ == "__main__":
    what, *rest = sys.argv[1:] or [""]
    if what not in ("mnist", "cost", "picture", "torn", "blood", "outside", "mix"):
        sys.exit(__doc__)
    globals()[what](*(int(v) if v.isdigit() else v for v in rest or (["10000"] if what in ("mnist", "torn", "picture") else [])))
