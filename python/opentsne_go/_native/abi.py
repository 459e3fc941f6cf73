"""Functions of ``tsne.h`` and what they take beside data and options."""

from __future__ import annotations

import ctypes as ct
from typing import Any

from .kinds import F32, F64, I32, I64, U64
from .options import Options, TransformOptions

ABI = 0  # TSNE_ABI, the number in the library's soname


class Superposition(ct.Structure):
    """``tsne_superposition``. Make one with `superposition`."""

    _fields_ = [
        ("struct_size", ct.c_size_t),
        ("rotation", ct.c_double * 9),
        ("from", ct.c_double * 3),
        ("to", ct.c_double * 3),
        ("scale", ct.c_double),
        ("disparity", ct.c_double),
        ("dims", ct.c_int32),
        ("reflected", ct.c_int32),
    ]


class Diagnosis(ct.Structure):
    """``tsne_diagnosis``; NULL pointers are outputs that are not wanted."""

    _fields_ = [
        ("struct_size", ct.c_size_t),
        ("recall", F32),
        ("trustworthiness", F32),
        ("continuity", F32),
        ("stretch", F32),
        ("perturbation", F32),
        ("singularity", F32),
        ("reliability", F32),
        ("dubious", I32),
        ("spread", F32),
        ("maps", F32),
        ("n_maps", ct.c_int64),
        ("k", ct.c_int64),
        ("length", ct.c_double),
    ]


class Part(ct.Structure):
    """``tsne_part``."""

    _fields_ = [
        ("text", ct.c_char_p),
        ("index", ct.c_int64),
        ("kind", ct.c_int32),
        ("reserved", ct.c_int32),
    ]


class Detail(ct.Structure):
    """``tsne_error``."""

    _fields_ = [
        ("struct_size", ct.c_size_t),
        ("status", ct.c_int32),
        ("n_parts", ct.c_int32),
        ("row", ct.c_int64),
        ("column", ct.c_int64),
        ("text", ct.c_char_p),
        ("parts", ct.POINTER(Part)),
        ("argument", ct.c_char * 64),
    ]


ORDER = {"row": 0, "column": 1}
PROCRUSTES_SCALE, PROCRUSTES_NO_REFLECTION, PROCRUSTES_TO_FIRST = 1, 2, 4
STAGES = ("neighbors", "affinities", "init", "optimize")
LOG_WARNING = 1
PART_NAME, PART_VALUE = 1, 4

_OPTIONS = ct.POINTER(Options)
_TRANSFORM = ct.POINTER(TransformOptions)
_SUPERPOSITION = ct.POINTER(Superposition)
_HANDLE = ct.c_void_p
_OUT_HANDLE = ct.POINTER(ct.c_void_p)
_LIST = _OUT_HANDLE  # of pointers
_INT, _LONG, _REAL = ct.c_int, ct.c_int64, ct.c_double

PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "tsne_options_init_sized": (_INT, [_OPTIONS, ct.c_size_t]),
    "tsne_options_preset": (_INT, [_OPTIONS, ct.c_char_p]),
    "tsne_options_settle": (_INT, [_OPTIONS, _LONG]),
    "tsne_transform_options_init_sized": (_INT, [_TRANSFORM, ct.c_size_t]),
    "tsne_superposition_init_sized": (_INT, [_SUPERPOSITION, ct.c_size_t]),
    "tsne_version": (ct.c_char_p, []),
    "tsne_version_number": (_INT, []),
    "tsne_abi": (_INT, []),
    "tsne_cpu": (ct.c_char_p, []),
    "tsne_last_error": (ct.c_char_p, []),
    "tsne_last_error_detail": (_INT, [ct.POINTER(Detail)]),
    "tsne_status_name": (ct.c_char_p, [_INT]),
    "tsne_fit": (_INT, [F32, _OUT_HANDLE, F32, _LONG, _LONG, _OPTIONS]),
    "tsne_estimate_memory": (_INT, [U64, _LONG, _LONG, _OPTIONS]),
    "tsne_neighbors": (_INT, [I32, F32, F32, _LONG, _LONG, _LONG, _OPTIONS]),
    "tsne_neighbors_of_new": (
        _INT,
        [I32, F32, F32, _LONG, _LONG, F32, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_neighbors_of_new_csr": (
        _INT,
        [I32, F32, I64, I32, F32, _LONG, _LONG, I64, I32, F32, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_neighbors_part": (
        _INT,
        [I32, I32, F32, F32, F32, _LONG, _LONG, _LONG, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_neighbors_part_f64": (
        _INT,
        [I32, I32, F32, F32, F64, _LONG, _LONG, _INT, _LONG, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_affinities_from_conditional": (
        _INT,
        [_OUT_HANDLE, I32, F32, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_conditional": (_INT, [F32, F32, _LONG, _LONG, _OPTIONS]),
    "tsne_affinities_from_data": (_INT, [_OUT_HANDLE, F32, _LONG, _LONG, _OPTIONS]),
    "tsne_affinities_of_each": (
        _INT,
        [_OUT_HANDLE, F32, _LONG, _LONG, F64, I64, _LONG, _OPTIONS],
    ),
    "tsne_affinities_of_each_f64": (
        _INT,
        [_OUT_HANDLE, F64, _LONG, _LONG, _INT, F64, I64, _LONG, _OPTIONS],
    ),
    "tsne_available_memory": (_INT, [U64]),
    "tsne_affinities_from_neighbors": (
        _INT,
        [_OUT_HANDLE, I32, F32, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_affinities_from_csr": (_INT, [_OUT_HANDLE, I64, I32, F32, _LONG]),
    "tsne_affinities_size": (_INT, [I64, I64, _HANDLE]),
    "tsne_affinities_copy": (_INT, [I64, I32, F32, _HANDLE]),
    "tsne_affinities_free": (None, [_HANDLE]),
    "tsne_initialize": (_INT, [F32, F32, _LONG, _LONG, _OPTIONS]),
    "tsne_affinities_gradient": (_INT, [F32, F64, _HANDLE, F32, _OPTIONS]),
    "tsne_model_from_affinities": (_INT, [_OUT_HANDLE, _HANDLE, F32, _OPTIONS]),
    "tsne_model_optimize": (
        _INT,
        [F32, F64, _HANDLE, _LONG, _REAL, _REAL, _REAL, _OPTIONS],
    ),
    "tsne_model_info": (_INT, [I64, I32, I64, F64, _HANDLE]),
    "tsne_model_embedding": (_INT, [F32, _HANDLE]),
    "tsne_model_affinities": (_INT, [_OUT_HANDLE, _HANDLE]),
    "tsne_model_clone": (_INT, [_OUT_HANDLE, _HANDLE]),
    "tsne_model_free": (None, [_HANDLE]),
    "tsne_neighbors_of_distances": (_INT, [I32, F32, F32, _LONG, _LONG, _OPTIONS]),
    "tsne_affinities_from_distances": (_INT, [_OUT_HANDLE, F32, _LONG, _OPTIONS]),
    "tsne_spectral": (_INT, [F32, _HANDLE, _OPTIONS]),
    "tsne_reduce": (_INT, [F32, F32, _LONG, _LONG, _LONG, _OPTIONS]),
    "tsne_reduce_csr": (
        _INT,
        [F32, I64, I32, F32, _LONG, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_model_set_data": (_INT, [_HANDLE, F32, _LONG, _LONG, _INT]),
    "tsne_model_data": (_INT, [F32, I64, I32, _HANDLE]),
    "tsne_model_save": (_INT, [_HANDLE, ct.c_char_p]),
    "tsne_model_save_with": (_INT, [_HANDLE, ct.c_char_p, _OPTIONS]),
    "tsne_model_load": (_INT, [_OUT_HANDLE, ct.c_char_p, _OPTIONS]),
    "tsne_model_save_bytes": (_INT, [ct.c_void_p, U64, _HANDLE]),
    "tsne_model_load_bytes": (
        _INT,
        [_OUT_HANDLE, ct.c_void_p, ct.c_uint64, _OPTIONS],
    ),
    "tsne_transform": (
        _INT,
        [F32, _OUT_HANDLE, _HANDLE, F32, _LONG, _LONG, _TRANSFORM],
    ),
    "tsne_partial_from_csr": (
        _INT,
        [_OUT_HANDLE, _HANDLE, F32, I64, I32, F32, _LONG, _TRANSFORM],
    ),
    "tsne_partial_affinities": (_INT, [I64, I64, I32, F32, _HANDLE]),
    "tsne_partial_optimize": (
        _INT,
        [F32, F64, _HANDLE, _LONG, _REAL, _REAL, _REAL, _TRANSFORM],
    ),
    "tsne_partial_info": (_INT, [I64, I32, I64, F64, _HANDLE]),
    "tsne_partial_embedding": (_INT, [F32, _HANDLE]),
    "tsne_partial_clone": (_INT, [_OUT_HANDLE, _HANDLE]),
    "tsne_partial_free": (None, [_HANDLE]),
    "tsne_bootstrap": (
        _INT,
        [F32, F32, F32, _HANDLE, F32, _LONG, _LONG, _LONG, _TRANSFORM],
    ),
    "tsne_align": (
        _INT,
        [F32, _OUT_HANDLE, F64, F64, _HANDLE, F32, _LONG, _LONG, _TRANSFORM, _OPTIONS],
    ),
    "tsne_procrustes": (_INT, [_SUPERPOSITION, F32, F32, _LONG, ct.c_int32, _INT]),
    "tsne_procrustes_labels": (
        _INT,
        [_SUPERPOSITION, F32, I32, _LONG, F32, I32, _LONG, ct.c_int32, _INT],
    ),
    "tsne_procrustes_many": (
        _INT,
        [F32, F32, F64, _LONG, _LONG, ct.c_int32, _INT],
    ),
    "tsne_superpose": (_INT, [F32, _LONG, _SUPERPOSITION]),
    "tsne_shared_neighbors": (
        _INT,
        [F64, F32, F32, _LONG, ct.c_int32, _LONG, _OPTIONS],
    ),
    "tsne_shared_classes": (
        _INT,
        [F64, F64, F64, _LONG, _LONG, ct.c_int32, _OPTIONS],
    ),
    "tsne_quality": (
        _INT,
        [F64, F64, F64, F32, _LONG, _LONG, F32, ct.c_int32, I32, _OPTIONS],
    ),
    "tsne_diagnose": (_INT, [ct.POINTER(Diagnosis), _HANDLE, _OPTIONS]),
    "tsne_outside": (
        _INT,
        [F32, F32, F32, _HANDLE, F32, _LONG, _LONG, _LONG, _TRANSFORM],
    ),
    "tsne_outside_f64": (
        _INT,
        [F32, F32, F32, _HANDLE, F64, _LONG, _LONG, _INT, _LONG, _TRANSFORM],
    ),
    "tsne_live_handles": (_LONG, []),
    "tsne_model_data_f64": (_INT, [F64, I64, I32, _HANDLE, _INT]),
    "tsne_model_set_data_f64": (_INT, [_HANDLE, F64, _LONG, _LONG, _INT]),
    "tsne_model_center": (_INT, [F64, _HANDLE]),
    "tsne_model_share_data": (_INT, [_HANDLE, _HANDLE]),
    "tsne_model_set_names": (_INT, [_HANDLE, ct.POINTER(ct.c_char_p), _LONG]),
    "tsne_model_names": (_INT, [ct.c_char_p, U64, _HANDLE]),
    "tsne_model_set_row_names": (_INT, [_HANDLE, ct.POINTER(ct.c_char_p), _LONG]),
    "tsne_model_row_names": (_INT, [ct.c_char_p, U64, _HANDLE]),
    "tsne_model_options": (_INT, [_OPTIONS, _HANDLE]),
    "tsne_model_perplexities": (_INT, [F64, I64, _HANDLE, _INT]),
    "tsne_fit_f64": (_INT, [F32, _OUT_HANDLE, F64, _LONG, _LONG, _INT, _OPTIONS]),
    "tsne_fit_affinities": (
        _INT,
        [F32, _OUT_HANDLE, _HANDLE, F32, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_fit_affinities_f64": (
        _INT,
        [F32, _OUT_HANDLE, _HANDLE, F64, _LONG, _LONG, _INT, _OPTIONS],
    ),
    "tsne_neighbors_f64": (_INT, [I32, F32, F64, _LONG, _LONG, _INT, _LONG, _OPTIONS]),
    "tsne_neighbors_of_new_f64": (
        _INT,
        [I32, F32, F64, _LONG, _LONG, F64, _LONG, _INT, _LONG, _OPTIONS],
    ),
    "tsne_affinities_from_data_f64": (
        _INT,
        [_OUT_HANDLE, F64, _LONG, _LONG, _INT, _OPTIONS],
    ),
    "tsne_initialize_f64": (_INT, [F32, F64, _LONG, _LONG, _INT, _OPTIONS]),
    "tsne_reduce_f64": (_INT, [F32, F64, _LONG, _LONG, _INT, _LONG, _OPTIONS]),
    "tsne_quality_f64": (
        _INT,
        [F64, F64, F64, F64, _LONG, _LONG, _INT, F32, ct.c_int32, I32, _OPTIONS],
    ),
    "tsne_transform_f64": (
        _INT,
        [F32, _OUT_HANDLE, _HANDLE, F64, _LONG, _LONG, _INT, _TRANSFORM],
    ),
    "tsne_bootstrap_f64": (
        _INT,
        [F32, F32, F32, _HANDLE, F64, _LONG, _LONG, _INT, _LONG, _TRANSFORM],
    ),
    "tsne_update": (
        _INT,
        [F32, _OUT_HANDLE, _HANDLE, F32, _LONG, _LONG, _REAL, _OPTIONS],
    ),
    "tsne_update_f64": (
        _INT,
        [F32, _OUT_HANDLE, _HANDLE, F64, _LONG, _LONG, _INT, _REAL, _OPTIONS],
    ),
    "tsne_zoom": (_INT, [F32, F32, _OUT_HANDLE, _HANDLE, I32, _LONG, _OPTIONS]),
    "tsne_fit_together": (
        _INT,
        [_LIST, _LIST, _LIST, I64, I64, _LONG, _LIST, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_fit_together_f64": (
        _INT,
        [_LIST, _LIST, _LIST, I64, I64, _LONG, _INT, _LIST, _LONG, _LONG, _OPTIONS],
    ),
    "tsne_align_f64": (
        _INT,
        [F32, _OUT_HANDLE, F64, F64, _HANDLE, F64, _LONG, _LONG, _INT, _TRANSFORM, _OPTIONS],
    ),
}
