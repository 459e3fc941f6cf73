"""Data in files, stores and graphs of tasks: read by blocks, with the bits of arrays in memory."""

import os
import subprocess
import sys

import anndata
import dask
import dask.array as da
import h5py
import numpy as np
import pytest
import scipy.sparse as sp
import zarr
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, tl
from opentsne_go._input import collected, components, sources
from opentsne_go.errors import FileAccessError, InvalidInputError, MemoryLimitError

ASKED = dict(perplexity=10, early_exaggeration_iter=10, n_iter=10, random_state=1)
N = 160


def numbers(kind):
    rng = np.random.default_rng(3)
    if kind == "far":  # which the library counts from another zero
        return rng.normal(size=(N, 6)) + 1e8
    if np.dtype(kind).kind == "f":
        return rng.normal(size=(N, 6)).astype(kind)
    return rng.integers(0, 100, size=(N, 6)).astype(kind)


def in_zarr(path, x, chunks):
    put = zarr.open_array(path, mode="w", shape=x.shape, chunks=chunks, dtype=x.dtype)
    put[:] = x
    return put


@pytest.fixture(params=["npy", "memmap", "hdf5", "chunked", "zarr", "dask", "tasks"])
def store(request, tmp_path):
    """A function that puts an array somewhere."""
    if request.param in ("hdf5", "chunked"):
        chunks = None if request.param == "hdf5" else (37, 4)
        with h5py.File(tmp_path / "x.h5", "w") as file:
            yield lambda x: file.create_dataset("x", data=x, chunks=chunks)
        return

    def put(x):
        np.save(tmp_path / "x.npy", x)
        if request.param == "npy":
            return str(tmp_path / "x.npy")
        if request.param == "memmap":
            return np.load(tmp_path / "x.npy", mmap_mode="r")
        if request.param == "dask":
            return da.from_array(x, chunks=(41, 6))
        if request.param == "tasks":
            x = x.astype(x.dtype.newbyteorder("="))  # as blocks of such a graph come
            return da.concatenate([da.from_array(x[:50]), da.from_array(x[50:])]).map_blocks(lambda b: b.copy(), dtype=x.dtype)
        return in_zarr(tmp_path / "x.zarr", x, (37, 4))

    yield put


@pytest.mark.parametrize("kind", ["float32", "float64", "float16", ">f4", "uint8", "int64", "far"])
def test_bits_of_the_array(store, kind, monkeypatch):
    monkeypatch.setattr(sources, "_VALUES", 300)  # 50 rows a block
    x = numbers(kind)
    want = TSNE(**ASKED).fit(x)
    put = store(x)
    got = TSNE(**ASKED).fit(put)
    assert same_bits(got, want)
    assert same_bits(got.transform(x[:9]), want.transform(x[:9]))
    assert same_bits(want.transform(put), want.transform(x))


def test_every_function_that_takes_data(store, monkeypatch):
    monkeypatch.setattr(sources, "_VALUES", 300)
    x = numbers("float32")
    put = store(x)
    e = TSNE(**ASKED).fit(x)
    for call in (
        lambda X: opentsne_go.neighbors(X, 5)[1],
        lambda X: opentsne_go.affinity.PerplexityBasedNN(X, perplexity=10).P.toarray(),
        lambda X: opentsne_go.initialization.pca(X, random_state=1),
        lambda X: opentsne_go.align(e, X, tsne=TSNE(**ASKED)).embedding,
        lambda X: dask.compute(opentsne_go.quality(X, e, sample=99))[0].knn,
        lambda X: opentsne_go.fit_together([X, X], tsne=TSNE(**ASKED))[0],
    ):
        assert np.array_equal(call(put), call(x))
    assert np.abs(opentsne_go.pca(put, 3) - opentsne_go.pca(x, 3)).max() < 1e-5


def test_models_read_what_was_read_and_nobody_writes_to_it():
    x = numbers("float32")
    made = TSNE(**ASKED).fit(da.from_array(x, chunks=(50, 6)))
    assert made._model.lent is not None and not made._model.lent.flags.writeable
    scores = opentsne_go.pca(x, 3)
    assert scores.flags.writeable and TSNE(**ASKED).fit(scores)._model.lent is None


def sparse(kind=np.float32):
    x = sp.random(N, 70, 0.2, format="csr", dtype=np.float64, random_state=5)
    x.data = (x.data * 100).astype(kind)
    return sp.csr_matrix(x)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
def test_sparse_blocks_have_the_bits_of_the_matrix(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(sources, "_VALUES", 1000)
    x = sparse(kind)
    anndata.AnnData(x).write_h5ad(tmp_path / "x.h5ad")
    anndata.AnnData(x).write_zarr(tmp_path / "x.zarr")
    blocks = da.concatenate([da.from_array(x.toarray()[lo : lo + 33], chunks=-1) for lo in range(0, N, 33)]).map_blocks(sp.csr_matrix)
    backed = anndata.read_h5ad(tmp_path / "x.h5ad", backed="r")
    want = TSNE(**ASKED).fit(x)
    for put in (blocks, backed.X, anndata.experimental.read_lazy(tmp_path / "x.zarr").X):
        got = TSNE(**ASKED).fit(put)
        assert same_bits(got, want)
        assert same_bits(got.transform(put[:20]), want.transform(x[:20]))
    backed.file.close()


def test_anndata_of_files(tmp_path):
    x = sparse()
    adata = anndata.AnnData(x, obsm={"X_pca": numbers("float32")})
    adata.write_h5ad(tmp_path / "x.h5ad")
    adata.write_zarr(tmp_path / "x.zarr")
    for how in ({}, {"use_rep": "X"}, {"n_pcs": 3}):
        tl.tsne(adata, **ASKED, **how)
        backed = anndata.read_h5ad(tmp_path / "x.h5ad", backed="r")
        for one in (backed, anndata.experimental.read_lazy(tmp_path / "x.zarr"), anndata.experimental.read_lazy(tmp_path / "x.h5ad")):
            tl.tsne(one, **ASKED, **how)
            assert same_bits(np.asarray(one.obsm["X_tsne"]), adata.obsm["X_tsne"])
        backed.file.close()


def test_pca_of_a_store(tmp_path, monkeypatch):
    """As scikit-learn's, of the genes that vary most where they are marked."""
    x = sparse()
    x.data += 1
    marked = np.arange(70) % 3 > 0
    adata = anndata.AnnData(x)
    adata.var["highly_variable"] = marked
    adata.write_h5ad(tmp_path / "x.h5ad")
    want = PCA(40, svd_solver="full").fit_transform(x.toarray()[:, marked])
    for many in (0, 1 << 29):  # by blocks, and by scanpy
        monkeypatch.setattr("opentsne_go._scanpy.anndata._MANY_VALUES", many)
        backed = anndata.read_h5ad(tmp_path / "x.h5ad", backed="r")
        with pytest.warns(UserWarning, match="X_pca"):
            tl.tsne(backed, n_pcs=40, **ASKED)
        np.testing.assert_allclose(np.abs(backed.obsm["X_pca"]), np.abs(want), atol=1e-2)
        backed.file.close()


@pytest.mark.parametrize("columns", [70, 2500])
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_components_are_those_of_the_whole(columns, kind, monkeypatch):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 12)) * np.linspace(20, 2, 12) @ rng.normal(size=(12, columns)) + rng.normal(size=(300, columns)) + 50
    x[rng.random(x.shape) < 0.5] = 0
    monkeypatch.setattr(sources, "_VALUES", 77 * columns)
    given = x if kind == "dense" else sp.csr_matrix(x)
    got = opentsne_go.pca(given, 8)
    want = PCA(8, svd_solver="full").fit_transform(x)
    want *= np.sign((want * got).sum(axis=0))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, want, atol=2e-4 * np.abs(want).max())
    blocks = da.from_array(x, chunks=(77, columns))
    blocks = blocks if kind == "dense" else blocks.map_blocks(sp.csr_matrix)
    assert np.array_equal(opentsne_go.pca(blocks, 8), got)


def test_files_of_rows_and_scores(tmp_path):
    x = numbers("float64")
    put = opentsne_go.to_npy(da.from_array(x, chunks=(50, 6)), tmp_path / "rows.npy")
    assert isinstance(put, np.memmap) and put.dtype == np.float32
    made = TSNE(**ASKED).fit(put)
    assert made._model.lent is not None and same_bits(made, TSNE(**ASKED).fit(x))
    assert opentsne_go.to_npy(numbers("far"), tmp_path / "far.npy").dtype == np.float64
    scores = opentsne_go.pca(x, 4, path=tmp_path / "scores.npy")
    assert isinstance(scores, np.memmap) and np.array_equal(scores, opentsne_go.pca(x, 4))
    with pytest.raises(InvalidInputError, match="^path: got .*csv"):
        opentsne_go.to_npy(x, tmp_path / "rows.csv")
    with pytest.raises(FileAccessError, match="No such file"):
        opentsne_go.to_npy(x, tmp_path / "none" / "rows.npy")
    with pytest.raises(InvalidInputError, match=r"^X: got sparse rows.*pca"):
        opentsne_go.to_npy(sparse(), tmp_path / "sparse.npy")
    x[100, 2] = np.nan
    with pytest.raises(InvalidInputError, match="^X: row 100, column 2 is nan"):
        opentsne_go.to_npy(x, tmp_path / "bad.npy")
    assert sorted(os.listdir(tmp_path)) == ["far.npy", "rows.npy", "scores.npy"]


FULL = """
import os, resource, sys, numpy as np, opentsne_go
opentsne_go.initialization.random(10)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    opentsne_go.to_npy(np.zeros((1000, 5)), sys.argv[1])
except opentsne_go.FileAccessError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit to a file's size")
def test_what_cannot_be_written_leaves_nothing(tmp_path):
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path / "x.npy")], capture_output=True, text=True, check=True)
    assert done.stdout == f"path: {tmp_path / 'x.npy'}: File too large\n"
    assert not list(tmp_path.iterdir())


def fails(given, kind, match):
    with pytest.raises(kind, match=match) as failed:
        TSNE(**ASKED).fit(given)
    assert "\n" not in str(failed.value) and failed.value.argument == "X"
    return failed.value


def test_a_bad_value_is_named_by_its_row(store, monkeypatch):
    monkeypatch.setattr(sources, "_VALUES", 300)
    x = numbers("float64")
    x[131, 3] = np.nan
    error = fails(store(x), InvalidInputError, "^X: row 131, column 3 is nan, want a finite value")
    assert (error.row, error.column) == (131, 3)


def test_a_value_beyond_float32(store, monkeypatch):
    monkeypatch.setattr(sources, "_VALUES", 300)
    x = numbers("float64")
    x[140, 5] = -1e300
    fails(store(x), InvalidInputError, r"^X: row 140, column 5 is -1e\+300, beyond the 3.403e\+38")


def test_a_bad_value_of_sparse_blocks():
    x = sparse()
    x.data[-1] = np.inf
    row = int(np.flatnonzero(np.diff(x.indptr))[-1])
    blocks = da.from_array(x.toarray(), chunks=(30, 70)).map_blocks(sp.csr_matrix)
    fails(blocks, InvalidInputError, f"^X: row {row}, column {x.indices[-1]} is inf")
    with pytest.raises(InvalidInputError, match=f"^X: row {row}, column {x.indices[-1]} is inf"):
        opentsne_go.pca(blocks, 3)


def blocks_of(change):
    x = numbers("float32")
    return da.from_array(x, chunks=(40, 6)).map_blocks(
        lambda b, block_info=None: change(b) if block_info and block_info[0]["chunk-location"][0] == 2 else b,
        dtype=x.dtype, meta=np.zeros((0, 0), np.float32),
    )  # fmt: skip


def test_blocks_that_are_not_what_was_promised(monkeypatch):
    monkeypatch.setattr(sources, "_VALUES", 240)
    fails(blocks_of(lambda b: b[:, :5]), InvalidInputError, r"^X: rows 80 to 119 have the shape \(40, 5\), 40 x 6 promised")
    fails(blocks_of(lambda b: b[:30]), FileAccessError, "^X: the store shrank: 160 rows promised, 110 read")
    fails(blocks_of(lambda b: b.astype(float)), InvalidInputError, "^X: rows 80 to 119 are float64, float32 promised")

    def broken(_):
        raise KeyError("chunk")

    fails(blocks_of(broken), FileAccessError, "^X: rows 80 to 119: cannot be read: KeyError: 'chunk'")


def test_stores_that_are_gone(tmp_path):
    x = numbers("float32")
    put = in_zarr(tmp_path / "x.zarr", x, (40, 6))
    for file in (tmp_path / "x.zarr").rglob("*"):
        if file.is_file():
            file.unlink()
    fails(put, FileAccessError, "^X: cannot be read: ")
    put = in_zarr(tmp_path / "y.zarr", x, (40, 6))
    zarr.open_array(tmp_path / "y.zarr").resize((100, 6))
    fails(put, FileAccessError, "^X: the store shrank: 160 rows promised, 100 read")
    with pytest.raises(FileAccessError, match="^X: the store shrank: 160 rows promised, 100 read"):
        opentsne_go.pca(put, 3)

    def gone(_):
        raise KeyError("chunk")

    blocks = da.from_array(x, chunks=(40, 6)).map_blocks(gone, dtype=np.float32, meta=np.empty((0, 6), np.float32))
    with pytest.raises(FileAccessError, match="^X: rows 0 to 0: cannot be read: KeyError"):
        opentsne_go.pca(blocks, 3)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        put = file.create_dataset("x", data=x)
    fails(put, FileAccessError, "^X: cannot be read, its file is closed or gone")


def test_paths(tmp_path):
    fails(str(tmp_path / "none.npy"), FileAccessError, "^X: .*none.npy: No such file")
    fails("cells.csv", InvalidInputError, "^X: got 'cells.csv'; allowed: data, or the path of a file .npy")
    np.save(tmp_path / "x.npy", numbers("float32"))
    os.truncate(tmp_path / "x.npy", 1000)
    fails(tmp_path / "x.npy", InvalidInputError, "^X: .*x.npy: mmap length")


def test_dask_of_unknown_length():
    x = numbers("float32")
    put = da.from_array(x, chunks=(40, 6))
    assert same_bits(TSNE(**ASKED).fit(put[put[:, 0] > -1]), TSNE(**ASKED).fit(x[x[:, 0] > -1]))


def test_what_does_not_fit_names_what_would(monkeypatch):
    monkeypatch.setattr(collected.room, "available", lambda: 3000)
    error = fails(da.from_array(numbers("float32")), MemoryLimitError, r"^X: 160 x 6 as float32 take 1 MiB, there are 1 MiB; opentsne_go.to_npy\(X, path=...\)")
    assert isinstance(error, MemoryError)


MEASURED = """
import resource, sys, numpy as np, h5py, opentsne_go
opentsne_go.initialization.random(10)
def peak():
    return int([l for l in open("/proc/self/status") if l.startswith("VmHWM")][0].split()[1]) >> 10
file = h5py.File(sys.argv[1])
before = peak()
if sys.argv[2] == "pca":
    opentsne_go.pca(file["x"], 10)
else:
    opentsne_go.to_npy(file["x"], sys.argv[2])
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize("what", ["pca", "file"])
def test_memory_is_that_of_blocks(tmp_path, what):
    """200 MiB of doubles by blocks of 32."""
    rng = np.random.default_rng(0)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        x = file.create_dataset("x", (262_144, 100), np.float64)
        for lo in range(0, len(x), 1 << 15):
            x[lo : lo + (1 << 15)] = rng.normal(size=(1 << 15, 100))
    given = "pca" if what == "pca" else str(tmp_path / "x.npy")
    done = subprocess.run([sys.executable, "-c", MEASURED, str(tmp_path / "x.h5"), given], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 170


def test_nothing_of_the_packages_is_imported():
    code = "import sys, numpy as np, opentsne_go; opentsne_go.TSNE(n_iter=1, early_exaggeration_iter=1, perplexity=3).fit(np.random.rand(20, 3)); print([m for m in ('h5py', 'zarr', 'dask', 'anndata', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_steps_end_where_there_is_nothing_more():
    """Of data of fewer directions than are asked for."""
    x = np.outer(np.arange(40.0), np.ones(2100)) + np.outer(np.arange(40.0) % 3, np.arange(2100) % 7)
    got = opentsne_go.pca(x, 5)
    assert np.abs(got[:, 2:]).max() < 1e-3 * np.abs(got).max()
    assert components.GRAM < 2100


def test_genes_beyond_the_products(tmp_path, monkeypatch):
    """Log counts of many genes in a file: the subspace and the variance are scikit-learn's, of the last of 50 components too; blocks go by
    the values that there are, not by the columns."""
    rng = np.random.default_rng(0)
    genes = components.GRAM + 400
    rate = rng.lognormal(-4, 1.5, genes) * np.exp(rng.normal(0, 1, (12, genes)) * (rng.random((12, genes)) < 0.1))[rng.integers(0, 12, 700)]
    x = sp.csr_matrix(np.log1p(rng.poisson(rate)).astype(np.float32))
    anndata.AnnData(x).write_h5ad(tmp_path / "x.h5ad")
    backed = anndata.read_h5ad(tmp_path / "x.h5ad", backed="r")
    monkeypatch.setattr(sources, "_VALUES", x.nnz // 5)
    read = [block.nnz for _, block in sources.of(backed.X).blocks()]
    assert len(read) in (5, 6) and max(read) < x.nnz / 4 and sum(read) == x.nnz
    got = opentsne_go.pca(backed.X, 50).astype(np.float64)
    backed.file.close()
    pca = PCA(50, svd_solver="full")
    want = pca.fit_transform(x.toarray().astype(np.float64))
    for k in (5, 11, 30):
        assert subspace_angles(want[:, :k], got[:, :k]).max() < 1e-3
    np.testing.assert_allclose(got.var(axis=0, ddof=1), pca.explained_variance_, rtol=1e-3)
    assert got.var(axis=0, ddof=1).sum() > (1 - 1e-5) * pca.explained_variance_.sum()
