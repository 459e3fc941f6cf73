"""A momentum that rises, and phases of which nothing is said: docs/schedule.md."""

import numpy as np
import pytest

import opentsne_go
import opentsne_go.sklearn
from opentsne_go import TSNE

SHORT = dict(early_exaggeration_iter=150, n_iter=350, final_momentum=0.95, momentum_iterations=250, random_state=0)


def test_a_rise_is_told_and_travels(tmp_path):
    X = np.random.default_rng(3).normal(size=(90, 6)).astype(np.float32)
    made = TSNE(**SHORT).fit(X)
    assert made.n_iter == 500
    assert not np.array_equal(made, TSNE(**SHORT | {"momentum_iterations": 0}).fit(X))
    made.save(tmp_path / "m.npz")
    back = opentsne_go.load(tmp_path / "m.npz")
    for one in made, back:
        report = one.report()
        assert report.settings["momentum_iterations"] == 250
        assert "momentum 0.8 and 0.95, to which it rose over 250 iterations;" in report.text
        again = {}
        exec(report.code, {"X": X}, again)
        assert np.array_equal(again["embedding"], made)
    assert np.array_equal(made.optimize(10), back.optimize(10))
    assert "rose" not in TSNE(n_iter=5, random_state=0).fit(X).report().text


MANY = 10_000
SAID = dict(early_exaggeration_iter=150, n_iter=350, initial_momentum=0.8, final_momentum=0.95, momentum_iterations=250)
LONG = dict(early_exaggeration_iter=250, n_iter=500, initial_momentum=0.8, final_momentum=0.8)
QUICK = dict(affinity="uniform", k=4, random_state=0, n_jobs=-1)


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(5).normal(size=(MANY, 3)).astype(np.float32)


def test_many_points_take_the_schedule_and_fewer_do_not(rows, tmp_path):
    told = []
    tsne = TSNE(callbacks=lambda iteration, kl, y: told.append(iteration), callbacks_every_iters=50, **QUICK)
    made = tsne.fit(rows)
    assert np.array_equal(made, TSNE(**SAID, **QUICK).fit(rows))
    assert told == [50, 100, 150, *range(50, 351, 50)]  # of each phase
    assert "150 iterations with exaggeration 12 and 350 with 1" in made.report().text
    assert tsne.n_iter == "auto" and made.n_iter == 500
    again = {}
    exec(made.report().code, {"X": rows}, again)
    assert np.array_equal(again["embedding"], made)
    made.save(tmp_path / "m.npz")
    assert np.array_equal(opentsne_go.load(tmp_path / "m.npz").optimize(5), made.optimize(5))

    fewer = TSNE(**QUICK).fit(rows[:-1])
    assert fewer.n_iter == 750 and np.array_equal(fewer, TSNE(**LONG, **QUICK).fit(rows[:-1]))


@pytest.mark.parametrize("said", [{"n_iter": 10}, {"early_exaggeration_iter": 20, "n_iter": 0}, {"early_exaggeration_iter": 5, "final_momentum": 0.8, "n_iter": 5}])
def test_what_is_said_is_kept(rows, said):
    made = TSNE(**said, **QUICK).fit(rows)
    assert made.n_iter == {**LONG, **said}["early_exaggeration_iter"] + {**LONG, **said}["n_iter"]
    assert np.array_equal(made, TSNE(**{**LONG, **said}, **QUICK).fit(rows))


def test_scikit_learns_arguments(rows):
    of = opentsne_go.sklearn.TSNE(max_iter=300, **QUICK).fit(rows)
    assert of.n_iter_ == 300
    assert np.array_equal(of.embedding_, TSNE(early_exaggeration_iter=250, n_iter=50, **QUICK).fit(rows))


def test_what_goes_on_has_no_schedule(rows):
    made = TSNE(early_exaggeration_iter=2, n_iter=2, **QUICK).fit(rows[:50])
    with pytest.raises(ValueError, match="^momentum: got 'auto'; allowed: 0 to below 1$"):
        made.optimize(2, momentum="auto")
    with pytest.raises(ValueError, match="^n_iter: got 'soon'; allowed: 'auto', or an integer, 0 to 2"):
        TSNE(n_iter="soon").fit(rows[:50])
