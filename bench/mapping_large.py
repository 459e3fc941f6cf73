"""The start from a sample's map, and models that are saved."""

import functools
import os
import subprocess
import tempfile

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

import data
import evaluate
import opentsne_go as og
import pictures
from fidelity_maps import nearest_means
from mapping_common import IMG, OUT, THREADS, Part, duration, fit, median, mnist_reference, seconds, turn

SECTIONS = {}


def section(f):
    SECTIONS[f.__name__] = f
    return f


class Kept:
    """KNN, KNC and CPD as the paper defines them, KNN over 2,000 random points, CPD over 1,000."""

    def __init__(self, X, labels):
        self.X, self.labels = X, labels
        self.some = np.random.default_rng(0).choice(len(X), 2_000, replace=False)
        norm = np.einsum("ij,ij->i", X, X)
        near = []
        for a in range(0, len(self.some), 100):
            i = self.some[a:a + 100]
            d = norm - 2 * X[i] @ X.T
            d[np.arange(len(i)), i] = np.inf
            near.append(np.argpartition(d, 10, 1)[:, :10])
        self.near, self.means = np.concatenate(near), nearest_means(X, labels)

    def __call__(self, Y):
        Y = np.asarray(Y, np.float64)
        found = cKDTree(Y).query(Y[self.some], 11, workers=THREADS)[1]
        # A point that lies on others may be missing from its own list; then the last goes.
        found = np.array([[j for j in row if j != i][:10] for i, row in zip(self.some, found)])
        knc = evaluate.recall(self.means, nearest_means(Y, self.labels))
        few = self.some[:1_000]
        return evaluate.recall(self.near, found), knc, float(spearmanr(pdist(self.X[few].astype(np.float64)), pdist(Y[few])).statistic)


@functools.cache
def kept(name):
    return Kept(*data.load(name))


JOBS = [("MNIST", "mnist70k", 1, 1), ("MNIST", "mnist70k", 4, 1), ("simulated cells", "cells500000", 4, 1)]


@section
def sample(s: Part):
    rows, checks, shown = [], [], {}
    for title, name, exaggeration, seeds in JOBS:
        X, labels = data.load(name)
        mean = {}
        for start in ("pca", "sample"):
            got = []
            with turn(f"{name}, exaggeration {exaggeration}, {start}"):
                judge = kept(name)
                for seed in range(seeds):
                    e, t = seconds(lambda: fit(X, initialization=start, exaggeration=exaggeration, random_state=seed))
                    got.append((*judge(e), float(e.kl_divergence), t))
                    shown.setdefault((name, exaggeration, start), np.asarray(e))
            mean[start] = [float(v) for v in np.mean(got, 0)]
            s.numbers[f"{name}, {exaggeration}, {start}"] = [[float(v) for v in g] for g in got]
            knn, knc, cpd, kl, t = mean[start]
            rows.append((f"{title}, {len(X):,}", exaggeration, {"pca": "PCA", "sample": "sample"}[start], f"{knn:.3f}", f"{knc:.2f}", f"{cpd:.2f}", f"{kl:.3f}", duration(t)))
        gain = [b - a for a, b in zip(mean["pca"], mean["sample"])]
        for what, g in (("KNC", gain[1]), ("CPD", gain[2])):
            checks.append((f"{title}, {len(X):,}, exaggeration {exaggeration}: {what} of the sample start", "no lower than of the PCA start, less 0.03", f"{g:+.3f}", g >= -0.03))
    s.say("The same fit from both starts: perplexity 30, 250 iterations of exaggeration 12 and 500 of that in the table; the sample has 25,000 rows and perplexities "
          "30 and 250. KNN: share of the 10 nearest neighbours kept; KNC: of the 4 nearest class means; CPD: Spearman correlation of distances (Kobak & "
          "Berens 2019). One seed of each. Time is that of the whole fit, the sample's map included.")
    s.table(["data", "exaggeration", "start", "KNN", "KNC", "CPD", "KL", "time"], rows)
    s.check(checks)
    labels = data.load("cells500000")[1]
    panels = []
    for start, word in (("pca", "PCA start"), ("sample", "Start from a sample of 25,000")):
        knn, knc, cpd, *_ = s.numbers[f"cells500000, 4, {start}"][0]
        panels.append((word, f"500,000 simulated cells; KNC {knc:.2f}, CPD {cpd:.2f}", shown["cells500000", 4, start]))
    pictures.maps(IMG / "large.png", panels, labels)
    s.picture("large.png", "500,000 simulated cells from a PCA start and from the map of a sample")


@section
def travel(s: Part):
    X, _ = data.load("mnist70k")
    reference, path, times = mnist_reference(), OUT / "travel.npz", {}
    with turn("save and load"):
        for _ in range(5):
            times.setdefault("save", []).append(seconds(lambda: reference.save(path))[1])
            other, t = seconds(lambda: og.load(path, n_jobs=THREADS))
            times.setdefault("load", []).append(t)
    with np.load(path) as z:
        held = [(k, z[k].dtype.name, " x ".join(f"{n:,}" for n in z[k].shape) or "one") for k in z.files]
        same = np.array_equal(z["embedding"], np.asarray(reference)) and np.array_equal(z["data"], X[:60_000])
    new = X[60_000:61_000]
    with turn("the same from C"), tempfile.TemporaryDirectory() as tmp:
        np.save(f"{tmp}/new.npy", new)
        lib = os.path.realpath(og._native.library.lib()._name)
        # The program asks for the library by the name that is built into it.
        os.symlink(lib, f"{tmp}/libtsne.so.0")
        subprocess.run([os.environ.get("CC", "cc"), "-O2", str(data.ROOT / "examples" / "c" / "transform.c"), f"-I{data.ROOT / 'include'}", lib,
                        f"-Wl,-rpath,{tmp}", "-o", f"{tmp}/transform"], check=True)
        subprocess.run([f"{tmp}/transform", str(path), f"{tmp}/new.npy", f"{tmp}/places.npy"], check=True, capture_output=True)
        equal = np.load(f"{tmp}/places.npy").tobytes() == np.asarray(reference.transform(new, k=10, n_iter=0)).tobytes()
    on = np.asarray(other.optimize(20)).tobytes() == np.asarray(reference.optimize(20)).tobytes()
    size = path.stat().st_size
    s.numbers = dict(times, bytes=size, raw=int(X[:60_000].nbytes), arrays=held, c_equal=bool(equal), resumes=bool(on))
    s.say(f"The map of 60,000 digits with its data (60,000 x 50 float32, {X[:60_000].nbytes / 1e6:.1f} MB), its affinities and the optimiser's state: {size / 1e6:.1f} MB, "
          f"saved in {duration(median(times['save']))}, loaded in {duration(median(times['load']))} (medians of 5; the file's pages are in memory). What `numpy.load` finds:")
    s.table(["array", "type", "shape"], held)
    s.check([("`numpy.load` gives the map and the data", "equal", "equal" if same else "not equal", bool(same)),
             ("1,000 points placed by `examples/c/transform.c` on the file that Python saved", "the same bits", "the same" if equal else "other bits", equal),
             ("20 iterations more, of the loaded and of the saved map", "the same bits", "the same" if on else "other bits", on)])
    path.unlink()
