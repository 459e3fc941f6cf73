"""What fit accepts gives the same bits; what it refuses is named."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE
from opentsne_go._input import arguments, tables


def fit(x, **more):
    return TSNE(
        early_exaggeration_iter=20, n_iter=20, random_state=0, **more
    ).fit(x)


# Whole numbers below 2^11, which every one of the types holds.
WHOLE = np.random.default_rng(0).integers(0, 100, size=(60, 5))


def strided(x):
    big = np.full((2 * x.shape[0], 3 * x.shape[1]), -7, np.float32)
    big[::2, ::3] = x
    return big[::2, ::3]


def reversed_(x):
    return np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1]


def unaligned(x):
    raw = np.zeros(x.size * 4 + 1, np.uint8)
    view = raw[1:].view(np.float32).reshape(x.shape)
    view[...] = x
    assert not view.flags.aligned
    return view


def read_only(x):
    x = x.astype(np.float32)
    x.setflags(write=False)
    return x


KINDS = {
    "float16": lambda x: x.astype(np.float16),
    "float64": lambda x: x.astype(np.float64),
    "longdouble": lambda x: x.astype(np.longdouble),
    "big-endian": lambda x: x.astype(">f4"),
    "int8": lambda x: x.astype(np.int8),
    "uint16": lambda x: x.astype(np.uint16),
    "int32": lambda x: x.astype(np.int32),
    "int64": lambda x: x.astype(np.int64),
    "Fortran order": lambda x: np.asfortranarray(x, np.float32),
    "transposed view": lambda x: np.ascontiguousarray(x.T.astype(np.float32)).T,
    "strided view": strided,
    "reversed view": reversed_,
    "unaligned": unaligned,
    "read-only": read_only,
    "list": lambda x: x.tolist(),
    "tuple of arrays": lambda x: tuple(x),
    "masked, none hidden": lambda x: np.ma.masked_array(x, mask=False),
    "DataFrame": lambda x: pd.DataFrame(x),
    "DataFrame of mixed numbers": lambda x: pd.DataFrame(x).astype(
        {0: "float32", 1: "uint8", 2: "int16"}
    ),
    "objects": lambda x: x.astype(object),
    "DataFrame of objects": lambda x: pd.DataFrame(x.astype(object)),
    "DataFrame of nullable types": lambda x: pd.DataFrame(x).astype(
        {0: "Int64", 1: "Float32"}
    ),
    "DataFrame with names": lambda x: pd.DataFrame(
        x, index=[f"cell{i}" for i in range(len(x))], columns=list("abcde")
    ),
}


@pytest.fixture(scope="module")
def expected():
    return fit(np.ascontiguousarray(WHOLE, np.float32))


@pytest.mark.parametrize("kind", KINDS)
def test_same_bits_for_every_kind(kind, expected):
    value = KINDS[kind](WHOLE)
    before = np.array(value, copy=True)
    assert same_bits(fit(value), expected)
    assert np.array_equal(np.asarray(value), before), "the input was changed"


def test_bool_and_embedding_as_input(expected):
    flags = WHOLE > 50
    assert same_bits(fit(flags), fit(flags.astype(np.float32)))
    assert same_bits(fit(expected), fit(np.asarray(expected)))


def test_float32_is_not_copied():
    x = WHOLE.astype(np.float32)
    assert tables.matrix(x) is x
    x.setflags(write=False)
    assert tables.matrix(x) is x


BAD_DATA = {
    "complex": (WHOLE + 1j, TypeError, "complex128"),
    "strings": (WHOLE.astype(str), TypeError, "<U"),
    "objects": (np.array([[1, 2], [3, "4"]] * 5, object), TypeError, "row 1, column 1 is .4."),
    "dates": (WHOLE.astype("M8[s]"), TypeError, "datetime64"),
    "sparse objects": (scipy.sparse.coo_array(WHOLE).astype(complex), TypeError, "complex"),
    "text column": (
        pd.DataFrame(WHOLE).assign(name="x"),
        TypeError,
        "column 'name'",
    ),
    "categories": (
        pd.DataFrame({"a": range(9), "kind": pd.Categorical(list("abcabcabc"))}),
        TypeError,
        "column 'kind'",
    ),
    "objects with a hole": (np.array([[1, None]] * 9, object), TypeError, "row 0, column 1 is None"),
    "1-D": (WHOLE[0], ValueError, r"2 \(one row per point\); reshape\(1, -1\) makes one row"),
    "3-D": (WHOLE[None], ValueError, r"3 dimensions.*; reshape\(len\(X\), -1\)"),
    "number": (7, ValueError, "0 dimensions"),
    "ragged": ([[1, 2], [3]], ValueError, "different lengths"),
    "masked": (
        np.ma.masked_array(WHOLE, mask=WHOLE > 90),
        ValueError,
        "masked",
    ),
    "three rows": (WHOLE[:3], ValueError, "3"),
    "no rows": (WHOLE[:0], ValueError, "0"),
    "no columns": (WHOLE[:, :0], ValueError, "0"),
    "None": (None, ValueError, "X: got None"),
}


@pytest.mark.parametrize("kind", BAD_DATA)
def test_bad_data(kind):
    value, error, words = BAD_DATA[kind]
    with pytest.raises(error, match=words):
        fit(value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("place", [(0, 0), (17, 3), (59, 4)])
def test_not_finite_names_row_and_column(value, kind, place):
    x = WHOLE.astype(kind)
    x[place] = value
    x[59, 4] = np.nan if value != value else value
    with pytest.raises(ValueError, match=rf"^X: row {place[0]}, column {place[1]} is -?(nan|inf)") as failed:
        fit(x)
    assert (failed.value.argument, failed.value.row, failed.value.column) == ("X", *place)
    with pytest.raises(ValueError, match=f"row {place[0]}, column {place[1]}"):
        opentsne_go.neighbors(x, 3)


def test_nullable_missing_value_is_a_nan():
    frame = pd.DataFrame(WHOLE).astype("Int64")
    frame.iloc[5, 2] = pd.NA
    with pytest.raises(ValueError, match="^X: row 5, column 2 is nan"):
        fit(frame)


def test_beyond_float32_is_told_apart_from_infinity():
    x = WHOLE.astype(np.float64)
    x[3, 1] = 1e300
    with pytest.raises(ValueError, match=r"^X: row 3, column 1 is 1e\+300, beyond the 3.403e\+38 that float32 reaches"):
        fit(x)


@pytest.mark.parametrize(
    "x",
    [
        np.ones((50, 3)),
        np.repeat(np.random.default_rng(0).normal(size=(5, 4)), 20, axis=0),
        np.c_[np.arange(50.0), np.ones(50)],
        np.arange(30.0)[:, None],
        np.random.default_rng(0).normal(size=(4, 3)),
        np.random.default_rng(0).normal(size=(60, 4)) * 1e30,
        np.random.default_rng(0).normal(size=(60, 4)) * 1e-30,
    ],
    ids=["equal", "duplicates", "constant", "one column", "n=4", "1e30", "1e-30"],
)
@pytest.mark.parametrize("method", ["bh", "fft", "exact"])
def test_odd_data_stays_finite(x, method):
    embedding = fit(x, negative_gradient_method=method)
    assert embedding.shape == (len(x), 2)
    assert np.isfinite(embedding).all()
    assert np.isfinite(embedding.kl_divergence)


BAD_ARGUMENTS = [
    dict(n_iter=2**64 + 5),
    dict(n_iter=2**31),
    dict(early_exaggeration_iter=2**64 + 5),
    dict(k=2**64 + 5),
    dict(k=60),
    dict(anneal_iterations=2**64 + 5),
    dict(sample_size=2**64 + 100, initialization="sample"),
    dict(callbacks_every_iters=2**64 + 5, callbacks=print),
    dict(random_state=2**64),
    dict(perplexity=10**400),
    dict(learning_rate=10**400),
    dict(n_components=0),
    dict(n_components=4),
    dict(n_components=2.5),
    dict(n_components=True),
    dict(perplexity=0),
    dict(perplexity=-3),
    dict(perplexity=float("nan")),
    dict(perplexity="30"),
    dict(perplexity=[]),
    dict(perplexity=[30, -1]),
    dict(learning_rate=0),
    dict(learning_rate="fast"),
    dict(learning_rate=float("inf")),
    dict(early_exaggeration_iter=-1),
    dict(early_exaggeration_iter=2.5),
    dict(early_exaggeration=0),
    dict(early_exaggeration="big"),
    dict(n_iter=-1),
    dict(n_iter=None),
    dict(exaggeration=0),
    dict(exaggeration="auto"),
    dict(dof=0),
    dict(theta=-0.1),
    dict(theta=2.1),
    dict(initialization="umap"),
    dict(initialization="PCA"),
    dict(initialization=np.zeros((9, 2))),
    dict(initialization=np.zeros((60, 3))),
    dict(initialization=np.full((60, 2), np.nan)),
    dict(metric="imaginary"),
    dict(metric_params={"p": 3}),
    dict(initial_momentum=1),
    dict(final_momentum=-0.1),
    dict(max_grad_norm=0),
    dict(max_step_norm=0),
    dict(n_jobs=0),
    dict(n_jobs=1.5),
    dict(neighbors="kd-tree"),
    dict(negative_gradient_method="tree"),
    dict(negative_gradient_method="fft", n_components=3),
    dict(affinity="gauss"),
    dict(k=0),
    dict(sigma=0, affinity="fixed_sigma"),
    dict(anneal_iterations=-1),
    dict(momentum_iterations=-1),
    dict(auto_stop=0),
    dict(density_lambda=-1),
    dict(density_fraction=1.5),
    dict(density_shift=0),
    dict(sample_size=3, initialization="sample"),
    dict(callbacks=3),
    dict(callbacks_every_iters=0, callbacks=print),
    dict(random_state=-1),
    dict(random_state="seed"),
]


@pytest.mark.parametrize(
    "arguments", BAD_ARGUMENTS, ids=lambda a: "-".join(f"{k}={v}" for k, v in a.items())[:40]
)
@pytest.mark.parametrize("method", ["fit", "prepare_initial"])
def test_bad_argument_is_named(arguments, method):
    """The message has the argument, what it got, and what is allowed."""
    name = next(iter(arguments))
    with pytest.raises(ValueError, match=rf"^{name}: (row \d+, column \d+ is |got .*; allowed: )"):
        getattr(TSNE(**arguments), method)(WHOLE)


def test_bad_arguments_are_refused_before_the_data_are_looked_at():
    with pytest.raises(ValueError, match="^dof: "):
        TSNE(dof=-2).fit([["not", "numbers"]])


def test_perplexity_too_large_is_lowered_with_a_warning(caplog):
    lowered = fit(WHOLE, perplexity=59 / 3)
    assert not caplog.records
    assert same_bits(fit(WHOLE, perplexity=500), lowered)
    assert [r.levelname for r in caplog.records] == ["WARNING"]
    assert "perplexity: 500" in caplog.text
    caplog.clear()
    TSNE(perplexity=500).prepare_initial(WHOLE)
    assert len(caplog.records) == 1


def test_wide_start_is_warned_of(caplog):
    start = np.random.default_rng(0).normal(size=(60, 2))
    fit(WHOLE, initialization=start, perplexity=9)
    assert "standard deviation" in caplog.text
    caplog.clear()
    fit(WHOLE, initialization=start * 1e-4, perplexity=9)
    assert not caplog.text


def test_random_states():
    def start(seed):
        return TSNE(initialization="random", random_state=seed).prepare_initial(WHOLE)

    assert same_bits(start(3), start(np.int64(3)))
    assert not same_bits(start(3), start(4))
    rng = np.random.default_rng
    assert same_bits(start(rng(3)), start(rng(3)))
    assert same_bits(start(np.random.RandomState(3)), start(np.random.RandomState(3)))
    np.random.seed(5)
    first, second = start(None), start(None)
    np.random.seed(5)
    assert same_bits(start(None), first)
    assert not same_bits(first, second)
    assert abs(np.std(first) - 1e-4) < 3e-5


def test_threads_follow_joblib():
    import os

    n = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert arguments.threads(None) == arguments.threads(-1) == 0
    assert arguments.threads(3) == 3
    assert arguments.threads(-2) == max(1, n - 1)
    assert arguments.threads(-1000) == 1


@pytest.mark.parametrize("metric", ["minkowski", lambda a, b: abs(a - b).sum()])
def test_a_metric_of_others_names_the_value_too(metric):
    X = np.random.default_rng(0).normal(size=(30, 4))
    X[6, 2] = np.nan
    with pytest.raises(opentsne_go.InvalidInputError, match="^X: row 6, column 2 is nan, want a finite value$") as found:
        opentsne_go.TSNE(metric=metric, perplexity=3).fit(X)
    assert (found.value.argument, found.value.row, found.value.column) == ("X", 6, 2)
