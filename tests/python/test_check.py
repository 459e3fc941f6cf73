"""What check objects to, and that the figures it gives are those of the page or of the case at hand."""

import re

import numpy as np
import pytest

import opentsne_go
from conftest import ROOT
from opentsne_go import TSNE, check

PAGE = (ROOT / "docs" / "choosing.md").read_text("utf-8")


def words(found):
    return [line.partition(":")[0] for line in found]


@pytest.mark.parametrize(
    "settings,n,word",
    [
        ({"learning_rate": 200}, 100_000, "learning_rate"),
        ({"learning_rate": 1000}, 100, "learning_rate"),
        ({"learning_rate": 500}, 300, "learning_rate"),
        ({"initialization": "random"}, 5000, "initialization"),
        ({"initialization": "random"}, 100_000, "perplexity"),
        ({"perplexity": [30, 90_000]}, 10_000_000, "perplexity"),
        ({"n_iter": 100}, 5000, "n_iter"),
        ({"n_iter": 250, "early_exaggeration_iter": 100}, 20_000, "n_iter"),
        ({}, 2_000_000, "exaggeration"),
    ],
)
def test_objects_with_a_figure(settings, n, word):
    (line,) = [one for one in check(settings, n) if one.startswith(f"{word}:")]
    assert re.search(r"\d\.\d|\d %|\d\d GiB|million", line), line


@pytest.mark.parametrize("n", [4, 50, 100, 300, 1797, 10_000, 90_000])
def test_is_content_with_the_papers_recipe(n):
    assert check(TSNE(), n) == []
    assert check(TSNE(learning_rate=n / 12), n) == []
    assert check({"perplexity": [30, max(31, n / 100)]}, n) == []


def test_is_content_with_the_recipe_for_millions():
    assert check(TSNE(exaggeration=4, initialization="sample"), 1_000_000) == []


def test_never_sends_to_what_memory_forbids():
    for n in (50_000, 100_001, 929_685, 5_000_000):
        found = check({"initialization": "random"}, n)
        advised = [float(one) for one in re.findall(r"\[30, (\d+)\]", " ".join(found))]
        assert bool(advised) == (n == 50_000) and all(one <= n / 100 for one in advised)
        assert n == 50_000 or ("initialization='sample'" in found[1] and "pull=" in found[1])
    (line,) = check({"perplexity": 40_000}, 929_685)
    need, room = (float(one.replace(",", "")) for one in re.search(r"about ([\d,.]+) GiB, of which there are ([\d,.]+)", line).groups())
    assert need > 929_685 * 120_000 * 8 / 2**30 > room > 0
    assert "pull=" in line


def test_the_figures_of_rates_are_the_pages():
    """And those of the page are the command's: it was run to write it."""
    rows = {}
    for n, cells in re.findall(r"^\| ([\d,]+) \| [\d.]+ \|((?: [+-][\d.]+ % \|){10})$", PAGE, re.M):
        rows[int(n.replace(",", ""))] = tuple(float(one) for one in re.findall(r"([+-][\d.]+) %", cells))
    assert rows == opentsne_go.advice._RATES


def test_a_rate_too_high_for_100_points_costs_what_is_said(digits):
    at = np.random.default_rng(0).choice(1797, 100, replace=False)
    x = digits[0][at]
    kl = [TSNE(n_jobs=-1, random_state=0, learning_rate=rate).fit(x).kl_divergence for rate in ("auto", 1000)]
    assert kl[1] > 1.2 * kl[0]


def test_every_rate_is_answered():
    for n in (4, 100, 500, 3000, 10**6):
        for rate in np.logspace(-3, 7, 40):
            found = check({"learning_rate": rate}, n)
            low, high = n / 12 / 2, n / 12 * 5
            if low * 1.05 < rate < high * 0.95:
                assert "learning_rate" not in words(found)
            if rate < low / 50 or (rate > high * 30 and n < 5000):
                assert "learning_rate" in words(found), (n, rate)


def test_looks_at_maps(digits):
    x = digits[0]
    good = TSNE(n_jobs=-1, random_state=0).fit(x)
    before = np.array(good)
    assert check(good) == [] and good.n_iter == 750 and np.array_equal(before, good)
    early = TSNE(n_jobs=-1, random_state=0, n_iter=60, callbacks=lambda *_: True, callbacks_every_iters=300).fit(x)
    line = check(early)[1]
    kl, more = (float(one) for one in re.search(r"from ([\d.]+) to ([\d.]+)", line).groups())
    assert kl == pytest.approx(early.kl_divergence, rel=1e-3)
    assert more == pytest.approx(early.optimize(50, callbacks=None).kl_divergence, rel=1e-3)
    assert "initialization" in words(check(TSNE(n_jobs=-1, initialization="random").fit(x[:300])))
    # Four times the weight of attraction has no KL divergence to fall.
    assert check(good.optimize(100, exaggeration=4)) == []


def test_sees_points_that_coincide_and_maps_that_are_wide(digits, tmp_path):
    x = np.vstack([digits[0][:300], digits[0][:7]])
    made = TSNE(n_jobs=-1, random_state=0, initialization="spectral").fit(x)
    made[300:] = made[:7]  # equal rows, at one place
    assert not any("exactly" in one for one in check(made))
    made[20] = made[10]
    made[21] = made[11]
    assert "4 of 307 points lie exactly" in " ".join(check(made))
    made[:] = np.asarray(made) * 50
    assert f"the map is {np.ptp(np.asarray(made), axis=0).max():.0f} wide" in " ".join(check(made))
    made.save(tmp_path / "map.npz")
    assert "4 of 307" in " ".join(check(opentsne_go.load(tmp_path / "map.npz")))


def test_refuses_what_is_no_number_of_points(small):
    for n in (0, None, 2.5, "9"):
        with pytest.raises(ValueError, match="^n: got"):
            check(TSNE(), n)
    with pytest.raises(ValueError, match="^tsne: got 'NoneType'; allowed: an opentsne_go.TSNE, a dict of its parameters, or a map"):
        check(None, 100)
    made = TSNE(n_iter=5, early_exaggeration_iter=0).fit(small)
    with pytest.raises(ValueError, match="^n: got 3; allowed: 150"):
        check(made, 3)
    assert check(made, 150) == check(made)
