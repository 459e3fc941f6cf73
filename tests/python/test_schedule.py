"""A momentum that rises: docs/schedule.md."""

import numpy as np

import opentsne_go
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
