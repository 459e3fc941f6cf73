"""How many neighbours new points start from, and whether to refine: labels of held-out rows, repeated splits."""

import numpy as np

import data
import evaluate
from mapping_common import Part, fit, vote

SECTIONS = {}
# Rows, share held out (1 / it), columns that count, metric.
CASES = {"digits": ("digits",), "MNIST": ("mnist10k",), "thymus": ("thymus/10000",), "cytof": ("cytof/10000",), "cell_lines": ("cell_lines",),
         "cellmix": ("cellmix",), "pbmc3k": ("pbmc3k",), "pbmc3k, first 15 components": ("pbmc3k", 5, 15),
         "pbmc3k, half held out": ("pbmc3k", 2), "pbmc3k, half held out, correlation": ("pbmc3k", 2, None, "correlation")}
SPLITS = 10
WAYS = [(k, n) for n in (0, 250) for k in (10, 15, 25)]
PAIRS = (("k 15 less 25, refined", (15, 250), (25, 250)), ("k 10 less 15, refined", (10, 250), (15, 250)), ("k 10 less 15, placed", (10, 0), (15, 0)),
         ("k 10 placed less k 15 refined", (10, 0), (15, 250)))


def section(f):
    SECTIONS[f.__name__] = f
    return f


def nearest(X, new, k, metric="euclidean"):
    from sklearn.neighbors import NearestNeighbors
    return NearestNeighbors(n_neighbors=k, algorithm="brute", metric=metric).fit(X).kneighbors(new, return_distance=False)


def split(seed, name, share=5, columns=None, metric="euclidean"):
    X, y = data.load(name)
    X = np.ascontiguousarray(X[:, :columns])
    held, kept = np.split(np.random.default_rng(seed).permutation(len(X)), [len(X) // share])
    return worth(X[kept], y[kept], X[held], y[held], seed, metric)


def worth(X, y, new, own, seed, metric="euclidean"):
    """For each way the accuracy and the recall of new rows on the map of X; and how far those of 25 and of 15 end apart."""
    e = fit(X, random_state=seed, metric=metric)
    Y, near = np.asarray(e, np.float64), nearest(X, new, 25, metric)
    # Medians by the definition: transform takes its default of 25 for no more than draw a point.
    placed = {(k, n): np.asarray(e.transform(new, initialization=np.median(Y[near[:, :k]], 1), n_iter=n), np.float64) for k, n in WAYS}
    tree = evaluate.cKDTree(Y)
    figures = [(float((vote(e, y, at) == own).mean()), evaluate.recall(near[:, :10], tree.query(at, 10)[1])) for at in placed.values()]
    return figures, float(np.quantile(np.linalg.norm(placed[25, 250] - placed[15, 250], axis=1), 0.95))


def batches():
    """Sets of two batches: name, the reference's rows and labels, the others'."""
    for other in (6, 9, 13):
        yield f"cytof, sample {other} on sample 1", *data.load("cytof/8000"), *data.cytof(other, 2000)
    z = data.held("cellmix_5lines.npz")
    for other in (1, 3, 0, 4):
        old, new = z["batch"] == 2, z["batch"] == other
        yield f"cellmix, {z['batch_names'][other]} on {z['batch_names'][2]}", z["X"][old], z["y"][old], z["X"][new], z["y"][new]
    z = data.held("cell_lines.npz")
    new = z["batch"] == 0
    yield "cell_lines, the mixture on the pure ones", z["X"][~new], z["y"][~new], z["X"][new], z["y"][new]


def without_some(X, y, new, own, seed):
    """A tenth of the reference left out, another for each seed."""
    kept = np.sort(np.random.default_rng(seed).permutation(len(X))[len(X) // 10:])
    return worth(np.ascontiguousarray(X[kept]), y[kept], new, own, seed)


def told(d):
    """A mean with its standard error."""
    return f"{d.mean():+.4f} ± {d.std(ddof=1) / np.sqrt(len(d)):.4f}"


@section
def starts(s: Part):
    s.say(f"A fifth of the rows (or half) held out of the map and placed on it, {SPLITS} random splits; 10,000 rows of the larger sets, labels as in "
          "[fidelity.md](fidelity.md). Accuracy: share whose label is the most frequent one among their 10 nearest "
          "reference points in the map; recall: share of their 10 nearest reference points in the data that are among their 10 nearest in "
          "the map. k nearest reference points give the median that new points start from; refined: by the 250 iterations of the defaults.")
    ways = [f"k = {k}{', refined' if n else ''}" for k, n in WAYS]
    found, apart = {}, {}

    def add(name, made):
        found[name], apart[name] = np.array([m[0] for m in made]), float(np.mean([m[1] for m in made]))
        print(f"  {name}", flush=True)

    def tables(names):
        for i, what in enumerate(("accuracy", "recall")):
            s.table([what, *ways], [(n, *(f"{v:.4f}" for v in found[n][:, :, i].mean(0))) for n in names])
        s.say("Differences in accuracy between ways, mean and standard error:")
        at = WAYS.index
        s.table(["", *(p[0] for p in PAIRS)], [(n, *(told(found[n][:, at(a), 0] - found[n][:, at(b), 0]) for _, a, b in PAIRS)) for n in names])

    for name, case in CASES.items():
        try:
            add(name, [split(seed, *case) for seed in range(SPLITS)])
        except data.Missing as e:
            print(f"{name}: left out: {e}", flush=True)
    own = list(found)
    tables(own)
    s.say("Refined from the medians of 25 and of 15, 95 % of the new points end no further apart than (units of the map): "
          + ", ".join(f"{n}: {apart[n]:.3g}" for n in own) + ".")
    try:
        for name, *rows in batches():
            add(name, [without_some(*rows, seed) for seed in range(SPLITS)])
    except data.Missing as e:
        print(f"batches: left out: {e}", flush=True)
    s.say(f"The same for rows of another batch, {SPLITS} references of nine tenths of the rows each:")
    tables([n for n in found if n not in own])
    s.numbers = dict(ways=WAYS, figures={n: f.tolist() for n, f in found.items()}, apart=apart)
