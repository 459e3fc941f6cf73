"""Maps to point at and to select from; pages in a real browser, without a network."""

import base64
import gzip
import io
import json
import re
import shutil
import sys

import anndata
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import sync_playwright

from opentsne_go import errors, explore, pl

#: Of a browser that asks nobody for anything.
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
KINDS = ["B cell", "</script><b>T", "naïve & \"quoted\""]
CENTRES = np.array([[0, 0], [40, 0], [0, 40]])


@pytest.fixture(scope="module")
def browser():
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no browser (Debian: apt-get install chromium)")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


class Opened:
    """A page of a file, with what was asked for and what went wrong."""

    def __init__(self, browser, path, width=1000, height=700):
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.asked, self.wrong = [], []
        self.page.on("request", lambda one: self.asked.append(one.url))
        self.page.on("pageerror", lambda one: self.wrong.append(str(one)))
        self.page.on("console", lambda one: self.wrong.append(one.text) if one.type == "error" else None)
        self.page.goto(f"file://{path}")
        self.drawn()

    def drawn(self):
        """Waits for what has been asked to be drawn."""
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def place(self, i):
        """Where a point is on the screen."""
        box = self.page.locator("#map").bounding_box()
        x, y = self.page.evaluate("i => toScreen(i)", i)
        return box["x"] + x, box["y"] + y

    def colour(self, i):
        self.drawn()
        pixel = "([x, y]) => Array.from(ink.getImageData(x * ratio, y * ratio, 1, 1).data.slice(0, 3))"
        return np.array(self.page.evaluate(pixel, self.page.evaluate("i => toScreen(i)", i)))

    def drag(self, corners, key=None):
        mouse = self.page.mouse
        mouse.move(*corners[0])
        mouse.down()
        if key:
            self.page.keyboard.down(key)
        for corner in corners[1:]:
            mouse.move(*corner, steps=4)
        mouse.up()
        if key:
            self.page.keyboard.up(key)

    def around(self, points, reach=25):
        """A rectangle of the screen around points."""
        at = np.array([self.place(int(i)) for i in points])
        (x0, y0), (x1, y1) = at.min(axis=0) - reach, at.max(axis=0) + reach
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]

    def selected(self):
        return set(self.page.evaluate("selected()"))

    def downloaded(self, to):
        with self.page.expect_download() as waiting:
            self.page.click("#download")
        waiting.value.save_as(to)
        return waiting.value.suggested_filename


def blood():
    """Three groups far from each other, 20 cells each, with what is known of them."""
    rng = np.random.default_rng(0)
    kind = np.repeat([0, 1, 2], 20)
    obs = pd.DataFrame(
        {
            "kind": pd.Categorical([KINDS[k] for k in kind], KINDS),
            "depth": np.where(np.arange(60) % 20 == 3, np.nan, np.linspace(0, 1, 60)),
            "reads": 16_777_217 + np.arange(60) * 1_000_001,
            "doublet": np.arange(60) % 2 == 0,
            "seen": pd.to_datetime("2026-01-01") + pd.to_timedelta(np.arange(60), "D"),
        },
        index=[f"AAC{i}-1" for i in range(60)],
    )
    obs.loc[obs.index[5], "kind"] = None
    adata = anndata.AnnData(rng.normal(size=(60, 3)).astype("f4"), obs=obs)
    adata.var_names = ["CD3D", "LYZ", "kind"]
    adata.obsm["X_tsne"] = CENTRES[kind] + rng.normal(size=(60, 2))
    return adata


def near(pixel, colour):
    """Whether a pixel is of a colour, drawn nine tenths opaque on white."""
    want = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return np.abs(pixel - (255 + 0.9 * (want - 255))).max() < 24


@pytest.fixture
def shown(browser, tmp_path):
    adata = blood()
    explore.html(adata, path=tmp_path / "map.html", title="<i>Blood")
    opened = Opened(browser, tmp_path / "map.html")
    yield adata, opened
    assert opened.asked == [f"file://{tmp_path}/map.html"] and opened.wrong == []
    opened.page.close()


def test_a_page_shows_what_is_known_of_a_cell(shown):
    adata, opened = shown
    assert opened.page.inner_text("h1") == "<i>Blood" and opened.page.inner_text("#count") == "60 cells"
    opened.page.mouse.move(*opened.place(33))
    tip = opened.page.inner_text("#tip").split("\n")
    assert tip[0] == "AAC33-1"
    rows = dict(one.split("\t") for one in tip[1:] if one)
    assert rows == {
        "kind": KINDS[1],
        "depth": f"{np.float32(adata.obs['depth'].iloc[33]):.6g}",
        "reads": str(adata.obs["reads"].iloc[33]),
        "doublet": "False",
        "seen": "2026-02-03T00:00:00.000000000",
    }
    opened.page.mouse.move(*opened.around(range(20), 60)[2])
    assert not opened.page.is_visible("#tip")


def test_a_page_has_the_colours_of_the_session(shown):
    adata, opened = shown
    said = pl.colors(adata.obs["kind"])
    assert list(said) == KINDS
    kept = [i for i in range(60) if np.hypot(*(adata.obsm["X_tsne"] - adata.obsm["X_tsne"][i]).T)[np.arange(60) != i].min() > 0.4]
    assert len(kept) > 10
    for i in kept:
        missing = adata.obs["kind"].isna().iloc[i]
        assert near(opened.colour(i), "#b9b9b9" if missing else said[adata.obs["kind"].iloc[i]]), i
    legend = opened.page.inner_text("#legend").split("\n")
    assert legend[::2] == [*KINDS, "unlabelled"] and legend[1::2] == ["19", "20", "20", "1"]
    opened.page.select_option("#color", label="depth")
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    for i in kept:
        depth = adata.obs["depth"].iloc[i]
        assert near(opened.colour(i), "#b9b9b9" if np.isnan(depth) else to_hex(colormaps["viridis"](depth))), i


def test_cells_are_selected_and_come_back_as_a_column(shown, tmp_path):
    adata, opened = shown
    page, names = opened.page, np.array(adata.obs_names)
    page.click("text=Lasso")
    opened.drag(opened.around(range(20)))
    assert opened.selected() == set(names[:20])
    assert page.inner_text("#count") == "20 of 60 cells selected"
    assert near(opened.colour(40), "#dedede")
    page.click("text=Box")
    corners = opened.around(range(20, 40))
    opened.drag([corners[0], corners[2]], "Shift")
    assert opened.selected() == set(names[:40])
    corners = opened.around([25], 1)
    opened.drag([corners[0], corners[2]], "Alt")
    assert set(names[:40]) - {"AAC25-1"} >= opened.selected() > set(names[:20])
    page.click(f"#legend button:has-text('{KINDS[0]}')")
    assert opened.selected() == set(names[:20]) - {"AAC5-1"}
    assert opened.downloaded(tmp_path / "names.txt") == "selected-cells.txt"
    explore.select(adata, tmp_path / "names.txt")
    want = (np.arange(60) < 20) & (np.arange(60) != 5)
    assert adata.obs["selected"].dtype == bool and (adata.obs["selected"] == want).all()
    explore.select(adata, ["AAC7-1"])
    assert list(adata.obs_names[adata.obs["selected"]]) == ["AAC7-1"]
    page.keyboard.press("Escape")
    assert opened.selected() == set() and page.is_disabled("#download")


def test_a_map_is_moved_and_brought_near_under_the_pointer(shown):
    _, opened = shown
    before = opened.place(30)
    opened.page.mouse.move(*before)
    opened.page.mouse.wheel(0, -500)
    opened.page.wait_for_function("scale > 2 * whole")
    near = np.array(opened.place(30))
    assert np.abs(near - before).max() < 4  # a wheel's place is in whole pixels
    opened.drag([near, near + (-70, 30)])
    assert np.allclose(opened.place(30), near + (-70, 30), atol=1e-3)
    opened.page.click("text=Whole map")
    assert np.allclose(opened.place(30), before, atol=1e-6)


def test_a_page_of_two_hundred_thousand_cells(browser, tmp_path):
    n = 200_000
    rng = np.random.default_rng(1)
    kind = np.arange(n) % 60
    y = rng.uniform(-90, 90, (60, 2))[kind] + rng.normal(size=(n, 2))
    y[:10] = np.nan  # without a place
    y[10:20] = [300, 0] + rng.normal(size=(10, 2))
    made = explore.html(y, {"kind": kind, "value": y[:, 0], "barcode": [f"x{i}" for i in range(n)]}, tmp_path / "map.html")
    assert repr(made).startswith("Page of 199,990 cells")
    opened = Opened(browser, tmp_path / "map.html")
    assert opened.page.locator("#color option").all_inner_texts() == ["kind", "value"]
    opened.page.click("text=Lasso")
    opened.drag(opened.around(range(10)))
    assert opened.selected() == {str(i) for i in range(10, 20)}
    opened.page.mouse.move(*opened.place(4))
    assert "x14" in opened.page.inner_text("#tip")
    opened.page.click("#legend button >> nth=7")
    opened.drawn()
    assert len(opened.selected()) == (kind[10:] == 7).sum()
    assert opened.wrong == []
    opened.page.close()


def test_a_page_takes_what_users_have(browser, tmp_path):
    adata = blood()
    adata.uns["kind_colors"] = ["#ff0000", "#00ff00", "#0000ff"]
    assert '"#ff0000", "#00ff00", "#0000ff"' in str(explore.html(adata, ["CD3D", "kind"], color="kind"))
    y = adata.obsm["X_tsne"]
    for what in (None, adata.obs, {"a": [None] * 60}, np.arange(60), ["x"] * 60, {}):
        for positions in (y, y[:, :1], y.astype("f4")):
            explore.html(positions, what, tmp_path / "map.html")
            opened = Opened(browser, tmp_path / "map.html")
            assert opened.page.inner_text("#count") == "60 cells" and opened.wrong == []
            opened.page.close()
    explore.html(y[:0], path=tmp_path / "map.html", title="naïve")
    opened = Opened(browser, tmp_path / "map.html")
    assert opened.page.inner_text("#count") == "0 cells" and opened.page.title() == "naïve" and opened.wrong == []
    opened.page.close()


def test_a_notebook_shows_a_page(browser, tmp_path):
    (tmp_path / "cell.html").write_text(explore.html(blood())._repr_html_())
    page = browser.new_page()
    page.goto(f"file://{tmp_path}/cell.html")
    assert page.frame_locator("iframe").locator("#count").inner_text() == "60 cells"
    page.close()


def test_what_is_wrong_is_one_line(tmp_path):
    adata, y = blood(), np.zeros((60, 2))
    for call, said in {
        lambda: explore.html(adata, path="map.png"): "path: got 'map.png'; allowed: a name that ends in .html",
        lambda: explore.html(adata, ["absent"]): "metadata: got 'absent'; allowed: columns of adata.obs, genes, or a table",
        lambda: explore.html(adata, color="seed"): "color: got 'seed'; allowed: one of ['kind', 'depth', 'reads', 'doublet', 'seen']",
        lambda: explore.html(adata, basis="X_umap"): "basis: got 'X_umap'; allowed: one of ['X_tsne']",
        lambda: explore.html(y, {"a": [1, 2]}): "a: got 'shape (2,)'; allowed: 60 labels, one for each point",
        lambda: explore.html(y, {"a": [0.5]}): "a: got 'shape (1,)'; allowed: 60 values, one for each cell",
        lambda: explore.html(y, names=["a"]): "names: got '1 names'; allowed: 60, one for each cell",
        lambda: explore.html(y, names=["a\nb"] * 60): "names: got 'a\\nb'; allowed: names of one line; this is row 0",
        lambda: explore.html(np.zeros((9, 3))): "embedding: got 'shape (9, 3)'; allowed: finite positions in 1 or 2 columns",
        lambda: explore.select(adata, ["AAC1-1", "B"]): "cells: got 'B'; allowed: names of cells of adata; this is a name that obs_names does not have",
        lambda: explore.select(adata, ["AAC1-1"], "kind"): "key: got 'kind'; allowed: a new column of obs, or one of True and False",
        lambda: explore.select(y, ["A"]): "adata: got 'ndarray'; allowed: an AnnData",
    }.items():
        with pytest.raises(errors.InvalidInputError) as raised:
            call()
        assert str(raised.value) == said
    adata.obs_names = ["A", "A", *adata.obs_names[2:]]
    with pytest.raises(ValueError, match="'A'.*has twice"):
        explore.select(adata, ["A"])
    assert "selected" not in adata.obs and list(tmp_path.iterdir()) == []


def test_jupyter_scatter_has_the_cells_and_the_colours_and_gives_the_selection_back():
    import jscatter
    from matplotlib.colors import to_hex

    adata = blood()
    adata.obsm["X_tsne"][:2] = np.nan
    made = explore.jupyter_scatter(adata, color="kind", selection="chosen", height=300)
    assert type(made) is jscatter.Scatter and made.height() == 300
    said = pl.colors(adata.obs["kind"][2:])
    names = [*KINDS, "unlabelled"]
    assert made.color()["by"] == "kind" and [to_hex(one) for one in made.color()["map"]] == [*said.values(), "#b9b9b9"]
    frame = made.widget.data
    assert list(frame["kind"].cat.categories) == names and list(frame.index) == list(adata.obs_names[2:])
    assert np.allclose(frame[["x", "y"]], adata.obsm["X_tsne"][2:])
    spans = [np.ptp(made.widget.x_scale_domain), np.ptp(made.widget.y_scale_domain)]
    assert np.isclose(*spans)
    assert adata.obs["chosen"].dtype == bool and not adata.obs["chosen"].any()
    for chosen in ([0, 3, 57], [], [4]):
        # What the widget's page sends when somebody selects.
        values = np.array(chosen, "uint32")
        made.widget.set_state({"selection": {"view": memoryview(values), "dtype": "uint32", "shape": [len(values)]}})
        want = np.isin(np.arange(60), np.array(chosen, int) + 2)
        assert (adata.obs["chosen"] == want).all() and list(made.selection()) == list(adata.obs_names[want])
    depth = explore.jupyter_scatter(adata, color="depth")
    assert to_hex(depth.color()["map"][0]) == "#b9b9b9" and len(depth.color()["map"]) == 257
    codes = depth.widget.points[:, 2]
    assert ((codes == 0) == adata.obs["depth"].isna()[2:]).all() and codes.max() == 1
    assert explore.jupyter_scatter(adata.obsm["X_tsne"]).color()["by"] is None


@pytest.mark.skipif(sys.version_info < (3, 11), reason="embedding-atlas needs Python 3.11")
def test_embedding_atlas_has_the_cells_and_gives_the_selection_back():
    from embedding_atlas.widget import EmbeddingAtlasWidget

    adata = blood()
    adata.obsm["X_tsne"][:2] = np.nan
    made = explore.embedding_atlas(adata, selection="chosen", point_size=3)
    assert isinstance(made, EmbeddingAtlasWidget)
    frame = made.selection()
    assert list(frame["cell"]) == list(adata.obs_names[2:]) and np.allclose(frame[["x", "y"]], adata.obsm["X_tsne"][2:])
    assert set(adata.obs) - {"chosen"} <= set(frame) and frame["kind"].tolist()[3] == "unlabelled"
    assert not adata.obs["chosen"].any()
    for predicate, want in {
        "x > 20": adata.obsm["X_tsne"][:, 0] > 20,
        "kind = 'B cell' AND depth < 0.2": (adata.obs["kind"] == "B cell") & (adata.obs["depth"] < 0.2),
    }.items():
        made.set_state({"_predicate": predicate})  # what the widget's page sends
        assert (adata.obs["chosen"] == (want & (np.arange(60) > 1))).all() and adata.obs["chosen"].any()
    made.set_state({"_predicate": None})
    assert not adata.obs["chosen"].any()


def packed(figure):
    """What DataMapPlot puts into its page: points, what is told of them, and names on the map."""
    found = re.findall(r'const (\w+)Encoded = "(H4sI[\w+/=]+)"', str(figure))
    data = {name: gzip.decompress(base64.b64decode(one)) for name, one in found}
    return pd.read_feather(io.BytesIO(data["pointData"])), json.loads(data["hoverData"]), json.loads(data["labelData"])


def test_datamapplot_has_the_cells_the_colours_and_the_names(tmp_path):
    from datamapplot.interactive_rendering import InteractiveFigure
    from datamapplot.selection_handlers import ExportSelection

    adata = blood()
    adata.obs["a `${x}` b"] = "<i>"
    adata.obsm["X_tsne"][:2] = np.nan
    made = explore.datamapplot(adata, title="Blood", selection_handler=ExportSelection())
    assert type(made) is InteractiveFigure and "Blood" in str(made) and "a &#96;&#36;&#123;x&#125;&#96; b" in str(made)
    points, told, names = packed(made)
    assert told["hover_text"] == list(adata.obs_names[2:]) and told["column_3"][:2] == ["True", "False"]
    assert told["column_5"] == ["&lt;i&gt;"] * 58
    assert {one["label"] for one in names} >= set(KINDS)
    said = {**pl.colors(adata.obs["kind"]), "unlabelled": "#b9b9b9"}
    want = [said["unlabelled" if pd.isna(one) else one] for one in adata.obs["kind"][2:]]
    rgb = lambda points: ["#" + "".join(f"{one:02x}" for one in row) for row in points[["r", "g", "b"]].to_numpy().tolist()]
    assert rgb(points) == want
    # The places are the map's, moved and scaled.
    got, y = points[["x", "y"]].to_numpy(), adata.obsm["X_tsne"][2:]
    scale = np.ptp(got, axis=0) / np.ptp(y, axis=0)
    assert np.allclose(scale[0], scale[1]) and np.allclose(got - got.mean(axis=0), scale * (y - y.mean(axis=0)), atol=1e-3)
    made.save(tmp_path / "map.html")
    explore.select(adata, told["hover_text"][5:8])
    assert list(np.flatnonzero(adata.obs["selected"])) == [7, 8, 9]
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    by_depth = packed(explore.datamapplot(adata, color="depth"))[0]
    depth = adata.obs["depth"].to_numpy()[2:]
    there = ~np.isnan(depth)
    depth = (depth - depth[there].min()) / np.ptp(depth[there])
    shades = np.array([list(bytes.fromhex(one[1:])) for one in rgb(by_depth)])
    want = np.array([list(bytes.fromhex(to_hex(one)[1:])) for one in colormaps["viridis"](depth)])
    assert np.abs(shades - want)[there].max() <= 4 and (shades[~there] == 0xB9).all()
    bare = packed(explore.datamapplot(y))[0]
    assert len(bare) == 58


GIVERS = {"jscatter": ("jupyter_scatter", "jupyter-scatter"), "embedding_atlas": ("embedding_atlas", "embedding-atlas"), "datamapplot": ("datamapplot", "datamapplot")}


@pytest.mark.parametrize("module", GIVERS)
def test_a_missing_package_is_named_with_the_line_that_installs_it(module, monkeypatch):
    function, package = GIVERS[module]
    for name in [one for one in sys.modules if one.partition(".")[0] == module] + [module]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError) as raised:
        getattr(explore, function)(np.zeros((9, 2)))
    assert re.fullmatch(rf'{module}(\.\w+)? is not installed: pip install "{package}"', str(raised.value))


@pytest.mark.parametrize("function", ["jupyter_scatter", "embedding_atlas"])
def test_a_selection_has_somewhere_to_go(function):
    if function == "embedding_atlas" and sys.version_info < (3, 11):
        pytest.skip("embedding-atlas needs Python 3.11")
    adata = blood()
    give = getattr(explore, function)
    with pytest.raises(ValueError, match="^selection: got 'kind'; allowed: a new column of obs, or one of True and False$"):
        give(adata, selection="kind")
    with pytest.raises(ValueError, match="^embedding: got 'ndarray'; allowed: an AnnData$"):
        give(adata.obsm["X_tsne"], selection="chosen")
    assert "chosen" not in adata.obs
