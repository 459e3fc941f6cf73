"""opentsne_go.tl.tsne beside real scanpy."""

import hashlib
import subprocess
import sys
import warnings

import anndata
import matplotlib
import numpy as np
import pandas as pd
import pytest
import scanpy as sc
import scipy.sparse

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE

matplotlib.use("Agg")


@pytest.fixture
def adata(pbmc):
    return pbmc.copy()


def quick(adata, *args, **more):
    return opentsne_go.tl.tsne(
        adata, *args, early_exaggeration_iter=10, n_iter=10, **more
    )


def direct(x, **more):
    return TSNE(
        early_exaggeration_iter=10, n_iter=10, random_state=0, early_exaggeration=12, **more
    ).fit(x)


def test_end_to_end(adata, tmp_path):
    assert opentsne_go.tl.tsne(adata) is None
    y = adata.obsm["X_tsne"]
    assert type(y) is np.ndarray and y.shape == (700, 2) and y.dtype == np.float32
    params = adata.uns["tsne"]["params"]
    assert set(adata.uns["tsne"]) == {"params", "kl_divergence", "data", "used", "versions", "sha256"}
    assert 0 < adata.uns["tsne"]["kl_divergence"] < 3
    assert params["perplexity"] == 30 and params["metric"] == "euclidean"
    assert params["early_exaggeration"] == 12 and params["learning_rate"] == "auto"
    assert params["random_state"] == 0
    assert None not in params.values()
    assert "use_rep" not in params and "exaggeration" not in params
    figure = sc.pl.tsne(adata, color="bulk_labels", show=False, return_fig=True)
    picture = tmp_path / "tsne.png"
    figure.savefig(picture)
    assert picture.stat().st_size > 10_000
    adata.write_h5ad(tmp_path / "a.h5ad")
    back = anndata.read_h5ad(tmp_path / "a.h5ad")
    assert same_bits(back.obsm["X_tsne"], y)
    assert back.uns["tsne"]["params"]["learning_rate"] == "auto"


def test_map_is_good(adata):
    from sklearn.manifold import trustworthiness
    from sklearn.neighbors import KNeighborsClassifier

    opentsne_go.tl.tsne(adata)
    y = adata.obsm["X_tsne"]
    sc.tl.tsne(adata, key_added="theirs", learning_rate=700 / 12)
    theirs = adata.obsm["theirs"]
    x = adata.obsm["X_pca"]
    assert trustworthiness(x, y) > trustworthiness(x, theirs) - 0.005
    labels = adata.obs["bulk_labels"]

    def accuracy(z):
        return KNeighborsClassifier(10).fit(z, labels).score(z, labels)

    assert accuracy(y) > accuracy(theirs) - 0.02


def test_same_bits_as_tsne(adata):
    quick(adata, n_jobs=1)
    want = direct(adata.obsm["X_pca"])
    assert same_bits(adata.obsm["X_tsne"], want)
    for n_jobs in (2, -1, None):
        quick(adata, n_jobs=n_jobs)
        assert same_bits(adata.obsm["X_tsne"], want)


def test_which_representation(adata):
    x_pca = adata.obsm["X_pca"]

    def result(*args, **more):
        quick(adata, *args, **more)
        return adata.obsm["X_tsne"]

    assert same_bits(result(10), direct(x_pca[:, :10]))
    assert adata.uns["tsne"]["params"]["n_pcs"] == 10
    assert same_bits(result(0), direct(adata.X))
    assert same_bits(result(use_rep="X"), direct(adata.X))
    assert adata.uns["tsne"]["params"]["use_rep"] == "X"
    adata.obsm["mine"] = np.asarray(x_pca)[:, 5:25]
    assert same_bits(result(use_rep="mine"), direct(x_pca[:, 5:25]))
    assert same_bits(result(7, use_rep="mine"), direct(x_pca[:, 5:12]))
    adata.obsm["frame"] = pd.DataFrame(adata.obsm["mine"], index=adata.obs_names)
    assert same_bits(result(7, use_rep="frame"), direct(x_pca[:, 5:12]))
    adata.obsm["sparse"] = scipy.sparse.csr_matrix(adata.obsm["mine"])
    assert same_bits(result(use_rep="sparse"), direct(x_pca[:, 5:25]))
    with pytest.raises(ValueError, match="^use_rep: got 'nothing'.*X_pca"):
        quick(adata, use_rep="nothing")
    with pytest.raises(ValueError, match="^n_pcs: got 51.*50"):
        quick(adata, 51)


def test_few_variables_are_used_as_they_are(adata):
    few = adata[:, :50].copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quick(few)
    assert same_bits(few.obsm["X_tsne"], direct(few.X))
    few.X = scipy.sparse.csr_matrix(few.X)
    quick(few, key_added="again")
    assert same_bits(few.obsm["again"], few.obsm["X_tsne"])


def test_missing_pca_is_computed_with_a_warning(adata):
    del adata.obsm["X_pca"]
    with pytest.warns(UserWarning, match="X_pca") as caught:
        quick(adata)
    assert any(w.filename == __file__ for w in caught)
    assert adata.obsm["X_pca"].shape == (700, 50)
    assert same_bits(adata.obsm["X_tsne"], direct(adata.obsm["X_pca"]))


def test_key_added(adata):
    quick(adata, key_added="map")
    assert "X_tsne" not in adata.obsm and "tsne" not in adata.uns
    assert adata.obsm["map"].shape == (700, 2)
    assert "params" in adata.uns["map"]


def test_copy_and_views(adata):
    other = quick(adata, copy=True)
    assert "X_tsne" not in adata.obsm and "tsne" not in adata.uns
    assert other.obsm["X_tsne"].shape == (700, 2)
    view = adata[:200]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quick(view)
    assert view.obsm["X_tsne"].shape == (200, 2)
    assert "X_tsne" not in adata.obsm


def test_components_and_exaggeration(adata):
    quick(adata, n_components=3, exaggeration=2, perplexity=(10, 30))
    assert adata.obsm["X_tsne"].shape == (700, 3)
    params = adata.uns["tsne"]["params"]
    assert params["exaggeration"] == 2 and params["n_components"] == 3
    assert params["perplexity"] == [10, 30]
    for state in (np.random.RandomState(0), None):
        quick(adata, random_state=state)
        assert adata.uns["tsne"]["params"]["random_state"] > 0  # the seed drawn


def test_bad_arguments_leave_no_trace(adata):
    del adata.obsm["X_pca"]
    for bad in (
        dict(metric="imaginary"),
        dict(perplexity=-1),
        dict(n_components=5),
        dict(initialization="umap"),
        dict(initialization=np.zeros((3, 2))),
    ):
        with pytest.raises(ValueError, match=f"^{next(iter(bad))}: got"):
            quick(adata, **bad)
    assert "X_pca" not in adata.obsm and "X_tsne" not in adata.obsm


def test_logs_as_scanpy_does(adata, capsys):
    before, stream = sc.settings.verbosity, sc.settings.logfile
    try:
        import sys

        sc.settings.logfile = sys.stderr
        sc.settings.verbosity = 3
        quick(adata)
    finally:
        sc.settings.verbosity, sc.settings.logfile = before, stream
    err = capsys.readouterr().err
    assert "computing tSNE" in err and "    finished" in err
    assert "'X_tsne', tSNE coordinates (adata.obsm)" in err


def test_threads_follow_scanpys_setting(adata):
    before = sc.settings.n_jobs
    try:
        sc.settings.n_jobs = 2
        quick(adata)
    finally:
        sc.settings.n_jobs = before
    assert adata.uns["tsne"]["params"]["n_jobs"] == 2


def test_what_is_recorded_gives_the_same_bits(adata, tmp_path):
    """Also from a file: settings as they were used, by their names in TSNE."""
    opentsne_go.tl.tsne(adata, perplexity=400, random_state=7, early_exaggeration_iter=20, n_iter=30, auto_stop=5)
    adata.write_h5ad(tmp_path / "a.h5ad")
    said = anndata.read_h5ad(tmp_path / "a.h5ad").uns["tsne"]
    used = dict(said["used"])
    assert said["params"]["perplexity"] == 400 and used["perplexity"] == pytest.approx(233)
    assert used["initialization"] == "pca" and used["metric"] == "euclidean" and used["k"] == 699
    assert used["learning_rate"].tolist() == pytest.approx([700 / 12, 700])
    assert "sigma" not in used and "sample_size" not in used
    assert said["versions"] == {"libtsne": opentsne_go.__version__, "numpy": np.__version__}
    assert 20 <= used.pop("iterations") < 50  # stopped by itself
    early, late = used.pop("learning_rate")
    assert late > early
    used = {name: one.item() if hasattr(one, "item") else one for name, one in used.items()}
    again = TSNE(**used).fit(adata.obsm["X_pca"])
    assert same_bits(again, adata.obsm["X_tsne"])
    assert said["sha256"] == hashlib.sha256(np.asarray(again).tobytes()).hexdigest()


def test_what_the_map_is_of_is_recorded(adata):
    for how, of in (
        ({}, {"use_rep": "X_pca", "columns": 50}),
        ({"n_pcs": 10}, {"use_rep": "X_pca", "columns": 10}),
        ({"n_pcs": 0}, {"use_rep": "X", "columns": 765}),
        ({"use_rep": "X_umap"}, {"use_rep": "X_umap", "columns": 2}),
        ({"neighbors_key": "neighbors", "affinity": "uniform"}, {"neighbors_key": "neighbors", "use_rep": "X_pca", "columns": 50}),
        ({"neighbors_key": "neighbors", "affinity": "uniform", "initialization": "random"}, {"neighbors_key": "neighbors"}),
    ):
        quick(adata, **how)
        assert adata.uns["tsne"]["data"] == of


def test_settings_as_a_whole(adata):
    settings = TSNE(n_iter=10, early_exaggeration_iter=10, random_state=3, affinity="uniform", k=9)
    opentsne_go.tl.tsne(adata, tsne=settings)
    assert same_bits(adata.obsm["X_tsne"], settings.fit(adata.obsm["X_pca"]))
    used = adata.uns["tsne"]["used"]
    assert used["k"] == 9 and used["affinity"] == "uniform" and "perplexity" not in used
    opentsne_go.tl.tsne(adata, tsne=settings, init_pos="X_umap", key_added="t")
    assert "initialization_sha256" in adata.uns["t"]["used"]
    for name, value in (("perplexity", 20), ("random_state", 1), ("rng", 1), ("pull_y", np.zeros((700, 2)))):
        with pytest.raises(ValueError, match=f"^{name}: got .*; allowed: none beside tsne="):
            opentsne_go.tl.tsne(adata, tsne=settings, **{name: value})
    with pytest.raises(ValueError, match="^tsne: got 'dict'; allowed: a TSNE"):
        opentsne_go.tl.tsne(adata, tsne={"perplexity": 5})


def ours(a, b):
    return np.abs(a - b).sum()


def test_a_function_as_metric_can_be_written(adata, tmp_path):
    few = adata[:60].copy()
    more = {"perplexity": 5, "initialization": "random"}
    quick(few, metric=ours, **more)
    quick(few, metric="minkowski", metric_params={"p": 3}, key_added="m", **more)
    few.write_h5ad(tmp_path / "a.h5ad")
    few.write_zarr(tmp_path / "a.zarr")
    for back in (anndata.read_h5ad(tmp_path / "a.h5ad"), anndata.read_zarr(tmp_path / "a.zarr")):
        assert back.uns["tsne"]["params"]["metric"] == f"{__name__}.ours"
        assert back.uns["tsne"]["used"]["metric"] == f"{__name__}.ours"
        assert back.uns["m"]["used"]["metric"] == "minkowski" and back.uns["m"]["used"]["metric_params_p"] == 3


WRITES = """
import sys
import numpy as np
import opentsne_go

X = np.random.default_rng(0).normal(size=(60, 5)).astype("f4")
made = opentsne_go.TSNE(n_iter=5, early_exaggeration_iter=5, perplexity=5).fit(X)
placed = made.transform(X, n_iter=1)
assert "anndata" not in sys.modules
import anndata

class Own(opentsne_go.TSNEEmbedding):
    pass

a = anndata.AnnData(X, obsm={"X_tsne": made, "placed": placed, "own": np.asarray(made).view(Own)}, uns={"map": made})
path = sys.argv[1]
a.write_h5ad(path + "/a.h5ad")
a.copy().write_zarr(path + "/a.zarr")
a[:20].write_h5ad(path + "/part.h5ad")
for back in (anndata.read_h5ad(path + "/a.h5ad"), anndata.read_zarr(path + "/a.zarr")):
    for key, want in (("X_tsne", made), ("placed", placed), ("own", made)):
        assert type(back.obsm[key]) is np.ndarray and np.array_equal(back.obsm[key], want)
    assert np.array_equal(back.uns["map"], made)
assert np.array_equal(anndata.read_h5ad(path + "/part.h5ad").obsm["X_tsne"], made[:20])
"""


def test_an_embedding_in_obsm_can_be_written(tmp_path):
    """Whichever was imported first, and anndata is not by us."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WRITES, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_is_no_anndata():
    with_map = anndata.AnnData(np.zeros((5, 3), np.float32))
    for says, do in {
        "adata: got 'NoneType'; allowed: an AnnData": lambda: opentsne_go.tl.tsne(None),
        "adata: got 'ndarray'; allowed: an AnnData": lambda: opentsne_go.tl.diagnose(np.zeros((5, 3))),
        "reference: got 'NoneType'; allowed: an AnnData": lambda: opentsne_go.tl.align(with_map, None),
        "reference: got 'ndarray'; allowed: an AnnData": lambda: opentsne_go.tl.transform(with_map, np.zeros((5, 3))),
    }.items():
        with pytest.raises(ValueError, match="^" + says):
            do()
