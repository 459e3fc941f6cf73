"""Settings under one name: they are what the name stands for, and give way to what is passed."""

from __future__ import annotations

import inspect
import pickle
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

import opentsne_go
from opentsne_go import TSNE, sklearn, tl
from opentsne_go._options.names import PresetName
from opentsne_go._options.table import PRESETS
from test_program import good

QUICK = {"early_exaggeration_iter": 20, "n_iter": 30, "sample_size": 60, "random_state": 3}
ATLAS = {"affinity": "uniform", "k": 15, "initialization": "sample", "anneal_iterations": 250}


def same(a, b):
    return np.array_equal(np.asarray(a), np.asarray(b))


def test_the_names_are_the_tables():
    assert set(PRESETS) == set(PresetName.__args__) and PRESETS["atlas"] == ATLAS
    page = Path(__file__).parents[2].joinpath("docs/options.md").read_text("utf-8")
    for name in PRESETS:
        assert f'"{name}"' in inspect.getdoc(TSNE) and f"| `{name}` |" in page


@pytest.mark.parametrize("preset", PRESETS)
def test_bits_are_those_of_the_same_settings_by_hand(small, preset):
    by_hand = TSNE(**PRESETS[preset], **QUICK).fit(small)
    assert same(TSNE(preset=preset, **QUICK).fit(small), by_hand)
    assert not same(TSNE(**QUICK).fit(small), by_hand)
    assert same(sklearn.TSNE(preset=preset, **QUICK).fit_transform(small), by_hand)


@pytest.mark.parametrize("beside", [
    {"k": 9}, {"initialization": "pca"}, {"affinity": "perplexity", "perplexity": 9, "k": None}, {"anneal_iterations": 0},
])  # fmt: skip
def test_what_is_passed_beside_wins_even_the_default(small, beside):
    """A default that is passed is as good as any other value."""
    settings = TSNE(preset="atlas", **beside, **QUICK)
    assert settings.get_params() == {**TSNE(**QUICK).get_params(), **ATLAS, **beside, "preset": "atlas"}
    by_hand = TSNE(**{**ATLAS, **beside}, **QUICK).fit(small)
    assert same(settings.fit(small), by_hand)
    assert same(sklearn.TSNE(preset="atlas", **beside, **QUICK).fit_transform(small), by_hand)
    assert same(eval(repr(settings), {"TSNE": TSNE}).fit(small), by_hand)
    for kind in (TSNE, sklearn.TSNE):
        asked = kind(preset="atlas", **beside, **QUICK)
        assert clone(asked).get_params() == asked.get_params() == pickle.loads(pickle.dumps(asked)).get_params()


def test_by_position_and_scikit_learns_names(small):
    assert TSNE(3, 30, "auto", 250, "auto", 500, None, 1, 0.5, 3, 50, 1, "pca", preset="atlas").initialization == "pca"
    by_hand = TSNE(**{**ATLAS, "initialization": "random"}, **QUICK).fit(small)
    assert same(sklearn.TSNE(preset="atlas", init="random", **QUICK).fit_transform(small), by_hand)


@pytest.mark.parametrize("kind", [TSNE, sklearn.TSNE])
def test_set_params_takes_one(kind):
    settings = kind(k=7).set_params(preset="atlas", anneal_iterations=9)
    assert {name: getattr(settings, name) for name in ATLAS} == {**ATLAS, "anneal_iterations": 9}
    assert settings.set_params(preset=None).k == 15  # as they are


def test_the_record_has_the_settings():
    settings = TSNE(preset="atlas")
    for name, value in ATLAS.items():
        assert f"{name}={value!r}" in repr(settings)
    import anndata

    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, 6)).astype(np.float32)
    a, b, c = (anndata.AnnData(x.copy()) for _ in range(3))
    tl.tsne(a, preset="atlas", k=12, **QUICK)
    tl.tsne(b, **{**ATLAS, "k": 12}, **QUICK)
    tl.tsne(c, tsne=TSNE(preset="atlas", k=12, initial_momentum=0.8, early_exaggeration=12, **QUICK))
    assert same(a.obsm["X_tsne"], b.obsm["X_tsne"]) and same(a.obsm["X_tsne"], c.obsm["X_tsne"])
    asked, used = a.uns["tsne"]["params"], a.uns["tsne"]["used"]
    assert asked["preset"] == "atlas" and asked["k"] == used["k"] == 12
    assert asked["initialization"] == used["initialization"] == "sample"
    with pytest.raises(ValueError, match=r"^preset: got 'atlas'; allowed: none beside tsne="):
        tl.tsne(c, preset="atlas", tsne=settings)


@pytest.mark.parametrize("bad", ["Atlas", "", 1, ["atlas"]])
def test_an_unknown_one_names_those_there_are(small, bad):
    import anndata

    adata = anndata.AnnData(small.copy())
    for call in (
        lambda: TSNE(preset=bad).fit(small),
        lambda: TSNE().set_params(preset=bad).fit(small),
        lambda: TSNE(preset=bad).fit(affinities=opentsne_go.affinity.Uniform(small, 9)),
        lambda: sklearn.TSNE(preset=bad).fit(small),
        lambda: tl.tsne(adata, preset=bad),
    ):
        with pytest.raises(ValueError, match=r"^preset: got .*; allowed: None, 'atlas'$"):
            call()
    assert not adata.uns and not adata.obsm


def test_of_the_program(tmp_path, small):
    np.save(tmp_path / "x.npy", small)
    brief = ["--early-iterations", "20", "--iterations", "30", "--sample-size", "60", "--progress", "none"]
    good(tmp_path, "x.npy", "a.npy", "--preset", "atlas", *brief)
    good(tmp_path, "x.npy", "b.npy", "--affinity", "uniform", "--k", "15", "--init", "sample", "--anneal-iterations", "250", *brief)
    assert same(np.load(tmp_path / "a.npy"), np.load(tmp_path / "b.npy"))
    good(tmp_path, "x.npy", "a.npy", "--init", "pca", "--k", "9", "--preset", "atlas", *brief)
    good(tmp_path, "x.npy", "b.npy", "--affinity", "uniform", "--k", "9", "--anneal-iterations", "250", *brief)
    assert same(np.load(tmp_path / "a.npy"), np.load(tmp_path / "b.npy"))


def test_an_earlier_pickle_has_none():
    old = {name: value for name, value in vars(TSNE(k=7)).items() if name != "preset"}
    read = opentsne_go.TSNE.__new__(opentsne_go.TSNE)
    read.__setstate__(old)
    assert read.preset is None and read.k == 7
