"""What a report says is so, and its program gives the same bits."""

import hashlib
import json
import logging
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE

QUICK = {"early_exaggeration_iter": 20, "n_iter": 30, "n_jobs": -1}


@pytest.fixture(scope="module")
def x(digits):
    return digits[0][:400]


def again(report, **names):
    """Runs a report's program, which checks the hash; the embedding."""
    exec(compile(report.code, "report", "exec"), names)
    return names["embedding"]


def ones_more(first, second):
    return float(np.abs(first - second).sum())


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"perplexity": [10, 40.5], "affinity": "multiscale", "exaggeration": 1.5},
        {"perplexity": np.array([5, 20]), "learning_rate": np.float32(30), "random_state": None},
        {"initialization": "random", "random_state": np.random.default_rng(4)},
        {"metric": "cosine", "dof": 0.7, "negative_gradient_method": "bh", "theta": 0},
        {"metric": "minkowski", "metric_params": {"p": 3}, "max_step_norm": None},
        {"affinity": "uniform", "k": 12, "neighbors": "approx", "initial_momentum": 0.5},
        {"density_lambda": 0.2, "anneal_iterations": 10, "n_components": 3, "pull": 0.01},
        {"auto_stop": 100, "n_iter": 300, "sample_size": 50, "initialization": "sample", "early_exaggeration": 4},
    ],
)
def test_the_program_gives_the_bits_again(x, settings):
    embedding = TSNE(**{**QUICK, **settings}).fit(x)
    report = embedding.report(measured=False)
    assert report.sha256 == hashlib.sha256(np.asarray(embedding).tobytes()).hexdigest()
    assert same_bits(again(report, X=x), embedding)
    assert report.needs == ["X"] and report.phases == []
    back = json.loads(report.json())
    assert back == report.as_dict() and TSNE(**back["settings"]).get_params().keys() == TSNE().get_params().keys()


def test_the_program_runs_as_one(x, tmp_path):
    np.save(tmp_path / "x.npy", x)
    report = TSNE(**QUICK).fit(x).report(measured=False)
    (tmp_path / "again.py").write_text("import numpy\nX = numpy.load('x.npy')\n" + report.code)
    subprocess.run([sys.executable, "again.py"], cwd=tmp_path, check=True)
    bad = report.code.replace(report.sha256, "0" * 64)
    (tmp_path / "again.py").write_text("import numpy\nX = numpy.load('x.npy')\n" + bad)
    assert subprocess.run([sys.executable, "again.py"], cwd=tmp_path, capture_output=True, check=False).returncode


def test_phases_after_a_fit_are_in_it(x):
    first = TSNE(**QUICK, random_state=1).fit(x)
    embedding = first.optimize(10, exaggeration=2).optimize(0)
    embedding.optimize(15, inplace=True, dof=0.8, momentum=np.float64(0.5), callbacks=lambda *_: False)
    report = embedding.report()
    assert report.phases == [{"n_iter": 10, "exaggeration": 2}, {"n_iter": 0}, {"n_iter": 15, "dof": 0.8, "momentum": 0.5}]
    assert same_bits(again(report, X=x), embedding)
    assert first.report().phases == []
    embedding.optimize(50, inplace=True, callbacks=lambda i, *_: i > 20, callbacks_every_iters=7)
    assert embedding.report().phases[-1]["n_iter"] < 50
    assert same_bits(again(embedding.report(), X=x), embedding)


def test_a_checkpoint_is_no_setting(x, tmp_path):
    file = tmp_path / "kept.npz"
    made = TSNE(**QUICK, checkpoint=file, checkpoint_every=20, random_state=1).fit(x)
    report = made.report()
    assert "checkpoint" not in report.code and "checkpoint" not in report.settings
    assert report.needs == ["X"] and same_bits(again(report, X=x), made)


@pytest.mark.parametrize("stop", [10, 30])
def test_a_fit_that_was_stopped(x, stop):
    made = TSNE(**QUICK, callbacks=lambda *_: True, callbacks_every_iters=stop, random_state=2).fit(x)
    assert 0 < made.n_iter < 50
    assert same_bits(again(made.report(), X=x), made)
    density = TSNE(**QUICK, density_lambda=0.1, callbacks=lambda *_: True, callbacks_every_iters=stop).fit(x)
    assert density.report().code is None


def test_what_was_given_is_needed_by_name(x):
    start = np.random.default_rng(0).normal(0, 1e-4, (400, 2)).astype("f4")
    far = lambda a, b: ones_more(a, b)
    affinities = opentsne_go.affinity.Uniform(x, k_neighbors=9)
    for settings, needs, fit in (
        ({"initialization": start, "pull": 0.1, "pull_y": start * 9, "pull_weights": np.ones(400)}, ["initialization", "pull_y", "pull_weights"], {}),
        ({"initialization": start.tolist()}, ["initialization"], {}),
        ({"metric": far, "initialization": "spectral"}, ["metric"], {}),
        ({}, ["affinities"], {"affinities": affinities}),
    ):
        part = x[:60] if needs == ["metric"] else x
        made = TSNE(**QUICK, **settings).fit(part, **fit)
        report = made.report(measured=False)
        assert report.needs == ["X", *needs]
        assert same_bits(again(report, X=part, **{name: {**settings, **fit}[name] for name in needs}), made)
        json.loads(report.json())


def test_from_files_and_pickles(x, tmp_path):
    made = TSNE(**QUICK, perplexity=12, metric="correlation", max_step_norm=None, random_state=2**63).fit(x)
    made.save(tmp_path / "map.npz")
    for back in opentsne_go.load(tmp_path / "map.npz"), pickle.loads(pickle.dumps(made)):
        report = back.report(measured=False)
        assert report.sha256 == made.report(measured=False).sha256
        assert same_bits(again(report, X=x), made)
        assert back.optimize(5).report().phases == [{"n_iter": 5}]
    made.optimize(5).save(tmp_path / "on.npz")
    later = opentsne_go.load(tmp_path / "on.npz").report()
    assert later.code is None and later.settings["perplexity"] == 12 and "perplexity 12" in later.text


def test_nothing_is_said_of_positions_written_by_hand(x):
    made = TSNE(**QUICK).fit(x)
    made[3] = 0
    assert made.report().code is None
    assert made.optimize(3).report().code is None
    plain = opentsne_go.TSNEEmbedding(np.asarray(made), made.affinities)
    assert plain.report().code is None and plain.report().data["n"] == 400


def test_a_map_of_several_steps_says_which(x, tmp_path):
    fit = TSNE(**QUICK, random_state=1).fit(x[:300])
    grown = fit.optimize(5, exaggeration=2).update(x[300:], 0.3)
    part = grown.optimize(4).zoom(range(60))
    after = {"call": "fit", "points": 300}, {"call": "optimize", "n_iter": 5, "exaggeration": 2}, {"call": "update", "new": 100, "hold": 0.3}
    together = opentsne_go.fit_together([x[:200], x[100:300], x[200:]], TSNE(**QUICK), keys=[range(200), range(100, 300), range(200, 400)], rounds=0)
    by = {"call": "fit_together", "sets": 3, "by": "keys", "window": 1, "rounds": 0, "pull": 0.0005}
    aligned = opentsne_go.align(fit, x[300:], TSNE(**QUICK)).embedding
    back = opentsne_go.TSNEEmbedding(grown.put_back(range(60), part), grown.affinities)
    written = fit.optimize(3)
    written[3] = 0
    cases = [
        (grown, after, "5 more iterations with exaggeration 2; then 100 new points taken in"),
        (fit.update(x[300:]), (after[0], {**after[2], "hold": "pinned"}), "with the others, these pinned"),
        (part, (*after, {"call": "optimize", "n_iter": 4}, {"call": "zoom", "points": 60}), "then 60 of its points fitted anew"),
        (together[1], ({**by, "set": 1},), "number 2 of 3 data sets fitted together, matched by keys"),
        (aligned, (after[0], {"call": "align", "points": 100, "pull": 0.002}), "100 other points aligned with it"),
        (back, ({"call": "unknown", "points": 400},), "How the map came to be is not known in full"),
        (written, (after[0], {"call": "optimize", "n_iter": 3}, {"call": "written"}), "then positions written by hand"),
    ]
    for made, steps, words in cases:
        report = made.report(measured=False)
        assert report.steps == list(steps) and words in report.text and report.code is None
        assert report.text.endswith("These positions cannot be made again from these data alone.")
        assert json.loads(report.json())["steps"] == report.steps
        # Nor does its file, which has less to say, promise what it cannot keep.
        made.save(tmp_path / "map.npz")
        later = opentsne_go.load(tmp_path / "map.npz").report(measured=False)
        assert later.code is None and "not known in full" in later.text
    assert "perplexity" not in back.report(measured=False).text and "20 iterations" in written.report(measured=False).text
    assert fit.report().steps == [] and "again from these data alone" not in fit.report().text
    # What a pull is where none is asked for, is what is said of it.
    for pull, did in (0.0005, lambda t: opentsne_go.fit_together([x[:200], x[100:]], t)[1]), (0.002, lambda t: opentsne_go.align(fit, x[300:], t).embedding):
        assert same_bits(did(TSNE(**QUICK, random_state=0)), did(TSNE(**QUICK, random_state=0, pull=pull)))


def test_the_paragraph_is_of_this_map(digits):
    x, labels = digits
    made = TSNE(n_jobs=-1, perplexity=[30, 100], dof=0.8, random_state=7, auto_stop=5000).fit(x)
    report = made.report(labels)
    seen = opentsne_go.quality(x, made, labels)
    assert report.figures["knn"] == seen.knn and report.figures["knc"] == seen.knc and report.figures["cpd"] == seen.cpd
    assert report.figures["kl_divergence"] == made.kl_divergence
    for words in (
        "1,797 rows of 64 columns", "perplexity 30 and 100", "300 nearest neighbours", "principal components", "0.8 degrees", "seed was 7",
        f"{made.kl_divergence:.4g}", f"{seen.knn:.1%}", f"{seen.cpd:.2f}", opentsne_go.__version__, np.__version__,
    ):  # fmt: skip
        assert words in report.text, words
    cited = re.findall(r"[A-Z]\w+ (?:et al\. |& \w+ )?(?:20\d\d)", report.text)
    assert len(report.references) == len(set(cited)) == 5
    assert any("Heavy-tailed" in one for one in report.references)
    assert report.text in str(report) and report.code in str(report) and report.references[0] in str(report)
    plain = TSNE(**QUICK).fit(x[:300])
    assert "knc" not in plain.report().figures and "knn" not in plain.report(measured=False).figures
    with pytest.raises(ValueError, match="^labels: "):
        plain.report(labels)


def test_the_hash_of_the_data_is_the_models(digits, tmp_path):
    import zipfile

    far = digits[0][:300].astype(float) + 1e8
    for data in digits[0][:300], far:
        made = TSNE(**QUICK).fit(data)
        made.save(tmp_path / "map.npz")
        with zipfile.ZipFile(tmp_path / "map.npz") as file:
            every = b"".join(file.read(name) for name in file.namelist())
        assert made.report().data["sha256"].encode() in every


def test_a_lowered_perplexity_is_told_as_it_was_used(small, caplog):
    with caplog.at_level(logging.ERROR):
        made = TSNE(**QUICK, perplexity=100).fit(small)
    report = made.report()
    assert "perplexity 49.66" in report.text and report.settings["perplexity"] == 100
    assert same_bits(again(report, X=small), made)
