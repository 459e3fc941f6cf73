"""Sections that compare finished maps: the paper's simulation, MNIST, learning rates, exaggeration."""

import numpy as np
from scipy.spatial import ConvexHull, Delaunay
from scipy.spatial.distance import cdist, pdist
from scipy.stats import spearmanr

import data
import engine
import evaluate
import opentsne_go as og
import pictures
from fidelity_common import IMG, judge, ours, theirs

SECTIONS = {}


def section(f):
    SECTIONS[f.__name__] = f
    return f


def maybe_fitsne(name, **options):
    """FIt-SNE's map where it is kept or can be made, else None."""
    try:
        return theirs("fitsne", name, **options)
    except RuntimeError as e:
        print(f"FIt-SNE left out: {e}", flush=True)
        return None


# (row, our and openTSNE's options, what varies and over how many seeds, the paper's KNN KNC CPD). KNC moves in steps of
# 1/60 and by 0.05 between PCA starts that differ by their jitter alone, so that the row of two perplexities takes a mean.
PAPER = [
    ("random start, perplexity 30, rate 200", dict(start="random", learning_rate=200), ("seed", 3), (0.13, 0.23, 0.51)),
    ("random start, perplexity n/100, rate 200", dict(start="random", learning_rate=200, perplexity=[155]), ("seed", 3), (0.04, 0.68, 0.73)),
    ("PCA start, perplexity 30, rate 200", dict(learning_rate=200), ("seed", 1), (0.13, 0.70, 0.62)),
    ("PCA start, perplexities 30 and n/100, rate n/12", dict(perplexity=[30, 155]), ("jitter", 3), (0.11, 0.82, 0.74)),
    ("random start, perplexity 30, rate n/12", dict(start="random"), ("seed", 3), (0.17, 0.45, 0.60)),
]


def nearest_means(X, labels, k=4):
    means = np.array([X[labels == c].mean(0) for c in np.unique(labels)], np.float64)
    d = cdist(means, means)
    np.fill_diagonal(d, np.inf)
    return np.argsort(d, 1)[:, :k]


def kept_structure(X, labels, near, Y):
    """KNN, KNC and CPD as the paper defines them."""
    Y = np.asarray(Y, np.float64)
    knn = evaluate.recall(near, evaluate.nearest_in_map(Y))
    knc = evaluate.recall(nearest_means(X, labels), nearest_means(Y, labels))
    some = np.random.default_rng(0).choice(len(X), 1000, replace=False)
    cpd = spearmanr(pdist(X[some].astype(np.float64)), pdist(Y[some])).statistic
    return np.array([knn, knc, cpd])


@section
def simulated(s):
    s.head("The paper's simulated data", "15 Gaussian classes in three groups, 15,500 x 50 (Kobak & Berens 2019, figure 2). KNN: share of the 10 nearest "
           "neighbours kept; KNC: share of the 4 nearest class means kept; CPD: Spearman correlation of pairwise distances among 1,000 "
           "points. Means over three random starts, and with two perplexities over three seeds of the jitter of the PCA start. The paper ran "
           "1,000 iterations of FIt-SNE, the others here run 250 + 500.")
    X, labels = data.load("simulated")
    near = judge("simulated").nearest

    def mean_of(run, options, varied):
        what, many = varied
        runs = [kept_structure(X, labels, near, run("simulated", **options, **{what: seed})[0]) for seed in range(many)]
        return np.mean(runs, 0)

    rows, checks, shown = [], [], []
    for row, options, varied, paper in PAPER:
        us = mean_of(ours, options, varied)
        them = mean_of(lambda name, **o: theirs("opentsne", name, **o), options, varied)
        rows.append((row, *("%.2f %.2f %.2f" % tuple(v) for v in (paper, them, us))))
        gap = (us - them).min()
        checks.append((row, "no figure below openTSNE's by over 0.03", f"{gap:+.3f} at worst", gap >= -0.03))
        first = ours("simulated", **options, **{varied[0]: 0})[0]
        shown.append((row.replace(", perplexit", ",\nperplexit"), "KNN %.2f  KNC %.2f  CPD %.2f" % tuple(kept_structure(X, labels, near, first)), first))
    pca = kept_structure(X, labels, near, data.principal(X, 2))
    rows.insert(0, ("PCA", "0.00 1.00 0.85", "", "%.2f %.2f %.2f" % tuple(pca)))
    s.table(["KNN, KNC, CPD", "paper", "openTSNE 1.0.4", "libtsne"], rows)
    s.check(checks)
    # What a lower KNC beside a higher KNN and CPD means: which of the maps is the better t-SNE.
    options, (what, many) = next((o, v) for _, o, v, _ in PAPER if len(np.atleast_1d(o.get("perplexity", 30))) == 2)
    P = og.Affinities.from_data(X, perplexity=options["perplexity"])

    def divergences(run):
        maps = [run("simulated", **options, **{what: seed})[0] for seed in range(many)]
        return ", ".join(f"{og.gradient(Y, P, negative_gradient_method='exact')[1]:.3f}" for Y in maps)

    s.say(f"KL of the maps with two perplexities, on the same affinities: libtsne {divergences(ours)}; openTSNE "
          f"{divergences(lambda name, **o: theirs('opentsne', name, **o))}.")
    pictures.maps(IMG / "simulated.png", shown, labels, columns=3, width=4)
    s.picture("simulated.png", "the five t-SNE rows")


def quality_row(name, who, pair):
    Y, _ = pair
    q = judge(name)(Y)
    return q, (who, f"{q['kl']:.4f}", f"{q['recall']:.4f}", f"{q['accuracy']:.4f}", f"{q['span']:.0f}")


@section
def mnist(s):
    s.head("MNIST 70,000 x 50", "The same settings for each: the same PCA start, perplexity 30, 250 + 500 iterations, learning rate n/12, momentum 0.5 "
           "then 0.8. Each program finds its own neighbours.")
    _, labels = data.load("mnist70k")
    pairs = {"libtsne": ours("mnist70k"), "openTSNE 1.0.4": theirs("opentsne", "mnist70k"), "FIt-SNE 1.2.1": maybe_fitsne("mnist70k"),
             "libtsne, default rate": ours("mnist70k", learning_rate="auto")}
    q, rows = {}, []
    for who, pair in pairs.items():
        if pair:
            q[who], row = quality_row("mnist70k", who, pair)
            rows.append(row)
    s.table(["", "KL", "recall", "accuracy", "span"], rows)
    checks, us = [], q["libtsne"]
    for who in ("openTSNE 1.0.4", "FIt-SNE 1.2.1"):
        if who in q:
            t = q[who]
            checks += [(f"KL beside {who}", "at most 0.5 % above", f"{(us['kl'] / t['kl'] - 1) * 100:+.2f} %", us["kl"] <= 1.005 * t["kl"]),
                       (f"recall beside {who}", "at most 0.005 below", f"{us['recall'] - t['recall']:+.4f}", us["recall"] >= t["recall"] - 0.005),
                       (f"accuracy beside {who}", "at most 0.002 below", f"{us['accuracy'] - t['accuracy']:+.4f}", us["accuracy"] >= t["accuracy"] - 0.002)]
    s.check(checks)
    pictures.maps(IMG / "mnist.png", [(who, f"KL {q[who]['kl']:.3f}, recall {q[who]['recall']:.3f}", pairs[who][0]) for who in list(q)[:3]], labels)
    s.picture("mnist.png", "MNIST by libtsne, openTSNE and FIt-SNE")


@section
def search(s):
    s.head("Neighbours and the map", "What the approximate search costs in quality, forced on MNIST 70,000 x 50, which is searched exactly by default; settings as "
           "above. Recall of the search: the share of the 10 nearest neighbours found. Effort 1 is the default from 100,000 rows on.")
    j, rows, q = judge("mnist70k"), [], {}
    for name, options in [(f"approximate, effort {e:g}", dict(neighbors="approx", neighbors_effort=e)) for e in (0.25, 1, 4)] + [("exact", dict(neighbors="exact"))]:
        index, _ = engine.neighbors(j.X, 90, **options)
        Y, _ = ours("mnist70k", **options)
        v = q[name] = {**j(Y), "found": evaluate.recall(j.nearest, index)}
        rows.append((name, f"{v['found']:.4f}", f"{v['kl']:.4f}", f"{v['recall']:.4f}", f"{v['accuracy']:.4f}"))
    s.table(["neighbours", "recall of the search", "KL", "recall of the map", "accuracy"], rows)
    a, b = q["approximate, effort 1"], q["exact"]
    s.check([("search at effort 1", "recall 0.95", f"{a['found']:.3f}", a["found"] >= 0.95),
             ("KL beside that of exact neighbours", "at most 0.5 % above", f"{(a['kl'] / b['kl'] - 1) * 100:+.2f} %", a["kl"] <= 1.005 * b["kl"]),
             ("accuracy beside that of exact neighbours", "at most 0.002 below", f"{a['accuracy'] - b['accuracy']:+.4f}", a["accuracy"] >= b["accuracy"] - 0.002)])


def pieces(Y):
    """Into how many parts of over 5 % of it one class falls."""
    from sklearn.cluster import DBSCAN
    from sklearn.neighbors import NearestNeighbors
    Y = np.asarray(Y, np.float64)
    eps = np.median(NearestNeighbors(n_neighbors=51).fit(Y).kneighbors(Y)[0][:, 50])
    found = DBSCAN(eps=eps, min_samples=25).fit_predict(Y)
    return int((np.bincount(found[found >= 0]) > 0.05 * len(Y)).sum())


CLAIMS = [("random start, rate 200", dict(start="random", learning_rate=200)),
          ("random start, rate 1000", dict(start="random", learning_rate=1000)),
          ("random start, rate n/12", dict(start="random")),
          ("PCA start, rate 200", dict(learning_rate=200)),
          ("PCA start, rate n/12", dict())]


def torn(Y, labels):
    """Digits in more than one piece, and in how many."""
    count = {int(c): pieces(Y[labels == c]) for c in np.unique(labels)}
    return {c: k for c, k in count.items() if k != 1}


def words(t):
    return ", ".join(f"{c} into {k}" for c, k in t.items()) or "none"


@section
def claims(s):
    s.head("Start and learning rate", "MNIST 70,000 x 50, five ways to begin; three seeds where the start is random. Torn digits: within each digit, DBSCAN "
           "with eps = the median distance to the 50th neighbour of the same digit and min_samples 25; the pieces that hold over 5 % of "
           "the digit are counted, and a digit of more than one piece is torn.")
    _, labels = data.load("mnist70k")
    rows, shown, found, kl = [], [], {}, {}
    for name, options in CLAIMS:
        seeds = 3 if "start" in options else 1
        runs = [ours("mnist70k", **(dict(options, seed=seed) if seeds > 1 else options))[0] for seed in range(seeds)]
        q = [judge("mnist70k")(Y) for Y in runs]
        found[name] = [torn(Y, labels) for Y in runs]
        kl[name] = np.mean([v["kl"] for v in q])
        rows.append((name, "; ".join(map(words, found[name])), f"{kl[name]:.3f}", *(f"{np.mean([v[k] for v in q]):.{p}f}" for k, p in
                                                                               (("recall", 3), ("accuracy", 4), ("span", 0)))))
        # The seed that tears the most: what can happen to a user.
        worst = max(range(seeds), key=lambda i: sum(found[name][i].values()))
        shown.append((name, f"KL {q[worst]['kl']:.2f}; torn: {words(found[name][worst])}", runs[worst]))
    for name, options in CLAIMS[:2]:
        them = maybe_fitsne("mnist70k", **options)
        if them:
            q = judge("mnist70k")(them[0])
            rows.append((f"FIt-SNE, {name}", words(torn(them[0], labels)), f"{q['kl']:.3f}", f"{q['recall']:.3f}", f"{q['accuracy']:.4f}", f"{q['span']:.0f}"))
    s.table(["", "torn digits", "KL", "recall", "accuracy", "span"], rows)
    slow, fast, full, slow_pca, full_pca = (c[0] for c in CLAIMS)
    tears = sum(bool(t) for t in found[slow])
    s.check([("random start: KL falls with the rate, 200 > 1000 > n/12", "in this order", f"{kl[slow]:.2f}, {kl[fast]:.2f}, {kl[full]:.2f}",
              kl[slow] > kl[fast] > kl[full]),
             ("rate n/12 leaves every digit whole, from either start", "none torn", "; ".join(map(words, found[full] + found[full_pca])),
              not any(found[full] + found[full_pca])),
             ("PCA start leaves every digit whole at rate 200", "none torn", words(found[slow_pca][0]), not found[slow_pca][0]),
             ("random start at rate 200 tears digits", "in at least one of three runs", f"in {tears}", tears > 0)])
    pictures.maps(IMG / "claims.png", shown, labels, width=3.6)
    s.picture("claims.png", "MNIST from random and PCA starts at three learning rates; of the random ones the seed that tears most")


def white_space(Y, cells=128):
    """Share of cells without a point, among those whose centre is in the hull of the map; 128 along its longer side."""
    Y = np.asarray(Y, np.float64)
    low, side = Y.min(0), np.ptp(Y, 0).max() / cells
    at = np.minimum(((Y - low) / side).astype(int), cells - 1)
    full = np.zeros((cells, cells), bool)
    full[at[:, 0], at[:, 1]] = True
    grid = low + (np.stack(np.meshgrid(range(cells), range(cells), indexing="ij"), -1).reshape(-1, 2) + 0.5) * side
    inside = Delaunay(Y[ConvexHull(Y).vertices]).find_simplex(grid) >= 0
    return float(1 - full.ravel()[inside].mean())


@section
def exaggeration(s):
    s.head("Exaggeration 4 and UMAP", "MNIST 70,000 x 50: plain t-SNE, exaggeration 4 in the second phase, and umap-learn's default. Correlation: Spearman's, of "
           "the pairwise distances of 5,000 points in the two maps. White space: the share of empty cells within the convex hull, on a grid "
           "of 128 cells along the longer side.")
    _, labels = data.load("mnist70k")
    kinds = {"libtsne": ours("mnist70k")[0], "libtsne, exaggeration 4": ours("mnist70k", exaggeration=4)[0],
             "umap-learn": theirs("umap", "mnist70k")[0]}
    some = np.random.default_rng(0).choice(len(labels), 5000, replace=False)
    u = pdist(np.asarray(kinds["umap-learn"], np.float64)[some])
    rows, shown, corr, white = [], [], {}, {}
    for who, Y in kinds.items():
        Y = np.asarray(Y, np.float64)
        corr[who], white[who] = spearmanr(u, pdist(Y[some])).statistic, white_space(Y)
        near = evaluate.nearest_in_map(Y)
        j = judge("mnist70k")
        rows.append((who, f"{corr[who]:.3f}", f"{white[who]:.3f}", f"{evaluate.recall(j.nearest, near):.3f}",
                     f"{evaluate.accuracy(labels, near):.4f}", f"{evaluate.span(Y):.0f}"))
        shown.append((who, f"correlation {corr[who]:.2f}, white space {white[who]:.2f}", Y))
    s.table(["", "correlation with UMAP", "white space", "recall", "accuracy", "span"], rows)
    a, b, c = kinds
    s.check([("exaggeration 4 is closer to UMAP than plain t-SNE: correlation", "higher", f"{corr[b]:.3f} against {corr[a]:.3f}", corr[b] > corr[a]),
             ("and white space", "nearer to UMAP's", f"{abs(white[b] - white[c]):.3f} against {abs(white[a] - white[c]):.3f}",
              abs(white[b] - white[c]) < abs(white[a] - white[c]))])
    pictures.maps(IMG / "exaggeration.png", shown, labels)
    s.picture("exaggeration.png", "t-SNE, exaggeration 4 and UMAP")


@section
def rates(s):
    s.head("Learning rate and momentum", "The rate n / exaggeration of the phase (\"auto\": n/12, then n) against n/12 in both phases, and momentum 0.5 then 0.8 against 0.8 "
           "throughout. PCA start, perplexity 30, 250 + 500 iterations.")
    rows, q = [], {}
    for name in ("mnist10k", "mnist70k"):
        for rate in ("auto", "n/12"):
            for m in ([0.5, 0.8], [0.8, 0.8]):
                options = {} if rate == "n/12" else dict(learning_rate=rate)
                if m[0] != 0.5:
                    options["momentum"] = m
                v = q[name, rate, m[0]] = judge(name)(ours(name, **options)[0])
                rows.append((f"{len(judge(name).X):,}", rate, f"{m[0]}, {m[1]}", f"{v['kl']:.4f}", f"{v['recall']:.4f}", f"{v['accuracy']:.4f}", f"{v['span']:.0f}"))
        if name == "mnist10k":
            for rate in ("auto", "n/12"):
                v = judge(name)(theirs("opentsne", name, **({} if rate == "n/12" else dict(learning_rate=rate)))[0])
                rows.append(("10,000, openTSNE", rate, "0.5, 0.8", f"{v['kl']:.4f}", f"{v['recall']:.4f}", f"{v['accuracy']:.4f}", f"{v['span']:.0f}"))
    s.table(["n", "learning rate", "momentum", "KL", "recall", "accuracy", "span"], rows)
    checks = []
    for name in ("mnist10k", "mnist70k"):
        a, b = q[name, "auto", 0.5], q[name, "n/12", 0.5]
        checks.append((f"the default rate is the better one on {name}", "KL of auto below that of n/12", f"{a['kl']:.4f} against {b['kl']:.4f}", a["kl"] < b["kl"]))
        checks.append(("and by recall", "no lower", f"{a['recall']:.4f} against {b['recall']:.4f}", a["recall"] >= b["recall"]))
    s.check(checks)
