"""Maps onto each other: two halves of MNIST, several maps, batches that differ in scale and offset."""

import numpy as np

import data
import mapping_pictures
import opentsne_go as og
from evaluate import accuracy, nearest_in_map
from mapping_common import IMG, THREADS, Part, apart, centroids, duration, fit, seconds, share_right, side, turn

SECTIONS = {}


def section(f):
    SECTIONS[f.__name__] = f
    return f


@section
def halves(s: Part):
    X, labels = data.load("mnist70k")
    order = np.random.default_rng(0).permutation(len(X))
    a, b = np.sort(order[:35_000]), np.sort(order[35_000:])
    XA, XB, la, lb = np.ascontiguousarray(X[a]), np.ascontiguousarray(X[b]), labels[a], labels[b]
    maps, took = {}, {}
    with turn("maps of both halves"):
        A = fit(XA)
        for name, settings in {"alone, random start": dict(initialization="random", random_state=1), "alone, PCA start": dict(random_state=1)}.items():
            maps[name], took[name] = seconds(lambda: fit(XB, **settings))
        found, took["aligned"] = seconds(lambda: og.align(A, XB, og.TSNE(n_jobs=THREADS, random_state=1)))
    maps["aligned"] = found.embedding
    rows, q = [], {}
    for name, m in maps.items():
        moved = og.procrustes(A, m, target_labels=la, source_labels=lb).apply(m)
        q[name] = dict(apart=apart(A, la, m, lb), moved=apart(A, la, moved, lb), kl=float(m.kl_divergence),
                       accuracy=accuracy(lb, nearest_in_map(m)), seconds=took[name])
        v = q[name]
        rows.append((name, f"{v['apart'] * 100:.1f} %", f"{v['moved'] * 100:.1f} %", f"{v['kl']:.3f}", f"{v['accuracy']:.4f}", duration(v["seconds"])))
        if name == "alone, random start":
            superposed = moved
    means = centroids(A, la, np.unique(la))
    gap = float(np.mean([np.sort(np.linalg.norm(means - c, axis=1))[1] for c in means]) / side(A))
    s.numbers = dict(q, nearest_other_class=gap, disparity=found.disparity, overlap=found.overlap)
    s.say(f"MNIST, drawn in two halves of 35,000; the map of the first half (PCA start, seed 0), and three of the second (seed 1). Distance: "
          f"from a digit's mean in the first map to its mean in the other, averaged over the ten digits, in shares of the first map's longer side; a digit's mean "
          f"and that of the nearest other digit in the first map are {gap * 100:.1f} % apart. Superposed: after `procrustes` on the means of the "
          f"digits, without scaling. KL and label accuracy (10 nearest, leave-one-out) say that an aligned map is as good a map.")
    s.table(["second half", "distance", "superposed", "KL", "accuracy", "time"], rows)
    s.say("Halves of one data set have nearly the same principal components, so that PCA starts agree by themselves, and `align` has nothing to add; it is "
          "for data whose principal components differ, as those of batches do (below).")
    s.say(f"`align` reports a disparity of {found.disparity:.3f} between the start that the reference gave and the final map, "
          f"and that the two share {found.overlap * 100:.1f} % of a point's 10 nearest.")
    al, pc = q["aligned"], q["alone, random start"]
    s.check([("aligned: digits' means are nearer to their own than to others'", f"under {gap * 100:.1f} %", f"{al['apart'] * 100:.1f} %", al["apart"] < gap),
             ("and nearer than of a map made alone", f"under {pc['apart'] * 100:.1f} %", f"{al['apart'] * 100:.1f} %", al["apart"] < pc["apart"]),
             ("KL beside the best made alone", "at most 0.5 % above", f"{(al['kl'] / min(v['kl'] for v in q.values()) - 1) * 100:+.2f} %",
              al["kl"] <= 1.005 * min(v["kl"] for v in q.values()))])
    mapping_pictures.over(IMG / "align.png", [
        ("First half", "35,000 digits", A, la, None, None),
        ("Second half, alone", f"random start; distance {pc['apart'] * 100:.1f} %", maps["alone, random start"], lb, None, None),
        ("The same, superposed", f"on the digits' means; {pc['moved'] * 100:.1f} %", superposed, lb, None, None),
        ("Second half, aligned", f"{al['apart'] * 100:.1f} %", maps["aligned"], lb, None, None)], width=3.9)
    s.picture("align.png", "two halves of MNIST: the first, the second alone, superposed by the means of the digits, and aligned")


@section
def several(s: Part):
    X, labels = data.load("digits")
    with turn("three maps of the digits"):
        maps = [np.asarray(fit(X, initialization="random", random_state=seed)) for seed in range(3)]
    rows = []

    def spread(given):
        pairs = [(0, 1), (0, 2), (1, 2)]
        return float(np.mean([apart(given[i], labels, given[j], labels) for i, j in pairs])), float(
            np.mean([og.shared_neighbors(given[i], given[j]) for i, j in pairs]))
    ways = {"as they come": maps, "onto the first": og.superpose(maps, to_first=True), "onto their consensus": og.superpose(maps),
            "onto their consensus, scaled": og.superpose(maps, scale=True)}
    for name, m in ways.items():
        d, shared = spread(getattr(m, "maps", m))
        s.numbers[name] = dict(apart=d, shared=shared, disparities=[float(v) for v in getattr(m, "disparities", [])])
        rows.append((name, f"{d * 100:.1f} %", f"{shared * 100:.1f} %", ", ".join(f"{v:.2f}" for v in getattr(m, "disparities", [])) or ""))
    s.say("Three maps of the 1,797 digits from random starts. Distance: between the means of the same digit in two maps, in shares of a map's longer side, "
          "over all digits and pairs. Moving a map as a whole leaves its neighbours alone, and maps from random starts differ in more than a movement: "
          "superposition cannot put their islands in the same order, as `align` does.")
    s.table(["three maps", "distance", "10 nearest shared", "disparities"], rows)
    a, b = s.numbers["as they come"]["apart"], s.numbers["onto their consensus"]["apart"]
    s.check([("distance after generalised Procrustes", "lower than before", f"{a * 100:.1f} % to {b * 100:.1f} %", b < a)])


OFFSET, OWN = "/ 3, offset", "/ 3, offset, and each column its own"


def shifts(X, seed=0):
    """What a second experiment does to the same rows."""
    random, sd = np.random.default_rng(seed), X.std(0)
    size = float(X.std())
    factor, offset = np.exp(random.normal(0, 0.2, X.shape[1])), random.normal(0, 0.3, X.shape[1]) * sd
    return {"none": X, "x 3": X * 3, "/ 3": X / 3, OFFSET: X / 3 + 5 * size, OWN: ((X * factor + offset) / 3 + 5 * size).astype(np.float32)}


def pbmc():
    """scanpy's 700 blood cells with 765 genes, logarithms of counts; its labels."""
    import scanpy as sc
    a = sc.datasets.pbmc68k_reduced()
    raw = a.raw.to_adata()
    return raw.X.toarray().astype(np.float32), a.obs["bulk_labels"].cat.codes.to_numpy()


SETS = {"digits": lambda: data.load("digits"), "blood cells": pbmc, "simulated cells": lambda: data.cells(20_000)}


@section
def batch(s: Part):
    rows, maps, shown, right, far = [], [], [], {}, {}
    with turn("the three data sets"):
        for name, load in SETS.items():
            X, labels = load()
            first = np.random.default_rng(0).permutation(len(X)) < len(X) // 2
            la, lb = labels[first], labels[~first]
            A = fit(np.ascontiguousarray(X[first]))
            moved = shifts(X[~first])
            for kind, new in moved.items():
                at = {metric: A.transform(new, k=10, n_iter=0, metric=metric) for metric in ("correlation", "euclidean")}
                for metric, points in at.items():
                    right[name, kind, metric] = share_right(A, la, points, lb)
                rows.append((name, f"{len(lb):,} x {X.shape[1]}", kind, *(f"{right[name, kind, m] * 100:.1f} %" for m in at)))
            made = {"alone": fit(moved[OWN])}
            for metric in at:
                made[metric] = og.align(A, moved[OWN], og.TSNE(n_jobs=THREADS, random_state=0), metric=metric).embedding
            far[name] = {way: apart(A, la, m, lb) for way, m in made.items()}
            maps.append((name, *(f"{v * 100:.1f} %" for v in far[name].values())))
            if name == "digits":
                shown += [("First batch", "a map of 898 digits", A, la, None, None)]
                shown += [(f"{m.capitalize()}: places", f"among their own class: {right[name, OWN, m] * 100:.0f} %", A, None, at[m], lb) for m in at]
                shown += [("Aligned by correlation", f"distance {far[name]['correlation'] * 100:.1f} %", made["correlation"], lb, None, None)]
    s.numbers = dict({", ".join(k): v for k, v in right.items()}, distance=far)
    s.say("Each data set is drawn in two halves, the reference and a second experiment, whose values are all multiplied or divided by 3, shifted by five standard "
          "deviations of the data, and at last each column by a factor (log-normal, 0.2) and an offset (normal, 0.3 of the column's standard deviation) of its "
          "own. The share of new points that land among their own class (10 nearest, the median of 10 by each metric):")
    s.table(["data", "new points", "shift", "correlation", "Euclidean"], rows)
    s.say("Maps of the second experiment, with all shifts: the distance between the means of the same class in both maps, in shares of the reference's longer side, "
          "for a map made alone (PCA start) and for those that begin at the places of either metric:")
    s.table(["data", "alone", "aligned by correlation", "aligned by Euclidean"], maps)
    checks = []
    for name in SETS:
        c, e, base = right[name, OWN, "correlation"], right[name, OWN, "euclidean"], right[name, "none", "euclidean"]
        checks.append((f"{name}, all shifts: correlation", "within 10 points of Euclidean without a shift", f"{c * 100:.1f} % against {base * 100:.1f} %", c >= base - 0.1))
        checks.append((f"{name}, all shifts: Euclidean fails", "30 points or more below correlation", f"{e * 100:.1f} % against {c * 100:.1f} %", e <= c - 0.3))
    s.check(checks)
    mapping_pictures.over(IMG / "align-batch.png", shown, width=3.9)
    s.picture("align-batch.png", "digits with a batch shift mapped on those without, by correlation and by Euclidean distance, and aligned by correlation")
