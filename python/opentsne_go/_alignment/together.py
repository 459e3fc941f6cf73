"""Maps of several data sets, each near those beside it."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._embedding.embedding import TSNEEmbedding, embedding_of_model
from opentsne_go._embedding.model import model_handle
from opentsne_go._input import arguments, collected, tables
from opentsne_go._input.labels import missing
from opentsne_go._native import abi, arrays, structures
from opentsne_go._native.calls import call
from opentsne_go._native.running import run
from opentsne_go._native.status import E_CANCELLED, error
from opentsne_go._options import checked, job, schedule
from opentsne_go.tsne import TSNE

__all__ = ["fit_together"]

Keys = NDArray[np.int64]

#: The library's, where none is asked for.
_PULL = 0.0005


@arguments.named
def fit_together(
    X: Sequence[Any],
    tsne: TSNE | None = None,
    *,
    keys: Sequence[Any] | None = None,
    relations: Sequence[Any] | None = None,
    window: int = 1,
    rounds: int = 5,
) -> list[TSNEEmbedding]:
    """Maps of several data sets, as of time points, donors or versions, each near
    those beside it.

    The first is fitted; each other begins where its rows lie on the map before,
    scaled down, those that are not there among their nearest that are, and is
    pulled to there. Then, ``rounds`` times, all maps go on for 50 iterations, each
    pulled to the mean of those beside it. At last each map is laid on the one before:
    moved, turned and scaled.

    Parameters
    ----------
    X : sequence of array-like, each (n, d)
        Two data sets or more, in order, of 4 rows or more.
    tsne : TSNE, optional
        Settings of the fits; an array as its ``initialization`` is of the first
        set, ``pull_y``, ``pull_weights`` and ``pull_frame`` are not read, and a
        ``checkpoint`` is refused.
        Its ``pull`` says how near the maps are kept; None: 0.0005.
    keys : sequence of array-like, optional
        A key for each row of each set, such as the names of cells
        (``[a.obs_names for a in adatas]``): rows of one key are one cell or
        subject. None and NaN are none. Each set must share a key with the one
        before; sets may have other columns.
    relations : sequence, optional
        Instead of ``keys``, one between each set and the next, as umap-learn's
        AlignedUMAP has them: a dict of a row of the one to a row of the other, or
        an (m, 2) array of such pairs.
        Without either sets share columns, and a row is where the median of its 10
        nearest of the other set lies.
    window : int
        Sets before and after one that its map is pulled to, nearer ones more: by
        one over how many sets away they are (1 or more).
    rounds : int
        Of more, maps come a little nearer to each other (0 or more).

    Returns
    -------
    list of TSNEEmbedding
        In one frame. The KL divergence that the library keeps of each is that of
        the map before it was laid; what `optimize` does from there is free.
    """
    settings = TSNE() if tsne is None else job.settings(tsne)
    if settings.checkpoint is not None:
        raise arguments.bad("checkpoint", settings.checkpoint, "None: a file is of one map")
    sets = _sets(X, ordered=keys is None and relations is None)
    if keys is not None and relations is not None:
        raise arguments.bad("relations", "both", "either keys or relations")
    matched = None
    if keys is not None:
        matched = _numbered(keys, sets)
    elif relations is not None:
        matched = _of_relations(relations, sets)
    window = arguments.whole("window", window, 1)
    rounds = arguments.whole("rounds", rounds, 0)
    dims = checked.dims(settings.n_components)
    job.by_the_library(settings)
    descent, fields = job.descent_and_fields(settings)
    smallest = min(len(x) for x in sets)
    fields = checked.for_points(fields, settings.k, smallest)
    fields |= job.start_fields(settings, job.asked_start(settings, None, True), len(sets[0]), dims)
    watch = job.watch(settings, schedule.settled(fields, 0)["early_iterations"])
    options = structures.options(progress_every=watch.report_every(), **fields)
    names = [tables.names(one, f"X[{i}]") for i, one in enumerate(X)]
    many = len(sets)
    doubles = sets[0].dtype == np.float64
    y = [np.empty((len(x), dims), np.float32) for x in sets]
    order = [abi.ORDER["row"]] if doubles else []
    n, d = ((ct.c_int64 * many)(*(x.shape[axis] for x in sets)) for axis in (0, 1))
    free = {**descent, "pull": None}
    by = "keys" if keys is not None else "relations" if relations is not None else "their columns"
    pull = _PULL if settings.pull is None else float(settings.pull)
    step = {"call": "fit_together", "sets": many, "by": by, "window": window, "rounds": rounds, "pull": pull}

    def work() -> list[TSNEEmbedding]:
        owners = [model_handle() for _ in sets]
        made = (ct.c_void_p * many)()
        status = call(
            "tsne_fit_together" + "_f64" * doubles,
            arrays.pointers(y),
            made,
            arrays.pointers(sets),
            n,
            d,
            many,
            *order,
            None if matched is None else arrays.pointers(matched),
            window,
            rounds,
            ct.byref(options),
        )
        for owner, handle in zip(owners, made, strict=True):
            owner.pointer.value = handle
        if status == E_CANCELLED:
            raise error(status)
        return [
            embedding_of_model(
                at, model, settings.random_state, dict(free), run=watch.run, names=of, steps=({**step, "set": i},)
            )
            for i, (at, model, of) in enumerate(zip(y, owners, names, strict=True))
        ]

    try:
        return run(work, options, watch)
    finally:
        watch.close()


def _sets(X: Any, ordered: bool) -> list[arrays.Rows]:
    """The data, all of one type; columns in the order of the first set's names."""
    if not isinstance(X, Sequence) or len(X) < 2:
        got = type(X).__name__ if not isinstance(X, Sequence) else f"{len(X)} data sets"
        raise arguments.bad("X", got, "a list of 2 data sets or more")
    X = [collected.here(x, f"X[{i}]") for i, x in enumerate(X)]
    first = tables.names(X[0], "X[0]") if ordered else None
    sets = [tables.data(tables.in_order(x, first, f"X[{i}]", "X[0]"), f"X[{i}]") for i, x in enumerate(X)]
    for i, x in enumerate(sets):
        if len(x) < 4:
            raise arguments.bad(f"X[{i}]", x.shape, "4 rows or more")
    if any(x.dtype == np.float64 for x in sets):
        sets = [np.ascontiguousarray(x, np.float64) for x in sets]
    return sets


def _items(name: str, given: Any) -> list[Any]:
    """What a sequence has; an array's as Python's own."""
    try:
        return given.tolist() if hasattr(given, "tolist") else list(given)
    except TypeError:
        raise arguments.bad(name, type(given).__name__, "a sequence") from None


def _numbered(keys: Any, sets: list[arrays.Rows]) -> list[Keys]:
    """Keys of any kind as numbers; those that are missing are below 0."""
    keys = _items("keys", keys)
    if len(keys) != len(sets):
        raise arguments.bad("keys", f"those of {len(keys)} sets", f"those of {len(sets)}")
    found: dict[Any, int] = {}
    numbers = []
    for i, of in enumerate(keys):
        values = _items(f"keys[{i}]", of)
        if len(values) != len(sets[i]):
            got, want = f"{len(values)} keys", f"{len(sets[i])}, one for each row of X[{i}]"
            raise arguments.bad(f"keys[{i}]", got, want)
        try:
            one = [-1 if missing(k) else found.setdefault(k, len(found)) for k in values]
        except (TypeError, ValueError):
            raise arguments.bad(f"keys[{i}]", "keys that cannot be compared", "words or numbers") from None
        numbers.append(np.array(one, np.int64))
    return numbers


def _of_relations(relations: Any, sets: list[arrays.Rows]) -> list[Keys]:
    """The keys that relations between each set and the next come to."""
    relations = _items("relations", relations)
    if len(relations) != len(sets) - 1:
        want = f"{len(sets) - 1}, one between each set and the next"
        raise arguments.bad("relations", f"{len(relations)}", want)
    keys = [np.arange(len(sets[0]), dtype=np.int64)]
    used = len(sets[0])
    for i, relation in enumerate(relations):
        name = f"relations[{i}]"
        try:
            pairs = np.array(list(relation.items()) if isinstance(relation, Mapping) else relation)
        except ValueError:
            raise arguments.bad(name, "rows of several lengths", "a dict of rows to rows, or pairs of rows") from None
        if not pairs.size:
            raise arguments.bad(name, "none", "at least one row of both")
        if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":
            got = f"{pairs.dtype} of shape {pairs.shape}"
            raise arguments.bad(name, got, "a dict of rows to rows, or pairs of rows")
        for side in (0, 1):
            rows, n = pairs[:, side], len(sets[i + side])
            outside = rows[(rows < 0) | (rows >= n)]
            if len(outside):
                raise arguments.bad(name, f"row {outside[0]} of X[{i + side}]", f"0 to {n - 1}")
            values, counts = np.unique(rows, return_counts=True)
            if len(values) < len(rows):
                twice = f"row {values[counts > 1][0]} of X[{i + side}] twice"
                raise arguments.bad(name, twice, "each row once")
        n = len(sets[i + 1])
        own = np.arange(used, used + n, dtype=np.int64)
        own[pairs[:, 1]] = keys[i][pairs[:, 0]]
        used += n
        keys.append(own)
    return keys
