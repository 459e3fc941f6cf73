"""tl.fit_together: several AnnData, or the batches of one, in maps near each other."""

import hashlib
import re

import anndata
import numpy as np
import pandas
import pytest
import scanpy as sc
import scipy.sparse

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, tl

QUICK = TSNE(early_exaggeration_iter=30, n_iter=40, perplexity=10, random_state=0)


@pytest.fixture(scope="module")
def pbmc(pbmc):
    made = pbmc.copy()
    days = np.array(["late", "early", "middle"])[np.arange(700) % 3]
    made.obs["day"] = pandas.Categorical(days, ["early", "middle", "late"], ordered=True)
    made.obs["clone"] = [f"clone {i // 3}" for i in range(700)]
    return made


def halves(pbmc):
    """100 cells are in both."""
    return [pbmc[:400].copy(), pbmc[300:].copy()]


def test_several_are_as_arrays(pbmc):
    sets = halves(pbmc)
    assert tl.fit_together(sets, keys="obs_names", tsne=QUICK) is None
    want = opentsne_go.fit_together([one.obsm["X_pca"] for one in sets], QUICK, keys=[one.obs_names for one in sets])
    pairs = [{i: i - 300 for i in range(300, 400)}]
    again = tl.fit_together(sets, relations=pairs, tsne=QUICK, key_added="t", copy=True)
    for adata, other, one in zip(sets, again, want, strict=True):
        y, said = adata.obsm["X_tsne"], adata.uns["tsne"]
        assert same_bits(y, one) and same_bits(other.obsm["t"], one) and "t" not in adata.obsm
        assert said["kl_divergence"] == one.kl_divergence and said["params"]["keys"] == "obs_names"
        assert said["sha256"] == other.uns["t"]["sha256"] == hashlib.sha256(y.tobytes()).hexdigest()
        assert said["used"]["perplexity"] == 10 and said["params"]["random_state"] == 0
    shared = [sets[0].obsm["X_tsne"][300:], sets[1].obsm["X_tsne"][:100]]
    apart = np.linalg.norm(shared[0] - shared[1], axis=1).mean()
    assert apart < 0.5 * shared[0].std()


def test_batches_of_one_are_as_arrays(pbmc, tmp_path):
    adata = pbmc.copy()
    assert tl.fit_together(adata, "day", keys="clone", tsne=QUICK) is None
    x, days = adata.obsm["X_pca"], adata.obs["day"].to_numpy()
    where = [np.flatnonzero(days == day) for day in ("early", "middle", "late")]
    clones = adata.obs["clone"].to_numpy()
    want = opentsne_go.fit_together([x[at] for at in where], QUICK, keys=[clones[at] for at in where])
    for at, one in zip(where, want, strict=True):
        assert same_bits(adata.obsm["X_tsne"][at], one)
    adata.write_h5ad(tmp_path / "a.h5ad")
    back = anndata.read_h5ad(tmp_path / "a.h5ad")
    said = back.uns["tsne"]
    assert list(said["batches"]) == ["early", "middle", "late"] and said["params"]["batch"] == "day"
    assert said["kl_divergence"].tolist() == [one.kl_divergence for one in want]
    assert said["sha256"] == hashlib.sha256(back.obsm["X_tsne"].tobytes()).hexdigest()
    rates = [said["used"][str(i)]["learning_rate"][1] for i in range(3)]
    assert rates == [len(at) for at in where]
    # How far to trust it is asked of one set.
    with pytest.raises(ValueError, match=r"^basis: got 'X_tsne'; allowed: a map of one set: adata\[adata.obs\['day'\] == "):
        tl.diagnose(back)
    early = back[back.obs["day"] == "early"].copy()
    tl.diagnose(early, scores=["recall"])
    assert early.obs["tsne_recall"].between(0, 1).all() and early.obs["tsne_recall"].mean() > 0.3


def test_batches_without_an_order_are_in_that_of_their_values(pbmc):
    adata = pbmc[:200].copy()
    adata.obs["day"] = [f"day {i % 2 * 7 + 3}" for i in range(200)]
    copied = tl.fit_together(adata, "day", tsne=QUICK, copy=True)
    assert list(copied.uns["tsne"]["batches"]) == ["day 3", "day 10"] and "tsne" not in adata.uns


def test_sets_without_keys_have_columns_of_one_kind(pbmc):
    """Each set's own X_pca is of axes of its own; genes may lie in another order."""
    sets = halves(pbmc)
    for one in sets:
        sc.pp.pca(one, n_comps=20)
    want = tl.fit_together(sets, tsne=QUICK, copy=True)
    sets[1] = sets[1][:, np.random.default_rng(0).permutation(sets[1].n_vars)].copy()
    for one, other in zip(want, tl.fit_together(sets, tsne=QUICK, copy=True), strict=True):
        assert same_bits(one.obsm["X_tsne"], other.obsm["X_tsne"])
    joint = anndata.AnnData(np.concatenate([one.X for one in halves(pbmc)]))
    sc.pp.pca(joint, n_comps=30)
    arrays = opentsne_go.fit_together(np.split(joint.obsm["X_pca"], [400]), QUICK)
    got = tl.fit_together(sets, n_pcs=30, tsne=QUICK, copy=True)
    assert all(same_bits(one.obsm["X_tsne"], of) for one, of in zip(got, arrays, strict=True))
    few = [one[:, :40] for one in halves(pbmc)]
    got = tl.fit_together(few, tsne=QUICK, copy=True)
    arrays = opentsne_go.fit_together([one.X for one in few], QUICK)
    assert all(same_bits(one.obsm["X_tsne"], of) for one, of in zip(got, arrays, strict=True))
    for one in (csr := [one.copy() for one in few]):
        one.X = scipy.sparse.csr_matrix(one.X)
    for one, of in zip(tl.fit_together(csr, tsne=QUICK, copy=True), arrays, strict=True):
        assert same_bits(one.obsm["X_tsne"], of)


def holed(adata, cell):
    adata.obsm["X_pca"] = np.array(adata.obsm["X_pca"])
    adata.obsm["X_pca"][cell, 2] = np.nan
    return adata


def bad_batch(adata):
    adata.obs["day"] = adata.obs["day"].astype(object)
    adata.obs.loc[adata.obs_names[:2], "day"] = None
    return adata


def small_batch(adata):
    adata.obs["day"] = ["one"] * 697 + ["two"] * 3
    return adata


@pytest.mark.parametrize(
    "says, adatas, how",
    [
        ("batch: got None; allowed: a column of obs", lambda p: p, {}),
        ("batch: got 'hour'; allowed: one of ['bulk_labels'", lambda p: p, {"batch": "hour"}),
        ("batch: got 'day, which 2 cells have no value of'; allowed: a set for each cell", bad_batch, {"batch": "day"}),
        ("batch: got 'day, of 1 value'; allowed: 2 sets or more", lambda p: p[::3].copy(), {"batch": "day"}),
        ("day 'two': got (3, 50); allowed: 4 rows or more", small_batch, {"batch": "day"}),
        ("X: row 9, column 2 is nan", lambda p: holed(p, 9), {"batch": "day"}),
        ("adatas: got '1 sets'; allowed: a list of 2 AnnData or more, or one with batch", lambda p: [p], {}),
        ("adatas: got 'NoneType'; allowed: a list of 2", lambda p: None, {}),
        ("adatas: got 'NoneType'; allowed: an AnnData", lambda p: None, {"batch": "day"}),
        ("adatas[1]: got 'ndarray'; allowed: an AnnData", lambda p: [p, p.X], {}),
        ("adatas[1]: got 'the same as one before'", lambda p: [p, p], {}),
        ("adatas[1]: row 5, column 2 is nan", lambda p: [p[:300].copy(), holed(p[300:].copy(), 5)], {"use_rep": "X_pca"}),
        ("keys: got 'subject'; allowed: one of ['bulk_labels'", halves, {"keys": "subject"}),
        ("obs_names of adatas[1]: no key is one of obs_names of adatas[0]", lambda p: [p[:300].copy(), p[300:].copy()], {"keys": "obs_names"}),
        ("obs_names of day 'middle': no key is one of obs_names of day 'early'", lambda p: p, {"batch": "day", "keys": "obs_names"}),
        ("use_rep: got 'X_scvi'", halves, {"use_rep": "X_scvi"}),
        ("adatas: got 'AnnData without a gene that all have'", lambda p: [p[:, :50].copy(), p[:, 50:].copy()], {}),
        ("tsne: got 'dict'; allowed: an opentsne_go.TSNE", halves, {"tsne": {}}),
        ("checkpoint: got 'run.npz'; allowed: None", halves, {"tsne": TSNE(checkpoint="run.npz")}),
        ("metric: got 'precomputed'", halves, {"tsne": TSNE(metric="precomputed")}),
        ("window: got 0", halves, {"window": 0}),
    ],
)
def test_what_cannot_be_fitted_together(pbmc, says, adatas, how):
    given = adatas(pbmc.copy())
    with pytest.raises(ValueError, match="^" + re.escape(says)) as failed:
        tl.fit_together(given, **{"tsne": QUICK, **how})
    assert "\n" not in str(failed.value)
    for one in given if isinstance(given, list) else [given]:
        assert "tsne" not in getattr(one, "uns", ())
