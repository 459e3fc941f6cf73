"""Fits that are killed go on from their checkpoint."""

import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE

SETTINGS = {"n_jobs": 2, "random_state": 0, "early_exaggeration_iter": 100, "n_iter": 150, "checkpoint_every": 20}

FIT = """
import sys, time
import numpy as np
import opentsne_go
def reached(iteration, error, embedding):
    print(iteration, flush=True)
    if iteration == int(sys.argv[3]):
        time.sleep(1000)
opentsne_go.TSNE(checkpoint=sys.argv[1], callbacks=reached, callbacks_every_iters=1, **{settings}).fit(np.load(sys.argv[2]))
"""


@pytest.fixture
def data(digits, tmp_path):
    x = np.ascontiguousarray(digits[0][:900], np.float32)
    np.save(tmp_path / "x.npy", x)
    return x


def killed(folder, after, waits):
    """A fit that is killed once it has told of an iteration, where it waits for that if asked to."""
    told = [sys.executable, "-c", FIT.format(settings=SETTINGS), folder / "run.npz", folder / "x.npy", str(after if waits else 0)]
    with subprocess.Popen(told, stdout=subprocess.PIPE, text=True) as fit:
        for line in fit.stdout:
            if int(line) >= after:
                break
        fit.send_signal(signal.SIGKILL)


def test_killed_at_any_moment_it_goes_on_with_the_same_bits(data, tmp_path):
    whole = TSNE(**SETTINGS).fit(data)
    path = tmp_path / "run.npz"
    for last, waits in ((1, True), (45, True), (110, True), (136, True), (3, False), (60, False), (130, False)):
        killed(tmp_path, last, waits)
        assert path.exists() or not waits
        seen = []
        again = TSNE(**SETTINGS, checkpoint=path, callbacks=lambda i, _, __, seen=seen: seen.append(i), callbacks_every_iters=1).fit(data)
        assert same_bits(again, whole)
        assert again.kl_divergence == whole.kl_divergence
        if waits:
            assert seen[0] == (last - 1) // 20 * 20 + 1
        assert os.listdir(tmp_path) == ["x.npy"]


def test_ctrl_c_keeps_it_and_other_data_or_options_are_refused(data, tmp_path):
    def stop(iteration, *_):
        if iteration == 30:
            raise KeyboardInterrupt

    path = str(tmp_path / "run.npz")
    with pytest.raises(KeyboardInterrupt):
        TSNE(**SETTINGS, checkpoint=path, callbacks=stop, callbacks_every_iters=10).fit(data)
    with pytest.raises(ValueError, match=r"^checkpoint: .*run\.npz is of another X: SHA-256 '?\"?[0-9a-f]{12}"):
        TSNE(**SETTINGS, checkpoint=path).fit(data[::-1])
    with pytest.raises(ValueError, match=r"^checkpoint: .*run\.npz is of exaggeration 1, got 4$"):
        TSNE(**SETTINGS, checkpoint=path, exaggeration=4).fit(data)
    whole = TSNE(**SETTINGS).fit(data)
    estimator = opentsne_go.sklearn.TSNE
    assert same_bits(TSNE(**SETTINGS, checkpoint=pathlib.Path(path)).fit(data), whole)
    assert estimator(checkpoint=path).get_params()["checkpoint"] == path


@pytest.mark.parametrize(
    ("value", "says"), [(5, "checkpoint: got int"), ("", "checkpoint: got ''"), ("a\0b", "without NUL"), (".", r"checkpoint: got \.[,;].* an ordinary file")]
)
def test_what_is_no_file(data, value, says):
    with pytest.raises((TypeError, ValueError), match=says):
        TSNE(**SETTINGS, checkpoint=value).fit(data)


FULL = """
import logging, resource, sys
import numpy as np
import opentsne_go
logging.basicConfig(stream=sys.stdout, format="%(message)s")
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
opentsne_go.TSNE(checkpoint=sys.argv[1], **{settings}).fit(np.load(sys.argv[2]))
"""


@pytest.mark.usefixtures("data")
def test_a_full_disk_is_one_warning(tmp_path):
    pytest.importorskip("resource")
    said = subprocess.run(
        [sys.executable, "-c", FULL.format(settings=SETTINGS), tmp_path / "run.npz", tmp_path / "x.npy"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.count("the fit goes on: file too large") == 1
    assert said.stdout.count("\n") == 1
    assert os.listdir(tmp_path) == ["x.npy"]
