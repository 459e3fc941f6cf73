"""Sections that compare numbers with an oracle: affinities, gradients, forces, bits."""

import hashlib

import numpy as np
import scipy.sparse as sp

import data
import engine
import evaluate
import pictures
from fidelity_common import IMG, judge

SECTIONS = {}
LARGEST_GRID = 294  # span of the map of 6,000 points, a little below the limit in tsne/repulse.go


def section(f):
    SECTIONS[f.__name__] = f
    return f


def rms(a):
    return float(np.sqrt((np.asarray(a, np.float64) ** 2).sum(-1).mean()))


def beside_opentsne(X, perplexity):
    """Our P and openTSNE's of the same neighbours: entries, entries that one has alone, relative differences."""
    from openTSNE.affinity import Multiscale, PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors
    k = int(3 * np.max(perplexity))
    index, _ = engine.neighbors(X, k, neighbors="exact")
    x = X.astype(np.float64)
    distance = np.sqrt(((x[index] - x[:, None]) ** 2).sum(-1))
    right = np.abs(distance - evaluate.neighbors(X, k)[1]).max()
    graph = PrecomputedNeighbors(index, distance)
    if np.ndim(perplexity):
        want = Multiscale(knn_index=graph, perplexities=perplexity).P
    else:
        want = PerplexityBasedNN(knn_index=graph, perplexity=perplexity).P
    want = sp.csr_matrix(want)
    got = engine.Affinities.of(X, perplexity=perplexity, neighbors="exact").csr()
    alone = int(abs((want != 0).astype(int) - (got != 0).astype(int)).sum())
    c = want.tocoo()
    return right, want.nnz, alone, np.abs(np.asarray(got[c.row, c.col]).ravel() - c.data) / c.data, got


@section
def affinities(s):
    s.head("Affinities", "P of the digits (1,797 x 64) beside openTSNE's `PerplexityBasedNN` and `Multiscale`, entry by entry. The digits are small integers, so "
           "many rows have a tie for the last neighbour, which programs break differently: openTSNE gets the neighbours that our exact search "
           "chose, and the distances to them show that they are a right choice.")
    X, _ = data.load("digits")
    rows, checks = [], []
    for perplexity in (30, [30, 100]):
        right, entries, alone, relative, got = beside_opentsne(X, perplexity)
        name = "perplexity 30" if perplexity == 30 else "perplexities 30 and 100"
        rows.append((name, f"{entries:,}", alone, f"{relative.max():.1e}", f"{np.median(relative):.1e}", f"1 {got.sum() - 1:+.0e}",
                     f"{abs(got - got.T).max():.0e}"))
        checks += [(f"{name}: distances of our neighbours beside scikit-learn's", "equal", f"within {right:.0e}", right < 1e-9),
                   (f"{name}: entries of P that only one has", "0", str(alone), alone == 0),
                   (f"{name}: P beside openTSNE's", "1e-6 relative", f"{relative.max():.1e}", relative.max() <= 1e-6)]
    s.table(["", "entries", "entries that only one has", "largest relative difference", "median", "sum of ours", "largest asymmetry"], rows)
    s.check(checks)


def plain_kl(P, Y):
    d2 = ((Y[:, None] - Y[None]) ** 2).sum(-1)
    q = 1 / (1 + d2)
    np.fill_diagonal(q, 0)
    some = P > 0
    return float((P[some] * np.log(P[some] * q.sum() / q[some])).sum())


def stages_of(X, perplexity):
    """Maps to try a gradient at: spread at random, in the exaggerated phase, and finished."""
    kept = {}

    def report(iteration, kl, Y):
        kept[iteration] = Y.copy()
    done = engine.fit(X, perplexity=perplexity, progress_every=50, report=report)[0]
    r = np.random.default_rng(0)
    return [("random, sd 1", r.standard_normal(done.shape)), ("iteration 100", kept[100]), ("finished", done)]


def largest_force(P, Y, gradient):
    pull = 4 * attraction(sp.csr_matrix(P), Y)
    return max(np.abs(pull).max(), np.abs(pull - gradient).max())


@section
def gradient(s):
    s.head("Gradient", "The exact gradient beside central differences of KL in float64 (300 digits, 40 coordinates drawn at random), and beside openTSNE's "
           "(its tree at theta 0) and scikit-learn's (dense) on the same P and map (1,797 digits). The gradient is a difference of "
           "attraction and repulsion, which nearly cancel in a finished map: the difference is given relative to the largest "
           "component of attraction and repulsion, the scale of what is subtracted, and in brackets relative to that of the gradient itself.")
    X, _ = data.load("digits")
    few = engine.Affinities.of(X[:300], perplexity=20, neighbors="exact")
    P = few.csr().toarray()
    P /= P.sum()
    r = np.random.default_rng(0)
    rows, fd = [], 0.0
    for label, Y in stages_of(X[:300], 20):
        Y = Y.astype(np.float32).astype(np.float64)
        kl, g = few.gradient(Y, repulsion="exact")
        scale = largest_force(P, Y, g)
        h = 1e-4 * Y.std()
        at = list(zip(r.integers(0, 300, 40), r.integers(0, 2, 40)))
        diff = []
        for i, j in at:
            up, down = Y.copy(), Y.copy()
            up[i, j] += h
            down[i, j] -= h
            diff.append((plain_kl(P, up) - plain_kl(P, down)) / (2 * h))
        err = np.abs(np.array(diff) - [g[i, j] for i, j in at]).max()
        fd = max(fd, err / scale)
        rows.append((label, f"{kl:.6f}", f"{plain_kl(P, Y):.6f}", f"{err / scale:.1e} ({err / np.abs(g).max():.1e})"))
    s.table(["map of 300 digits", "our KL", "KL by definition", "finite differences"], rows)
    rows, worst = others_gradients(X)
    s.table(["map of 1,797 digits", "openTSNE", "scikit-learn"], rows)
    s.check([("exact gradient beside finite differences of KL", "1e-4", f"{fd:.1e}", fd <= 1e-4),
             ("exact gradient beside openTSNE's", "1e-5", f"{worst[0]:.1e}", worst[0] <= 1e-5),
             ("exact gradient beside scikit-learn's", "1e-5", f"{worst[1]:.1e}", worst[1] <= 1e-5)])


def others_gradients(X):
    from openTSNE import tsne as ot
    from scipy.spatial.distance import squareform
    from sklearn.manifold import _t_sne as sk
    aff = engine.Affinities.of(X, perplexity=30, neighbors="exact")
    P = aff.csr()
    dense = P.toarray()
    np.fill_diagonal(dense, 0)
    dense = np.maximum(squareform(dense, checks=False), 1e-300)
    rows, worst = [], [0.0, 0.0]
    for label, Y in stages_of(X, 30):
        Y = np.ascontiguousarray(Y, np.float32).astype(np.float64)
        g = aff.gradient(Y, repulsion="exact")[1]
        scale = largest_force(P, Y, g)
        other = ot.kl_divergence_bh(Y, P, 1, {"theta": 0.0})[1]
        factor = round(np.vdot(other, g) / np.vdot(other, other))
        others = [factor * other, sk._kl_divergence(Y.ravel(), dense, 1, len(Y), 2)[1].reshape(Y.shape)]
        err = [np.abs(o - g).max() for o in others]
        worst = [max(w, e / scale) for w, e in zip(worst, err)]
        rows.append((label, *(f"{e / scale:.1e} ({e / np.abs(g).max():.1e})" for e in err)))
    return rows, worst


def attraction(P, Y):
    """Sum over j of p_ij (y_i - y_j) / (1 + |y_i - y_j|^2), float64."""
    c = P.tocoo()
    d = Y[c.row] - Y[c.col]
    w = (c.data / (1 + (d ** 2).sum(1)))[:, None] * d
    return np.stack([np.bincount(c.row, w[:, k], len(Y)) for k in range(Y.shape[1])], 1)


def repulsion_errors(aff, Y, **how):
    """RMS of the error of the repulsion, relative to the RMS of the exact one; and the exact one."""
    Y = np.ascontiguousarray(Y, np.float32)
    exact = aff.gradient(Y, repulsion="exact")[1]
    pull = attraction(aff.csr(), Y.astype(np.float64))
    push = pull - exact / 4
    return {k: rms((aff.gradient(Y, **v)[1] - exact) / 4) / rms(push) for k, v in how.items()}, pull, push


@section
def forces(s):
    s.head("Forces", "Repulsive forces of the FFT grid and of the tree beside the exact ones: root mean square of the error over that of "
           "the force, the normalisation included.")
    X, _ = data.load("mnist70k")
    kept = {}

    def report(iteration, kl, Y):
        if iteration in (25, 100, 250, 300, 400, 500, 750):
            kept[iteration] = Y.copy()
    done, *_ = engine.fit(X, y0=data.pca_start(X), progress_every=25, report=report)
    kept[750] = done
    aff = engine.Affinities.from_csr(judge("mnist70k").P)
    rows, run = [], []
    for i, Y in sorted(kept.items()):
        e = repulsion_errors(aff, Y, fft=dict(repulsion="fft"), bh=dict(repulsion="bh", theta=0.5))[0]
        run.append(e["fft"])
        rows.append((i, f"{evaluate.span(Y):.1f}", f"{e['fft']:.2e}", f"{e['bh']:.2e}"))
    s.say("Along a run on MNIST 70,000 x 50:")
    s.table(["iteration", "span of the map", "FFT", "Barnes-Hut, theta 0.5"], rows)
    early = [e for i, e in zip(sorted(kept), run) if i <= 250]

    some = np.random.default_rng(0).permutation(len(X))[:6000]
    shape = done[some].astype(np.float64)
    shape -= shape.mean(0)
    shape /= evaluate.span(shape)
    small = engine.Affinities.of(X[some], perplexity=30)
    spans = np.unique(np.round(np.concatenate([np.geomspace(0.01, 8, 12), np.arange(8, 420, 2.0), np.geomspace(420, 3000, 16)]), 2))
    sweep = [repulsion_errors(small, shape * w, fft=dict(repulsion="fft"))[0]["fft"] for w in spans]
    sweep = np.array(sweep)
    within, past = [(e.max(), spans[mask][e.argmax()]) for mask in (spans <= LARGEST_GRID, spans > LARGEST_GRID) for e in [sweep[mask]]]
    s.say("The span sets the size of the grid. The finished map, 6,000 points of it, scaled to spans from 0.01 to 3,000 in "
          f"{len(spans)} steps, of at most 2 units from 8 to 420, so that every size of grid is met. "
          f"Past a span of about {round(LARGEST_GRID, -1):,} the tree takes over:")
    pictures.lines(IMG / "forces-span.png", {"FFT": (spans, sweep), "target": (spans, [6.5e-3] * len(spans))},
                   "span of the map", "relative RMS error", "Error of the repulsion, by span")
    s.picture("forces-span.png", "error of the repulsion against the span of the map")

    Xs, _ = data.load("mnist10k")
    P10 = judge("mnist10k").P
    a10 = engine.Affinities.from_csr(P10)
    Y10 = engine.fit(Xs, y0=data.pca_start(Xs))[0]
    how = {f"{t}": dict(repulsion="bh", theta=t) for t in (0.2, 0.5, 0.8)}
    e10, pull, push = repulsion_errors(a10, Y10, **how)
    sk = sklearn_tree(P10, Y10, pull, push, how)
    s.say("The tree on a finished map of MNIST 10,000 x 50, the angle theta meaning in each program what it means there:")
    s.table(["theta", "libtsne", "scikit-learn"], [(t, f"{e10[t]:.2e}", f"{sk[t]:.2e}") for t in how])
    s.check([("FFT forces along a MNIST 70k run, largest", "6.5e-3", f"{max(run):.2e}", max(run) <= 6.5e-3),
             ("FFT forces over all grid sizes, largest", "6.5e-3", f"{within[0]:.2e} at span {within[1]:g}", within[0] <= 6.5e-3),
             ("FFT forces past the largest grid, to span 3,000", "6.5e-3", f"{past[0]:.2e} at span {past[1]:g}", past[0] <= 6.5e-3),
             ("not growing as the map spreads: last over largest early", "at most 1", f"{run[-1] / max(early):.2f}", run[-1] <= max(early)),
             ("tree no worse than scikit-learn's at equal theta", "ratio at most 1", ", ".join(f"{e10[t] / sk[t]:.2f}" for t in how),
              all(e10[t] <= sk[t] for t in how))])


def sklearn_tree(P, Y, pull, push, how):
    from sklearn.manifold import _barnes_hut_tsne as bh
    P = sp.csr_matrix(P)
    P.sort_indices()
    Y = np.ascontiguousarray(Y, np.float32)
    out = {}
    for theta in how:
        g = np.zeros_like(Y)
        bh.gradient(P.data.astype(np.float32), Y, P.indices.astype(np.int64), P.indptr.astype(np.int64), g, float(theta), 2, 0,
                    dof=1, compute_error=False, num_threads=2)
        out[theta] = rms((pull - g) - push) / rms(push)
    return out


@section
def bits(s):
    s.head("The same bits", "Whole fits, twice for each number of threads. One checksum in a row means that all eight maps are equal bit for bit.")
    X, _ = data.load("mnist10k")
    small = X[:3000]
    digits = data.load("digits")[0]
    cases = [("exact, 2-D", digits, dict(repulsion="exact")), ("Barnes-Hut, 2-D", small, dict(repulsion="bh")),
             ("Barnes-Hut, 3-D", small, dict(repulsion="bh", dims=3)), ("FFT, 2-D", X, dict(repulsion="fft")),
             ("FFT, 1-D", small, dict(repulsion="fft", dims=1)),
             ("FFT, approximate neighbours, random start", X, dict(repulsion="fft", neighbors="approx", init="random", seed=7)),
             ("chosen by n, two perplexities", small, dict(perplexity=[10, 100]))]
    rows, checks = [], []
    for name, data_, o in cases:
        seen = []
        for threads in (1, 2, 3, 8):
            for _ in range(2):
                Y = engine.fit(data_, threads=threads, early_iterations=100, iterations=150, **o)[0]
                seen.append(hashlib.sha256(Y.tobytes()).hexdigest()[:12])
        rows.append((name, f"{len(data_):,}", ", ".join(dict.fromkeys(seen))))
        checks.append((name, "one checksum", str(len(set(seen))), len(set(seen)) == 1))
    s.table(["repulsion", "n", "checksums of 1, 1, 2, 2, 3, 3, 8, 8 threads"], rows)
    s.check(checks)
