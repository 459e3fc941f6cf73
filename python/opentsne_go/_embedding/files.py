"""Embeddings read back from files."""

from __future__ import annotations

import ctypes as ct
from typing import Any

from opentsne_go._input import arguments
from opentsne_go._native import choices, structures
from opentsne_go._native.calls import call
from opentsne_go._native.running import run
from opentsne_go._options import checked
from opentsne_go._options.table import DESCENT, DESCENT_NUMBERS, NUMBERS

from .embedding import Path, TSNEEmbedding, read_model
from .model import model_handle, model_options


@arguments.named
def load(path: Path, *, n_jobs: int | None = 1, verbose: bool = False) -> TSNEEmbedding:
    """Read an embedding that `TSNEEmbedding.save`, C or Go has written.

    Parameters
    ----------
    path : str, bytes or path-like
        The file.
    n_jobs, verbose
        As in `TSNE`, for what is done with the embedding.

    Returns
    -------
    TSNEEmbedding
        Goes on with the same bits as the one that was saved.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        It is truncated, altered, of another program or of a newer version.
    """
    options = structures.options(threads=arguments.threads(n_jobs))
    model = model_handle()
    name = arguments.path(path)
    run(lambda: call("tsne_model_load", model.out, name, ct.byref(options)), options)
    said = model_options(model)
    params = {**_descent_of(said), "n_jobs": n_jobs, "verbose": verbose}
    return read_model(model, int(said.seed), params)


def _descent_of(options: Any) -> dict[str, Any]:
    """What a model goes by, as `TSNEEmbedding.optimize` takes it."""
    numbers = {
        name: NUMBERS[argument]
        for name, argument in DESCENT_NUMBERS.items()
        if name not in (*checked.ANEW, "callbacks_every_iters")
    }
    return {
        **DESCENT,
        **{name: one.shown(getattr(options, one.field)) for name, one in numbers.items()},
        "negative_gradient_method": checked.name_of(choices.REPULSION, options.repulsion),
        "pull_frame": checked.name_of(choices.PULL_FRAME, options.pull_frame),
    }
