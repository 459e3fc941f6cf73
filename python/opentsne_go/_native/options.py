"""The library's options and choices. Written by scripts/options from ``tsne/options.toml``: change it there."""

from __future__ import annotations

import ctypes as ct

from .kinds import F32, F64, I32, LOG_FN, PROGRESS_FN, Keeping


class Options(Keeping):
    """``tsne_options``."""

    _fields_ = (
        ("struct_size", ct.c_size_t),
        ("seed", ct.c_uint64),
        ("perplexities", F64),
        ("n_perplexities", ct.c_int64),
        ("perplexity", ct.c_double),
        ("init_y", F32),
        ("early_iterations", ct.c_int64),
        ("iterations", ct.c_int64),
        ("early_exaggeration", ct.c_double),
        ("exaggeration", ct.c_double),
        ("learning_rate", ct.c_double),
        ("early_momentum", ct.c_double),
        ("momentum", ct.c_double),
        ("max_step_norm", ct.c_double),
        ("theta", ct.c_double),
        ("neighbors_effort", ct.c_double),
        ("max_memory", ct.c_uint64),
        ("cancel", I32),
        ("progress", PROGRESS_FN),
        ("progress_user", ct.c_void_p),
        ("progress_every", ct.c_int64),
        ("log", LOG_FN),
        ("log_user", ct.c_void_p),
        ("dims", ct.c_int32),
        ("threads", ct.c_int32),
        ("init", ct.c_int32),
        ("neighbors", ct.c_int32),
        ("repulsion", ct.c_int32),
        ("reserved", ct.c_int32),
        ("dof", ct.c_double),
        ("max_grad_norm", ct.c_double),
        ("sigma", ct.c_double),
        ("auto_stop", ct.c_double),
        ("density_lambda", ct.c_double),
        ("density_fraction", ct.c_double),
        ("density_shift", ct.c_double),
        ("k", ct.c_int64),
        ("sample_size", ct.c_int64),
        ("anneal_iterations", ct.c_int64),
        ("metric", ct.c_int32),
        ("affinity", ct.c_int32),
        ("keep_data", ct.c_int32),
        ("reserved2", ct.c_int32),
        ("pull", ct.c_double),
        ("pull_y", F32),
        ("pull_weights", F32),
        ("pull_frame", ct.c_int32),
        ("reserved3", ct.c_int32),
        ("checkpoint", ct.c_char_p),
        ("checkpoint_every", ct.c_int64),
        ("momentum_iterations", ct.c_int64),
        ("scratch", ct.c_char_p),
    )


class TransformOptions(Keeping):
    """``tsne_transform_options``."""

    _fields_ = (
        ("struct_size", ct.c_size_t),
        ("seed", ct.c_uint64),
        ("init_y", F32),
        ("columns", I32),
        ("n_columns", ct.c_int64),
        ("k", ct.c_int64),
        ("early_iterations", ct.c_int64),
        ("iterations", ct.c_int64),
        ("perplexity", ct.c_double),
        ("early_exaggeration", ct.c_double),
        ("exaggeration", ct.c_double),
        ("learning_rate", ct.c_double),
        ("early_momentum", ct.c_double),
        ("momentum", ct.c_double),
        ("max_grad_norm", ct.c_double),
        ("max_step_norm", ct.c_double),
        ("theta", ct.c_double),
        ("neighbors_effort", ct.c_double),
        ("max_memory", ct.c_uint64),
        ("cancel", I32),
        ("progress", PROGRESS_FN),
        ("progress_user", ct.c_void_p),
        ("progress_every", ct.c_int64),
        ("log", LOG_FN),
        ("log_user", ct.c_void_p),
        ("threads", ct.c_int32),
        ("placement", ct.c_int32),
        ("metric", ct.c_int32),
        ("neighbors", ct.c_int32),
        ("repulsion", ct.c_int32),
        ("reserved", ct.c_int32),
        ("perplexities", F64),
        ("n_perplexities", ct.c_int64),
        ("sigma", ct.c_double),
        ("affinity_k", ct.c_int64),
        ("affinity", ct.c_int32),
        ("reserved2", ct.c_int32),
    )


#: Arguments that are fields under other names.
ARGUMENTS = {
    "dims": "n_components",
    "perplexities": "perplexity",
    "n_perplexities": "perplexity",
    "init": "initialization",
    "init_y": "initialization",
    "seed": "random_state",
    "early_iterations": "early_exaggeration_iter",
    "iterations": "n_iter",
    "early_momentum": "initial_momentum",
    "repulsion": "negative_gradient_method",
    "threads": "n_jobs",
    "progress_every": "callbacks_every_iters",
    "placement": "initialization",
    "affinity_k": "k_neighbors",
}
