"""Every argument of every public function does something.

Changing one changes the result, what is printed, warned of or asked of the
library, or is refused. What by contract changes nothing is listed with the reason.
"""

import copy
import dataclasses
import functools
import hashlib
import inspect
import logging
import sys
import tempfile
import warnings
from pathlib import Path

import anndata
import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
import scipy.sparse

import opentsne_go
from opentsne_go import TSNE, affinity, explore, initialization, nearest_neighbors, pl, tl
from opentsne_go._native import structures
from opentsne_go.callbacks import History
from option_tries import ONWARDS, TRIES

matplotlib.use("Agg")

COMPATIBLE = "openTSNE's, accepted for compatibility and documented to be without effect"
NOTHING = {
    "n_interpolation_points": COMPATIBLE,
    "min_num_intervals": COMPATIBLE,
    "ints_in_interval": COMPATIBLE,
    "knn_kwargs": COMPATIBLE,
    "svd_solver": COMPATIBLE,
    "tol": COMPATIBLE,
    "max_iter": COMPATIBLE,
    "optimizer": COMPATIBLE,
    "min_grad_norm": "scikit-learn's, documented to be without effect",
    "deep": "scikit-learn's convention; there is nothing within",
}
#: By the function too.
NOTHING_OF = {
    ("pca", "verbose"): COMPATIBLE,
    ("spectral", "verbose"): COMPATIBLE,
    ("random", "verbose"): COMPATIBLE,
    ("median", "verbose"): COMPATIBLE,
    ("weighted_mean", "verbose"): COMPATIBLE,
    ("sklearn.TSNE.fit_transform", "y"): "scikit-learn's convention",
    ("tl.align", "random_state"): "of the approximate search, which takes 3,000 rows",
    **{
        (name, "random_state"): "of the cells that ranks are counted among, where there are over 1,000"
        for name in ("embedding.diagnose", "diagnose", "tl.diagnose")
    },
    ("TSNEEmbedding", "random_state"): "of the places of new points alone (prepare_partial)",
    ("PartialTSNEEmbedding", "random_state"): "",
}

rng = np.random.default_rng(0)
N = 90
X = (rng.normal(size=(N, 6)) + np.repeat(np.eye(3, 6) * 4, 30, axis=0)).astype(np.float32)
OTHER = X[::-1].copy()
NEW = (X[:20] + 0.3 * rng.normal(size=(20, 6))).astype(np.float32)
MANY = rng.normal(size=(3100, 3)).astype(np.float32)  # the approximate search is one
LABELS = np.arange(N) % 7
FAR = np.sqrt(((X[:, None] - X) ** 2).sum(-1))
QUICK = {"early_exaggeration_iter": 20, "n_iter": 20, "random_state": 0, "perplexity": 8}


def fitted(**more):
    return TSNE(**{**QUICK, **more}).fit(X)


@functools.cache
def made(dense=False):
    return fitted(density_lambda=0.5, pull=0.5) if dense else fitted()


def adata(x=X, **obsm):
    names = [f"g{i}" for i in range(x.shape[1])]
    made = anndata.AnnData(np.array(x), var={"names": names})
    made.var_names = names
    made.obsm.update(obsm or {"X_pca": x @ np.diag(np.arange(6, 0, -1.0)).astype("f4")})
    return made


def reference():
    one = adata(X)
    one.obsm["X_tsne"] = np.asarray(made())
    one.obsm["X_map"] = np.asarray(made())[::-1].copy()
    return one


def npy(function):
    """A function that may write a file: what it gives, of what kind and from which file."""

    def call(path=None, **given):
        with tempfile.TemporaryDirectory() as folder:
            made = function(path=path and Path(folder, path), **given)
            return type(made).__name__, Path(getattr(made, "filename", None) or "").name, np.array(made)

    return call


class Seen:
    """What the library is asked for, and what is said."""

    def __init__(self, monkeypatch):
        self.made = []
        for name in ("options", "transform_options"):
            make = getattr(structures, name)

            def kept(make=make, **fields):
                self.made.append(make(**fields))
                return self.made[-1]

            monkeypatch.setattr(structures, name, kept)

    def threads(self):
        return sorted({one.threads for one in self.made})


def digest(value, depth=0):
    """A text that differs where values do."""
    if isinstance(value, np.ndarray):
        extra = ""
        if isinstance(value, opentsne_go.TSNEEmbedding | opentsne_go.PartialTSNEEmbedding):
            extra = digest(value.gradient_descent_params, depth + 1) + str(value.n_iter)
        plain = np.ascontiguousarray(np.asarray(value))
        kind = plain.astype("U") if plain.dtype == object else plain
        return f"{kind.dtype}{kind.shape}{hashlib.sha256(kind.tobytes()).hexdigest()}{extra}"
    if scipy.sparse.issparse(value):
        return digest(value.toarray())
    if dataclasses.is_dataclass(value):
        return digest({f.name: getattr(value, f.name) for f in dataclasses.fields(value)}, depth)
    if isinstance(value, affinity.Affinities):
        return digest(value.P)
    if isinstance(value, nearest_neighbors.KNNIndex):
        return digest([value.build()])
    if isinstance(value, dict):
        return str({k: digest(v, depth + 1) for k, v in sorted(value.items(), key=str)})
    if hasattr(value, "columns"):
        return digest({name: value[name].to_numpy() for name in value.columns}, depth)
    if isinstance(value, list | tuple):
        return str([digest(one, depth + 1) for one in value])
    if isinstance(value, anndata.AnnData):
        parts = {k: np.asarray(v) for k, v in value.obsm.items()}
        told = dict(value.uns.get("tsne", value.uns.get("t", {})))
        told.pop("params", None)  # which would differ whatever is done with them
        return digest([parts, told, sorted(value.uns), list(value.obs), value.obs.to_numpy()])
    if isinstance(value, matplotlib.axes.Axes | matplotlib.figure.Figure):
        figure = value.figure if isinstance(value, matplotlib.axes.Axes) else value
        figure.canvas.draw()
        return digest(np.asarray(figure.canvas.buffer_rgba())) + str(figure.axes[0].get_title())
    if callable(value):
        return getattr(value, "__name__", "f")
    return repr(value)


def outcome(call, arguments, capsys, caplog, seen):
    """All that a call does, as a text; and whether it was refused."""
    caplog.clear()
    capsys.readouterr()
    seen.made.clear()
    opentsne_go.advice._said.clear()
    pl.forget_colors()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            with caplog.at_level(logging.INFO, "opentsne_go"):
                result = digest(call(**arguments))
        except (ValueError, TypeError, RuntimeError, InterruptedError) as error:
            result = f"{type(error).__name__}: {error}"
    said = [r.getMessage() for r in caplog.records if "finished" not in r.getMessage()]
    printed = len(capsys.readouterr().out) > 0
    return [result, said, sorted({str(w.message) for w in warned}), printed, seen.threads()]


def on_tsne(**more):
    return TSNE(**{**QUICK, **more}).fit(X)


def on_sklearn(**more):
    return opentsne_go.sklearn.TSNE(**{**QUICK, **more}).fit_transform(X)


def in_adata(call, rows=X, **kept):
    """Of a function that writes to adata."""

    def run(adata_=None, **more):
        one = adata(rows) if adata_ is None else adata_
        got = call(one, **{**kept, **more})
        return one if got is None else [one, got]

    return run


def apart():
    """Two sets that share 30 cells."""
    both = [adata(X[:60]), adata(X[30:])]
    for one, first in zip(both, (0, 30), strict=True):
        one.obs["cell"] = np.arange(first, first + one.n_obs)
    return both


def day():
    one = adata()
    one.obs["day"], one.obs["batch"] = np.arange(N) % 2, np.arange(N) // 45
    return one


def together(adata_=apart, adatas_=None, **more):
    given = (adatas_ or adata_)()
    if adatas_ is day:
        more = {"batch": "day", **more}
    got = tl.fit_together(given, **more)
    return given if got is None else [given, got]


def diagnosed(adata_=None, **more):
    one = reference() if adata_ is None else adata_
    got = tl.diagnose(one, **more)
    return one if got is None else [one, got]


def partial_map(**more):
    return opentsne_go.PartialTSNEEmbedding(**more)


def mapped_twice():
    return adata(X, X_tsne=X[:, :2].copy(), X_map=X[:, 1:3].copy())


def film(path=None, **more):
    """What a film shows, frame by frame and for how long, and whether it is written."""
    with tempfile.TemporaryDirectory() as folder:
        there = None if path is None else f"{folder}/{path}"
        made = pl.animation(path=there, **more)
        made.save(f"{folder}/film.gif")
        shown = hashlib.sha256(Path(folder, "film.gif").read_bytes()).hexdigest()
        return [shown, there is not None and Path(there).stat().st_size > 5000]


def page(path=None, **more):
    """What a page is, and whether it is written."""
    with tempfile.TemporaryDirectory() as folder:
        there = None if path is None else f"{folder}/{path}"
        made = str(explore.html(path=there, **more))
        return [made, there is not None and Path(there).read_text() == made]


def scattered(**more):
    """What jupyter-scatter shows, and what the column of a selection is."""
    made = explore.jupyter_scatter(**more)
    return [made.widget.data.reset_index(), made.widget.points, made.widget.color, list(getattr(more["embedding"], "obs", []))]


def atlas(**more):
    """What Embedding Atlas shows, and what the column of a selection is."""
    if sys.version_info < (3, 11):
        pytest.skip("embedding-atlas needs Python 3.11")
    return [explore.embedding_atlas(**more).selection(), list(getattr(more["embedding"], "obs", []))]


START = (1e-4 * rng.normal(size=(N, 2))).astype("f4")
DENSE = {"density_lambda": 0.5}

#: Of what shows maps elsewhere.
SHOWN = {
    "embedding": ({}, X[:, 1:3]), "metadata": ({}, LABELS), "color": ({}, "b"), "palette": ({}, "tab10"),
    "names": ({}, [f"cell {i}" for i in range(N)]), "basis": ({"embedding": mapped_twice, "metadata": None}, "X_map"),
}  # fmt: skip

#: Of TSNE and of what takes the same: other arguments that one needs, and a change.
KNOBS = {
    **TRIES,
    "n_components": ({}, 1),
    "perplexity": ({}, 5),
    "initialization": ({}, "random"),
    "pull_y": ({"pull": 0.5}, LABELS[:, None] * np.array([1, -1])),
    "pull_weights": ({"pull": 0.5}, LABELS % 2),
    "metric": ({}, "manhattan"),
    "metric_params": ({"metric": "minkowski", "metric_params": {"p": 3}}, {"p": 5}),
    "n_jobs": ({}, 3),
    "neighbors": ({}, "kd-tree"),
    "negative_gradient_method": ({}, "bh"),
    "callbacks": ({"callbacks_every_iters": 5}, [lambda i, k, y: i == 10]),
    "callbacks_every_iters": ({"callbacks": [lambda i, k, y: True]}, 7),
    "random_state": ({"initialization": "random"}, 1),
    "verbose": ({}, True),
    "affinity": ({}, "uniform"),
    "preset": ({}, "atlas"),
    "checkpoint": ({}, "no such folder/run.npz"),
    "checkpoint_every": ({}, 0),
    "scratch": ({}, 5),
}
SKLEARN = {
    **KNOBS,
    "init": ({}, "random"),
    "angle": KNOBS["theta"],
    "method": ({"method": "exact"}, "barnes_hut"),
    "max_iter": ({}, 10),
    "n_iter_without_progress": ({"callbacks_every_iters": 5, "n_iter": 60, "exaggeration": 12}, 0),
}
DESCENT = {
    **{name: KNOBS[argument] for name, argument in ONWARDS.items() if argument in KNOBS},
    "anneal_iterations": ({"exaggeration": 4}, 10),
    "auto_stop": ({"n_iter": 60}, 1),
    "density_lambda": ({}, 0.9),
    "pull": ({}, 0.9),
}
NEIGHBORS = {
    "method": ({}, "kd-tree"),
    "metric": ({}, "manhattan"),
    "metric_params": KNOBS["metric_params"],
    "n_jobs": ({}, 3),
    "random_state": ({}, -1),
    "verbose": ({}, True),
    "symmetrize": ({}, False),
    "knn_index": ({"data": None, "knn_index": nearest_neighbors.KNNIndex(X, 24)}, nearest_neighbors.KNNIndex(OTHER, 24)),
    "data": ({}, OTHER),
}
TRUST = {
    "k": ({}, 7), "length": ({}, 2.5), "maps": ({}, [START]), "scores": ({}, ["recall"]), "random_state": ({}, 1),
    "n_jobs": ({}, 3)}
PLACED = {
    "X": ({}, NEW[::-1].copy()),
    "initialization": ({}, "weighted"),
    "k": ({}, 5),
    "metric": ({}, "manhattan"),
    "columns": ({}, [5, 4, 3, 2, 1, 0]),
}
UNTIL = {"propagate_exception": ({"callbacks": [lambda i, k, y: True], "callbacks_every_iters": 5}, True)}


CALLS = {
    "TSNE": (TSNE, lambda **a: on_tsne(**a), {}, KNOBS),
    "TSNE.fit": (TSNE.fit, lambda **a: TSNE(**QUICK).fit(**a), {"X": X}, {
        "X": ({}, OTHER), "affinities": ({}, affinity.Uniform(X, 7)), "initialization": ({}, START), "client": ({}, 3)}),
    "TSNE.prepare_initial": (TSNE.prepare_initial, lambda **a: TSNE(**QUICK).prepare_initial(**a), {"X": X}, {
        "X": ({}, OTHER), "affinities": ({"initialization": "spectral"}, affinity.Uniform(X, 7)), "initialization": ({}, START)}),
    "sklearn.TSNE": (opentsne_go.sklearn.TSNE, lambda **a: on_sklearn(**a), {}, SKLEARN),
    "sklearn.TSNE.fit_transform": (opentsne_go.sklearn.TSNE.fit_transform,
        lambda **a: opentsne_go.sklearn.TSNE(**QUICK).fit_transform(**a), {"X": X}, {"X": ({}, OTHER), "y": ({}, LABELS)}),
    "TSNEEmbedding": (opentsne_go.TSNEEmbedding, lambda n_iter=20, **a: opentsne_go.TSNEEmbedding(**a).optimize(n_iter),
        {"embedding": START, "affinities": lambda: made(True).affinities}, {
        "embedding": ({}, START[::-1].copy()), "affinities": ({}, affinity.Uniform(X, 7)),
        "random_state": ({}, None), **DESCENT}),
    "optimize": (opentsne_go.TSNEEmbedding.optimize, lambda **a: [m := copy.copy(made(True)), m.optimize(**a)], {"n_iter": 20},
        {"n_iter": ({}, 10), "inplace": ({}, True), **UNTIL, **DESCENT}),
    "transform": (opentsne_go.TSNEEmbedding.transform, lambda **a: made().transform(**a), {"X": NEW, "n_iter": 20}, {
        **PLACED, "perplexity": ({}, 9), "learning_rate": ({}, 1), "early_exaggeration": ({"early_exaggeration_iter": 9}, 9),
        "early_exaggeration_iter": ({}, 9), "exaggeration": ({}, 5), "n_iter": ({}, 10),
        "initial_momentum": ({"early_exaggeration_iter": 9}, 0.3), "final_momentum": ({}, 0.3),
        "max_grad_norm": ({}, 1e-3), "max_step_norm": ({}, 1e-3), "client": ({}, 3), "path": ({}, "map.npz")}),
    "prepare_partial": (opentsne_go.TSNEEmbedding.prepare_partial,
        lambda **a: [p := made().prepare_partial(**a), p.P], {"X": NEW}, {**PLACED, "perplexities": ({}, 9)}),
    "bootstrap": (opentsne_go.TSNEEmbedding.bootstrap, lambda **a: made().bootstrap(**a), {"X": NEW, "random_state": 0},
        {**PLACED, "n_samples": ({}, 3), "random_state": ({}, 1)}),
    "embedding.diagnose": (opentsne_go.TSNEEmbedding.diagnose, lambda **a: made().diagnose(**a), {"random_state": 0}, TRUST),
    "diagnose": (opentsne_go.diagnose, opentsne_go.diagnose, {"embedding": made}, {
        **TRUST, "embedding": ({}, lambda: fitted(n_iter=30)),
        "X": ({"embedding": lambda: made().prepare_partial(NEW), "X": NEW}, NEW[::-1].copy()),
        "metric": ({"embedding": lambda: made().prepare_partial(NEW), "X": NEW}, "cosine"),
        "columns": ({"embedding": lambda: made().prepare_partial(NEW), "X": NEW}, [1, 0, 2, 3, 4, 5])}),
    "PartialTSNEEmbedding": (opentsne_go.PartialTSNEEmbedding, lambda n_iter=9, **a: partial_map(**a).optimize(n_iter),
        {"embedding": START[:20] * 1e4, "reference_embedding": made, "P": np.eye(20, N)}, {
        "embedding": ({}, START[:20] * 2e4), "reference_embedding": ({}, lambda: fitted(n_iter=30)), "P": ({}, np.eye(20, N, 3)),
        **{n: DESCENT[n] for n in DESCENT if n[:4] not in ("auto", "dens", "anne", "pull")}}),
    "partial.optimize": (opentsne_go.PartialTSNEEmbedding.optimize,
        lambda **a: [p := made().prepare_partial(NEW), p.optimize(**a)], {"n_iter": 20},
        {"n_iter": ({}, 10), "inplace": ({}, True), **UNTIL, **DESCENT, "anneal_iterations": ({}, 9), "auto_stop": ({}, 9),
        "density_fraction": ({}, 1), "density_shift": ({}, 1), "pull_frame": ({}, "fixed")}),
    "neighbors": (opentsne_go.neighbors, opentsne_go.neighbors, {"X": X, "k": 5}, {
        **NEIGHBORS, "X": ({}, OTHER), "k": ({}, 7), "random_state": ({"X": MANY, "method": "approx"}, 1),
        "method": ({"X": MANY}, "approx")}),
    "from_data": (affinity.Affinities.from_data, affinity.Affinities.from_data, {"X": X, "perplexity": 8}, {
        "X": ({}, OTHER), **{n: KNOBS[n] for n in ("perplexity", "metric", "n_jobs", "verbose")},
        "neighbors": ({"X": MANY}, "approx"), "random_state": ({"X": MANY, "neighbors": "approx"}, 1)}),
    "from_neighbors": (affinity.Affinities.from_neighbors, affinity.Affinities.from_neighbors,
        dict(zip(("indices", "distances"), opentsne_go.neighbors(X, 24), strict=True), perplexity=8), {
        "indices": ({}, opentsne_go.neighbors(OTHER, 24)[0]), "distances": ({}, 1 + opentsne_go.neighbors(X, 24)[1] ** 2),
        "perplexity": ({}, 5), "n_jobs": ({}, 3)}),
    "from_matrix": (affinity.Affinities.from_matrix, affinity.Affinities.from_matrix,
        {"P": 1 - np.eye(9)}, {"P": ({}, 1 - np.eye(8))}),
    "PrecomputedAffinities": (affinity.PrecomputedAffinities, affinity.PrecomputedAffinities,
        {"affinities": 1 - np.eye(9)}, {"affinities": ({}, 1 - np.eye(8)), "normalize": ({}, False)}),
    "PerplexityBasedNN": (affinity.PerplexityBasedNN, affinity.PerplexityBasedNN, {"data": X, "perplexity": 8},
        {**NEIGHBORS, "perplexity": ({}, 5), "k_neighbors": ({}, 30)}),
    "FixedSigmaNN": (affinity.FixedSigmaNN, affinity.FixedSigmaNN, {"data": X, "sigma": 2.0, "k": 24},
        {**NEIGHBORS, "sigma": ({}, 3.0), "k": ({}, 20)}),
    "Uniform": (affinity.Uniform, affinity.Uniform, {"data": X, "k_neighbors": 24}, {**NEIGHBORS, "k_neighbors": ({}, 20)}),
    "Multiscale": (affinity.Multiscale, affinity.Multiscale, {"data": X, "perplexities": [4, 8]},
        {**NEIGHBORS, "perplexities": ({}, [3, 8])}),
    "MultiscaleMixture": (affinity.MultiscaleMixture, affinity.MultiscaleMixture, {"data": X, "perplexities": [4, 8]},
        {**NEIGHBORS, "perplexities": ({}, [3, 8])}),
    "PerplexityBasedNN.to_new": (affinity.PerplexityBasedNN.to_new, affinity.PerplexityBasedNN(X, 8).to_new, {"data": NEW}, {
        "data": ({}, NEW[::-1].copy()), "perplexity": ({}, 5), "return_distances": ({}, True), "k_neighbors": ({}, 40)}),
    "FixedSigmaNN.to_new": (affinity.FixedSigmaNN.to_new, affinity.FixedSigmaNN(X, 2.0).to_new, {"data": NEW}, {
        "data": ({}, NEW[::-1].copy()), "sigma": ({}, 5), "return_distances": ({}, True), "k": ({}, 40)}),
    "Uniform.to_new": (affinity.Uniform.to_new, affinity.Uniform(X).to_new, {"data": NEW}, {
        "data": ({}, NEW[::-1].copy()), "return_distances": ({}, True), "k_neighbors": ({}, 40)}),
    "Multiscale.to_new": (affinity.Multiscale.to_new, affinity.Multiscale(X, [4, 8]).to_new, {"data": NEW}, {
        "data": ({}, NEW[::-1].copy()), "perplexities": ({}, [3, 8]), "return_distances": ({}, True)}),
    "KNNIndex": (nearest_neighbors.KNNIndex, nearest_neighbors.KNNIndex, {"data": X, "k": 5},
        {**{n: NEIGHBORS[n] for n in ("metric", "metric_params", "n_jobs", "verbose", "data")}, "k": ({}, 7), "random_state": ({}, -1)}),
    "Annoy": (nearest_neighbors.Annoy, nearest_neighbors.Annoy, {"data": MANY, "k": 5, "random_state": 0},
        {"metric": ({}, "manhattan"), "metric_params": ({}, {"p": 3}), "n_jobs": ({}, 3), "verbose": ({}, True), "data": ({}, X),
        "k": ({}, 7), "random_state": ({}, 1)}),
    "KNNIndex.query": (nearest_neighbors.KNNIndex.query, nearest_neighbors.KNNIndex(X, 5).query, {"query": NEW, "k": 5},
        {"query": ({}, NEW[::-1].copy()), "k": ({}, 6)}),
    "PrecomputedDistanceMatrix": (nearest_neighbors.PrecomputedDistanceMatrix, nearest_neighbors.PrecomputedDistanceMatrix,
        {"distance_matrix": FAR, "k": 5}, {"distance_matrix": ({}, FAR[::-1, ::-1].copy()), "k": ({}, 6)}),
    "PrecomputedNeighbors": (nearest_neighbors.PrecomputedNeighbors, nearest_neighbors.PrecomputedNeighbors,
        dict(zip(("neighbors", "distances"), opentsne_go.neighbors(X, 5), strict=True)), {
        "neighbors": ({}, opentsne_go.neighbors(OTHER, 5)[0]), "distances": ({}, 1 + opentsne_go.neighbors(X, 5)[1])}),
    "pca": (initialization.pca, initialization.pca, {"X": X, "random_state": 0}, {
        "X": ({}, OTHER), "n_components": ({}, 1), "random_state": ({}, 1), "add_jitter": ({}, False), "verbose": ({}, True)}),
    "spectral": (initialization.spectral, initialization.spectral, {"A": affinity.Uniform(X, 40), "random_state": 0}, {
        "A": ({}, affinity.Uniform(X, 50)), "n_components": ({}, 1), "random_state": ({}, 1), "add_jitter": ({}, False), "verbose": ({}, True)}),
    "random": (initialization.random, initialization.random, {"n_samples": 9, "random_state": 0}, {
        "n_samples": ({}, 8), "n_components": ({}, 1), "random_state": ({}, 1), "verbose": ({}, True)}),
    "median": (initialization.median, initialization.median, {"embedding": START, "neighbors": [[1, 2, 3]]}, {
        "embedding": ({}, START[::-1]), "neighbors": ({}, [[1, 2, 4]]), "verbose": ({}, True)}),
    "weighted_mean": (initialization.weighted_mean, initialization.weighted_mean,
        {"X": NEW[:1], "embedding": START, "neighbors": [[1, 2, 3]], "distances": [[1, 2, 3]]}, {"X": ({}, NEW),
        "embedding": ({}, START[::-1]), "neighbors": ({}, [[1, 2, 4]]), "distances": ({}, [[1, 2, 2]]), "verbose": ({}, True)}),
    "rescale": (initialization.rescale, lambda **a: [x := a.pop("x").copy(), initialization.rescale(x, **a)], {"x": X}, {
        "x": ({}, OTHER + 1), "inplace": ({}, True), "target_std": ({}, 1)}),
    "jitter": (initialization.jitter, lambda **a: [x := a.pop("x").copy(), initialization.jitter(x, **a)], {"x": X, "random_state": 0}, {
        "x": ({}, OTHER), "inplace": ({}, True), "scale": ({}, 1), "random_state": ({}, 1)}),
    "gradient": (opentsne_go.gradient, opentsne_go.gradient, {"embedding": START * 1e4, "affinities": affinity.Uniform(X, 7)}, {
        "embedding": ({}, START), "affinities": ({}, affinity.Uniform(X, 8)),
        **{n: DESCENT[n] for n in ("negative_gradient_method", "theta", "dof", "n_jobs")}}),
    "quality": (opentsne_go.quality, opentsne_go.quality, {"X": X, "Z": START, "labels": LABELS}, {
        "X": ({}, OTHER), "Z": ({}, START[::-1].copy()), "labels": ({}, None), "metric": ({}, "manhattan"),
        "random_state": ({"X": MANY, "Z": MANY[:, :2], "labels": None}, 1), "n_jobs": ({}, 3), "sample": ({}, 9), "client": ({}, 3)}),
    "opentsne_go.pca": (opentsne_go.pca, npy(opentsne_go.pca), {"X": X, "n_components": 3}, {
        "X": ({}, OTHER), "n_components": ({}, 2), "path": ({}, "scores.npy"), "verbose": ({}, True), "client": ({}, 3)}),
    "to_npy": (opentsne_go.to_npy, npy(opentsne_go.to_npy), {"X": X, "path": "rows.npy"}, {
        "X": ({}, OTHER), "path": ({}, "others.npy"), "verbose": ({}, True)}),
    "check": (opentsne_go.check, opentsne_go.check, {"tsne": {}, "n": 50_000}, {"tsne": ({}, {"n_iter": 5}), "n": ({}, 10**7)}),
    "sweep": (opentsne_go.sweep, lambda **a: opentsne_go.sweep(**a).positions if a.keys().isdisjoint(("labels", "dubious")) else repr(opentsne_go.sweep(**a)),
        {"X": X, "perplexity": [5], "exaggeration": [1], "tsne": TSNE(**QUICK)}, {
        "X": ({}, OTHER), "perplexity": ({}, [5, 9]), "exaggeration": ({}, [1, 2]), "tsne": ({}, TSNE(**{**QUICK, "n_iter": 9})), "labels": ({}, LABELS),
        "dubious": ({}, True)}),
    "align": (opentsne_go.align, lambda reference=None, **a: opentsne_go.align(made() if reference is None else reference, **a), {"X": NEW, "tsne": TSNE(**QUICK)}, {
        **PLACED, "reference": ({}, lambda: fitted(n_iter=40)), "tsne": ({}, TSNE(**{**QUICK, "n_iter": 9}))}),
    "fit_together": (opentsne_go.fit_together, opentsne_go.fit_together, {"X": [X[:60], X[30:]], "tsne": TSNE(**QUICK)}, {
        "X": ({}, [X[:60], X[20:80]]), "tsne": ({}, TSNE(**{**QUICK, "n_iter": 9})),
        "keys": ({}, [range(60), range(30, 90)]), "relations": ({}, [{30 + i: i for i in range(30)}]),
        "window": ({"X": [X[:60], X[20:80], X[30:]]}, 2), "rounds": ({}, 1)}),
    "update": (opentsne_go.TSNEEmbedding.update, lambda **a: made().update(**a), {"X": NEW}, {
        "X": ({}, NEW[::-1].copy()), "hold": ({}, "free"), "tsne": ({}, TSNE(**{**QUICK, "n_iter": 9}))}),
    "zoom": (opentsne_go.TSNEEmbedding.zoom, lambda **a: made().zoom(**a), {"rows": range(40)}, {
        "rows": ({}, range(41)), "tsne": ({}, TSNE(**{**QUICK, "n_iter": 9}))}),
    "put_back": (opentsne_go.TSNEEmbedding.put_back, lambda **a: made().put_back(**a), {"rows": range(20), "part": NEW[:, :2]}, {
        "rows": ({}, range(1, 21)), "part": ({}, NEW[:, 1:3])}),
    "procrustes": (opentsne_go.procrustes, opentsne_go.procrustes, {"target": X[:, :2], "source": X[:, :2] * [2, -1]}, {
        "target": ({}, X[:, 3:5]), "source": ({}, X[:, 3:5]), "scale": ({}, True), "reflection": ({}, False),
        "target_labels": ({"source_labels": LABELS, "target_labels": LABELS}, LABELS[::-1]),
        "source_labels": ({"source_labels": LABELS, "target_labels": LABELS}, LABELS[::-1])}),
    "superpose": (opentsne_go.superpose, opentsne_go.superpose, {"maps": [X[:, :2], X[:, :2] * [2, -1], X[:, 4:]]}, {
        "maps": ({}, [X[:, :2], X[:, 2:4]]), "to_first": ({}, True), "scale": ({}, True), "reflection": ({}, False)}),
    "shared_neighbors": (opentsne_go.shared_neighbors, opentsne_go.shared_neighbors, {"a": X[:, :2], "b": X[:, 1:3]}, {
        "a": ({}, X[:, 3:5]), "b": ({}, X[:, 3:5]), "k": ({}, 5), "n_jobs": ({}, 3)}),
    "tl.tsne": (tl.tsne, in_adata(tl.tsne, **{k: QUICK[k] for k in QUICK}), {}, {
        "adata": ("adata_", adata(OTHER)), "n_pcs": ({"use_rep": "X_pca"}, 3), "use_rep": ({}, "X_pca"),
        **KNOBS,
        "tsne": ({}, TSNE(perplexity=3)), "key_added": ({}, "t"), "copy": ({}, True), "neighbors_key": ({}, "absent"), "init_pos": ({}, "X_pca"),
        "rng": ({"initialization": "random"}, 7), "use_fast_tsne": ({}, True)}),
    "tl.transform": (tl.transform, in_adata(tl.transform, NEW), {"reference": reference}, {
        "adata": ("adata_", adata(NEW[::-1].copy())), "reference": ({}, lambda: (r := reference(), r.obsm.update(X_tsne=r.obsm["X_map"]))[0]),
        "basis": ({}, "X_map"), "use_rep": ({}, "X_pca"), "genes": ({}, ["g1", "g2", "g5"]), "metric": ({}, "euclidean"),
        "k": ({}, 5), "initialization": ({}, "weighted"), "n_iter": ({}, 9), "n_bootstrap": ({}, 3),
        "random_state": ({"n_bootstrap": 3}, 1), "n_jobs": ({}, 3), "key_added": ({}, "t"), "copy": ({}, True),
        "constant": ({}, "drop"), "verbose": ({}, True), "client": ({}, 3)}),
    "tl.diagnose": (tl.diagnose, diagnosed, {}, {
        "adata": ("adata_", adata(X, X_tsne=START * 1e4)), "reference": ({}, reference), "basis": ({}, "X_map"), "use_rep": ({}, "X_map"), "n_pcs": ({"use_rep": "X_pca"}, 3),
        "genes": ({"reference": reference}, ["g1", "g2", "g3"]),
        "metric": ({"reference": reference}, "cosine"), "k": ({}, 7), "length": ({}, 2.5), "maps": ({}, ["X_map"]),
        "scores": ({}, ["recall"]), "random_state": ({}, 1), "n_jobs": ({}, 3), "copy": ({}, True)}),
    "tl.align": (tl.align, in_adata(tl.align, NEW), {"reference": reference, "tsne": TSNE(**QUICK)}, {
        "adata": ("adata_", adata(NEW[::-1].copy())), "reference": ({}, lambda: (r := reference(), r.obsm.update(X_tsne=r.obsm["X_map"]))[0]),
        "basis": ({}, "X_map"), "use_rep": ({}, "X_pca"), "genes": ({}, ["g1", "g2", "g5"]), "metric": ({}, "euclidean"),
        "k": ({}, 5), "n_pcs": ({"fit_rep": "X_pca"}, 3), "fit_rep": ({}, "X_pca"), "tsne": ({}, TSNE(**{**QUICK, "n_iter": 9})),
        "random_state": ({"tsne": None}, 1), "n_jobs": ({"tsne": None}, 3), "key_added": ({}, "t"), "copy": ({}, True),
        "constant": ({}, "drop"), "verbose": ({"tsne": None}, True)}),
    "tl.fit_together": (tl.fit_together, together, {"tsne": TSNE(**QUICK)}, {
        "adatas": ("adata_", lambda: [adata(X[:50]), adata(X[20:])]), "batch": ({"adatas_": day}, "batch"), "keys": ({}, "cell"),
        "relations": ({}, [{30 + i: i for i in range(30)}]), "window": ({"adatas_": lambda: [adata(X[:60]), adata(X[20:80]), adata(X[30:])]}, 2),
        "rounds": ({}, 1), "n_pcs": ({"use_rep": "X_pca"}, 3), "use_rep": ({}, "X_pca"), "tsne": ({}, TSNE(**{**QUICK, "n_iter": 9})),
        "random_state": ({"tsne": None}, 1), "n_jobs": ({"tsne": None}, 3), "key_added": ({}, "t"), "copy": ({}, True), "verbose": ({"tsne": None}, True)}),
    "pl.kl_curve": (pl.kl_curve, pl.kl_curve, {"history": lambda: history(20)}, {
        "history": ({}, lambda: history(40)), "ax": ({}, lambda: matplotlib.pyplot.subplots(3)[1][1])}),
    "pl.side_by_side": (pl.side_by_side, pl.side_by_side, {"maps": [X[:, :2], X[:, 1:3]]}, {
        "maps": ({}, [X[:, :2]]), "labels": ({}, [LABELS, LABELS]), "titles": ({}, ["a", "b"]),
        "palette": ({"labels": [LABELS, LABELS]}, "tab10"), "continuous": ({"labels": [LABELS, LABELS]}, True)}),
    "pl.sheet": (pl.sheet, pl.sheet, {"maps": [X[:, :2], X[:, 1:3]]}, {
        "maps": ({}, [X[:, :2]]), "labels": ({}, LABELS), "titles": ({}, ["a", "b"]), "columns": ({}, 1), "marked": ({"titles": ["a", "b"]}, 1),
        "palette": ({"labels": LABELS}, "tab10"), "continuous": ({"labels": LABELS}, True)}),
    "pl.scatter": (pl.scatter, pl.scatter, {"embedding": X[:, :2], "labels": LABELS}, {
        "embedding": ({}, X[:, 1:3]), "labels": ({}, LABELS[::-1]), "on_data": ({}, True), "palette": ({}, "tab10"),
        "continuous": ({}, True), "title": ({}, "a"), "size": ({}, 90), "alpha": ({}, 0.1), "legend": ({}, False),
        "basis": ({"embedding": mapped_twice}, "X_map"), "ax": ({}, lambda: matplotlib.pyplot.subplots(3)[1][1])}),
    "pl.animation": (pl.animation, film, {"history": lambda: history(20), "labels": LABELS}, {
        "history": ({}, lambda: history(40)), "path": ({}, "film.html"), "labels": ({}, LABELS[::-1]),
        "frames_per_second": ({}, 3), "palette": ({}, "tab10"), "continuous": ({}, True)}),
    "pl.colors": (pl.colors, pl.colors, {"labels": LABELS}, {"labels": ({}, LABELS[:3]), "palette": ({}, "tab10")}),
    "pl.mapped": (pl.mapped, pl.mapped, {"reference": X[:, :2], "points": NEW[:, :2]}, {
        "reference": ({}, X[:, 1:3]), "points": ({}, NEW[:, 1:3]), "samples": ({}, NEW[None, :, :2] + rng.normal(size=(9, 20, 2))),
        "labels": ({}, LABELS[:20]), "ax": ({}, lambda: matplotlib.pyplot.subplots(3)[1][1]),
        "regions": ({"samples": NEW[None, :, :2] + rng.normal(size=(9, 20, 2))}, "contours"),
        "palette": ({"labels": LABELS[:20]}, "tab10"), "continuous": ({"labels": LABELS[:20]}, True)}),
    "explore.html": (explore.html, page, {"embedding": X[:, :2], "metadata": {"a": LABELS, "b": LABELS % 3}}, {
        **SHOWN, "path": ({}, "page.html"), "title": ({}, "blood")}),
    "explore.jupyter_scatter": (explore.jupyter_scatter, scattered, {"embedding": X[:, :2], "metadata": {"a": LABELS, "b": LABELS % 3}}, {
        **SHOWN, "selection": ({"embedding": mapped_twice, "metadata": None}, "chosen")}),
    "explore.embedding_atlas": (explore.embedding_atlas, atlas, {"embedding": X[:, :2], "metadata": {"a": LABELS, "b": LABELS % 3}}, {
        **{k: SHOWN[k] for k in ("embedding", "metadata", "names", "basis")},
        "selection": ({"embedding": mapped_twice, "metadata": None}, "chosen")}),
    "explore.datamapplot": (explore.datamapplot, lambda **a: str(explore.datamapplot(**a)), {"embedding": X[:, :2], "metadata": {"a": LABELS, "b": LABELS % 3}}, SHOWN),
    "explore.select": (explore.select, in_adata(explore.select), {"cells": ["3", "5"]}, {
        "adata": ("adata_", adata(X[:50])), "cells": ({}, ["3"]), "key": ({}, "chosen")}),
    "History": (History, lambda **a: (h := History(**a), fitted(callbacks=h, callbacks_every_iters=10), len(h.embeddings))[2], {}, {
        "embeddings": ({}, False)}),
}  # fmt: skip


def history(n):
    h = History()
    fitted(callbacks=h, callbacks_every_iters=5, n_iter=n)
    return h


def parameters(function):
    names = [n for n in inspect.signature(function).parameters if n not in ("self", "cls")]
    kinds = {n: p.kind for n, p in inspect.signature(function).parameters.items()}
    more = any(kinds[n] == inspect.Parameter.VAR_KEYWORD for n in names)
    return [n for n in names if kinds[n] < inspect.Parameter.VAR_KEYWORD and kinds[n] != 2], more


CASES = [
    (name, argument)
    for name, (function, _, _, changes) in CALLS.items()
    for argument in dict.fromkeys([*parameters(function)[0], *(changes if parameters(function)[1] else ())])
]


def ready(arguments):
    """Values that are made when they are wanted."""
    lazy = ("affinities", "reference", "history", "ax", "reference_embedding", "embedding")
    return {k: v() if k in lazy and callable(v) else v for k, v in arguments.items()}


@pytest.mark.parametrize("name,argument", CASES, ids=lambda v: v)
def test_every_argument_does_something(name, argument, capsys, caplog, monkeypatch):
    _, call, base, changes = CALLS[name]
    if argument in NOTHING or (name, argument) in NOTHING_OF:
        return
    assert argument in changes, f"{name}: no change of {argument} is known"
    needs, value = changes[argument]
    if needs == "adata_":
        needs, argument = {}, "adata_"
    before = {**base, **needs}
    seen = Seen(monkeypatch)
    said = capsys, caplog, seen
    first = outcome(call, ready(before), *said)
    second = outcome(call, ready({**before, argument: value}), *said)
    matplotlib.pyplot.close("all")
    assert first != second
    assert not first[0].startswith(("ValueError", "TypeError", "RuntimeError")), first[0]


def test_every_function_is_there():
    """All that the package offers is in the table, or has no argument to ignore."""
    covered = {inspect.unwrap(one[0]) for one in CALLS.values()}
    elsewhere = {"load", "Affinities", "ErrorLogger", "forget_colors", "Film", "Page", "weighted", "KNNIndex", "Sklearn", "NNDescent", "HNSW"}
    for module in (opentsne_go, affinity, explore, initialization, nearest_neighbors, pl, tl):
        for name in module.__all__:
            value = getattr(module, name)
            result = dataclasses.is_dataclass(value) or (inspect.isclass(value) and issubclass(value, Exception))
            if not callable(value) or name in elsewhere or result:
                continue
            assert inspect.unwrap(value) in covered, name
