"""What no library can check for us: names of files, integers, broken matrices."""

import io
import json
import os
import pathlib
import random
import zipfile
import zlib

import numpy as np
import pytest
import scipy.sparse

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, affinity, initialization
from opentsne_go.errors import ModelFileError

QUICK = {"early_exaggeration_iter": 5, "n_iter": 5, "random_state": 0}


@pytest.fixture(scope="module")
def made(small):
    return TSNE(perplexity=10, **QUICK).fit(small)


# Names of files.

NAMES = [
    "plain.npz",
    pathlib.Path("path.npz"),
    "été 猫.npz",
    b"bytes.npz",
    b"not utf-8 \xff\xe9.npz",
    os.fsdecode(b"surrogates \xff.npz"),
    pathlib.Path(os.fsdecode(b"path with \xff.npz")),
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(os.fspath(name)))
def test_files_of_any_name(name, made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made.save(name)
    assert os.listdir(os.fsencode(tmp_path)) == [os.fsencode(name)]
    assert same_bits(opentsne_go.load(name), made)


@pytest.mark.parametrize("name", ["a\0b", b"a\0b", "\ud800", "", b""], ids=ascii)
def test_names_that_no_file_has(name, made):
    for use in (made.save, opentsne_go.load):
        with pytest.raises(ValueError, match="^path: got .*; allowed: "):
            use(name)


@pytest.mark.parametrize("name", [None, 3, ["x"]])
def test_what_is_no_name(name, made):
    for use in (made.save, opentsne_go.load):
        with pytest.raises(TypeError, match="^path: got .*; allowed: "):
            use(name)


# Sparse matrices whose arrays are wrong: scipy's own code trusts them.


def spoilt(kind, part, at, value):
    rng = np.random.default_rng(0)
    dense = rng.integers(0, 3, (60, 60)) * (rng.random((60, 60)) < 0.5)
    matrix = getattr(scipy.sparse, f"{kind}_matrix")(dense.astype(np.float32))
    getattr(matrix, part)[at] = value
    matrix.has_canonical_format = False
    return matrix


def cut(kind, part, count):
    matrix = spoilt(kind, "data", 0, 1)
    setattr(matrix, part, getattr(matrix, part)[:-count])
    return matrix


CORRUPT = {
    f"{kind} {part}[{at}] = {value}": lambda a=(kind, part, at, value): spoilt(*a)
    for kind, ends in (("csr", 10**9), ("csc", 10**9), ("bsr", 10**9))
    for part, at, value in (
        ("indices", 5, ends),
        ("indices", 5, -1),
        ("indptr", 5, ends),
        ("indptr", 5, -3),
        ("indptr", 0, 1),
        ("indptr", -1, ends),
    )
}
CORRUPT |= {
    f"coo {part} {value}": lambda a=(part, value): spoilt("coo", a[0], 3, a[1])
    for part in ("row", "col")
    for value in (-1, 10**9)
}
CORRUPT |= {
    f"{kind} {part} {count} short": lambda a=(kind, part, count): cut(*a)
    for kind in ("csr", "csc")
    for part, count in (("indices", 9), ("data", 9), ("indptr", 1))
}


@pytest.mark.parametrize("kind", CORRUPT)
def test_corrupt_sparse_matrices(kind, made):
    matrix = CORRUPT[kind]()
    uses = {
        "X": lambda: TSNE().fit(matrix),
        "query": lambda: made.affinities.knn_index.query(matrix, 3),
        "P": lambda: affinity.Affinities.from_matrix(matrix),
        "A": lambda: opentsne_go.initialization.spectral(matrix),
        "distances": lambda: TSNE(metric="precomputed").fit(matrix),
    }
    for name, use in uses.items():
        with pytest.raises(ValueError, match=f"^{name}: a corrupt sparse matrix: "):
            use()
    with pytest.raises(ValueError, match="^P: a corrupt sparse matrix: "):
        opentsne_go.PartialTSNEEmbedding(np.zeros((60, 2)), made, matrix)


# Broken files. The checksums are made right, so that what is behind them is reached.

JUNK = [None, True, -1, 0, 1, 7, 2**40, 1e300, -0.5, "", "x", "NaN", "1_0", "0x1p-2", [], [0], {}, [[1]]]


def archive(header, arrays):
    """A model file of a header's text and arrays."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as z:
        for name, values in {"header": np.frombuffer(header, np.uint8), **arrays}.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, np.ascontiguousarray(values), version=(1, 0))
            z.writestr(zipfile.ZipInfo(f"{name}.npy"), part.getvalue())
        z.comment = b"crc32 of all but the arrays: 00000000"
        members = z.infolist()
    raw, at, check = file.getvalue(), 0, 0
    for one in members:
        start = one.header_offset + 30 + len(one.filename)
        check = zlib.crc32(raw[at:start], check)
        at = start + one.file_size
    return raw[:-8] + f"{zlib.crc32(raw[at:-8], check):08x}".encode()


def junk(rng, tree):
    """The tree with one place changed."""
    places = []

    def walk(node):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], (dict, list)):
                walk(node[key])

    walk(tree)
    node, key = rng.choice(places)
    what = rng.randrange(4)
    if what == 0:
        del node[key]
    elif what == 1 and isinstance(node, dict):
        node[rng.choice(["", "options", "Zzz", str(key).lower()])] = node.pop(key)
    else:
        node[key] = rng.choice(JUNK)


@pytest.fixture(scope="module")
def parts(made, tmp_path_factory):
    name = tmp_path_factory.mktemp("whole") / "m.npz"
    made.save(name)
    with np.load(name) as file:
        arrays = {one: file[one] for one in file.files}
    return json.loads(arrays.pop("header").tobytes()), arrays


def read(raw, name):
    """Whether a file is taken; one that is must be of use."""
    name.write_bytes(raw)
    try:
        embedding = opentsne_go.load(name)
    except ModelFileError as error:
        assert str(name) in str(error) and "\n" not in str(error)  # noqa: PT017  a file may be taken as well
        return False
    embedding.optimize(2, inplace=True)
    assert np.isfinite(embedding).all()
    repr(embedding.affinities)
    return True


def test_the_archive_here_is_the_librarys(parts, tmp_path):
    header, arrays = parts
    assert read(archive(json.dumps(header).encode(), arrays), tmp_path / "m.npz")


def test_broken_headers(parts, tmp_path):
    header, arrays = parts
    rng, taken = random.Random(0), 0
    for _ in range(800):
        tree = json.loads(json.dumps(header))
        for _ in range(rng.choice([1, 1, 2])):
            junk(rng, tree)
        taken += read(archive(json.dumps(tree).encode(), arrays), tmp_path / "m.npz")
    assert 0 < taken < 500


def test_broken_text(parts, tmp_path):
    header, arrays = parts
    rng, text = random.Random(0), json.dumps(header).encode()
    for _ in range(200):
        at = rng.randrange(len(text))
        spoilt = text[:at] + bytes([rng.randrange(256)]) + text[at + rng.randrange(3) :]
        read(archive(spoilt, arrays), tmp_path / "m.npz")
    assert not read(archive(text.replace(b"tsne model", b"tsne mod\xff"), arrays), tmp_path / "m.npz")


def test_broken_arrays(parts, tmp_path):
    header, arrays = parts
    rng = random.Random(0)
    text = json.dumps(header).encode()
    for name in list(arrays) * 25:
        spoilt = arrays[name].copy()
        value = rng.choice([np.nan, np.inf, -1, 0, 3, 1e30]) if spoilt.dtype.kind == "f" else rng.choice([-1, 0, 3, 149, 150, 2**31 - 1])
        spoilt.flat[rng.randrange(spoilt.size)] = value
        read(archive(text, {**arrays, name: spoilt}), tmp_path / "m.npz")


def test_what_a_load_verifies(parts, tmp_path):
    """Affinities that are none, and perplexities that are no numbers."""
    header, arrays = parts
    p = scipy.sparse.csr_matrix(
        (arrays["affinities_data"], arrays["affinities_indices"], arrays["affinities_indptr"])
    )
    uneven, own = p.copy(), p.copy()
    uneven.data[0] *= 2
    own.indices[own.indptr[5] : own.indptr[6]][np.searchsorted(own.indices[own.indptr[5] : own.indptr[6]], 5)] = 5
    for matrix, words in ((uneven, "not symmetric: row 0, column "), (own, "row 5 has a value on the diagonal|row 5: columns")):
        spoilt = {**arrays, "affinities_data": matrix.data, "affinities_indices": matrix.indices}
        (tmp_path / "m.npz").write_bytes(archive(json.dumps(header).encode(), spoilt))
        with pytest.raises(ModelFileError, match=words):
            opentsne_go.load(tmp_path / "m.npz")
    header = {**header, "options": {**header["options"], "Perplexities": ["NaN"]}}
    (tmp_path / "m.npz").write_bytes(archive(json.dumps(header).encode(), arrays))
    with pytest.raises(ModelFileError, match="option Perplexities: value 0 is NaN, want above 0"):
        opentsne_go.load(tmp_path / "m.npz")


# Words.


@pytest.mark.parametrize("kind,more", [("uniform", {}), ("uniform_max", {}), ("fixed_sigma", {"sigma": 2.0})])
def test_few_points_do_not_blame_a_k_that_nobody_gave(small, kind, more):
    few = small[:20]
    made = TSNE(affinity=kind, **more, **QUICK).fit(few)
    assert same_bits(made, TSNE(affinity=kind, k=19, **more, **QUICK).fit(few))
    TSNE(affinity=kind, **more, **QUICK).prepare_initial(few)
    for call in ("fit", "prepare_initial"):
        with pytest.raises(ValueError, match="^k: got 20; allowed: 1 to 19"):
            getattr(TSNE(affinity=kind, k=20, **more, **QUICK), call)(few)
    assert affinity.Uniform(few).P.shape == affinity.FixedSigmaNN(few, 1.0).P.shape == (20, 20)


def test_errors_say_as_data_what_is_at_fault(small):
    at = np.where(np.arange(small.size).reshape(small.shape) == 3 * small.shape[1] + 2, np.nan, small)
    made = TSNE(**QUICK).fit(small)
    start = np.zeros((len(small), 2))
    start[4, 1] = np.inf
    lopsided = 1 - np.eye(9)
    lopsided[2, 5] = 3
    for call, where in (
        (lambda: TSNE(**QUICK).fit(at), ("X", 3, 2)),
        (lambda: made.transform(at.astype(float)), ("X", 3, 2)),
        (lambda: initialization.pca(at), ("X", 3, 2)),
        (lambda: opentsne_go.quality(small, start), ("Z", 4, 1)),
        (lambda: TSNE(initialization=start, **QUICK).fit(small), ("initialization", 4, 1)),
        (lambda: TSNE(learning_rate=1e38, max_step_norm=None, **QUICK).fit(small), ("learning_rate", None, None)),
        (lambda: TSNE(perplexity=-1, **QUICK).fit(small), ("perplexity", None, None)),
        (lambda: TSNE(**QUICK).fit(small[:3]), ("X", None, None)),
        (lambda: affinity.Affinities.from_matrix(lopsided), ("affinities", 2, 5)),
        (lambda: opentsne_go.load("/nowhere/at all"), (None, None, None)),
    ):
        with pytest.raises(opentsne_go.errors.Error) as failed:
            call()
        error = failed.value
        assert (error.argument, error.row, error.column) == where, str(error)
        assert error.argument is None or str(error).startswith(f"{error.argument}: ")
        assert "tsne_" not in str(error)


def test_what_the_library_finds_is_in_pythons_words(small):
    given = affinity.Affinities.from_matrix(1 - np.eye(9))
    with pytest.raises(ValueError, match="^learning_rate: got 1e.38, want less: the embedding diverged"):
        TSNE(learning_rate=1e38, max_step_norm=None, **QUICK).fit(small)
    alone = opentsne_go.TSNEEmbedding(np.random.default_rng(0).normal(size=(9, 2)), given)
    with pytest.raises(ValueError, match="^k: ") as failed:
        alone.bootstrap(small, 3, k=10)
    with pytest.raises(opentsne_go.NoDataError, match="no data .*; a fit of data, saved with them, gives it some$"):
        alone.bootstrap(small, 3)
    assert "tsne_" not in str(failed.value)
