"""Embeddings read back from files and bytes."""

from __future__ import annotations

import ctypes as ct
import json
import os
from typing import Any

import numpy as np

from .._input import tables as _input
from .._options import fields as _knobs
from .._native import library as _lib
from .._neighbors.search import call, floats
from .._embedding.model import model_handle, model_names
from .._native.running import run
from .._embedding.embedding import Path, TSNEEmbedding
from ..errors import FileAccessError, ModelFileError


def restore(
    data: bytes, params: dict[str, Any], random_state: Any, recipe: _knobs.Recipe, given: Any
) -> TSNEEmbedding:
    """The inverse of pickling."""
    options = _lib.options(threads=_input.threads(params["n_jobs"]))
    model = model_handle()
    given_bytes = data, len(data)
    run(lambda: call("tsne_model_load_bytes", model.out, *given_bytes, ct.byref(options)), options)
    made = _standing(model, random_state, params, recipe)
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
    made = TSNEEmbedding._of(y, model, random_state, params, recipe)
    made._names = model_names(model)
    return made


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
    options = _lib.options(threads=_input.threads(n_jobs))
    model = model_handle()
    name = _input.path(path)
    run(lambda: call("tsne_model_load", model.out, name, ct.byref(options)), options)
    settings = _settings(name)
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


def _settings(path: bytes) -> dict[str, Any]:
    """What a file that has been read says of how its map was made."""
    shown = os.fsdecode(path)
    try:
        with open(path, "rb") as file, np.load(file) as archive:
            return _said(json.loads(archive["header"].tobytes()))
    except OSError as error:
        raise FileAccessError(f"open {shown}: {error.strerror or error}") from None
    except Exception as error:  # noqa: BLE001  the library took it, so it has changed since
        raise ModelFileError(f"{shown}: header: {type(error).__name__}: {error}") from None


def _said(header: dict[str, Any]) -> dict[str, Any]:
    """What a file says in Python's names; of options it does not say, or says 0
    of, the library's defaults."""
    options = header["options"]
    # None is no limit, which the library calls 0; its own "none" is negative.
    limits = ("max_step_norm", "max_grad_norm", "auto_stop", "density_lambda")
    found: dict[str, Any] = {}
    for name, ours in _SAVED.items():
        value = float(options.get(name, 0)) or _knobs.DESCENT[ours]
        found[ours] = None if ours in limits and value is not None and value <= 0 else value
    found["learning_rate"] = float(options.get("LearningRate", 0)) or "auto"
    names = {number: name for name, number in _lib.REPULSION.items()}
    found["negative_gradient_method"] = names[int(options.get("Repulsion", 0))]
    kinds = {number: name for name, number in _lib.AFFINITY.items()}
    effective = [float(one) for one in options.get("Perplexities") or [30]]
    found["recipe"] = _knobs.Recipe(
        [float(one) for one in header.get("asked_perplexities") or effective],
        kinds[int(options.get("Affinity", 0))],
        int(options.get("K", 0)) or None,
        float(options.get("Sigma", 0)) or None,
        effective,
    )
    found["seed"] = int(options.get("Seed", 0))
    return found
