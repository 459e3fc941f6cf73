"""Dask: the same bits on any blocks and workers, of which one has the AVX2 path and one the portable."""

import os
import pickle
import resource
import signal
import subprocess
import sys
from pathlib import Path

import anndata
import cloudpickle
import dask
import dask.array as da
import numpy as np
import pytest
import scipy.sparse as sp
from dask.distributed import Client, LocalCluster, Nanny, Scheduler, SpecCluster, WorkerPlugin, default_client, get_task_stream

import opentsne_go
from opentsne_go import TSNE, tl
from opentsne_go._input import components, sources

PATHS = ("", "portable")


def cluster_of(*environments):
    """A cluster of a process for each environment."""
    of = lambda env: {"cls": Nanny, "options": {"nthreads": 1, "env": env, "host": "127.0.0.1"}}
    scheduler = {"cls": Scheduler, "options": {"dashboard_address": None, "host": "127.0.0.1"}}
    return SpecCluster({i: of(env) for i, env in enumerate(environments)}, scheduler)


@pytest.fixture(scope="module")
def cluster():
    with cluster_of(*({"TSNE_CPU": path} if path else {} for path in PATHS)) as made:
        yield made


@pytest.fixture
def client(cluster):
    with Client(cluster) as made:
        made.wait_for_workers(len(PATHS))
        yield made


@pytest.fixture(scope="module")
def rows():
    """Rows of a map, and new ones: float32, and float64 with columns far from zero."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(900, 12)) + np.repeat(np.eye(3, 12) * 6, 300, axis=0)
    far = x + np.where(np.arange(12) % 2, 1e7, 0)
    return {np.dtype(v.dtype): (v[:600], v[600:]) for v in (x.astype("f4"), far)}


@pytest.fixture(scope="module")
def maps(rows):
    return {kind: TSNE(random_state=0, n_iter=100).fit(old) for kind, (old, _) in rows.items()}


def unknown(x):
    """The array with blocks of sizes that nobody knows."""
    return x[da.ones(len(x), chunks=(x.chunks[0],), dtype=bool)]


def tampered(x, number, change):
    """x, of whose blocks one is changed by the worker that makes it."""

    def one(block, block_info):
        return change(block) if block_info[0]["chunk-location"][0] == number else block

    return x.map_blocks(one, dtype=x.dtype, meta=x._meta)


@pytest.mark.parametrize("kind", ["f4", "f8"])
@pytest.mark.parametrize("where", ["threads", "workers"])
def test_new_points_have_the_same_bits_in_any_blocks(kind, where, request, rows, maps):
    if where == "workers":
        client = request.getfixturevalue("client")
        assert sorted(client.run(lambda: os.environ.get("TSNE_CPU", "")).values()) == sorted(PATHS)
    kind = np.dtype(kind)
    new, onto = rows[kind][1], maps[kind]
    for how in ({"n_iter": 30}, {"n_iter": 0, "initialization": "weighted", "k": 10}):
        want = np.asarray(onto.transform(new, **how))
        for blocks in (300, (1, 0, 101, 198)):
            x = da.from_array(new, chunks=(blocks, -1))
            whole, parts = (onto.transform(given, **how) for given in (x, unknown(x)))
            assert whole.chunks == (x.chunks[0], (2,)) and whole.dtype == parts.dtype == np.float32
            for made in dask.compute(whole, parts):
                assert np.array_equal(made, want)


@pytest.mark.usefixtures("client")
def test_sparse_data_in_any_blocks():
    x = sp.random(500, 90, density=0.2, format="csr", random_state=0, dtype=np.float32)
    onto = TSNE(random_state=0, n_iter=50).fit(x[:400])
    want = np.asarray(onto.transform(x[400:]))
    dense = x[400:].toarray()
    assert np.array_equal(onto.transform(dense), want)
    for blocks in (100, 33, 1):
        lazy = da.from_array(dense, chunks=(blocks, -1))
        assert np.array_equal(onto.transform(lazy).compute(), want)
        csr = lazy.map_blocks(sp.csr_matrix, dtype="f4", meta=sp.csr_matrix((0, 90), dtype="f4"))
        assert np.array_equal(onto.transform(csr).compute(), want)


@pytest.mark.usefixtures("client")
def test_the_map_is_not_in_the_graph(maps):
    onto = maps[np.dtype("f4")]
    lazy = onto.transform(da.zeros((300, 12), chunks=(10, -1), dtype="f4"))
    assert len(cloudpickle.dumps(dict(lazy.__dask_graph__()))) < len(pickle.dumps(onto)) / 10


@pytest.mark.usefixtures("client")
def test_cells_in_any_blocks():
    x = sp.random(500, 60, density=0.2, format="csr", random_state=1, dtype=np.float32)
    reference, cells = (anndata.AnnData(some.copy()) for some in (x[:350], x[350:]))
    for one in (reference, cells):
        one.obsm["X_few"] = one.X.toarray()[:, :20]
    reference.obsm["X_tsne"] = np.asarray(TSNE(random_state=0, n_iter=50).fit(reference.obsm["X_few"]))
    lazy = cells.copy()
    meta = sp.csr_matrix((0, 60), dtype="f4")
    lazy.X = da.from_array(cells.X.toarray(), chunks=(40, -1)).map_blocks(sp.csr_matrix, dtype="f4", meta=meta)
    lazy.obsm["X_few"] = da.from_array(cells.obsm["X_few"], chunks=(40, -1))
    for how in ({}, {"metric": "manhattan"}, {"use_rep": "X_few", "n_iter": 20}):
        want = tl.transform(cells, reference, copy=True, **how)
        made = tl.transform(lazy, reference, copy=True, **how)
        assert isinstance(made.obsm["X_tsne"], da.Array)
        assert np.array_equal(made.obsm["X_tsne"].compute(), want.obsm["X_tsne"])
        assert made.uns["tsne"] == want.uns["tsne"]
    empty = lazy.X.map_blocks(lambda block: block * 0, dtype="f4", meta=meta)
    lazy.X = da.concatenate([lazy.X[:70], empty[70:80], lazy.X[80:]])
    tl.transform(lazy, reference)
    with pytest.raises(ValueError, match="adata: row 70 has the same value in all columns; allowed: .*constant='nan'"):
        lazy.obsm["X_tsne"].compute()
    tl.transform(lazy, reference, constant="nan")
    placed = lazy.obsm["X_tsne"].compute()
    assert np.array_equal(np.flatnonzero(np.isnan(placed).any(axis=1)), np.arange(70, 80))
    with pytest.raises(ValueError, match="n_bootstrap: got 3; allowed: 0 for cells that are a Dask array"):
        tl.transform(lazy, reference, n_bootstrap=3)
    with pytest.raises(ValueError, match="adata: got 'a Dask array'; allowed: cells in memory"):
        tl.align(lazy, reference)


@pytest.mark.usefixtures("client")
def test_a_value_that_is_not_finite_is_named_by_its_row_of_all(rows, maps):
    new, onto = rows[np.dtype("f4")][1].copy(), maps[np.dtype("f4")]
    new[271, 7] = np.nan
    x = da.from_array(new, chunks=(20, -1))
    with pytest.raises(ValueError, match="^X: row 271, column 7 is nan, want a finite value$") as caught:
        onto.transform(x).compute()
    assert (caught.value.argument, caught.value.row, caught.value.column) == ("X", 271, 7)
    with pytest.raises(ValueError, match="^X: block 13, row 11 of it, column 7 is nan, want a finite value$"):
        onto.transform(unknown(x)).compute()


@pytest.mark.usefixtures("client")
def test_blocks_that_are_not_what_the_array_says(rows, maps):
    new, onto = rows[np.dtype("f4")][1], maps[np.dtype("f4")]
    x = da.from_array(new, chunks=(100, -1))
    with pytest.raises(ValueError, match=r"X: block 2 is float32 of shape \(100, 11\), want float32 of 12 columns"):
        onto.transform(tampered(x, 2, lambda block: block[:, 1:])).compute()
    with pytest.raises(ValueError, match=r"X: block 1 is float64 of shape \(100, 12\), want float32 of 12 columns"):
        onto.transform(tampered(x, 1, lambda block: block.astype(float))).compute()


def test_what_cannot_be_is_refused_before_any_work(rows, maps):
    onto = maps[np.dtype("f4")]
    x = da.from_array(rows[np.dtype("f4")][1], chunks=(100, -1))
    for given, how, said in [
        (x.rechunk((100, 6)), {}, "Only dask arrays with chunking along the first axis are supported"),
        (x[:, :5], {}, "X: got 5 columns, want 12"),
        (x[:, 0], {}, "X: got 1 dimensions"),
        (x, {"initialization": "random"}, "initialization: got 'random'; allowed: 'median' or 'weighted' for a Dask array"),
        (x, {"initialization": np.zeros((300, 2))}, r"initialization: got 'positions of shape \(300, 2\)'"),
        (x, {"learning_rate": "auto"}, "learning_rate: got 'auto'; allowed: a number for a Dask array"),
        (x, {"k": 601}, "k: got 601; allowed: 1 to 600"),
        (x, {"client": 3}, "client: got 'int'; allowed: a distributed.Client"),
        (np.zeros((2, 12)), {"client": 3}, "client: got 'int'; allowed: None, unless X is a Dask array"),
    ]:
        with pytest.raises(ValueError, match=said):
            onto.transform(given, **how)
    with pytest.raises(TypeError, match="X: got dtype complex128; allowed: real numbers"):
        onto.transform(x.astype(complex))


def dies_once(mark):
    """A change that kills its worker, the first time."""

    def change(block):
        try:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return block
        os.kill(os.getpid(), signal.SIGKILL)

    return change


def components_of(columns, chunks=(41, -1)):
    """Rows, and the same in blocks: dense, or sparse and of more columns than products are made of."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(500, 9)) * np.linspace(20, 2, 9) @ rng.normal(size=(9, columns)) + rng.normal(size=(500, columns)) + 50
    if columns < 100:
        return x, da.from_array(x, chunks=chunks)
    x[rng.random(x.shape) < 0.5] = 0
    return sp.csr_matrix(x), da.from_array(x, chunks=chunks).map_blocks(sp.csr_matrix)


@pytest.mark.parametrize("columns", [30, 2100])
def test_components_by_workers(columns, client, tmp_path, monkeypatch):
    """Blocks go to no other process than the workers', whichever of them die."""
    monkeypatch.setattr(components, "_SHARES", 5)
    monkeypatch.setattr(sources, "_VALUES", 82 * columns)
    x, blocks = components_of(columns)
    want = opentsne_go.pca(blocks.compute(scheduler="threads"), 6)
    once = tampered(blocks, 7, dies_once(str(tmp_path / "once")))
    with get_task_stream(client) as stream:
        got = opentsne_go.pca(once, 6, path=tmp_path / "scores.npy")
    assert (tmp_path / "once").exists() and isinstance(got, np.memmap)
    np.testing.assert_allclose(got, want, atol=1e-5 * np.abs(want).max())
    assert len({task["key"] for task in stream.data if str(task["key"]).startswith("_added")}) >= 14
    np.testing.assert_allclose(opentsne_go.pca(x, 6), want, atol=1e-4 * np.abs(want).max())


def test_components_by_workers_of_what_is_wrong(client):
    x, blocks = components_of(30)
    wrong = x.copy()
    wrong[437, 3] = np.nan
    with pytest.raises(ValueError, match="^X: row 437, column 3 is nan"):
        opentsne_go.pca(da.from_array(wrong, chunks=(41, -1)), 3, client=client)
    short = tampered(blocks, 2, lambda block: block[:-1])
    with pytest.raises(OSError, match="^X: the store shrank: 500 rows promised, 499 read"):
        opentsne_go.pca(short, 3, client=client)
    with pytest.raises(OSError, match=r"^X: rows .* cannot be read: RuntimeError: no such disk"):
        opentsne_go.pca(tampered(blocks, 3, no_such_disk), 3)
    with pytest.raises(ValueError, match="^client: got 'int'; allowed: a distributed.Client"):
        opentsne_go.pca(blocks, 3, client=1)


def no_such_disk(_):
    raise RuntimeError("no such disk")


@pytest.mark.usefixtures("client")
def test_a_worker_that_dies_in_the_middle(rows, maps, tmp_path):
    new, onto = rows[np.dtype("f4")][1], maps[np.dtype("f4")]
    x = da.from_array(new, chunks=(20, -1))
    made = onto.transform(tampered(x, 7, dies_once(str(tmp_path / "once")))).compute()
    assert (tmp_path / "once").exists() and np.array_equal(made, onto.transform(new))


def test_a_map_in_a_file(client, rows, maps, tmp_path):
    """Read by whoever places rows, and by workers that come anew."""
    new, onto = rows[np.dtype("f8")][1], maps[np.dtype("f8")]
    path = tmp_path / "map.npz"
    onto.save(path)
    x = da.from_array(new, chunks=(20, -1))
    want = np.asarray(onto.transform(new))
    lazy = onto.transform(tampered(x, 7, dies_once(str(tmp_path / "once"))), path=path)
    assert np.array_equal(lazy.compute(), want) and (tmp_path / "once").exists()
    assert np.array_equal(onto.transform(x, path=path, client=client).compute(scheduler="threads"), want)
    maps[np.dtype("f4")].save(path)
    with pytest.raises(ValueError, match="path: got '.*map.npz'; allowed: the file of this map, as it stands"):
        onto.transform(x, path=path)
    client.restart()
    with pytest.raises(ValueError, match="path: got '.*map.npz'; allowed: the file of this map, as it stands"):
        lazy.compute()
    path.unlink()
    with pytest.raises(OSError, match=r"map\.npz"):
        onto.transform(x, path=path)


def test_a_client_that_is_gone(cluster, rows, maps):
    new, onto = rows[np.dtype("f4")][1], maps[np.dtype("f4")]
    x = da.from_array(new, chunks=(100, -1))
    local = onto.transform(x)
    with Client(cluster) as client:
        lazy = onto.transform(x)
        with pytest.raises(ValueError, match="client: the array was made for threads of another process"):
            local.compute()
    with pytest.raises(ValueError, match="client: got 'one that is closed'; allowed: one that is running"):
        onto.transform(x, client=client)
    with pytest.raises(ValueError, match="Missing dependency opentsne_go-sent-"):
        lazy.compute()
    with pytest.raises(ValueError, match="No clients found"):
        default_client()
    assert np.array_equal(local.compute(), onto.transform(new))


FITS = {
    "exact": {},
    "approximate": {"neighbors": "approx", "random_state": 3},
    "cosine": {"metric": "cosine", "initialization": "random"},
    "manhattan": {"metric": "manhattan"},
    "several perplexities": {"perplexity": [5, 20]},
    "multiscale": {"perplexity": [5, 20], "affinity": "multiscale"},
    "uniform": {"affinity": "uniform", "k": 7},
    "uniform_max": {"affinity": "uniform_max"},
    "fixed_sigma": {"affinity": "fixed_sigma", "sigma": 2.5, "initialization": "spectral"},
    "too large a perplexity": {"perplexity": 1000},
}


@pytest.mark.parametrize("name, kind", [*((name, "f4") for name in FITS), ("exact", "f8"), ("approximate", "f8")])
def test_a_fit_has_the_bits_of_one_process(name, kind, client, rows):
    x = np.concatenate(rows[np.dtype(kind)] * (4 if name == "approximate" else 1))
    settings = TSNE(**{"random_state": 0, "n_iter": 20, "early_exaggeration_iter": 10, **FITS[name]})
    want = settings.fit(x)
    ways = [(unknown(da.from_array(x, chunks=(333, -1))), {})]
    if name == "exact":
        ways += [(da.from_array(x, chunks=(200, -1)), {}), (x, {"client": client})]
    for given, more in ways:
        made = settings.fit(given, **more)
        assert np.array_equal(made, want)
        for one, other in zip(*(one.affinities.P.tocsr().__getstate__().items() for one in (made, want)), strict=True):
            assert one[0] == other[0] and np.array_equal(one[1], other[1])
        assert np.array_equal(made.transform(x[:9] + 1), want.transform(x[:9] + 1))


class Weighs(WorkerPlugin):
    """Writes down the arrays that a worker holds as it begins a search."""

    def __init__(self, path):
        self.path = path

    def setup(self, worker):
        self.worker = worker

    def transition(self, key, start, finish):
        if "neighbors" in str(key) and (start, finish) == ("ready", "executing"):
            held = sum(getattr(value, "nbytes", 0) for value in self.worker.data.values())
            Path(self.path, str(key)).write_text(str(held))


@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_workers_map_a_file_that_all_can_read(kind, client, rows, tmp_path):
    x = rows[np.dtype(kind)][0]
    settings = TSNE(random_state=0, n_iter=20, early_exaggeration_iter=10)
    want = settings.fit(x)
    path = tmp_path / "rows.npy"
    np.save(path, np.concatenate([x[:50], x]))
    (tmp_path / "held").mkdir()
    client.register_plugin(Weighs(str(tmp_path / "held")), name="weighs")
    try:
        made = settings.fit(np.load(path, mmap_mode="r")[50:], client=client)
    finally:
        client.unregister_worker_plugin("weighs")
    assert np.array_equal(made, want)
    weights = [int(one.read_text()) for one in (tmp_path / "held").iterdir()]
    assert len(weights) == len(PATHS) and max(weights) < x.nbytes
    assert np.array_equal(settings.fit(path, client=client), settings.fit(np.load(path)))


def test_a_file_that_workers_have_otherwise(client, rows, tmp_path):
    """Rows of no file there are sent; those of a file that changes are refused."""
    x = rows[np.dtype("f4")][0]
    settings = TSNE(random_state=0, n_iter=20, early_exaggeration_iter=10)
    path = tmp_path / "rows.npy"
    np.save(path, x)
    mapped = np.load(path, mmap_mode="r")
    path.rename(tmp_path / "elsewhere.npy")
    path.write_bytes(b"another")
    assert np.array_equal(settings.fit(mapped, client=client), settings.fit(x))
    np.save(path, x + 1)
    with pytest.raises(ValueError, match=r"^X: .*rows\.npy has other values on a worker"):
        settings.fit(mapped, client=client)


def test_a_fit_without_a_cluster(rows):
    x = rows[np.dtype("f4")][0]
    settings = TSNE(random_state=0, n_iter=20, early_exaggeration_iter=10)
    assert np.array_equal(settings.fit(da.from_array(x, chunks=(70, -1))), settings.fit(x))


@pytest.mark.parametrize("store", ["cells.h5ad", "cells.zarr"])
def test_from_a_store_to_a_map_on_workers(store, client, tmp_path):
    """`read_lazy`, `tl.tsne`, `tl.transform` and figures, as of the same cells in memory."""
    x = sp.random(500, 60, density=0.2, format="csr", random_state=2, dtype=np.float32)
    cells = anndata.AnnData(x)
    cells.obsm["X_pca"] = x.toarray()[:, :12]
    getattr(cells, "write_h5ad" if store.endswith("h5ad") else "write_zarr")(tmp_path / store)
    how = {"random_state": 0, "n_iter": 30, "early_exaggeration_iter": 20, "use_rep": "X_pca"}
    tl.tsne(cells, **how)
    lazy = anndata.experimental.read_lazy(tmp_path / store)
    assert isinstance(lazy.obsm["X_pca"], da.Array) and isinstance(lazy.X, da.Array)
    (tmp_path / "held").mkdir()
    client.register_plugin(Weighs(str(tmp_path / "held")), name="weighs")
    try:
        tl.tsne(lazy, **how)
    finally:
        client.unregister_worker_plugin("weighs")
    assert len(list((tmp_path / "held").iterdir())) == len(PATHS)  # each worker had a part
    assert np.array_equal(lazy.obsm["X_tsne"], cells.obsm["X_tsne"]) and lazy.uns["tsne"] == cells.uns["tsne"]
    for use_rep in ("X_pca", "X"):
        tl.tsne(cells, **{**how, "use_rep": use_rep})
        want = tl.transform(cells, cells, use_rep=use_rep, key_added="placed", copy=True).obsm["placed"]
        new = anndata.experimental.read_lazy(tmp_path / store)
        tl.transform(new, cells, use_rep=use_rep, key_added="placed")
        assert isinstance(new.obsm["placed"], da.Array) and np.array_equal(new.obsm["placed"].compute(), want)
    labels = np.arange(500) % 9
    made = opentsne_go.quality(lazy.obsm["X_pca"], lazy.obsm["X_tsne"], labels, sample=100)
    assert made.compute() == opentsne_go.quality(cells.obsm["X_pca"], lazy.obsm["X_tsne"], labels, sample=100)


def test_fits_that_cannot_be_spread(client, rows):
    x = rows[np.dtype("f4")][0]
    for settings, more, said in [
        (TSNE(density_lambda=0.1), {}, "density_lambda: got 0.1; allowed: None with neighbours of a cluster"),
        (TSNE(metric="minkowski"), {"client": client}, "client: got \"metric='minkowski'\"; allowed: neighbours that"),
        (TSNE(), {"client": client, "affinities": opentsne_go.affinity.Uniform(x, 9)}, "client: got 'affinities'"),
        (TSNE(k=600), {}, "k: got 600; allowed: 1 to 599"),
    ]:
        with pytest.raises(ValueError, match=said):
            settings.fit(da.from_array(x, chunks=(70, -1)), **more)
    wrong = x.copy()
    wrong[431, 3] = np.inf
    with pytest.raises(ValueError, match="X: row 431, column 3 is inf, want a finite value"):
        TSNE().fit(da.from_array(wrong, chunks=(70, -1)))


def measured(kind):
    """Data with rows that are equal and rows without a class, a map, and classes that are words."""
    rng = np.random.default_rng(1)
    of = rng.integers(0, 13, 1500)
    x = rng.normal(size=(1500, 12)) + 3 * rng.normal(size=(13, 12))[of]
    x[300:340] = x[7]
    labels = np.array([*"abcdefghijkl", None], object)[of]
    return x.astype(kind), (x[:, :2] + rng.normal(size=(1500, 2))).astype("f4"), labels


@pytest.mark.parametrize(
    "kind, metric, where",
    [("f4", "euclidean", "threads"), ("i4", "manhattan", "threads"), ("f8", "cosine", "workers"), ("f4", "euclidean", "workers")],
)
def test_figures_of_blocks_are_those_of_rows_in_memory(kind, metric, where, request):
    if where == "workers":
        request.getfixturevalue("client")
    x, y, labels = measured(kind)
    every = opentsne_go.quality(x, y, labels, metric=metric)
    assert 0 < every.knn < 1 and 0 < every.knc < 1
    few, many = (da.from_array(x, chunks=(blocks, -1)) for blocks in ((1, 0, 499, 1000), 130))
    z = da.from_array(y, chunks=(333, -1))
    for sample, seed, data, beside in ((1500, 0, few, z), (None, 3, many, y), (200, 0, x, z)):
        want = opentsne_go.quality(x, y, labels, metric=metric, sample=sample or 1000, random_state=seed)
        assert want.knc == every.knc and (want.knn == every.knn) == (sample == 1500)
        lazy = opentsne_go.quality(data, beside, labels, metric=metric, sample=sample, random_state=seed)
        assert lazy.compute() == want
    few = slice(0, 900)  # of which all distances are taken, by either way
    assert opentsne_go.quality(x[few], y[few], labels[few], sample=900) == opentsne_go.quality(x[few], y[few], labels[few])


@pytest.mark.usefixtures("client")
def test_figures_although_workers_die(tmp_path):
    x, y, labels = measured("f4")
    want = opentsne_go.quality(x, y, labels, sample=300)
    for number in (2, 9):
        lazy = tampered(da.from_array(x, chunks=(100, -1)), number, dies_once(str(tmp_path / str(number))))
        assert opentsne_go.quality(lazy, y, labels, sample=300).compute() == want
        assert (tmp_path / str(number)).exists()


def test_figures_that_cannot_be():
    x, y, labels = measured("f4")
    blocks = da.from_array(x, chunks=(400, -1))
    quality = opentsne_go.quality
    wide = da.zeros((1500, 60), chunks=(400, -1)).map_blocks(sp.csr_matrix, meta=sp.csr_matrix((0, 60)))
    for given, how, said in [
        ((unknown(blocks), y), {}, "X: got blocks of unknown sizes; allowed: known ones"),
        ((blocks.rechunk((400, 6)), y), {}, "Only dask arrays with chunking along the first axis are supported"),
        ((blocks, y[:9]), {}, r"Z: got \(9, 2\); allowed: 1500 rows, as X has"),
        ((blocks, y, labels[:9]), {}, "labels: "),
        ((wide, y), {}, "X: got 'CSR blocks of 60 columns'; allowed: up to 50, or dense blocks"),
        ((blocks, y), {"sample": 0}, "sample: got 0; allowed: an integer from 1 up"),
        ((x, y), {"client": 3}, "client: got 'int'; allowed: None, unless X or Z is a Dask array"),
        ((x, y), {"metric": "minkowski"}, "metric: got 'minkowski'; allowed: "),
    ]:
        with pytest.raises(ValueError, match=said):
            quality(*given, **how)
    wrong, there = x.copy(), y.copy()
    wrong[731, 3], there[899, 1] = np.nan, np.inf
    with pytest.raises(ValueError, match="^X: row 731, column 3 is nan"):
        quality(da.from_array(wrong, chunks=(100, -1)), y).compute()
    with pytest.raises(ValueError, match="^Z: row 899, column 1 is inf"):
        quality(blocks, there).compute()
    nothing = x.copy()
    nothing[731] = 0
    with pytest.raises(ValueError, match="metric: cosine: row 731 of X is all zeros"):
        quality(da.from_array(nothing, chunks=(100, -1)), y, metric="cosine", sample=9).compute()
    far = x.astype(float) + 1e7
    for lazy in (lambda: quality(far, y, sample=9), lambda: quality(da.from_array(far, chunks=(100, -1)), y).compute()):
        with pytest.raises(ValueError, match="^X: columns of X are far from zero"):
            lazy()


class DiesInASearch(WorkerPlugin):
    """Kills the process that begins a search, the first time."""

    def __init__(self, mark):
        self.mark = mark

    def transition(self, key, start, finish):
        if "neighbors" in str(key) and (start, finish) == ("ready", "executing"):
            dies_once(self.mark)(None)

    def setup(self, worker):
        pass


def test_a_worker_that_dies_in_a_search(client, rows, tmp_path):
    x = rows[np.dtype("f4")][0]
    settings = TSNE(random_state=0, n_iter=20, early_exaggeration_iter=10)
    client.register_plugin(DiesInASearch(str(tmp_path / "once")), name="dies")
    try:
        made = settings.fit(da.from_array(x, chunks=(70, -1)))
    finally:
        client.unregister_worker_plugin("dies")
    assert (tmp_path / "once").exists() and np.array_equal(made, settings.fit(x))


def short_of_memory(room):
    """Leaves a process room bytes of address space."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + room, resource.getrlimit(resource.RLIMIT_AS)[1]))


def test_a_worker_with_too_little_memory():
    x = np.zeros((1_000_000, 4), np.float32)
    with cluster_of({}) as mine, Client(mine) as client:
        client.wait_for_workers(1)
        client.run(lambda: opentsne_go.TSNE(n_iter=1).fit(np.eye(20)).n_iter)  # has loaded all there is
        client.run(short_of_memory, 300 << 20)
        with pytest.raises(MemoryError, match="on a worker of 1 threads, which holds all of X"):
            TSNE().fit(x, client=client)


OTHERS = {
    "opentsne_go 0.3.9": "__version__ = '0.3.9'",
    "no opentsne_go": "raise ImportError('not for this machine')",
}


@pytest.mark.parametrize("has", OTHERS)
def test_a_worker_without_this_version(has, tmp_path, rows, maps):
    """Each worker is asked before anything is sent to it."""
    (tmp_path / "opentsne_go.py").write_text(OTHERS[has])
    x = da.from_array(rows[np.dtype("f4")][1], chunks=(100, -1))
    with LocalCluster(n_workers=0, dashboard_address=None, host="127.0.0.1") as alone, Client(alone) as client:
        with pytest.raises(ValueError, match="client: its cluster has no workers"):
            maps[np.dtype("f4")].transform(x)
        command = [sys.executable, "-m", "distributed.cli.dask_worker", alone.scheduler_address]
        options = ["--no-nanny", "--nthreads=1", "--no-dashboard", f"--local-directory={tmp_path}"]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
        with subprocess.Popen(command + options, env=env, stderr=subprocess.DEVNULL) as worker:
            try:
                client.wait_for_workers(1, timeout=60)
                with pytest.raises(ValueError, match=rf"client: worker tcp://\S+ has {has}; allowed: {opentsne_go.__version__}, as here"):
                    maps[np.dtype("f4")].transform(x)
            finally:
                worker.terminate()


def test_a_program_without_dask_does_not_import_it():
    code = "import opentsne_go, sys; assert not {'dask', 'distributed'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)
