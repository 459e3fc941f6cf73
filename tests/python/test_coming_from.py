"""docs/coming-from.md: names and defaults of its tables are those of the signatures; its scripts run before and after."""

import inspect
import re

import numpy as np
import pytest

import opentsne_go
from conftest import ROOT

EMPTY = inspect.Parameter.empty


def part(section):
    """The page's text under a heading."""
    text = (ROOT / "docs" / "coming-from.md").read_text("utf-8")
    return re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, re.S | re.M)[1]


def table(section):
    """Rows (their name, its default, our name, its default, what differs) of a section."""
    rows = [[cell.strip(" `") for cell in row[1:-1].split("|")] for row in re.findall(r"^\|.*\|$", part(section), re.M)]
    head = next(i for i, row in enumerate(rows) if row[1:2] == ["default"])
    rows = rows[head + 2 :]
    end = next((i for i, row in enumerate(rows) if len(row) != 5), len(rows))
    return rows[:end]


def defaults(function):
    taken = inspect.signature(function).parameters.values()
    return {p.name: "" if p.default is EMPTY else repr(p.default) for p in taken if p.name != "self"}


def theirs(section):
    if section == "scikit-learn":
        from sklearn.manifold import TSNE
    elif section == "scanpy":
        from scanpy.tl import tsne as TSNE
    else:
        from umap import UMAP as TSNE
    return defaults(TSNE)


OURS = {
    "FIt-SNE": opentsne_go.TSNE,
    "scikit-learn": opentsne_go.sklearn.TSNE,
    "scanpy": opentsne_go.tl.tsne,
    "umap-learn": opentsne_go.TSNE,
    "cuML": opentsne_go.TSNE,
}


@pytest.mark.parametrize("section", OURS)
def test_our_names_and_defaults(section):
    mine = defaults(OURS[section])
    rows = table(section)
    assert len(rows) == len({row[0] for row in rows}) > 10
    for _, _, name, default, words in rows:
        assert (name in mine and mine[name] == default) if name else words, (name, default)
        for option, _ in re.findall(r"`(\w+)=(.+?)`", words):
            assert option in mine or option == "affinities", words


@pytest.mark.parametrize("section", ["scikit-learn", "scanpy", "umap-learn"])
@pytest.mark.filterwarnings("ignore")
def test_their_names_and_defaults(section):
    have = theirs(section)
    listed = {row[0]: row[1] for row in table(section)}
    assert {name: have.get(name) for name in listed} == listed
    if section != "umap-learn":
        assert list(listed) == [name for name in have if name in listed]
        assert set(listed) == set(have)


def sides(section):
    """A section's script as it was and as it is."""
    lines = re.search(r"^```diff\n(.*?)^```", part(section), re.S | re.M)[1].splitlines()
    return ["\n".join(line[1:] for line in lines if line[:1] != gone) for gone in "+-"]


@pytest.mark.parametrize("section", ["openTSNE", *OURS])
@pytest.mark.filterwarnings("ignore")
def test_scripts(section, digits):
    """Both sides run, and make what they both name alike; of what cannot be had here, our side."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("agg")
    made = []
    was, now = sides(section)
    for script in [now] if section in ("FIt-SNE", "cuML") else [was, now]:
        X, labels = digits
        names = {"X": X[:400], "labels": labels[:400], "new": X[400:450]}
        exec(compile(script, section, "exec"), names)
        made.append({name: one.shape for name, one in names.items() if isinstance(one, np.ndarray)})
    assert made[-1]["embedding" if section == "openTSNE" else "Y"][1] == 2
    assert all(made[-1][name] == shape for name, shape in made[0].items())
    assert was != now
    plt.close("all")
