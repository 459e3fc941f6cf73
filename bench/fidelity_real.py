"""Sections on real cells: all figures beside openTSNE's, with how sure the difference is.

They take hours where openTSNE's tree has a busy machine. What is made is kept, so a run goes on where the last one ended; with
FIDELITY_KEPT=1 it makes nothing and the tables have what is there.
"""

import dataclasses

import numpy as np

import data
import evaluate
import paired
from paired import COLUMNS, US, Task

SECTIONS = {}
HEADS = ("KL", "recall", "accuracy", "KNC", "CPD")
KINDS = ("pca", "random")
FEW = [(kind, seed) for seed in range(3) for kind in KINDS]
MANY = [(kind, seed) for seed in range(10) for kind in KINDS]
SETS = (("cellmix", 1021), ("cell_lines", 2370), ("pbmc3k", 2638), ("cytof", 2000), ("thymus", 2000))
SMALL = dict.fromkeys((100, 300), ("cellmix", "cell_lines", "pbmc3k", "cytof", "thymus", "digits")) | {1000: ("cellmix", "pbmc3k", "cytof")}
EARLY = (12, 4, 2, 1)


def section(f):
    SECTIONS[f.__name__] = f
    return f


def present(sets):
    """Those of the sets that this machine has."""
    for name, *more in sets:
        try:
            data.load(name)
        except data.Missing as e:
            print(f"{name}: left out: {e}", flush=True)
        else:
            yield (name, *more)


def made(task, starts):
    """Figures of both programs, None where they are not kept and none are to be made."""
    try:
        return paired.pairs(task, starts)
    except paired.NotRun:
        return None


def cells(us, them, bad=()):
    """Our means and the differences to theirs, one cell a figure."""
    mean, _, d, error = paired.compare(us, them)
    return [f"{a:.4f} ({m:+.4f} ± {e:.4f})" + (" **worse**" if c in bad else "") for c, a, m, e in zip(COLUMNS, mean, d, error)]


def words(columns):
    return ", ".join(HEADS[COLUMNS.index(c)] for c in columns) or "none"


def target(label, bad, starts, of=COLUMNS):
    bad = [c for c in bad if c in of]
    return label, "no figure worse by over two standard errors", f"{words(bad)}, {starts} starts", not bad


def tell(s, heads, tasks):
    """A table of tasks and its verdicts: six starts, and twenty where a figure is worse with six."""
    rows, checks, absent, flagged = [], [], [], []
    for label, task in tasks:
        few = made(task, FEW)
        if few is None:
            absent.append(" ".join(label))
            continue
        many = made(task, MANY) if paired.worse(*few) else None
        us, them = many or few
        bad = paired.worse(us, them)
        rows.append((*label, len(us), *cells(us, them, bad)))
        checks.append(target(" ".join(label), bad, len(us)))
        flagged += [task] if bad and task.settings == "defaults" else []
    show(s, [*heads, "starts", *HEADS], rows, checks)
    not_run(s, absent)
    if flagged:
        s.say("Those at defaults where a figure is worse, beside openTSNE with the sums by its grid in place of its tree (theta 0.5, its default for so few points): "
              "what is gone there was the error of the tree, what stays is not explained by it.")
        beside(s, flagged, "grid", "its grid")


def beside(s, tasks, settings, name):
    """Tasks at defaults against openTSNE with other sums."""
    rows, absent = [], []
    for task in tasks:
        other = dataclasses.replace(task, settings=settings)
        both = made(other, MANY) or made(other, MANY[:8])
        if both is None:
            absent.append(f"{task.data} {task.n:,}")
        else:
            rows.append((task.data, f"{task.n:,}", len(both[0]), *cells(*both, paired.worse(*both))))
    show(s, [f"data, beside {name}", "n", "starts", *HEADS], rows)
    not_run(s, absent)


def show(s, heads, rows, checks=()):
    if rows:
        s.table(heads, rows)
    if checks:
        s.check(checks)


def not_run(s, absent):
    if absent:
        s.say(f"Not run: {'; '.join(absent)}.")


@section
def real(s):
    s.head("Real cells", "Each cell of the tables is libtsne's mean and, in brackets, the mean difference to openTSNE 1.0.4 from the same starts with its "
           "standard error. Starts are principal components turned and mirrored at random (the jitter of a PCA start does not vary it), and "
           "as many random ones. Equal: exact neighbours, learning rate n/12 in both phases, momentum 0.5 then 0.8; defaults: what each "
           "program does by itself from these starts. Where a figure is worse with six starts, twenty decide. KNC: share of the 4 nearest means kept, of "
           "the labels' classes where there are eight or more, else of 20 groups by k-means; CPD: Spearman correlation of pairwise distances.",
           "cellmix: five cell lines by five protocols, a class is a line by a protocol; cell_lines: jurkat and 293T; pbmc3k: scanpy's; cytof: gated blood "
           "cells of one sample by mass cytometry, eight markers; thymus: mass cytometry, thirteen markers.")
    tell(s, ("data", "n", "settings"), [((name, f"{n:,}", how), Task(name, n, how)) for name, n in present(SETS) for how in ("equal", "defaults")])


@section
def order(s):
    s.head("Far order", "KNC moves more from start to start than other figures do. Twenty starts at defaults.")
    rows, checks, absent = [], [], []
    for name, n in present((("cellmix", 1021), ("pbmc3k", 2638), ("cytof", 2000))):
        both = made(Task(name, n), MANY)
        if both is None:
            absent.append(f"{name} {n:,}")
            continue
        bad = paired.worse(*both)
        rows.append((name, f"{n:,}", *cells(*both, bad)))
        checks.append(target(name, bad, len(MANY), ("knc", "cpd")))
    show(s, ["data", "n", *HEADS], rows, checks)
    not_run(s, absent)


def together(several):
    """Figures of several sets as of one: the KL divergence relative, since sets differ in it."""
    us, them = (np.concatenate(both) for both in zip(*several))
    scale = them[:, :1]
    return tuple(np.hstack([x[:, :1] / scale, x[:, 1:]]) for x in (us, them))


@section
def small(s):
    s.head("Few cells", "Twenty starts at defaults, each with rows of its own drawn from the set; columns as above. All: the starts of all "
           "sets together, with KL as a share of openTSNE's.")
    rows, checks, flagged, signs, absent, spread = [], [], [], np.zeros(3, int), [], {}
    for n, sets in SMALL.items():
        of = {}
        for (name,) in present((name,) for name in sets):
            task = Task(name, n, drawn=True)
            both = made(task, MANY)
            if both is None:
                absent.append(f"{name} {n:,}")
                continue
            of[name], bad = both, paired.worse(*both)
            spread.setdefault(n, []).extend(abs(both[0][:, 0] / both[1][:, 0] - 1))
            signs += len(bad), len(paired.worse(*both[::-1])), len(COLUMNS)
            flagged += [task] if bad else []
            rows.append((name, f"{n:,}", *cells(*both, bad)))
        if len(of) > 1:
            both = together(of.values())
            bad = paired.worse(*both)
            rows.append(("all", f"{n:,}", *cells(*both, bad)))
            checks.append(target(f"all sets, n = {n:,}", bad, len(both[0])))
    show(s, ["data", "n", *HEADS], rows, checks)
    not_run(s, absent)
    s.say(f"Of the {signs[2]} differences of single sets, {signs[0]} are worse than openTSNE's by over two standard errors and {signs[1]} better; chance gives some 3 % each way. Where one is "
          "worse, the same starts beside openTSNE with a tree that opens every cell (theta 1e-6), whose sums are exact as ours are for few points: "
          "what is gone there was the error of its tree (theta 0.5), what stays is not explained by it.")
    beside(s, flagged, "exact", "exact sums")
    s.say("From one start the two programs reach KL divergences that are apart, either way, by a median of "
          + ", ".join(f"{np.median(v) * 100:.1f} % at n = {n:,}" for n, v in spread.items()) + ".")
    early(s)


def early_figures(name, n, seed):
    """A row of figures for each exaggeration of the early phase."""
    runs = (paired.figures(US, Task(name, n, f"early {e}", drawn=True), "pca", seed) for e in EARLY)
    return [[run[c] for c in COLUMNS] for run in runs]


def early(s):
    from opentsne_go import TSNE
    few = {n: [name for (name,) in present((name,) for name in sets)] for n, sets in list(SMALL.items())[:2]}

    def span(name, n):
        X = paired.truth(name, n, "euclidean", 0).X
        return evaluate.span(TSNE(initialization=paired.start(X, "pca", 2, 0), n_iter=0, random_state=0, n_jobs=1).fit(X))

    s.say("The early phase has a part in it. With n of the order of the perplexity each point draws most others, and an exaggeration of 12 can shrink the map "
          "nearly to a point, from which it unfolds into one of many minima that are nearly as good. libtsne's spans at the end of that phase, one start each: " + "; ".join(f"n = {n}: " + ", ".join(f"{name} {span(name, n):.0e}" for name in names) for n, names in few.items())
          + ". libtsne with smaller exaggerations of that phase, mean and difference to the default of 12 over all sets, ten PCA starts each:")
    rows = []
    for n, names in few.items():
        of = np.array([early_figures(name, n, seed) for name in names for seed in range(10)])
        for i, e in enumerate(EARLY):
            rows.append((f"{n:,}", e, *(cells(of[:, i], of[:, 0]) if i else [f"{v:.4f}" for v in of[:, 0].mean(0)])))
    s.table(["n", "early exaggeration", *HEADS], rows)


@section
def metrics(s):
    s.head("Other metrics", "As above, at equal settings: openTSNE is given the exact neighbours that scikit-learn finds, libtsne finds its own. All figures are by the metric.")
    sets = (("cellmix", 1021, ("cosine", "correlation", "manhattan")), ("pbmc3k", 2638, ("cosine",)))
    tell(s, ("data", "n", "metric"), [((name, f"{n:,}", m), Task(name, n, "equal", m)) for name, n, ms in present(sets) for m in ms])


@section
def three(s):
    s.head("Three dimensions", "As above, at defaults; both programs take the tree.")
    tell(s, ("data", "n"), [((name, f"{n:,}"), Task(name, n, dims=3)) for name, n in present((("cellmix", 1021),))])
