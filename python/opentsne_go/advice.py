"""What there is to object to in settings and in finished maps, with figures."""

from __future__ import annotations

import ctypes as ct
import logging
import math
from typing import Any

import numpy as np

from ._embedding.embedding import TSNEEmbedding
from ._embedding.report import data_of, settings_of
from ._input import arguments
from ._native import room, structures
from ._native.calls import call
from ._options import checked, job, schedule
from ._options.settings import DEFAULTS, Settings

__all__ = ["check"]

log = logging.getLogger("opentsne_go")

# Below these sizes advice does not bite.
_MANY = 10_000
_VERY_MANY = 1_000_000
_FEW_ITERATIONS = 250

#: Beyond so many points n / 100 neighbours a point are what few machines can hold.
_WHOLE = 100_000
#: Columns of data that nobody has shown: the estimate hardly depends on them.
_COLUMNS = 50
#: The fall of the KL divergence in 50 more iterations that says a map is unfinished.
_FALLING = 0.01
#: A map as wide as this refines no new points.
_WIDE = 1000

#: How much higher the KL divergence is at so many times n / 12 than at n / 12, in
#: percent: python bench/advice.py rates, in docs/choosing.md.
_FACTORS = (0.02, 0.1, 0.5, 2, 5, 10, 20, 40, 80, 120)
_RATES = {
    100: (9.1, 1.0, -1.2, 11.5, 7.4, 6.1, 13.4, 32.5, 53.5, 57.4),
    300: (23.0, 2.7, 0.3, 3.2, 6.4, 7.4, 6.6, 9.3, 13.9, 50.1),
    1000: (40.6, 15.5, 3.7, -0.2, 0.3, 7.3, 7.4, 7.2, 5.6, 7.3),
    1797: (48.6, 22.4, 7.3, 0.5, 2.3, 3.4, 4.3, 6.3, 3.5, 5.8),
    10_000: (42.1, 21.5, 7.7, 1.0, 0.6, 7.0, 11.9, 11.5, 10.3, 9.5),
}
#: A rate that costs less, in percent, is nobody's fault.
_COSTLY = 5.0


@arguments.named
def check(tsne: Any, n: int | None = None) -> list[str]:
    """What there is to object to in settings for n points, or in a finished map.

    Each objection has the figure that supports it: measured (docs/choosing.md
    has the commands), estimated for this machine, or counted in the map.

    Parameters
    ----------
    tsne : TSNE, dict or TSNEEmbedding
        Settings: an estimator, or some of its parameters by name. Or a map,
        which is looked at too; it is left as it is, and 50 iterations of a copy
        show whether it is finished.
    n : int, optional
        Number of points; a map has its own.

    Returns
    -------
    list of str
        One line for each objection, which begins with the argument's name;
        empty if there is none.

    Examples
    --------
    >>> import opentsne_go
    >>> opentsne_go.check(opentsne_go.TSNE(), 5000)
    []
    >>> opentsne_go.check({"initialization": "random"}, 5000)[0][:14]
    'initialization'
    """
    if isinstance(tsne, TSNEEmbedding):
        if n is not None and n != len(tsne):
            raise arguments.bad("n", n, f"{len(tsne)}, as the map has, or None")
        settings, phases = settings_of(tsne)
        known = DEFAULTS | settings
        return _of_settings(known, len(tsne), fitted=True) + _of_map(tsne, known, phases)
    if not isinstance(tsne, dict) and not hasattr(tsne, "get_params"):
        raise arguments.bad("tsne", type(tsne).__name__, "an opentsne_go.TSNE, a dict of its parameters, or a map")
    settings = Settings(**tsne).get_params() if isinstance(tsne, dict) else tsne.get_params()
    if n is None:
        raise arguments.bad("n", n, "the number of points")
    return _of_settings(settings, arguments.whole("n", n, 1))


def _of_settings(settings: dict[str, Any], n: int, fitted: bool = False) -> list[str]:
    late = settings["exaggeration"] or 1
    early = settings["early_exaggeration"]
    early = max(12, late) if early == "auto" else early
    start = settings["initialization"]
    arbitrary = isinstance(start, str) and start == "random"
    found = [
        _rate(settings["learning_rate"], n, early, arbitrary),
        _start(arbitrary),
        *_perplexity(settings, n, arbitrary, fitted),
        _iterations(settings, n),
    ]
    if n >= _VERY_MANY and late < 2:
        found.append(
            f"exaggeration: none for {n} points, whose clusters will touch; 4 parts them "
            "(Kobak & Berens 2019 of 1.3 million cells)"
        )
    return [one for one in found if one]


def _rate(rate: Any, n: int, early: float, arbitrary: bool) -> str | None:
    """A rate at which the KL divergence was costly higher, of the nearest data that were tried."""
    if isinstance(rate, str):
        return None
    factor = rate * early / n
    near = min(_RATES, key=lambda tried: abs(math.log(tried / n)))
    high = factor > 1
    reached = [i for i, one in enumerate(_FACTORS) if (1 < one <= factor * 1.001 if high else factor <= one < 1)]
    if not reached:
        return None
    at = reached[-1] if high else reached[0]
    cost = _RATES[near][at]
    if cost < _COSTLY or 1 < factor < 5:
        return None
    torn = "; on MNIST a random start at 200 tore up to two digits" if arbitrary and not high and n >= _MANY else ""
    return (
        f"learning_rate: {rate:g} is {'high' if high else 'low'} for {n} points; 'auto', or n / {early:g} = {n / early:.0f}: "
        f"the KL divergence of {near} digits was {cost:.0f} % higher at {_FACTORS[at]:g} times that{torn}"
    )


def _start(arbitrary: bool) -> str | None:
    if not arbitrary:
        return None
    return (
        "initialization: a random start makes the global arrangement arbitrary; 'pca', 'spectral' or given positions "
        "keep it: the correlation of distances was 0.42 on the digits where a PCA start had 0.52, and on classes in "
        "three groups 0.41 of the neighbouring classes were kept instead of 0.67"
    )


def _perplexity(settings: dict[str, Any], n: int, arbitrary: bool, fitted: bool) -> list[str]:
    """What memory forbids, and what shows the global structure within it."""
    values = checked.perplexities("perplexity", settings["perplexity"])
    found = []
    need, free = (0, 0) if fitted else (_estimate(settings, n), room.available())
    if need > free:
        found.append(
            f"perplexity: {max(values):g} for {n} points takes about {need / 2**30:,.1f} GiB, of which there are "
            f"{free / 2**30:,.1f}; " + _instead(values, n)
        )
    elif len(values) == 1 and values[0] < n / 300 and arbitrary:
        both = {**settings, "perplexity": [values[0], n / 100]}
        fits = n <= _WHOLE and _estimate(both, n) <= room.available()
        found.append(
            f"perplexity: {values[0]:g} alone shows little global structure of {n} points from this start; "
            + (
                f"[{values[0]:g}, {n / 100:.0f}] from a PCA start shows both: on 15,500 points of 15 classes 0.77 of the "
                "neighbouring classes were kept instead of 0.50"
                if fits
                else _instead(values, n)
            )
        )
    return found


def _instead(values: list[float], n: int) -> str:
    """What shows the global structure of more points than all of whose neighbours fit."""
    if n <= _WHOLE:
        return f"{max(1, n // 300):g} takes less"
    return (
        f"{min(values):g} with initialization='sample' (on 500,000 simulated cells 0.47 of the neighbouring classes were "
        "kept, by a PCA start 0.35), or with pull=0.001 (on 10,000 digits 0.83 instead of 0.73)"
    )


def _iterations(settings: dict[str, Any], n: int) -> str | None:
    settings = schedule.arguments(settings, n)
    late, every = settings["n_iter"], settings["n_iter"] + settings["early_exaggeration_iter"]
    if settings["auto_stop"] is not None:
        return None
    if late < _FEW_ITERATIONS:
        return (
            f"n_iter: {late} iterations after the early exaggeration are few; 500 or more let the map settle: the KL "
            "divergence of 1797 digits was 0.923 after 50, 0.830 after 100, 0.768 after 250 and 0.748 after 500"
        )
    if every < 500 and n >= _MANY:
        return (
            f"n_iter: {every} iterations in all are few for {n} points; 750 or more: the KL divergence of 1797 digits "
            "was 0.771 after 250 and 0.748 after 750"
        )
    return None


def _of_map(embedding: TSNEEmbedding, settings: dict[str, Any], phases: list[dict[str, Any]] | None) -> list[str]:
    """What can be seen in a map."""
    y = np.asarray(embedding)
    found = []
    last = phases[-1].get("exaggeration") if phases else settings["exaggeration"]
    if phases is not None and (last or 1) == 1 and not settings["density_lambda"] and not settings["pull"]:
        kl = embedding.kl_divergence
        more = embedding.optimize(50, callbacks=None, verbose=False, exaggeration=None).kl_divergence
        if kl > 0 and 1 - more / kl > _FALLING:
            found.append(
                f"n_iter: after {embedding.n_iter} iterations the KL divergence still falls: 50 more lower it from "
                f"{kl:.4g} to {more:.4g}, by {1 - more / kl:.1%}"
            )
    wide = float(np.ptp(y, axis=0).max())
    if wide > _WIDE:
        found.append(
            f"positions: the map is {wide:.0f} wide, and transform() refines new points by some tens at most; of digits "
            "on a map of 3,914 that were placed and refined 0.937 were right, placed alone 0.935, on the map as t-SNE "
            "made it, 130 wide, 0.950"
        )
    count = _coinciding(embedding, y)
    if count:
        found.append(f"positions: {count} of {len(y)} points lie exactly on another whose data differ")
    return found


def _coinciding(embedding: TSNEEmbedding, y: Any) -> int:
    """Points that lie on another, less those whose rows are equal too."""
    at = np.unique(y, axis=0, return_inverse=True)[1].ravel()
    shared = np.flatnonzero(np.bincount(at)[at] > 1)
    if not len(shared):
        return 0
    x = data_of(embedding)
    if x is None:
        return len(shared)
    rows = np.unique(x[shared], axis=0, return_inverse=True)[1].ravel()
    pairs = np.unique(np.column_stack([at[shared], rows]), axis=0)
    kinds = np.bincount(pairs[:, 0])  # of data, in each place
    return int(np.count_nonzero(kinds[at[shared]] > 1))


def _estimate(settings: dict[str, Any], n: int) -> int:
    """Bytes of a fit, by the library."""
    fields = job.descent_and_fields(Settings(**{**settings, "callbacks": None}))[1]
    start = settings["initialization"]
    fields["init"] = checked.STARTS.get(start, 0) if isinstance(start, str) else 0
    options = structures.options(**checked.for_points(fields, None, n))
    need = ct.c_uint64()
    call("tsne_estimate_memory", ct.byref(need), max(n, 4), _COLUMNS, ct.byref(options))
    return need.value


_said: set[str] = set()


def warn_once(tsne: Any, n: int) -> None:
    """Logs what `check` objects to, each objection once in this process."""
    for line in check(tsne, n):
        if line not in _said:
            _said.add(line)
            log.warning(line)
