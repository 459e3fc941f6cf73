"""New points in blocks of rows, placed where the blocks are."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

from opentsne_go._extras import extras
from opentsne_go._input import arguments
from opentsne_go._native.version import __version__
from opentsne_go.errors import Error

from .blocks import block_of, in_rows, no_rows, told
from .workers import check_version, client_of, own_threads, sent


def placed(reference: Any, x: Any, client: Any, how: dict[str, Any], held: Any = None) -> Any:
    """Positions of the rows of a Dask array on a map, as a lazy Dask array.

    how are the arguments of ``reference.transform``, which each block is given; held
    is `by_blocks`'.
    """
    of_each(how)
    reference.transform(no_rows(in_rows(x)), **how)  # says what is wrong before any work
    return by_blocks(_place, x, client, reference, how, held=held)


def of_each(how: dict[str, Any]) -> None:
    """Refuses arguments of a transform by which a point's place is not its own alone."""
    start, rate = how.get("initialization", "median"), how.get("learning_rate")
    if not isinstance(start, str) or start == "random":
        got = start if isinstance(start, str) else f"positions of shape {np.shape(start)}"
        raise arguments.bad("initialization", got, "'median' or 'weighted' for a Dask array")
    if rate == "auto":
        raise arguments.bad("learning_rate", rate, "a number for a Dask array: 'auto' counts the points that come together")


def _place(rows: Any, reference: Any, how: dict[str, Any]) -> Any:
    return np.asarray(reference.transform(rows, **how))


def by_blocks(
    make: Callable[..., Any], x: Any, client: Any, reference: Any, how: dict[str, Any], again: Any = None, held: Any = None
) -> Any:
    """What ``make(rows, reference, how)`` gives of each block, a place for each row, as a lazy Dask array.

    again is `sent`'s; held is what stands for reference in place of what is sent.
    """
    with extras():
        import dask.array as da

    client, width = client_of(client), reference.shape[1]
    map_blocks: Any = da.map_blocks
    return map_blocks(
        _task,
        x,
        make=make,
        held=sent(client, reference, again) if held is None else held,
        how=how,
        of=told(x),
        version=__version__,
        name=f"opentsne_go-{make.__name__.strip('_')}-{uuid.uuid4().hex}",
        dtype=np.float32,
        chunks=(x.chunks[0], (width,)),
        meta=np.empty((0, width), np.float32),
    )


def _task(
    rows: Any, make: Any, held: Any, how: dict[str, Any], of: Any, version: str, block_info: Any
) -> Any:
    """A block, on whichever worker it is."""
    check_version(__version__, version, "a worker")
    block = block_of(block_info[0], of)
    reference = held.open()
    threads = own_threads()
    if threads is not None:
        reference.gradient_descent_params.update(n_jobs=threads, verbose=False)
    try:
        return make(block.checked(rows), reference, how)
    except Error as error:
        raise block.named(error) from None
