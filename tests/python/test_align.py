"""Maps onto each other; the paper's figures of a map; objections; pictures."""

import anndata
import matplotlib
import numpy as np
import pytest

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, pl, tl

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def halves(digits):
    x, labels = digits
    return (x[:800], labels[:800]), (x[800:1600], labels[800:1600])


@pytest.fixture(scope="module")
def reference(halves):
    return TSNE(random_state=0, n_jobs=-1).fit(halves[0][0])


def class_distance(a, a_labels, b, b_labels):
    """Mean distance of shared classes' centres, as a share of the map's size."""
    a, b = np.asarray(a), np.asarray(b)
    means = [
        np.linalg.norm(a[a_labels == i].mean(axis=0) - b[b_labels == i].mean(axis=0))
        for i in range(10)
    ]
    return np.mean(means) / np.ptp(a)


def test_align_brings_classes_together(halves, reference):
    (_, one), (x, two) = halves
    settings = TSNE(random_state=1, n_jobs=-1, initial_momentum=0.5)
    made = opentsne_go.align(reference, x, settings)
    assert isinstance(made.embedding, opentsne_go.TSNEEmbedding)
    assert 0 < made.disparity < 1 and 0 < made.overlap < 1
    alone = settings.fit(x, initialization="random")
    after = class_distance(reference, one, made.embedding, two)
    assert after < 0.7 * class_distance(reference, one, alone, two)
    assert made.embedding.kl_divergence < 1.1 * alone.kl_divergence
    assert made.embedding.transform(x[:9], n_iter=0).shape == (9, 2)
    with pytest.raises(ValueError, match="^n_components: got 3"):
        opentsne_go.align(reference, x, TSNE(n_components=3))
    with pytest.raises(ValueError, match="60.*64|64.*60"):
        opentsne_go.align(reference, x[:, :60], settings)


def test_a_reference_of_few_points(digits):
    """The default k is no more than there are; one that is given is refused."""
    quick = TSNE(perplexity=2, early_exaggeration_iter=10, n_iter=20, random_state=0)
    x = digits[0][:60]
    few = quick.fit(x[:8])
    calls = {
        "align": lambda **k: opentsne_go.align(few, x[8:], quick, **k).embedding,
        "bootstrap": lambda **k: few.bootstrap(x[8:], 3, random_state=0, **k).samples,
    }
    old, new = (anndata.AnnData(one) for one in (x[:8], x[8:]))
    old.obsm["X_tsne"] = np.asarray(few)
    for name in ("align", "transform"):
        call = getattr(tl, name)
        how = {"tsne": quick, "fit_rep": "X_x"} if name == "align" else {}
        calls[f"tl.{name}"] = lambda call=call, how=how, **k: call(new, old, use_rep="X_x", copy=True, **how, **k).obsm["X_tsne"]
    old.obsm["X_x"], new.obsm["X_x"] = x[:8], x[8:]
    for name, call in calls.items():
        assert same_bits(call(), call(k=8)), name
        assert not same_bits(call(), call(k=3)), name
        for k in (9, 10):
            with pytest.raises(ValueError, match=f"^k: got {k}; allowed: 1 to 8, the points of the map"):
                call(k=k)
    assert tl.transform(new, old, use_rep="X_x", copy=True).uns["tsne"]["params"]["k"] == 8


def test_procrustes_equals_scipy(reference):
    from scipy.linalg import orthogonal_procrustes

    rng = np.random.default_rng(0)
    y = np.asarray(reference, float)
    turn = np.linalg.qr(rng.normal(size=(2, 2)))[0]
    moved = 3 * y @ turn + [5, -7] + rng.normal(0, 0.5, y.shape)
    found = opentsne_go.procrustes(y, moved, scale=True)
    a, b = y - y.mean(axis=0), moved - moved.mean(axis=0)
    rotation, strength = orthogonal_procrustes(b, a)
    assert np.allclose(found.rotation, rotation.T, atol=1e-6)
    assert found.scale == pytest.approx(strength / (b**2).sum(), rel=1e-5)
    back = found.apply(moved)
    assert np.allclose(back, found.scale * b @ rotation + y.mean(axis=0), atol=1e-3)
    assert found.disparity == pytest.approx(((back - y) ** 2).sum() / (a**2).sum(), rel=1e-3)
    mirrored = y * [1, -1]
    assert opentsne_go.procrustes(y, mirrored).reflected
    assert not opentsne_go.procrustes(y, mirrored, reflection=False).reflected


def test_procrustes_by_labels(halves, reference):
    labels = halves[0][1].astype(str).astype(object)
    y = np.asarray(reference)
    turned = y[:, ::-1] + 4
    some = np.arange(0, 800, 3)
    found = opentsne_go.procrustes(
        y, turned[some], target_labels=labels, source_labels=labels[some]
    )
    assert class_distance(y, labels.astype(int), found.apply(turned), labels.astype(int)) < 0.05
    with pytest.raises(ValueError, match="^source_labels: "):
        opentsne_go.procrustes(y, y, target_labels=labels, source_labels=["none"] * 800)
    with pytest.raises(ValueError, match="^labels: "):
        opentsne_go.procrustes(y, y, target_labels=labels)
    with pytest.raises(ValueError, match="^source: "):
        opentsne_go.procrustes(y, y[:5])


def test_several_maps(reference):
    y = np.asarray(reference)
    rng = np.random.default_rng(0)
    maps = [y, y[:, ::-1] + 3, -y + rng.normal(0, 0.1, y.shape)]
    made = opentsne_go.superpose(maps)
    assert np.allclose(np.mean(made.maps, axis=0), made.consensus, atol=1e-3)
    assert (made.disparities < 1e-3).all()
    onto = opentsne_go.superpose(maps, to_first=True)
    assert np.allclose(onto.maps[1], y, atol=1e-3)
    assert opentsne_go.shared_neighbors(y, maps[1]) == pytest.approx(1, abs=0.01)
    assert opentsne_go.shared_neighbors(y, rng.permutation(y)) < 0.1
    with pytest.raises(ValueError, match=r"^maps\[1\]: "):
        opentsne_go.superpose([y, y[:5]])
    with pytest.raises(ValueError, match="^maps: "):
        opentsne_go.superpose([])
    with pytest.raises(ValueError, match="^k: "):
        opentsne_go.shared_neighbors(y, y, 800)


def by_hand(x, y, labels):
    from scipy.spatial.distance import cdist

    def nearest(z, k):
        return np.argsort(cdist(z, z), axis=1)[:, 1 : k + 1]

    def share(a, b):
        return np.mean([len(set(p) & set(q)) / len(p) for p, q in zip(a, b, strict=True)])

    means = [np.array([z[labels == i].mean(axis=0) for i in np.unique(labels)]) for z in (x, y)]
    return share(nearest(x, 10), nearest(y, 10)), share(nearest(means[0], 4), nearest(means[1], 4))


def test_quality_is_the_papers(halves, reference):
    from scipy.spatial.distance import pdist
    from scipy.stats import spearmanr

    x, labels = halves[0]
    y = np.asarray(reference)
    found = opentsne_go.quality(x, y, labels)
    knn, knc = by_hand(x.astype(float), y.astype(float), labels)
    assert found.knn == pytest.approx(knn, abs=0.005) and found.knc == pytest.approx(knc, abs=0.01)
    every = spearmanr(pdist(x), pdist(y)).statistic  # n < 1000: all points
    assert found.cpd == pytest.approx(every, abs=0.01)
    assert np.isnan(opentsne_go.quality(x, y).knc)
    words = opentsne_go.quality(x, y, np.array(list("abcdefghij"))[labels])
    assert words == found
    with pytest.raises(ValueError, match="^Z: "):
        opentsne_go.quality(x, y[:9])
    with pytest.raises(ValueError, match="^labels: "):
        opentsne_go.quality(x, y, labels[:9])


def test_objections_once_under_verbose(halves, caplog):
    rate = 0.12345  # of this test alone
    for _ in range(2):
        TSNE(learning_rate=rate, n_iter=250, verbose=True).fit(halves[0][0][:100])
    assert len([r for r in caplog.records if "0.12345 is low" in r.message]) == 1
    assert opentsne_go.check(TSNE(learning_rate=rate), 100)[0] in caplog.text


def test_pictures(halves, reference, tmp_path):
    import matplotlib.pyplot as plt

    x, labels = halves[0]
    history = opentsne_go.callbacks.History()
    embedding = TSNE(callbacks=history, callbacks_every_iters=50, n_iter=100).fit(x[:200])
    ax = pl.kl_curve(history)
    line = ax.lines[0].get_xydata()
    assert line[:, 0].tolist() == history.iterations and len(line) == 7
    figure = pl.side_by_side(
        [reference, embedding], [labels, labels[:200]], ["reference", "aligned"]
    )
    assert [a.get_title() for a in figure.axes] == ["reference", "aligned"]
    assert [len(a.collections[0].get_offsets()) for a in figure.axes] == [800, 200]
    spread = reference.bootstrap(halves[1][0][:30], 20, random_state=0)
    ax = pl.mapped(reference, spread, labels=halves[1][1][:30])
    ellipses = ax.collections[-1]
    assert len(ellipses.get_offsets()) == 30 and np.isfinite(ellipses._widths).all()
    # An ellipse holds 95 % of its point's samples.
    one = spread.samples[:, 0] - ellipses.get_offsets()[0]
    angle = ellipses._angles[0]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    inside = ((one @ turn / [ellipses._widths[0], ellipses._heights[0]]) ** 2).sum(axis=1) <= 1.001
    assert 0.9 <= inside.mean() <= 1
    for name in ("a.gif", "a.html"):
        pl.animation(history, tmp_path / name, labels[:200])
        assert (tmp_path / name).stat().st_size > 5000
    from PIL import Image

    assert Image.open(tmp_path / "a.gif").n_frames == len(history.embeddings)
    figure.savefig(tmp_path / "b.png")
    plt.close("all")
    with pytest.raises(ValueError, match="^path: "):
        pl.animation(history, tmp_path / "a.avi")
    with pytest.raises(ValueError, match="^labels: "):
        pl.side_by_side([reference], [labels, labels])
    with pytest.raises(ValueError, match="^history: "):
        pl.kl_curve(opentsne_go.callbacks.History())
