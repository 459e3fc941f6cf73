"""tl.transform and tl.align, the neighbours of scanpy, files and sparse data."""

import sys

import anndata
import matplotlib
import numpy as np
import pytest
import scanpy as sc
import scipy.sparse

import opentsne_go
from conftest import same_bits
from opentsne_go import tl

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def halves(pbmc):
    reference, new = pbmc[:450].copy(), pbmc[450:].copy()
    tl.tsne(reference)
    return reference, new


def right(reference, new):
    from sklearn.neighbors import KNeighborsClassifier

    model = KNeighborsClassifier(10).fit(reference.obsm["X_tsne"], reference.obs["bulk_labels"])
    return model.score(new.obsm["X_tsne"], new.obs["bulk_labels"])


def test_transform_by_genes_and_by_representation(halves):
    reference, new = halves
    new = new.copy()
    assert tl.transform(new, reference, n_bootstrap=10) is None
    by_genes = right(reference, new)
    assert new.obsm["X_tsne"].dtype == np.float32 and new.obsm["X_tsne"].shape == (250, 2)
    assert (new.obs["tsne_radius"] >= 0).all() and new.obs["tsne_radius"].max() > 0
    params = new.uns["tsne"]["params"]
    assert params["metric"] == "correlation" and params["n_columns"] == new.n_vars
    tl.transform(new, reference, use_rep="X_pca", n_iter=50)
    assert new.uns["tsne"]["params"]["metric"] == "euclidean"
    assert min(by_genes, right(reference, new)) > 0.7
    sc.pl.tsne(new, color="bulk_labels", show=False)


def test_genes_are_matched_by_name(halves):
    reference, new = halves
    order = np.random.default_rng(0).permutation(new.n_vars)
    mixed = new[:, order].copy()
    some = new[:, order[:400]].copy()
    placed = [
        tl.transform(one, reference, copy=True).obsm["X_tsne"] for one in (new, mixed)
    ]
    assert same_bits(*placed)
    fewer = tl.transform(some, reference, copy=True)
    assert fewer.uns["tsne"]["params"]["n_columns"] == 400
    named = tl.transform(new, reference, genes=list(some.var_names), copy=True)
    away = np.linalg.norm(named.obsm["X_tsne"] - fewer.obsm["X_tsne"], axis=1)
    assert np.median(away) < 1e-3
    sparse = new.copy()
    sparse.X = scipy.sparse.csr_matrix(sparse.X)
    assert same_bits(tl.transform(sparse, reference, copy=True).obsm["X_tsne"], placed[0])


def test_align(halves):
    reference, new = halves
    alone, aligned = new.copy(), new.copy()
    tl.tsne(alone)
    tl.align(aligned, reference)
    assert 0 < aligned.uns["tsne"]["disparity"] < 1
    assert 0.1 < aligned.uns["tsne"]["overlap"] < 1
    assert right(reference, aligned) > right(reference, alone)
    settings = opentsne_go.TSNE(n_iter=100, random_state=3)
    again = tl.align(new, reference, tsne=settings, copy=True)
    assert "X_tsne" not in new.obsm and again.obsm["X_tsne"].shape == (250, 2)
    with pytest.raises(ValueError, match="n_components=3"):
        tl.align(new, reference, tsne=opentsne_go.TSNE(n_components=3), copy=True)


def test_align_is_that_of_arrays(halves):
    """The same rows, places and settings: the same bits, and the same figures."""
    reference, new = halves
    settings = opentsne_go.TSNE(n_iter=50, random_state=3)
    fitted = opentsne_go.TSNE(random_state=0, early_exaggeration=12).fit(reference.obsm["X_pca"])
    assert same_bits(fitted, reference.obsm["X_tsne"])
    want = opentsne_go.align(fitted, new.obsm["X_pca"], settings)
    got = tl.align(new, reference, use_rep="X_pca", fit_rep="X_pca", tsne=settings, copy=True)
    assert same_bits(got.obsm["X_tsne"], want.embedding)
    said = got.uns["tsne"]
    assert (said["disparity"], said["overlap"]) == (want.disparity, want.overlap)
    pinned = settings.set_params(pull_weights=np.where(np.arange(250) < 100, np.inf, 1))
    held = tl.align(new, reference, use_rep="X_pca", fit_rep="X_pca", tsne=pinned, copy=True)
    placed = tl.transform(new, reference, use_rep="X_pca", copy=True)
    assert same_bits(held.obsm["X_tsne"][:100], placed.obsm["X_tsne"][:100])
    for call in (
        lambda t: tl.align(new, reference, tsne=t, copy=True),
        lambda t: opentsne_go.align(fitted, new.obsm["X_pca"], t),
    ):
        for metric in ("jaccard", "precomputed"):
            with pytest.raises(ValueError, match=f"^metric: got '{metric}'; allowed: 'euclidean'"):
                call(opentsne_go.TSNE(metric=metric))


def test_bad_pairs(halves):
    reference, new = halves
    other = new.copy()
    other.var_names = [f"other{i}" for i in range(other.n_vars)]
    for call in (tl.transform, tl.align):
        with pytest.raises(ValueError, match="shared gene"):
            call(other, reference)
        with pytest.raises(ValueError, match="^basis: got 'X_map'"):
            call(new, reference, basis="X_map")
        with pytest.raises(ValueError, match="^use_rep: got 'X_scvi'"):
            call(new, reference, use_rep="X_scvi")
        with pytest.raises(ValueError, match="^metric: "):
            call(new, reference, metric="imaginary")
    with pytest.raises(ValueError, match="^genes: got 'nothing'"):
        tl.transform(new, reference, genes=["nothing"])
    assert "X_tsne" not in new.obsm and "X_tsne" not in other.obsm


def test_reuses_the_neighbors_of_scanpy(pbmc, caplog):
    adata = pbmc.copy()
    sc.pp.neighbors(adata, n_neighbors=46, method="umap", metric="euclidean")
    caplog.clear()
    tl.tsne(adata, perplexity=15, neighbors_key="neighbors")
    assert not caplog.records
    params = adata.uns["tsne"]["params"]
    assert params["neighbors_key"] == "neighbors"
    reused = adata.obsm["X_tsne"]
    tl.tsne(adata, perplexity=15, key_added="own")
    assert opentsne_go.shared_neighbors(reused, adata.obsm["own"]) > 0.5
    sc.pp.neighbors(adata, n_neighbors=10, key_added="few")
    tl.tsne(adata, neighbors_key="few", init_pos="X_umap", n_iter=50)
    assert "perplexity: 30 is too large for the 9 neighbors" in caplog.text
    assert "using 3; affinity='uniform' takes all of them alike" in caplog.text
    assert "n_neighbors=91" in caplog.text
    assert adata.uns["tsne"]["used"]["perplexity"] == 3 and adata.uns["tsne"]["used"]["k"] == 9
    tl.tsne(adata, neighbors_key="few", perplexity=[2, 30], n_iter=5)
    assert adata.uns["tsne"]["used"]["perplexity"] == [2, 3]
    with pytest.raises(ValueError, match="^neighbors_key: got 'none'"):
        tl.tsne(adata, neighbors_key="none")


@pytest.mark.parametrize("affinity", ["uniform", "uniform_max", "fixed_sigma", "multiscale"])
def test_every_kind_of_affinities_of_scanpys_neighbors(pbmc, affinity, caplog):
    """What `TSNE` makes of the same neighbours, and no warning."""
    adata = pbmc.copy()
    sc.pp.neighbors(adata)
    caplog.clear()
    how = {"affinity": affinity, "n_iter": 20, "early_exaggeration_iter": 20}
    how |= {"perplexity": [2, 4]} if affinity == "multiscale" else {}
    how |= {"sigma": 3.0} if affinity == "fixed_sigma" else {}
    tl.tsne(adata, neighbors_key="neighbors", **how)
    assert not caplog.records
    used = adata.uns["tsne"]["used"]
    assert used["affinity"] == affinity and used["k"] == 14 and used["metric"] == "euclidean"
    settings = opentsne_go.TSNE(random_state=0, early_exaggeration=12, metric="precomputed", **{**how, "k": 14})
    start = opentsne_go.initialization.pca(adata.obsm["X_pca"], random_state=0)
    want = settings.fit(adata.obsp["distances"], initialization=start)
    tl.tsne(adata, neighbors_key="neighbors", init_pos=start, key_added="given", **how)
    assert same_bits(adata.obsm["given"], want)
    with pytest.raises(ValueError, match="^k: got 20; allowed: up to 14, the neighbors of adata.uns"):
        tl.tsne(adata, neighbors_key="neighbors", k=20)


def test_starts(pbmc):
    adata = pbmc.copy()
    maps = []
    for start in ("X_umap", "spectral", "random", adata.obsm["X_umap"] * 1e-5):
        tl.tsne(adata, init_pos=start, n_iter=20, early_exaggeration_iter=20)
        maps.append(adata.obsm["X_tsne"])
    assert adata.uns["tsne"]["kl_divergence"] > 0
    assert not any(np.array_equal(maps[0], other) for other in maps[1:])
    with pytest.raises(ValueError, match="^init_pos: got 'X_none'"):
        tl.tsne(adata, init_pos="X_none")


def test_seed_is_recorded(pbmc):
    adata = pbmc.copy()
    quick = {"init_pos": "random", "n_iter": 5, "early_exaggeration_iter": 5}
    tl.tsne(adata, random_state=None, **quick)
    first, seed = adata.obsm["X_tsne"], adata.uns["tsne"]["params"]["random_state"]
    tl.tsne(adata, random_state=seed, **quick)
    assert same_bits(first, adata.obsm["X_tsne"])


def test_backed_and_sparse(pbmc, tmp_path, caplog):
    import logging

    quick = {"n_iter": 10, "early_exaggeration_iter": 10, "use_rep": "X"}
    dense = pbmc.copy()
    sparse = pbmc.copy()
    sparse.X = scipy.sparse.csr_matrix(sparse.X)
    with caplog.at_level(logging.INFO, "opentsne_go"):
        tl.tsne(sparse, **quick)
    assert "truncated SVD" in caplog.text and "50 columns" in caplog.text
    tl.tsne(dense, **quick)
    for name, one in (("dense", dense), ("sparse", sparse)):
        want = one.obsm["X_tsne"]
        one.obsm.pop("X_tsne")
        one.write_h5ad(tmp_path / f"{name}.h5ad")
        backed = anndata.read_h5ad(tmp_path / f"{name}.h5ad", backed="r")
        tl.tsne(backed, **quick)
        assert same_bits(backed.obsm["X_tsne"], want)
        backed.file.close()


def test_cells_that_correlate_with_nothing(halves):
    """They are counted and named, or get NaN; the others are as without them."""
    reference, new = halves
    new, flat = new[:40].copy(), [3, 7]
    x = np.array(new.X)
    x[flat] = 1.5
    new.X = x
    names = ", ".join(repr(one) for one in new.obs_names[flat])
    for call in (tl.transform, tl.align):
        with pytest.raises(ValueError, match="^adata: got .2 of 40 cells with the same value") as failed:
            call(new, reference)
        assert names in str(failed.value).replace('"', "")
    assert "X_tsne" not in new.obsm
    with pytest.raises(ValueError, match="^reference: got .2 of 40 cells"):
        tl.transform(reference, tl_map(new), basis="X_map")
    with pytest.raises(ValueError, match="^constant: got 'drop'"):
        tl.transform(new, reference, constant="drop")
    tl.transform(new, reference, constant="nan", n_bootstrap=3)
    kept = np.setdiff1d(np.arange(40), flat)
    y = new.obsm["X_tsne"]
    assert np.isnan(y[flat]).all() and np.isnan(new.obs["tsne_radius"].iloc[flat]).all()
    others = new[kept].copy()
    tl.transform(others, reference, n_bootstrap=3)
    assert same_bits(y[kept], others.obsm["X_tsne"])
    assert np.array_equal(new.obs["tsne_radius"].iloc[kept], others.obs["tsne_radius"])


def tl_map(adata):
    made = adata.copy()
    made.obsm["X_map"] = np.random.default_rng(0).normal(size=(adata.n_obs, 2))
    return made


def test_backed_without_a_representation(pbmc, tmp_path):
    """The PCA is made, and what cannot be written to is refused before the work."""
    quick = {"n_iter": 5, "early_exaggeration_iter": 5, "perplexity": 10}
    bare = anndata.AnnData(np.array(pbmc.X), obs=pbmc.obs[[]], var=pbmc.var[[]])
    bare.write_h5ad(tmp_path / "bare.h5ad")
    backed = anndata.read_h5ad(tmp_path / "bare.h5ad", backed="r")
    with pytest.raises(ValueError, match="^copy: got True; allowed: False for data of a file"):
        tl.tsne(backed, copy=True, **quick)
    view = backed[:50]
    for call in (lambda: tl.tsne(view, **quick), lambda: tl.transform(view, pbmc), lambda: tl.align(view, pbmc)):
        with pytest.raises(ValueError, match="^adata: got 'a view of data of a file"):
            call()
    with pytest.warns(UserWarning, match="X_pca"):
        tl.tsne(backed, **quick)
    with pytest.warns(UserWarning, match="X_pca"):
        tl.tsne(bare, **quick)
    assert same_bits(backed.obsm["X_tsne"], bare.obsm["X_tsne"])
    assert np.array_equal(backed.obsm["X_pca"], bare.obsm["X_pca"])
    backed.file.close()


def sparse_halves(pbmc):
    """Counts of genes as they are before scaling: sparse, with the reference's map."""
    cells = pbmc.raw.to_adata()
    cells.X = scipy.sparse.csr_matrix(cells.X)
    reference, new = cells[:450].copy(), cells[450:].copy()
    reference.obsm["X_tsne"] = np.random.default_rng(0).normal(size=(450, 2)).astype(np.float32)
    return reference, new


def as_dense(adata):
    made = adata.copy()
    made.X = made.X.toarray()
    return made


@pytest.mark.parametrize("metric", ["correlation", "cosine", "euclidean"])
@pytest.mark.parametrize("how", [{}, {"initialization": "weighted"}, {"n_iter": 30}], ids=str)
def test_sparse_cells_have_the_places_of_dense_ones(pbmc, metric, how):
    """By the library's search; and on any number of threads."""
    reference, new = sparse_halves(pbmc)
    if reference.X.nnz > 0.3 * np.prod(reference.shape):
        reference, new = (one[:, np.asarray((reference.X != 0).mean(0)).ravel() < 0.3].copy() for one in (reference, new))
    want = tl.transform(as_dense(new), as_dense(reference), metric=metric, copy=True, **how).obsm["X_tsne"]
    got = [tl.transform(new, reference, metric=metric, n_jobs=n, copy=True, **how).obsm["X_tsne"] for n in (1, 3)]
    assert same_bits(*got)
    apart = np.abs(got[0] - want).max(axis=1)
    assert np.median(apart) < 1e-5 and apart.max() < 0.01
    if not how:
        assert same_bits(got[0], want)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_and_threads_of_placing(pbmc, capsys, monkeypatch, n_jobs):
    reference, new = sparse_halves(pbmc)
    for one in (new, as_dense(new)):
        tl.transform(one, reference, verbose=True, n_jobs=n_jobs)
        out = capsys.readouterr()
        assert "===> Placing cells..." in out.out and "--> Time elapsed" in out.out
        assert "100%" in out.err
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    tl.transform(as_dense(new), reference, verbose=True)
    assert f"{new.n_obs} of {new.n_obs}" in capsys.readouterr().out
    tl.align(as_dense(new), reference, verbose=True, n_jobs=n_jobs)
    said = capsys.readouterr().out
    assert "===> Placing cells..." in said and "===> Running optimization" in said


def test_cells_without_a_place_are_left_out_of_an_aligned_map(halves, caplog):
    reference, new = halves
    new, flat = new.copy(), [3, 7]
    x = np.array(new.X)
    x[flat] = 1.5
    new.X = x
    kept = np.setdiff1d(np.arange(new.n_obs), flat)
    settings = opentsne_go.TSNE(n_iter=10, early_exaggeration_iter=10, random_state=0)
    tl.align(new, reference, constant="nan", tsne=settings)
    assert f"adata: 2 of 250 cells with the same value in all columns: {new.obs_names[3]!r}" in caplog.text
    y = new.obsm["X_tsne"]
    others = tl.align(new[kept].copy(), reference, tsne=settings, copy=True).obsm["X_tsne"]
    assert np.isnan(y[flat]).all() and same_bits(y[kept], others)
    # Those of a reference place nobody.
    holed = reference.copy()
    x = np.array(holed.X)
    x[5] = 0
    holed.X = x
    tl.transform(new, holed, constant="nan")
    rest = np.setdiff1d(np.arange(450), [5])
    assert same_bits(new.obsm["X_tsne"][kept], tl.transform(new[kept].copy(), holed[rest].copy(), copy=True).obsm["X_tsne"])
    x[6, 2] = np.nan
    holed.X = x
    with pytest.raises(ValueError, match="^reference: row 6, column 2 is nan"):
        tl.transform(new, holed, constant="nan")
