"""A sweep is as many fits, over one search, and says what its figures say."""

import numpy as np
import pytest

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, pl, sweep

QUICK = TSNE(early_exaggeration_iter=30, n_iter=40, n_jobs=-1, random_state=3)


def quick(**settings):
    return TSNE(**{**QUICK.get_params(), **settings})


@pytest.fixture(scope="module")
def x(digits):
    return digits[0][:500]


@pytest.fixture(scope="module")
def done(digits, x):
    return sweep(x, [5, 30, [10, 50]], [1, 2.5], QUICK, digits[1][:500])


def test_bits_are_those_of_fits(x, done):
    assert [(s.perplexity, s.exaggeration) for s in done.settings] == [
        (5, 1), (5, 2.5), (30, 1), (30, 2.5), ([10, 50], 1), ([10, 50], 2.5),
    ]  # fmt: skip
    for settings, y, kl in zip(done.settings, done.positions, done.table["kl"], strict=True):
        alone = settings.fit(x)
        assert same_bits(np.asarray(alone), y) and alone.kl_divergence == kl


@pytest.mark.parametrize(
    "settings",
    [
        {"metric": "cosine", "initialization": "spectral"},
        {"metric": "minkowski", "metric_params": {"p": 3}},
        {"affinity": "multiscale", "density_lambda": 0.1},
        {"k": 60, "neighbors": "exact", "n_components": 1},
        {"initialization": "sample", "sample_size": 200, "dof": 0.8},
        {"n_components": 3, "pull": 0.01, "random_state": None},
    ],
)
def test_bits_by_other_settings(x, settings):
    far = x[:300].astype(float) + 1e7
    for data in x[:300], far:
        made = sweep(data, [4, [8, 20]], [1.5], quick(**settings))
        for one, y in zip(made.settings, made.positions, strict=True):
            assert same_bits(np.asarray(one.fit(data)), y)


def test_sparse_data_and_frames(x):
    import pandas
    import scipy.sparse

    sparse = scipy.sparse.csr_matrix(x[:200])
    frame = pandas.DataFrame(x[:200], columns=[f"p{i}" for i in range(64)])
    for data in sparse, frame:
        made = sweep(data, [5, 12], tsne=QUICK)
        assert same_bits(np.asarray(made.settings[1].fit(data)), made.positions[1])


def test_precomputed_distances_have_maps_and_no_figures(x):
    from scipy.spatial.distance import cdist

    far = cdist(x[:150], x[:150])
    made = sweep(far, [5, 12], tsne=quick(metric="precomputed", initialization="spectral"))
    assert list(made.table) == ["perplexity", "exaggeration", "kl"]
    assert same_bits(np.asarray(made.settings[0].fit(far)), made.positions[0])
    assert "perplexity 12" in made.why and made.suggested == 1


def test_the_share_of_dubious_points():
    x = np.random.default_rng(0).normal(size=(300, 6)).astype(np.float32)
    made = sweep(x, [5, 30], tsne=QUICK, dubious=True)
    for settings, share in zip(made.settings, made.table["dubious"], strict=True):
        seen = opentsne_go.diagnose(settings.fit(x), scores=["dubious"], random_state=3)["dubious"]
        assert share == seen.mean() and 0 < share < 1
    with pytest.raises(ValueError, match=r"^dubious: got True; allowed: False for metric='precomputed'"):
        sweep(np.zeros((20, 20)), [5], tsne=quick(metric="precomputed"), dubious=True)


def test_the_table_is_what_can_be_measured(digits, x, done):
    labels = digits[1][:500]
    near = lambda z, k: np.argsort(((z[:, None].astype(float) - z[None]) ** 2).sum(-1) + np.diag([np.inf] * len(z)), axis=1, kind="stable")[:, :k]
    for i, y in enumerate(done.positions):
        seen = opentsne_go.quality(x, y, labels, random_state=3)
        row = {name: done.table[name][i] for name in done.table}
        assert (row["knn"], row["knc"], row["cpd"]) == (seen.knn, seen.knc, seen.cpd)
        kept = np.mean([len(np.intersect1d(a, b)) / 30 for a, b in zip(near(x, 30), near(y, 30), strict=True)])
        assert row["recall"] == pytest.approx(kept, abs=0.002)
    unlabelled = sweep(x[:100], [5], tsne=QUICK)
    assert "knc" not in unlabelled.table and unlabelled.suggested == 0


def test_maps_lie_on_the_plainest(done):
    frame = 2  # perplexity 30, exaggeration 1
    for y, raw in zip(done.maps, done.positions, strict=True):
        again = opentsne_go.procrustes(done.positions[frame], raw)
        assert np.abs(again.apply(raw) - y).max() < 1e-3 * np.ptp(raw)
        d = lambda z: np.linalg.norm(z[:50, None] - z[None, :50], axis=-1)
        assert np.allclose(d(y), d(raw), atol=1e-3 * np.ptp(raw))


def test_what_is_suggested(done):
    table, i = done.table, done.suggested
    score = np.sqrt((table["knn"] / table["knn"].max()) * (table["knc"] / table["knc"].max()))
    assert score[i] >= score.max() - 0.02
    assert done.why.startswith(f"perplexity {['5', '30', '10+50'][i // 2]}, exaggeration {[1, 2.5][i % 2]:g}")
    assert f"{table['knn'][i]:.3f}" in done.why and f"{table['knc'][i]:.3f}" in done.why
    for name in "knn", "knc":
        if table[name].max() > table[name][i]:
            assert f"{table[name].max():.3f} instead" in done.why
    shown = repr(done).splitlines()
    assert shown[0].split() == list(table) and shown[-1] == done.why and len(shown) == len(done.maps) + 2


def test_it_is_a_table_without_pandas(python, tmp_path):
    (tmp_path / "pandas.py").write_text("raise ImportError")
    out = python(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import numpy as np, opentsne_go as og\n"
        "x = np.random.default_rng(0).normal(size=(60, 5))\n"
        "made = og.sweep(x, [3, 6], [1, 2])\n"
        "print(type(made.table).__name__, made.table['perplexity'], len(repr(made).splitlines()))"
    )
    assert out.split("\n")[0] == "dict [3. 3. 6. 6.] 6"


def test_the_sheet(digits, done):
    import matplotlib.pyplot as plt

    figure = done.plot()
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[0] == "perplexity 5, exaggeration 1" and titles[5] == "perplexity 10+50, exaggeration 2.5"
    assert sum(ax.title.get_fontweight() == "bold" for ax in figure.axes) == 1
    assert figure.axes[done.suggested].title.get_fontweight() == "bold"
    assert len({round(ax.get_position().x0, 2) for ax in figure.axes}) == 2
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [str(i) for i in range(10)]
    bare = pl.sheet(done.maps[:5], titles=None, columns=9)
    assert len(bare.axes) == 5 and not bare.legends
    odd = pl.sheet(done.maps[:5], digits[1][:500], columns=2)
    assert sum(ax.axison for ax in odd.axes) == 5
    plt.close("all")
    for bad in ({"maps": []}, {"maps": [done.maps[0], done.maps[1][1:]]}, {"maps": done.maps, "titles": ["a"]}, {"maps": done.maps, "columns": 0}):
        with pytest.raises(ValueError, match="^(maps|titles|columns)"):
            pl.sheet(**bad)


@pytest.mark.parametrize(
    "given,word",
    [
        ({"perplexity": []}, "perplexity"),
        ({"perplexity": 30}, "perplexity"),
        ({"perplexity": "30"}, "perplexity"),
        ({"perplexity": [30, -1]}, "perplexity"),
        ({"perplexity": [30, []]}, "perplexity"),
        ({"exaggeration": [0]}, "exaggeration"),
        ({"exaggeration": [1, "a"]}, "exaggeration"),
        ({"tsne": 3}, "tsne"),
        ({"labels": [1, 2]}, "labels"),
        ({"tsne": TSNE(affinity="uniform")}, "perplexity"),
        ({"tsne": TSNE(learning_rate=-1)}, "learning_rate"),
        ({"tsne": TSNE(checkpoint="here.npz")}, "checkpoint"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(x, given, word, monkeypatch):
    monkeypatch.setattr(TSNE, "fit", lambda *_: pytest.fail("it has begun"))
    with pytest.raises(ValueError, match=f"^{word}: got"):
        sweep(x, **{"perplexity": [5, 10], **given})


def test_what_would_not_fit_into_memory_is_said_first():
    wide = np.zeros((2_000_000, 2), np.float32)
    with pytest.raises(MemoryError, match=r"2000000 x 2 data need about \d+ MiB"):
        sweep(wide, [30, 500_000])


def test_it_leaves_nothing_behind(python):
    out = python(
        "import numpy as np, opentsne_go as og\n"
        "from opentsne_go._native import library\n"
        "x = np.random.default_rng(0).normal(size=(80, 5)).astype('f4')\n"
        "og.sweep(x, [3, 6, [2, 9]], tsne=og.TSNE(n_iter=10, early_exaggeration_iter=0))\n"
        "x[3, 2] = np.nan\n"
        "try: og.sweep(x, [3, 6])\n"
        "except ValueError as e: print(e)\n"
        "import gc; gc.collect(); print(library.lib().tsne_live_handles())"
    )
    assert out.splitlines()[-1] == "0" and "row 3, column 2" in out
