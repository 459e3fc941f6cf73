"""What Kobak & Berens (2019) would say of settings."""

from __future__ import annotations

import logging
from typing import Any

from ._input import arguments
from ._options import checked
from ._options.settings import Settings

__all__ = ["check"]

log = logging.getLogger("opentsne_go")

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
    n = arguments.whole("n", n, 1)
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
    values = checked.perplexities("perplexity", perplexity)
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
