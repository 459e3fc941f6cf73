"""What Kobak & Berens (2019) would say of a map and of its settings."""

from __future__ import annotations

import ctypes as ct
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._neighbors import search as _graph
from ._input import tables as _input
from ._options import fields as _knobs
from ._native import library as _lib
from ._neighbors.search import call, floats
from ._options.settings import Settings

__all__ = ["Quality", "quality", "check"]

log = logging.getLogger("opentsne_go")


@dataclass(frozen=True)
class Quality:
    """How well a map shows its data, each at most 1.

    Attributes
    ----------
    knn : float
        Mean share of the 10 nearest neighbours that stay among the 10 nearest.
    knc : float
        The same of the 4 nearest class means; NaN without labels, by "hamming",
        and where a mean has no direction by "cosine" or "correlation".
    cpd : float
        Spearman correlation of the distances among 1000 random points.
    """

    knn: float
    knc: float
    cpd: float


def codes(labels: Any, n: int, name: str = "labels") -> NDArray[np.int32]:
    """Labels of any kind as numbers from 0; missing ones are -1."""
    values = np.asarray(labels)
    if values.ndim != 1 or len(values) != n:
        raise _input.bad(name, f"shape {values.shape}", f"{n} labels, one for each point")
    missing = values != values
    if values.dtype == object:
        missing = missing | np.array([one is None for one in values])
    words = values.astype(str) if values.dtype == object else values
    found = np.unique(words, return_inverse=True)[1].reshape(n).astype(np.int32)
    found[np.asarray(missing, bool)] = -1
    return found


def quality(
    X: Any,
    Z: ArrayLike,
    labels: Any = None,
    *,
    metric: str = "euclidean",
    random_state: Any = 0,
    n_jobs: int | None = -1,
) -> Quality:
    """The three figures of Kobak & Berens (2019): KNN, KNC and CPD.

    Parameters
    ----------
    X : array-like, (n, d)
        The data.
    Z : array-like, (n, 1 to 3)
        The map.
    labels : array-like, (n,), optional
        Classes, of any kind.
    metric : str
        Distance between rows of X, and between their class means; in the map it
        is Euclidean.
    random_state : int, None, RandomState or Generator
        Of the points whose distances are compared.
    n_jobs : int or None
        Threads.

    Returns
    -------
    Quality
    """
    number = _knobs.distance(metric)
    x = _graph.table(X, metric, n_jobs)
    y = _input.matrix(Z, "Z")
    dims = y.shape[1]
    if not 1 <= dims <= 3:
        raise _input.bad("Z", y.shape, "1 to 3 columns")
    if len(y) != len(x):
        raise _input.bad("Z", y.shape, f"{len(x)} rows, as X has")
    if not np.isfinite(y).all():
        raise _input.not_finite(Z, y, "Z")
    classes = None if labels is None else codes(labels, len(x))
    options = _lib.options(
        seed=_input.seed(random_state), threads=_input.threads(n_jobs), metric=number
    )
    knn, knc, cpd = ct.c_double(), ct.c_double(), ct.c_double()

    def work() -> int:
        return call(
            "tsne_quality",
            *map(ct.byref, (knn, knc, cpd)),
            _graph.Data(x),
            floats(y),
            dims,
            None if classes is None else _input.pointer(classes, _lib.I32),
            ct.byref(options),
        )

    _graph.run_on(X, x, work, options)
    return Quality(knn.value, knc.value, cpd.value)


# Below these sizes the paper's advice does not bite.
_MANY = 10_000
_VERY_MANY = 1_000_000
_FEW_ITERATIONS = 250


def check(tsne: Any, n: int) -> list[str]:
    """What the paper would object to in settings for n points.

    Parameters
    ----------
    tsne : TSNE or dict
        Settings: an estimator, or some of its parameters by name.
    n : int
        Number of points.

    Returns
    -------
    list of str
        One line for each objection; empty if there is none.

    Examples
    --------
    >>> import opentsne_go
    >>> opentsne_go.check(opentsne_go.TSNE(), 5000)
    []
    >>> opentsne_go.check({"initialization": "random"}, 5000)[0][:14]
    'initialization'
    """
    settings = Settings(**tsne).get_params() if isinstance(tsne, dict) else tsne.get_params()
    n = _input.whole("n", n, 1)
    found = []
    late = settings.get("exaggeration") or 1
    early = settings.get("early_exaggeration", 12)
    early = max(12, late) if early == "auto" else early
    rate = settings["learning_rate"]
    if not isinstance(rate, str) and rate < n / early / 2:
        found.append(
            f"learning_rate: {rate:g} is low for {n} points, which may leave the map "
            f"unfinished or torn; 'auto', or n / {early:g} = {n / early:.0f}"
        )
    start = settings["initialization"]
    arbitrary = isinstance(start, str) and start == "random"
    if arbitrary:
        found.append(
            "initialization: a random start makes the global arrangement arbitrary; "
            "'pca', 'spectral' or given positions keep it"
        )
    perplexity = settings["perplexity"]
    values = _knobs.perplexities("perplexity", perplexity)
    if len(values) == 1 and values[0] < n / 300 and arbitrary:
        found.append(
            f"perplexity: {values[0]:g} alone shows little global structure of {n} points "
            f"from this start; [{values[0]:g}, {n / 100:.0f}] shows both"
        )
    iterations = settings["n_iter"] + settings["early_exaggeration_iter"]
    if settings["n_iter"] < _FEW_ITERATIONS and settings["auto_stop"] is None:
        found.append(
            f"n_iter: {settings['n_iter']} iterations after the early exaggeration are "
            "few; 500 or more let the map settle"
        )
    elif iterations < 500 and n >= _MANY:
        found.append(
            f"n_iter: {iterations} iterations in all are few for {n} points; 750 or more"
        )
    if n >= _VERY_MANY and late < 2:
        found.append(
            f"exaggeration: none for {n} points, whose clusters will touch; 4 parts them"
        )
    return found


_said: set[str] = set()


def warn_once(tsne: Any, n: int) -> None:
    """Logs what `check` objects to, each objection once in this process."""
    for line in check(tsne, n):
        if line not in _said:
            _said.add(line)
            log.warning(line)
