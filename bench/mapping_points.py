"""New points on a finished map: MNIST beside openTSNE, a map's own points, outliers, bootstrapped regions."""

import functools

import numpy as np

import data
import evaluate
import mapping_pictures
import opentsne_go as og
from mapping_common import IMG, THREADS, Part, duration, fit, median, mnist_reference, seconds, share_right, side, turn, vote

SECTIONS = {}
ROUNDS = 7
PAPER = dict(k=10, n_iter=0)  # median of 10, the paper's
OURS = {"libtsne, median of 10 (the paper's)": PAPER,
        "libtsne, weighted mean of 10": dict(PAPER, initialization="weighted"),
        "libtsne, openTSNE's settings": {}}
THEIRS = "openTSNE 1.0.4"


def section(f):
    SECTIONS[f.__name__] = f
    return f


def opentsne_of(Y, X, perplexity=30):
    """The same map as openTSNE has it."""
    import openTSNE
    P = openTSNE.affinity.PerplexityBasedNN(X, perplexity=perplexity, n_jobs=THREADS, random_state=0)
    return openTSNE.TSNEEmbedding(np.array(Y, np.float64), P, n_jobs=THREADS, random_state=0)


@section
def mnist(s: Part):
    X, labels = data.load("mnist70k")
    new, own = X[60_000:], labels[60_000:]
    reference = mnist_reference()
    sizes, times, placed = (1, 1_000, 10_000), {}, {}
    with turn(f"openTSNE's reference, {ROUNDS} rounds, and the labels"):
        other = opentsne_of(reference, X[:60_000])
        first = seconds(lambda: reference.transform(new[:1], **PAPER))[1]
        jobs = {**{who: functools.partial(reference.transform, **how) for who, how in OURS.items()}, THEIRS: other.transform}
        for m in sizes:
            for turns in range(ROUNDS):
                for who, job in jobs.items():
                    if turns and who == THEIRS and m < 10_000:
                        continue  # it takes a quarter of a minute for any few points
                    placed[who], t = seconds(lambda: job(new[:m]))
                    times.setdefault((who, m), []).append(t)
        # openTSNE moves its map to the origin.
        right = {who: share_right(other if who == THEIRS else reference, labels[:60_000], placed[who], own) for who in jobs}
        inside = evaluate.accuracy(labels[:60_000], evaluate.nearest_in_map(np.asarray(reference)))
    took = {key: median(t) for key, t in times.items()}
    s.numbers = dict(seconds={f"{who}, {m}": t for (who, m), t in times.items()}, accuracy=right, first=first, leave_one_out=inside)
    s.say(f"60,000 training digits (50 principal components) are the reference, 10,000 test digits are new; both programs have the same "
          f"map. Label accuracy: the share of new points whose label is the most frequent one among their 10 nearest reference points in "
          f"the map; for the reference's own points, each left out in turn, it is {inside:.4f}. Median time of {ROUNDS} interleaved runs on "
          f"{THREADS} threads, for openTSNE's 1,000 points and one point of one run. The first call of all, for one point, took {duration(first)}.")
    s.table(["", "accuracy", "10,000 points", "1,000 points", "one point"],
            [(who, f"{right[who]:.4f}", *(duration(took[who, m]) for m in sizes[::-1])) for who in jobs])
    weighted, paper = list(OURS)[1], list(OURS)[0]
    s.say(f"The weighted mean is {(right[paper] - right[weighted]) * 100:.1f} points below the median: one near neighbour in another island pulls a point "
          f"between the two. It is there for openTSNE's sake, and has no target.")
    checks = []
    for who in OURS:
        if who == weighted:
            continue
        ratio = took[THEIRS, 10_000] / took[who, 10_000]
        checks += [(f"accuracy, {who}", "no lower than openTSNE's", f"{right[who]:.4f} against {right[THEIRS]:.4f}", right[who] >= right[THEIRS]),
                   (f"10,000 points, {who}", "a tenth of openTSNE's time", f"{ratio:.1f} times as fast", ratio >= 10),
                   (f"one point, {who}", "20 ms", duration(took[who, 1]), took[who, 1] <= 0.02)]
    s.check(checks)
    a, b = list(OURS)[0], list(OURS)[2]
    where = {who: reference.transform(new, **OURS[who]) for who in (a, b)}
    mapping_pictures.over(IMG / "transform.png", [
        ("Median of the 10 nearest", f"10,000 new digits; label accuracy {right[a]:.3f}", reference, None, where[a], own),
        ("Refined by 250 iterations", f"openTSNE's settings; label accuracy {right[b]:.3f}", reference, None, where[b], own)])
    s.picture("transform.png", "10,000 test digits in colour on the map of 60,000 training digits in grey")


def outliers(X, m=500):
    """Rows far from all others, by kind."""
    random = np.random.default_rng(0)
    some = X[random.choice(len(X), m, replace=False)]
    reach = 10 * float(np.abs(X).max())
    return {"rows times 10": some * 10, "uniform noise, 10 x the largest value": random.uniform(-reach, reach, some.shape).astype(np.float32)}


def outside(Y, points):
    """How far each point is out of the box of Y, in sides of the map."""
    Y, points = np.asarray(Y, np.float64), np.asarray(points, np.float64)
    return np.maximum(np.maximum(Y.min(0) - points, points - Y.max(0)), 0).max(1) / side(Y)


@section
def own(s: Part):
    rows, far, checks = [], [], []
    ways = {"median of 10": PAPER, "refined, openTSNE's settings": {}}
    with turn("both data sets"):
        for name in ("digits", "simulated"):
            X, _ = data.load(name)
            e = fit(X)
            Y = np.asarray(e)
            back = {f"libtsne, {way}": e.transform(X, **how) for way, how in ways.items()}
            gone = {f"libtsne, {way}": {kind: e.transform(rows, **how) for kind, rows in outliers(X).items()} for way, how in ways.items()}
            other = opentsne_of(Y, X)
            back[THEIRS] = other.transform(X)
            gone[THEIRS] = {kind: other.transform(rows) for kind, rows in outliers(X).items()}
            step = float(np.median(evaluate.cKDTree(Y).query(Y, 2)[0][:, 1]))
            for who, at in back.items():
                base = np.asarray(other) if who == THEIRS else Y
                d = np.linalg.norm(np.asarray(at, np.float64) - base, axis=1)
                q = [float(v) for v in (*np.quantile(d, [0.5, 0.95]), d.max())]
                s.numbers[f"{name}, {who}"] = dict(distance=q, side=side(Y), step=step)
                rows.append((name, who, *(f"{v / side(Y) * 100:.2f} % ({v / step:.1f})" for v in q), f"{int((d > 0.05 * side(Y)).sum())} of {len(d):,}"))
                out = {kind: outside(base, p) for kind, p in gone[who].items()}
                far += [(name, who, kind, f"{(v == 0).mean() * 100:.1f} %", f"{v.max() * 100:.1f} %") for kind, v in out.items()]
                s.numbers[f"{name}, {who}"]["outside"] = {kind: float(v.max()) for kind, v in out.items()}
                if who != THEIRS:
                    near = 0.001 if "refined" in who else 0.02
                    checks.append((f"{name}, {who}: own points, median distance", f"{near * 100:g} % of the map's side", f"{q[0] / side(Y) * 100:.2f} %", q[0] <= near * side(Y)))
                    worst = max(v.max() for v in out.values())
                    checks.append((f"{name}, {who}: outliers stay near the map", "within its box, enlarged by 10 % of its side", f"{worst * 100:.1f} % outside at most",
                                   bool(worst <= 0.1)))
    s.say("The reference's own rows, given as new ones: the distance from where they land to where they are, in shares of the map's longer side "
          "and, in brackets, in median distances of a point to its nearest neighbour in the map. A row finds itself among its nearest, but the median of 10 is the middle of "
          "its neighbourhood and not its own place.")
    s.table(["data", "", "median", "95 %", "largest", "over 5 % away"], rows)
    s.say("Outliers, 500 of each kind: the share that lands inside the box around the reference map, and how far out the furthest is, in "
          "shares of the map's longer side.")
    s.table(["data", "", "outliers", "inside", "furthest out"], far)
    s.check(checks)


@section
def bootstrap(s: Part):
    X, labels = data.load("mnist70k")
    reference = mnist_reference()
    Y, B, random = np.asarray(reference), 100, np.random.default_rng(0)
    held = np.sort(random.choice(60_000, 500, replace=False))
    kept = np.setdiff1d(np.arange(60_000), held)
    new = np.sort(random.choice(np.arange(60_000, 70_000), 500, replace=False))
    with turn("bootstraps of 500 held out of the map and of 500 new digits"):
        rest = og.TSNEEmbedding(Y[kept], og.affinity.PerplexityBasedNN(X[kept], 30, n_jobs=THREADS), n_jobs=THREADS)
        out = rest.bootstrap(X[held], B, random_state=0)
        spread, t = seconds(lambda: reference.bootstrap(X[new], B, random_state=0))
        refined = np.asarray(reference.transform(X[new]))

    def within(b, at):
        return float((np.linalg.norm(at - b.embedding, axis=1) <= b.radius).mean())
    true, fine = within(out, Y[held]), within(spread, refined)
    right = vote(Y, labels[:60_000], spread.embedding) == labels[new]
    size = side(Y)
    r_right, r_wrong = (float(np.median(spread.radius[w]) / size) for w in (right, ~right))
    s.numbers = dict(seconds=t, held_in=true, refined=fine, radius_right=r_right, radius_wrong=r_wrong, wrong=int((~right).sum()))
    s.say(f"MNIST, {B} resamples of the 50 columns, the median of 10 nearest of the 60,000. Of 500 digits taken out of the finished map, {true * 100:.1f} % "
          f"have their own position in it within their region; of 500 new digits {fine * 100:.1f} % have their refined position within it. "
          f"The region shows what a place owes to the choice of columns: it is no promise that the point "
          f"would have ended there, had it been part of the map. It does tell doubtful places from others: the median radius is "
          f"{r_right * 100:.1f} % of the map's side for new digits that land among their own kind, and {r_wrong * 100:.1f} % for the {(~right).sum()} that do not. "
          f"The 500 x {B} placements took {duration(t)}.")
    s.check([("share of digits taken out of the map whose own position is in the region", "95 %, as of the samples", f"{true * 100:.1f} %", true >= 0.95)])
    shown = np.concatenate([np.flatnonzero(right)[:40], np.flatnonzero(~right)[:10]])
    order = np.argsort(spread.radius)
    sure = next(i for i in order[len(order) // 3:] if right[i])
    unsure = next(i for i in order[::-1] if not right[i])
    mapping_pictures.regions(IMG / "transform-regions.png", "New digits with 95 % regions", "blue: among their own kind; red: not", Y, spread, right, shown,
                             [(sure, f"a {labels[new][sure]}, among {vote(Y, labels[:60_000], spread.embedding[[sure]])[0]}s"),
                              (unsure, f"a {labels[new][unsure]}, among {vote(Y, labels[:60_000], spread.embedding[[unsure]])[0]}s")])
    s.picture("transform-regions.png", "new digits on the map with circles that hold 95 % of their bootstrap samples, and two of them closer")
