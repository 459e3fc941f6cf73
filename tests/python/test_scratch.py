"""A copy of the data on disk while the neighbours of many rows are searched."""

import numpy as np
import pytest

from opentsne_go import TSNE

N = 200_000  # from here on a search keeps no copy of its own
QUICK = dict(affinity="uniform", k=3, early_exaggeration_iter=0, n_iter=1, initialization="random", random_state=0)


def test_a_copy_on_disk_changes_nothing_and_goes(tmp_path):
    x = np.random.default_rng(0).standard_normal((N, 4), np.float32)
    want = TSNE(**QUICK).fit(x)
    made = TSNE(**QUICK, scratch=tmp_path).fit(x)
    np.testing.assert_array_equal(made, want)
    assert not list(tmp_path.iterdir())
    assert "scratch" not in made.report().settings


def test_what_is_no_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="^scratch: got .*none, want a directory$"):
        TSNE(**QUICK, scratch=tmp_path / "none").fit(np.eye(9, 3, dtype=np.float32))
