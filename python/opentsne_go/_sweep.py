"""Maps by several perplexities and exaggerations, and what they keep of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._affinity import each
from ._alignment.superpose import superpose
from ._input import arguments, collected, reduction
from ._input.labels import codes
from ._native import choices
from ._native.progress import Watch
from ._options import checked, job
from ._options.settings import DEFAULTS
from ._quality import quality
from .affinity import Affinities, neighbors
from .pl import sheet
from .tsne import TSNE

__all__ = ["Sweep", "sweep"]

#: Neighbours of which the recall is the share that stays.
_RECALLED = 30
#: Scores as near as this are no reason to leave the defaults: of ten classes KNC
#: is a multiple of 1/40.
_CLOSE = 0.02


@dataclass(frozen=True, repr=False)
class Sweep:
    """Maps of the same data by several settings.

    Attributes
    ----------
    table : pandas.DataFrame, or dict of arrays without pandas
        One row a map: "perplexity", "exaggeration"; "kl", which only maps of one
        perplexity have in common; "knn", "knc" with labels, and "cpd" as
        `opentsne_go.quality` has them; "recall", the share of the 30 nearest
        neighbours that are among the 30 nearest; "dubious", if asked for, the share
        of points that `opentsne_go.diagnose` calls so.
    maps : list of (n, n_components) float32
        The maps, turned and mirrored onto the one whose settings are nearest to
        the defaults; their sizes are their own.
    positions : list of (n, n_components) float32
        The maps as they were made.
    settings : list of TSNE
        What made each: ``settings[i].fit(X)`` has the bits of ``positions[i]``,
        where the neighbour search is exact.
    suggested : int
        The row that `why` speaks for.
    why : str
        What is suggested, with the figures.
    """

    __module__ = "opentsne_go"

    table: Any
    maps: list[NDArray[np.float32]]
    positions: list[NDArray[np.float32]]
    settings: list[TSNE]
    suggested: int
    why: str
    _labels: Any = None

    @arguments.named
    def plot(self, labels: Any = None, *, palette: Any = None, continuous: bool | None = None) -> Any:
        """A sheet of the maps: a row a perplexity, a column an exaggeration.

        Parameters
        ----------
        labels : array-like, (n,), optional
            What points are coloured by; those of the sweep unless given.
        palette, continuous
            As in `opentsne_go.pl.scatter`.

        Returns
        -------
        matplotlib figure
        """
        across = len(dict.fromkeys(map(str, self.table["exaggeration"])))
        return sheet(
            self.maps,
            self._labels if labels is None else labels,
            [_named(self.table, i) for i in range(len(self.maps))],
            columns=across,
            marked=self.suggested,
            palette=palette,
            continuous=continuous,
        )

    def __repr__(self) -> str:
        names = list(self.table)
        rows = [names] + [[(_setting if name in ("perplexity", "exaggeration") else _three)(self.table[name][i]) for name in names] for i in range(len(self.maps))]
        width = [max(len(row[j]) for row in rows) for j in range(len(names))]
        lines = ["  ".join(cell.rjust(width[j]) for j, cell in enumerate(row)) for row in rows]
        return "\n".join([*lines, self.why])


@arguments.named
def sweep(
    X: Any,
    perplexity: Sequence[Any] = (10, 30, 100),
    exaggeration: Sequence[Any] = (1,),
    tsne: TSNE | None = None,
    labels: Any = None,
    dubious: bool = False,
) -> Sweep:
    """Fit a map for each perplexity and each exaggeration, over one neighbour search.

    Parameters
    ----------
    X : array-like, (n, d)
        As in ``TSNE.fit``.
    perplexity : sequence of float or of lists of float
        The perplexities to try; a list is several at once, as ``[30, n / 100]``.
    exaggeration : sequence of float or None
        The exaggerations of the second phase to try.
    tsne : TSNE, optional
        All other settings; one without a seed draws one for all maps. None: the
        defaults, all processors and seed 0.
    labels : array-like, (n,), optional
        Classes of the points, for KNC and for the colours of `Sweep.plot`.
    dubious : bool
        Whether the table says what share of each map is dubious, by a map of permuted
        data more for each; with the library's metrics and data.

    Returns
    -------
    Sweep

    Raises
    ------
    MemoryError
        The search, the affinities of all perplexities and the fits, which are one
        after the other, would need more memory than there is; before any work.

    Notes
    -----
    One search serves all perplexities, for the largest, by the library's metrics;
    others are searched for each. Where that of the library is approximate, beyond
    100,000 rows, more neighbours are also found better, and a map may differ from
    a fit of its own.
    """
    base = TSNE(n_jobs=-1, random_state=0) if tsne is None else tsne
    if not isinstance(base, TSNE):
        raise arguments.bad("tsne", type(base).__name__, "TSNE, or None")
    if base.checkpoint is not None:
        raise arguments.bad("checkpoint", base.checkpoint, "None: a file is of one map")
    lists = [checked.perplexities("perplexity", one) for one in _several("perplexity", perplexity)]
    late = _several("exaggeration", exaggeration)
    if len(lists) > 1 and base.affinity in choices.AFFINITY_TAKES:
        raise arguments.bad("perplexity", perplexity, f"one: affinity={base.affinity!r} has none")
    seed = arguments.seed(base.random_state)
    settings = [
        TSNE(**{**base.get_params(), "perplexity": some[0] if len(some) == 1 else some, "exaggeration": one, "random_state": seed})
        for some in lists
        for one in late
    ]
    for one in settings:
        job.descent_and_fields(one)  # refused before any work
    given = isinstance(base.metric, str) and base.metric == "precomputed"
    X = collected.here(X, verbose=base.verbose)
    x = X if given else reduction.table(X, base.metric, base.n_jobs)
    n = int(x.shape[0]) if hasattr(x, "shape") else len(x)
    if labels is not None:
        codes(labels, n)
    if dubious and (given or checked.foreign(base.metric)):
        raise arguments.bad("dubious", dubious, f"False for metric={base.metric!r}, by which nothing is diagnosed")
    shared = _affinities(base, x, lists, seed)
    near = None if given else neighbors(x, min(_RECALLED, n - 1), metric=base.metric, metric_params=base.metric_params, n_jobs=base.n_jobs, random_state=seed)[0]
    positions, figures = [], []
    for i, one in enumerate(settings):
        at, last = divmod(i, len(late))
        embedding = one.fit(x, affinities=shared[at])
        positions.append(np.array(embedding))
        figures.append({"kl": embedding.kl_divergence, **_figures(base, x, near, positions[-1], labels, seed)})
        if dubious:
            trust = embedding.diagnose(scores=["dubious"], random_state=seed, n_jobs=base.n_jobs)
            figures[-1]["dubious"] = float(np.mean(trust["dubious"]))
        if last == len(late) - 1:
            shared[at] = None  # its memory is the next fit's
    table: dict[str, Any] = {
        "perplexity": _column([one.perplexity for one in settings]),
        "exaggeration": _column([one.exaggeration or 1 for one in settings]),
        **{name: np.array([row[name] for row in figures]) for name in figures[0]},
    }
    plain = [_apart(table, i) for i in range(len(settings))]
    best, why = _suggestion(table, plain)
    middle = int(np.argmin(plain))
    turned = superpose([positions[middle], *positions], to_first=True).maps[1:]
    return Sweep(_frame(table), turned, positions, settings, best, why, labels)


def _several(name: str, value: Any) -> list[Any]:
    if isinstance(value, str) or not hasattr(value, "__len__") or not len(value):
        raise arguments.bad(name, value, "a list of 1 or more")
    return [one.item() if isinstance(one, np.generic) else one for one in value]


def _affinities(
    base: TSNE, x: Any, lists: list[list[float]], seed: int
) -> list[Affinities | None]:
    """Those of each list of perplexities; None where a fit makes its own."""
    if not each.can(base.metric, base.affinity):
        return [None] * len(lists)
    fields = checked.for_points(job.affinity_fields(base), base.k, len(x))
    for name in ("perplexities", "n_perplexities"):
        del fields[name]
    watch = Watch(base.verbose)
    try:
        return list(each.of_each(x, lists, watch, seed=seed, dims=base.n_components, **fields))
    finally:
        watch.close()


def _figures(base: TSNE, x: Any, near: Any, y: NDArray[np.float32], labels: Any, seed: int) -> dict[str, float]:
    if near is None:
        return {}
    found = {}
    metric = base.metric
    if isinstance(metric, str) and not checked.foreign(metric):
        seen = quality(x, y, labels, metric=metric, random_state=seed, n_jobs=base.n_jobs)
        found = {"knn": seen.knn, **({} if labels is None else {"knc": seen.knc}), "cpd": seen.cpd}
    beside = neighbors(y, near.shape[1], n_jobs=base.n_jobs)[0]
    return {**found, "recall": _shared(near, beside)}


def _shared(a: NDArray[np.int32], b: NDArray[np.int32]) -> float:
    """The mean share of a row of a that is in the same row of b."""
    kept, step = 0, 4096
    for start in range(0, len(a), step):
        one, other = a[start : start + step], b[start : start + step]
        kept += int(np.count_nonzero(one[:, :, None] == other[:, None, :]))
    return kept / a.size


def _apart(table: dict[str, Any], i: int) -> float:
    """How far settings are from the defaults, in factors; several perplexities by their least."""
    many = checked.perplexities("perplexity", table["perplexity"][i])
    off = np.log(np.array([min(many) / DEFAULTS["perplexity"], table["exaggeration"][i]]))
    return float(np.abs(off).sum()) + 0.01 * (len(many) - 1)


def _suggestion(table: dict[str, Any], plain: list[float]) -> tuple[int, str]:
    """A row and why: neighbours and the far arrangement, each as a share of the best."""
    count = len(plain)
    near = "knn" if "knn" in table else "recall" if "recall" in table else None
    if near is None:
        best = int(np.argmin(plain))
        return best, f"{_named(table, best)}: nothing could be measured without data, so what is nearest to the defaults."
    told = {"knn": "of the 10 nearest neighbours are kept", "recall": "of the 30 nearest neighbours are kept"}
    far = "knc" if "knc" in table and np.isfinite(table["knc"]).all() else "cpd" if "cpd" in table else None
    share = {name: np.maximum(table[name], 0) / max(table[name].max(), 1e-12) for name in (near, far) if name}
    score = np.sqrt(np.prod([*share.values()], axis=0)) if far else share[near]
    tied = [i for i in range(count) if score[i] >= score.max() - _CLOSE]
    best = min(tied, key=lambda i: plain[i])
    words = {"knc": "of the 4 nearest class means", "cpd": "is the correlation of distances"}
    text = f"{_named(table, best)}: {table[near][best]:.3f} {told[near]}"
    if far:
        text += f" and {table[far][best]:.3f} {words[far]}"
    others = []
    for name, what in ((near, "neighbours"), (far, "the far arrangement")):
        if name and table[name][top := int(table[name].argmax())] > table[name][best]:
            others.append(f"for {what} alone {_named(table, top)} has {table[name][top]:.3f} instead of {table[name][best]:.3f}")
    if count > 1:
        rule = "the highest mean of both, each as a share of the best" if far else "the most of all"
        text += f": {rule}" if len(tied) == 1 else f": within {_CLOSE:g} of {rule}, and nearest to the defaults of the {len(tied)} that are"
    return best, "; ".join([text, *others]) + "."


def _named(table: Any, i: int) -> str:
    return f"perplexity {_setting(table['perplexity'][i])}, exaggeration {_setting(table['exaggeration'][i])}"


def _setting(value: Any) -> str:
    return "+".join(map(_setting, value)) if isinstance(value, list) else f"{value:g}"


def _three(value: Any) -> str:
    return f"{value:.3f}"


def _column(values: list[Any]) -> NDArray[Any]:
    if not any(isinstance(one, list) for one in values):
        return np.array(values, float)
    column = np.empty(len(values), object)
    for i, one in enumerate(values):
        column[i] = one
    return column


def _frame(table: dict[str, Any]) -> Any:
    """A DataFrame where there is pandas."""
    try:
        import pandas
    except ImportError:
        return table
    return pandas.DataFrame(table)
