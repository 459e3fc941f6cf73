"""Embeddings read back from files and bytes."""

from __future__ import annotations

import ctypes as ct
import json
import os
from typing import Any

import numpy as np

from . import _input, _knobs, _lib
from ._graph import call, floats
from ._run import run
from ._model import model_handle
from .embedding import Path, TSNEEmbedding


def restore(
    data: bytes, params: dict[str, Any], random_state: Any, recipe: _knobs.Recipe, given: Any
) -> TSNEEmbedding:
    """The inverse of pickling."""
    pointer = ct.c_void_p()
    options = _lib.options(threads=_input.threads(params["n_jobs"]))
    call("tsne_model_load_bytes", ct.byref(pointer), data, len(data), ct.byref(options))
    made = _standing(model_handle(pointer), random_state, params, recipe)
    made._affinities = given
    return made


def _standing(
    model: _lib.Handle, random_state: Any, params: dict[str, Any], recipe: _knobs.Recipe
) -> TSNEEmbedding:
    """The embedding of a model that has been read."""
    n, dims = ct.c_int64(), ct.c_int32()
    call("tsne_model_info", ct.byref(n), ct.byref(dims), None, None, model.pointer)
    y = np.empty((n.value, dims.value), np.float32)
    call("tsne_model_embedding", floats(y), model.pointer)
    return TSNEEmbedding._of(y, model, random_state, params, recipe)


def load(path: Path, *, n_jobs: int | None = 1, verbose: bool = False) -> TSNEEmbedding:
    """Read an embedding that `TSNEEmbedding.save`, C or Go has written.

    Parameters
    ----------
    path : str or path-like
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
    options = _lib.options(threads=_input.threads(n_jobs))
    pointer = ct.c_void_p()
    name = os.fspath(path).encode()
    run(lambda: call("tsne_model_load", ct.byref(pointer), name, ct.byref(options)), options)
    model = model_handle(pointer)
    settings = _settings(path)
    params = {**_knobs.DESCENT, **settings, "n_jobs": n_jobs, "verbose": verbose}
    recipe = params.pop("recipe")
    return _standing(model, params.pop("seed"), params, recipe)


#: Parameters of the descent, by the names of the options in a file.
_SAVED = {
    "DOF": "dof",
    "Theta": "theta",
    "MaxStepNorm": "max_step_norm",
    "MaxGradNorm": "max_grad_norm",
    "AutoStop": "auto_stop",
    "DensityLambda": "density_lambda",
    "DensityFraction": "density_fraction",
    "DensityShift": "density_shift",
}


def _settings(path: Path) -> dict[str, Any]:
    """What a file that has been read says of how its map was made."""
    with np.load(path) as archive:
        options = json.loads(archive["header"].tobytes())["options"]
    # None is no limit, which the library calls 0; its own "none" is negative.
    limits = ("max_step_norm", "max_grad_norm", "auto_stop", "density_lambda")
    found: dict[str, Any] = {}
    for name, ours in _SAVED.items():
        value = float(options[name])
        found[ours] = None if ours in limits and value <= 0 else value
    found["learning_rate"] = float(options["LearningRate"]) or "auto"
    names = {number: name for name, number in _lib.REPULSION.items()}
    found["negative_gradient_method"] = names[int(options["Repulsion"])]
    kinds = {number: name for name, number in _lib.AFFINITY.items()}
    found["recipe"] = _knobs.Recipe(
        [float(one) for one in options["Perplexities"] or [30]],
        kinds[int(options.get("Affinity", 0))],
        int(options.get("K", 0)) or None,
        float(options.get("Sigma", 0)) or None,
    )
    found["seed"] = int(options["Seed"])
    return found
