"""Pictures, read back from matplotlib's own objects and from their pixels."""

import base64
import io
import pickle
import re
import sys

import anndata
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import EllipseCollection, PathCollection
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

import opentsne_go
from opentsne_go import pl
from opentsne_go.pl import _colors

matplotlib.use("Agg")

GREY = to_rgb(_colors.UNLABELLED)


@pytest.fixture(autouse=True)
def fresh():
    pl.forget_colors()
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def sixty():
    """A map of 60 classes of 40 points, on a spiral."""
    rng = np.random.default_rng(0)
    turn = np.sqrt(np.arange(60)) * 2.4
    centres = np.column_stack([np.cos(turn * 3), np.sin(turn * 3)]) * (turn * 3)[:, None]
    return np.repeat(centres, 40, axis=0) + rng.normal(size=(2400, 2)), np.repeat(np.arange(60), 40)


def drawn(ax, y):
    """The colour of each point of a map, in the order of the map."""
    dots = [one for one in ax.collections if isinstance(one, PathCollection)][-1]
    place = {tuple(at): i for i, at in enumerate(np.asarray(y, float))}
    found = np.empty((len(y), 3))
    for at, colour in zip(dots.get_offsets(), dots.get_facecolors(), strict=True):
        found[place.pop(tuple(at))] = colour[:3]
    assert not place
    return found


def legend(ax):
    """Names and colours of a legend."""
    made = ax.get_legend()
    texts = [one.get_text() for one in made.get_texts()]
    return dict(zip(texts, (to_hex(one.get_color()) for one in made.legend_handles), strict=True))


def boxes(texts, figure):
    figure.canvas.draw()
    return np.array([one.get_window_extent().extents for one in texts])


def opened(html):
    """The picture in a page."""
    return Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^']+)'", html)[1])))


def png(html):
    return np.asarray(opened(html), int)


def overlaps(found):
    """Pairs of boxes that lie on each other."""
    low, high = found[:, :2], found[:, 2:]
    on = ((low[:, None] < high) & (high[:, None] > low)).all(axis=2)
    return np.argwhere(np.triu(on, 1)).tolist()


Y9 = np.random.default_rng(3).normal(size=(9, 2))
GONE = {
    "early": ([np.nan, "B", "A", "B", "A", "B", "A", "B", "A"], [0]),
    "late": (["B", "A", "B", "A", "B", "A", "B", "A", None], [8]),
    "some": (["B", np.nan, "B", "A", None, "A", "B", "A", float("nan")], [1, 4, 8]),
    "all": ([np.nan] * 9, range(9)),
    "pandas NA": ([pd.NA, "B", "A", "B", "A", "B", "A", "B", pd.NA], [0, 8]),
    "string": (pd.Series([None, *"BABABABA"], dtype="string"), [0]),
    "categorical": (pd.Series([*"BABABABA", None], dtype="category"), [8]),
    "Int64": (pd.Series([pd.NA, 2, 1, 2, 1, 2, 1, 2, 1], dtype="Int64"), [0]),
    "integers that pandas made floats": (pd.Series([None, 2, 1, 2, 1, 2, 1, 2, 1]), [0]),
    "masked": (np.ma.array([1, 2] * 4 + [1], mask=[0] * 8 + [1]), [8]),
    "array": (np.array([None, *"BABABABA"], object), [0]),
    "dates": (np.array(["NaT"] + ["2020-01-01", "2021-01-01"] * 4, "M8[D]"), [0]),
}


@pytest.mark.parametrize("case", GONE)
def test_points_without_a_label_are_grey_and_said_to_be(case):
    labels, missing = GONE[case]
    ax = pl.scatter(Y9, labels)
    colours = drawn(ax, Y9)
    grey = np.isclose(colours, GREY, atol=1e-6).all(axis=1)
    assert np.flatnonzero(grey).tolist() == list(missing)
    names = legend(ax)
    assert list(names)[-1] == "unlabelled" and names["unlabelled"] == _colors.UNLABELLED
    if case != "all":
        assert len(names) == 3 and len({*map(tuple, colours[~grey])}) == 2
        own = np.asarray(labels, object)
        for name, colour in list(names.items())[:2]:
            mine = [i for i in range(9) if i not in missing and str(own[i]).removesuffix(".0") == name]
            if case != "dates":
                assert mine and np.allclose(colours[mine], to_rgb(colour), atol=1e-6)


def test_figures_of_classes_count_labels_as_pictures_do(small):
    kinds = np.repeat(["a", "b", "c"], 50).astype(object)
    kinds[:3] = pd.NA
    other = kinds.copy()
    other[:3] = None
    y = small[:, :2]
    assert opentsne_go.quality(small, y, kinds) == opentsne_go.quality(small, y, other)


def test_sixty_classes_can_be_told_apart(sixty):
    y, kinds = sixty
    names = [f"cluster {i}" for i in kinds]
    ax = pl.scatter(y, names)
    shown = legend(ax)
    assert list(shown) == [f"cluster {i}" for i in range(60)]
    lab = np.array([_colors.oklab(one) for one in shown.values()])
    apart = np.sqrt(((lab[:, None] - lab) ** 2).sum(axis=2))[np.triu_indices(60, 1)]
    assert apart.min() > 0.04  # twice what people just see
    hue = np.unwrap(np.arctan2(lab[:, 2], lab[:, 1]))
    assert (np.diff(hue) > -0.2).all() and 5 < hue[-1] - hue[0] < 2 * np.pi
    figure = ax.figure
    figure.canvas.draw()
    assert ax.get_legend()._ncols > 1
    box, whole = ax.get_legend().get_window_extent(), figure.bbox
    assert box.x0 >= ax.get_window_extent().x1 - 1 and box.x1 <= whole.x1 + 1
    assert whole.y0 <= box.y0 and box.y1 <= whole.y1
    assert sorted(one.get_text() for one in ax.texts) == sorted(shown)
    found = boxes(ax.texts, figure)
    assert not overlaps(found)
    assert (found[:, :2] >= -1).all() and (found[:, 2:] <= np.array([whole.x1, whole.y1]) + 1).all()


@pytest.mark.parametrize("name", ["{}", "type {} of the cells"])
@pytest.mark.parametrize("apart", [0.0, 0.5, 4.0])
def test_names_on_the_map_are_near_their_class_and_apart(name, apart):
    rng = np.random.default_rng(1)
    kinds = np.repeat(np.arange(12), 60)
    y = rng.normal(size=(720, 2)) + apart * rng.normal(size=(12, 2))[kinds]
    ax = pl.scatter(y, [name.format(i) for i in kinds], on_data=True)
    assert ax.get_legend() is None and len(ax.texts) == 12
    found = boxes(ax.texts, ax.figure)
    assert not overlaps(found)
    corner = ax.figure.bbox.max
    assert (found[:, :2] >= -1).all() and (found[:, 2:] <= corner + 1).all()
    dots = ax.transData.transform(y)
    ends = [ax.transData.transform(line.get_xydata()) for line in ax.lines if len(line.get_xydata()) == 2]
    for text, (x0, y0, x1, y1) in zip(ax.texts, found, strict=True):
        own = dots[[name.format(i) == text.get_text() for i in kinds]]
        gap = np.maximum(np.maximum([x0, y0] - own, own - [x1, y1]), 0)
        on = np.hypot(*gap.T).min() < 15
        led = any(
            np.hypot(*(own - line[0]).T).min() < 1
            and np.hypot(*np.maximum(np.maximum([x0, y0] - line[1], line[1] - [x1, y1]), 0)) < 25
            for line in ends
        )
        assert on or led, text.get_text()


def test_a_name_does_not_hide_its_class():
    rng = np.random.default_rng(0)
    kinds = np.repeat(np.arange(49), 40)
    y = 12.0 * np.column_stack([kinds % 7, kinds // 7]) + rng.normal(size=(1960, 2))
    ax = pl.scatter(y, kinds, on_data=True)
    found = boxes(ax.texts, ax.figure)
    dots = ax.transData.transform(y)
    for text, box in zip(ax.texts, found, strict=True):
        own = dots[kinds == int(text.get_text())]
        assert ((own > box[:2]) & (own < box[2:])).all(axis=1).mean() < 0.5
        assert np.hypot(*(own.mean(axis=0) - (box[:2] + box[2:]) / 2)) < 40


def test_a_class_has_one_colour_in_a_session():
    first = legend(pl.scatter(Y9, [*"ABCABCABC"]))
    figure = pl.side_by_side([Y9, Y9[:4]], [[*"CDCDCDCDC"], [*"CBAE"]])
    second = {
        text.get_text(): to_hex(mark.get_color())
        for text, mark in zip(figure.legends[0].get_texts(), figure.legends[0].legend_handles, strict=True)
    }
    assert list(second) == [*"ABCDE"] and len(set(second.values())) == 5
    assert {name: second[name] for name in first} == first
    assert pl.colors([*"EB"]) == {"B": second["B"], "E": second["E"]}
    # Given colours are kept, and later pictures have them.
    given = legend(pl.scatter(Y9, [*"ABCABCABC"], palette={"A": "black"}))
    assert given == {**first, "A": "#000000"}
    assert legend(pl.mapped(Y9, Y9[:3], labels=[*"AAB"]))["A"] == "#000000"
    # Two that have been in different pictures only never share one.
    pl.forget_colors()
    pl.colors(["a", "b"])
    pl.colors(["c", "d"])
    assert len(set(pl.colors([*"abcd"]).values())) == 4
    # Whatever pictures there are, in whatever order.
    pl.forget_colors()
    rng, drawn = np.random.default_rng(0), {}
    for size in [3, 2, 10, 1, 12, 60, *rng.integers(1, 30, 40)]:
        for name, colour in pl.colors(rng.choice([f"k{i}" for i in range(90)], size, replace=False)).items():
            assert drawn.setdefault(name, colour) == colour
    assert len(drawn) == len(set(drawn.values())) == 90
    pl.forget_colors()
    # What a class of many had, it keeps among few.
    many = pl.colors([f"{i}" for i in range(100, 160)])
    assert pl.colors(["140", "141"]) == {"140": many["140"], "141": many["141"]}


@pytest.mark.parametrize(
    "labels,order",
    [
        ([10, 9, 1, 10, 9, 1, 10, 9, 1], ["1", "9", "10"]),
        (["10", "9", "1"] * 3, ["1", "9", "10"]),
        (["-2.5", "10", "3"] * 3, ["-2.5", "3", "10"]),
        (["T10", "T2", "T1"] * 3, ["T1", "T2", "T10"]),
        ([True, False, True] * 3, ["False", "True"]),
        (pd.Categorical(["10", "9", "1"] * 3), ["1", "9", "10"]),
        (pd.Categorical(["low", "high", "mid"] * 3, ["low", "mid", "high"]), ["low", "mid", "high"]),
        (np.array([b"b", b"a", b"b"] * 3), ["a", "b"]),
        (["_b", "$a^2$", "_b"] * 3, ["$a^2$", "_b"]),
        (np.array(["2020-03-01", "2019-11-30", "NaT"] * 3, "M8[ns]"), ["2019-11-30", "2020-03-01", "unlabelled"]),
        (np.array(["2020-03-01T06:00", "2020-03-01"] * 4 + ["NaT"], "M8[us]"), ["2020-03-01", "2020-03-01T06:00:00", "unlabelled"]),
        (np.array([36, 12, 24] * 3, "m8[h]"), ["12 hours", "24 hours", "36 hours"]),
    ],
)
def test_classes_are_in_order(labels, order):
    assert list(legend(pl.scatter(Y9, labels))) == order


def annotated():
    one = anndata.AnnData(np.arange(18, dtype="f4").reshape(9, 2))
    one.var_names = ["g0", "g1"]
    one.obs["kind"] = pd.Categorical([*"BCBCBCBCB"], [*"CBA"])
    one.obs["score"] = np.linspace(0, 1, 9)
    one.obsm["X_tsne"], one.obsm["X_other"] = Y9, Y9 + 9
    return one


def test_colours_of_anndata_and_palettes_are_heeded():
    one = annotated()
    one.uns["kind_colors"] = ["#ff0000", "#00ff00", "#0000ff"]
    assert legend(pl.scatter(one, "kind")) == {"C": "#ff0000", "B": "#00ff00"}
    pl.forget_colors()
    assert legend(pl.scatter(Y9, one.obs["kind"], palette=["red", "lime", "blue"])) == {"C": "#ff0000", "B": "#00ff00"}
    assert legend(pl.scatter(one, "kind", palette="Set1"))["C"] == to_hex(matplotlib.colormaps["Set1"](0))
    assert legend(pl.scatter(Y9, [1, 2] * 4 + [1], palette={"1": "k", "2": (0, 0, 1)})) == {"1": "#000000", "2": "#0000ff"}
    ax = pl.scatter(one, "g1", basis="X_other")
    assert drawn(ax, one.obsm["X_other"])[0] == pytest.approx(matplotlib.colormaps["viridis"](0)[:3], abs=0.01)
    for bad, words in (
        ({"palette": ["red"]}, "^palette: got '1 colours'; allowed: 3"),
        ({"palette": "nothing"}, "^palette: "),
        ({"palette": {"C": "nothing"}}, "^palette: "),
        ({"basis": "X_none"}, "^basis: got 'X_none'; allowed: one of .'X_tsne', 'X_other'."),
    ):
        with pytest.raises(ValueError, match=words):
            pl.scatter(one, "kind", **bad)
    with pytest.raises(ValueError, match="^labels: got 'g7'"):
        pl.scatter(one, "g7")


def test_numbers_have_a_colour_bar():
    values = np.linspace(-1, 3, 9)
    values[4] = np.nan
    ax = pl.scatter(Y9, values)
    bar = ax.figure.axes[-1]
    assert bar is not ax and bar.get_ylim() == (-1, 3) and ax.get_legend() is None
    colours = drawn(ax, Y9)
    assert np.allclose(colours[4], GREY, atol=1e-6)
    want = matplotlib.colormaps["viridis"]((values + 1) / 4)[:, :3]
    assert np.allclose(np.delete(colours, 4, 0), np.delete(want, 4, 0), atol=0.02)
    other = drawn(pl.scatter(Y9, values, palette="magma"), Y9)
    assert np.allclose(other[-1], matplotlib.colormaps["magma"](1.0)[:3], atol=1e-6)
    y = np.random.default_rng(0).normal(size=(300, 2))
    assert len(pl.scatter(y, np.arange(300)).figure.axes) == 2  # no 300 classes
    assert len(pl.scatter(y, np.arange(300) % 7).figure.axes) == 1
    assert len(pl.scatter(y, np.arange(300) % 7, continuous=True).figure.axes) == 2
    assert len(legend(pl.scatter(Y9, [0.5, 1.5, 2.5] * 3, continuous=False))) == 3
    assert len(pl.side_by_side([y, y], [y[:, 0], y[:, 1]]).axes) == 3
    with pytest.raises(ValueError, match="^labels: .*numbers"):
        pl.scatter(Y9, [*"ABCABCABC"], continuous=True)
    with pytest.raises(ValueError, match="^labels: got 'shape"):
        pl.scatter(Y9, np.linspace(0, 1, 8))


def test_dots_suit_their_number():
    rng = np.random.default_rng(0)
    seen = []
    for n in (50, 700, 6000, 150_000):
        dots = pl.scatter(rng.normal(size=(n, 2))).collections[0]
        seen.append((float(dots.get_sizes()[0]), float(dots.get_alpha()), bool(dots.get_rasterized())))
    sizes, alphas, pixels = zip(*seen, strict=True)
    assert list(sizes) == sorted(sizes, reverse=True) and sizes[0] > 30 > 1 > sizes[-1]
    assert list(alphas) == sorted(alphas, reverse=True) and alphas[0] > 0.8 > 0.7 > alphas[-1]
    assert pixels == (False, False, True, True)
    one = pl.scatter(rng.normal(size=(50, 2)), size=7, alpha=0.3).collections[0]
    assert one.get_sizes().tolist() == [7] and one.get_alpha() == 0.3
    # On smaller axes they are smaller.
    small = pl.scatter(rng.normal(size=(700, 2)), ax=plt.subplots(figsize=(2, 2))[1]).collections[0]
    assert small.get_sizes()[0] < sizes[1] / 4
    for bad in ({"size": 0}, {"alpha": 0}, {"alpha": 1.5}):
        with pytest.raises(ValueError, match="^" + next(iter(bad))):
            pl.scatter(Y9, **bad)


def images(ax):
    return [one for one in ax.get_children() if isinstance(one, matplotlib.image._ImageBase)]


@pytest.mark.parametrize("by", ["datashader", "numpy"])
def test_very_many_points_are_an_image_in_their_place(by, monkeypatch):
    if by == "datashader":
        pytest.importorskip("datashader.mpl_ext")
    else:
        monkeypatch.setitem(sys.modules, "datashader", None)
    n = 240_000
    centres = np.array([[0, 0], [10, 0], [0, 10], [10, 10]], float)
    kinds = np.arange(n) % 4
    y = centres[kinds] + np.random.default_rng(0).normal(size=(n, 2))
    labels = np.array(["a", "b", "c", None], object)[kinds]
    ax = pl.scatter(y, labels)
    assert not ax.collections and len(images(ax)) == 1
    ax.figure.canvas.draw()
    pixels = np.asarray(ax.figure.canvas.buffer_rgba())[::-1]
    want = [*(to_rgb(one) for one in list(legend(ax).values())[:3]), GREY]
    for centre, colour in zip(centres, want, strict=True):
        x, up = ax.transData.transform(centre).astype(int)
        patch = pixels[up - 4 : up + 5, x - 4 : x + 5, :3].reshape(-1, 3) / 255
        assert np.abs(np.median(patch, axis=0) - colour).max() < 0.2
    between = ax.transData.transform([5, 5]).astype(int)
    assert (pixels[between[1], between[0], :3] > 250).all()
    # By number; and as many dots as somebody sets a size for.
    values = kinds.astype(float)
    assert len(images(pl.scatter(y, values, continuous=True))) == 1
    assert len(pl.scatter(y, kinds, size=1).collections) == 1


def test_cells_that_could_not_be_placed_are_left_out():
    y = Y9.copy()
    y[2] = np.nan
    ax = pl.scatter(y, [*"ABCABCABC"])
    assert len(ax.collections[0].get_offsets()) == 8
    y[3, 0] = np.inf
    with pytest.raises(ValueError, match="^embedding: .*row 3"):
        pl.scatter(y)
    with pytest.raises(ValueError, match="^embedding: got 'shape"):
        pl.scatter(np.zeros((9, 3)))
    assert len(pl.scatter(np.zeros((0, 2)), []).collections) == 1
    assert len(pl.scatter(np.arange(9.0)[:, None], [*"ABCABCABC"], on_data=True).texts) == 3


def test_no_class_hides_another():
    """Points are drawn in no order of theirs: of two classes in one place both are seen."""
    y = np.random.default_rng(0).normal(size=(4000, 2))
    dots = pl.scatter(y, np.repeat([0, 1], 2000)).collections[0]
    last = dots.get_facecolors()[-1000:, 0]
    assert 400 < (last == last[0]).sum() < 600


@pytest.fixture(scope="module")
def spread():
    rng = np.random.default_rng(0)
    base = rng.normal(size=(500, 2)) * 10
    points = rng.normal(size=(200, 2)) * 10
    wide = np.where(np.arange(200) < 12, 6.0, 0.8)[:, None]
    return base, points, points + wide * rng.normal(size=(50, 200, 2)), np.repeat(["a", "b"], 100)


def test_regions_of_few_and_of_many_points(spread):
    base, points, samples, kinds = spread
    kept = lambda ax: [one for one in ax.collections if isinstance(one, EllipseCollection)]
    few = pl.mapped(base, points[:40], samples[:, :40], kinds[:40])
    assert len(kept(few)[0].get_offsets()) == 40
    many = pl.mapped(base, points, samples, kinds)
    assert not kept(many)
    lines = [one for one in many.collections if type(one).__name__ == "QuadContourSet"]
    assert len(lines) == 2
    colours = pl.colors(kinds)
    for name, line in zip("ab", lines, strict=True):
        assert to_hex(np.ravel(line.get_edgecolor())[:3]) == colours[name]
        mine = samples[:, kinds == name].reshape(-1, 2)
        inside = np.zeros(len(mine), int)
        for polygon in line.get_paths()[0].to_polygons():
            inside += matplotlib.path.Path(polygon).contains_points(mine)
        assert (inside % 2).mean() == pytest.approx(0.95, abs=0.02)
    ax = pl.mapped(base, points, samples, kinds, regions="doubtful")
    assert not kept(ax)
    rays = next(one for one in ax.collections if type(one).__name__ == "LineCollection")
    starts, ends = np.array(rays.get_segments()).reshape(8, 50, 2, 2).swapaxes(0, 2)
    which = np.abs(points[:, None] - starts[0]).max(axis=2).argmin(axis=0)
    assert len(set(which)) == 8 and which.max() < 12
    assert np.array_equal(starts, np.broadcast_to(points[which], starts.shape)) and np.array_equal(ends, samples[:, which])
    assert any(np.array_equal(one.get_offsets(), points[which]) for one in ax.collections)
    assert len(kept(pl.mapped(base, points, samples, kinds, regions="ellipses"))[0].get_offsets()) == 200
    assert not kept(pl.mapped(base, points[:40], samples[:, :40], regions="none"))
    with pytest.raises(ValueError, match="^regions: got 'circles'; allowed: 'ellipses'"):
        pl.mapped(base, points, regions="circles")
    # A new point without a label is seen among the map's own, which are grey.
    ax = pl.mapped(base, points[:3], labels=["a", None, "b"])
    assert (np.abs(drawn(ax, points[:3])[1] - to_rgb(_colors.BACKGROUND)) > 0.3).all()


def test_a_film_is_what_it_is_of():
    rng = np.random.default_rng(0)
    maps = [rng.normal(size=(30, 2)) for _ in range(4)]
    film = pl.animation(maps, labels=np.arange(30) % 3, frames_per_second=5)
    shown = opened(film._repr_html_())
    assert shown.n_frames == 4 and shown.info["duration"] == 200
    seen = []
    for frame in range(4):
        shown.seek(frame)
        seen.append(np.asarray(shown.convert("RGB")).tobytes())
    assert len(set(seen)) == 4
    assert len(film) == 4 and "4 maps of 30 points" in repr(film)
    assert not plt.get_fignums()  # nothing that Jupyter would show beside it
    with pytest.raises(ValueError, match=r"^history\[1\]: got '9 points'; allowed: 30"):
        pl.animation([maps[0], maps[1][:9]])


def test_figures_can_be_kept():
    for made in (pl.scatter(Y9, [*"ABCABCABC"]).figure, pl.side_by_side([Y9, Y9])):
        again = pickle.loads(pickle.dumps(made))
        assert [len(ax.collections[0].get_offsets()) for ax in again.axes] == [9] * len(again.axes)
        assert made.number in plt.get_fignums()  # pyplot shows it


def test_embeddings_show_themselves(small):
    embedding = opentsne_go.TSNE(perplexity=[10, 20], early_exaggeration_iter=20, n_iter=30, exaggeration=2).fit(small)
    shown = embedding._repr_html_()
    cells = dict(re.findall(r"<tr><td[^>]*>([^<]+)</td><td[^>]*>([^<]+)</td></tr>", shown))
    assert cells["points"] == "150" and cells["iterations"] == "50" and cells["perplexity"] == "10, 20"
    assert float(cells["KL divergence"]) == pytest.approx(embedding.kl_divergence, rel=1e-3)
    assert cells["exaggeration"] == "12, then 2" and cells["start"] == "pca" and cells["metric"] == "euclidean" and cells["learning rate"] == "auto"
    # Dots are where the points are, and nowhere else.
    picture = png(shown)
    assert max(picture.shape[:2]) == 128
    y = np.asarray(embedding, float)
    scale = 119 / np.ptp(y, axis=0).max()
    at = np.round((y - y.min(axis=0)) * scale).astype(int) + 4
    dark = picture.sum(axis=2) < 600
    assert dark[picture.shape[0] - 1 - at[:, 1], at[:, 0]].all() and dark.mean() < 0.1
    placed = embedding.transform(small[:20])
    assert "on a map of" in placed._repr_html_() and "PartialTSNEEmbedding" in placed._repr_html_()
    grey = png(placed._repr_html_())
    assert ((grey == grey[:, :, :1]).all(axis=2) & (grey[:, :, 0] < 240)).any()
    assert embedding.T._repr_html_() is None
    embedding[0] = np.nan  # and one that cannot be evaluated
    assert "points" in embedding._repr_html_()


def test_results_say_themselves_in_three_lines(small):
    embedding = opentsne_go.TSNE(perplexity=10, n_iter=50, early_exaggeration_iter=20).fit(small)
    spread = embedding.bootstrap(small[:7], 9, random_state=0)
    aligned = opentsne_go.align(embedding, small[:60], opentsne_go.TSNE(perplexity=10, n_iter=20))
    for one, parts in (
        (spread, ["7 new points", "9 resamples", f"{np.median(spread.radius):.3g}", ".samples"]),
        (aligned, ["60 points", f"{aligned.disparity:.3g}", f"{aligned.overlap:.3g}", ".embedding"]),
    ):
        said = repr(one)
        assert said.count("\n") == 2 and max(map(len, said.split("\n"))) < 100
        assert all(part in said for part in parts), said
    assert repr(embedding.bootstrap(small[:0], 3)).count("\n") == 2


def test_a_history_goes_back_with_its_map(small):
    history = opentsne_go.callbacks.History()
    tsne = opentsne_go.TSNE(perplexity=10, early_exaggeration_iter=20, n_iter=20, callbacks=history, callbacks_every_iters=10)
    embedding = tsne.fit(small)
    embedding.optimize(30)
    assert history.iterations == [10, 20, 30, 40, 50, 60, 70] and history.phases == [0, 20, 40]
    embedding.optimize(20)  # from where it stands, not from where its copy went
    assert history.iterations == [10, 20, 30, 40, 50, 60] and history.phases == [0, 20, 40]
    assert len(history.embeddings) == len(history.kl_divergences) == 6
    assert pl.kl_curve(history).lines[0].get_xdata().tolist() == history.iterations


def test_live_draws_what_there_is(small):
    kinds = np.repeat([*"abc"], 50)
    settings = {"perplexity": 10, "early_exaggeration_iter": 20, "n_iter": 30, "callbacks_every_iters": 10, "random_state": 0}
    live = opentsne_go.callbacks.Live(kinds, share=1e9)
    history = opentsne_go.callbacks.History()
    embedding = opentsne_go.TSNE(**settings, callbacks=[history, live]).fit(small)
    assert live.frames == 5 and live.seconds > 0 and live.iterations == [10, 20, 30, 40, 50]
    dots = live.figure.axes[0].collections[0]
    y = history.embeddings[-1]
    assert {tuple(at) for at in dots.get_offsets().tolist()} == {tuple(at) for at in y.tolist()}
    assert np.allclose(drawn(live.figure.axes[0], y)[:50], to_rgb(pl.colors(kinds)["a"]), atol=1e-6)
    curve, phase = live.figure.axes[1].lines
    assert list(curve.get_xdata()) == live.iterations and list(curve.get_ydata()) == live.kl_divergences
    assert list(phase.get_xdata()) == [20, 20]
    assert live.kl_divergences == history.kl_divergences
    # Another map begins anew; one with other points is not that of the labels.
    opentsne_go.TSNE(**settings, callbacks=live).fit(small[::-1])
    assert live.frames == 5 and live.iterations == [10, 20, 30, 40, 50]
    with pytest.raises(ValueError, match="^labels: got 150; allowed: 100"):
        opentsne_go.TSNE(**settings, callbacks=live).fit(small[:100])
    # So it is where nothing would be drawn, and before anything is computed.
    heard = opentsne_go.callbacks.History()
    with pytest.raises(ValueError, match="^labels: got 150; allowed: 100"):
        opentsne_go.TSNE(**settings, callbacks=[heard, opentsne_go.callbacks.Live(kinds, share=1e-9)]).fit(small[:100])
    assert heard.phases == [0] and not heard.iterations
    # Bits are those of a fit that nobody looks at; and no time is no picture.
    idle = opentsne_go.callbacks.Live(share=1e-9)
    other = opentsne_go.TSNE(**settings, callbacks=idle).fit(small)
    assert idle.frames == 0 and len(idle.iterations) == 5
    plain = opentsne_go.TSNE(**settings).fit(small)
    assert len({np.asarray(one).tobytes() for one in (embedding, other, plain)}) == 1
    with pytest.raises(ValueError, match="^share: "):
        opentsne_go.callbacks.Live(share=0)
