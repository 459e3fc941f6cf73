"""Ctrl-C, callbacks, progress, forks and threads."""

import logging
import os
import re
import subprocess
import sys
import threading

import numpy as np
import pytest

import opentsne_go
from conftest import ROOT, same_bits
from opentsne_go import TSNE, OptimizationInterrupt
from opentsne_go._native import running
from opentsne_go._native.progress import left

#: Seconds after which a call counts as hung, on a busy machine too.
PATIENCE = 900


def test_interrupts_at_random_moments():
    """A few of those that tests/interrupts.py makes of every call."""
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "interrupts.py", "70"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Exception ignored" not in done.stderr, done.stderr


AT_THE_END = """
import os, signal, sys, threading
import numpy as np
import opentsne_go
signal.signal(signal.SIGINT, signal.default_int_handler)
x = np.random.default_rng(0).normal(size=(3000, 5)).astype(np.float32)
def callback(*_):
    threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    opentsne_go.TSNE(n_iter=10**9, callbacks=callback, n_jobs=2).fit(x)
except KeyboardInterrupt:
    print("interrupted", flush=True)  # and the interpreter ends at once
"""


def test_the_interpreter_may_end_right_after_ctrl_c(python):
    for _ in range(5):
        assert python(AT_THE_END) == "interrupted\n"


def test_callbacks_are_called_as_opentsne_calls_them(small):
    import openTSNE

    def calls(module, **more):
        seen = []

        def callback(iteration, error, embedding):
            seen.append((iteration, np.asarray(embedding).shape))
            assert np.isfinite(error)

        tsne = module.TSNE(
            early_exaggeration_iter=70, n_iter=90, callbacks=callback, **more
        )
        tsne.fit(np.array(small))
        return seen

    for every in (50, 20, 33, 70, 90, 1000):
        want = calls(openTSNE, callbacks_every_iters=every, neighbors="exact")
        assert calls(opentsne_go, callbacks_every_iters=every) == want
        assert calls(opentsne_go, callbacks_every_iters=every, verbose=True) == want


def test_callbacks_do_not_change_the_result(small):
    quiet = TSNE(n_iter=60, random_state=0).fit(small)
    heard = TSNE(
        n_iter=60,
        random_state=0,
        callbacks=[lambda i, e, y: y.fill(0), lambda i, e, y: None],
        callbacks_every_iters=7,
        verbose=True,
    ).fit(small)
    assert same_bits(quiet, heard)
    assert quiet.kl_divergence == heard.kl_divergence


def test_callbacks_run_on_the_callers_thread(small):
    where = []
    TSNE(n_iter=50, callbacks=lambda *_: where.append(threading.current_thread())).fit(small)
    assert set(where) == {threading.current_thread()}


def test_callback_stops_fit(small):
    seen = []

    def stop(iteration, _error, _embedding):
        seen.append(iteration)
        return len(seen) == 3

    tsne = TSNE(callbacks=stop, callbacks_every_iters=10, random_state=0)
    embedding = tsne.fit(small)
    assert seen == [10, 20, 30]
    assert 29 <= embedding.n_iter <= 31
    assert np.isfinite(embedding).all() and np.isfinite(embedding.kl_divergence)
    seen.clear()
    embedding = tsne.fit(small, affinities=embedding.affinities)
    assert seen == [10, 20, 30]
    more = embedding.optimize(5, callbacks=None)
    assert more.n_iter == embedding.n_iter + 5


def test_callback_stops_optimize(small):
    start = TSNE(random_state=0).prepare_initial(small)
    stopped = start.optimize(100, callbacks=lambda *_: True, callbacks_every_iters=10)
    assert 9 <= stopped.n_iter <= 11 and stopped is not start
    with pytest.raises(OptimizationInterrupt) as caught:
        start.optimize(
            100,
            inplace=True,
            propagate_exception=True,
            callbacks=lambda *_: True,
            callbacks_every_iters=10,
        )
    assert caught.value.final_embedding is start
    assert caught.value.error == start.kl_divergence
    assert same_bits(start, stopped)


class Mine(Exception):
    pass


@pytest.mark.parametrize("thread", ["main", "another"])
@pytest.mark.parametrize("kind", [Mine, KeyboardInterrupt, SystemExit, StopIteration])
def test_exception_of_a_callback_comes_out_as_itself(small, kind, thread):
    raised = kind("here")

    def callback(*_):
        raise raised

    caught = []

    def job():
        try:
            TSNE(callbacks=callback).fit(small)
        except BaseException as error:  # noqa: BLE001  the test looks at it
            caught.append(error)

    if thread == "main":
        job()
    else:
        other = threading.Thread(target=job)
        other.start()
        other.join()
    assert caught == [raised] and caught[0] is raised
    assert any(entry.name == "callback" for entry in _frames(caught[0]))
    assert TSNE(n_iter=10).fit(small).shape == (150, 2)


def _frames(error):
    import traceback

    return traceback.extract_tb(error.__traceback__)


def test_callback_that_knows_when_it_starts(small):
    class Timed:
        started = 0

        def optimization_about_to_start(self):
            self.started += 1

        def __call__(self, *_):
            assert self.started

    timed = Timed()
    TSNE(callbacks=timed, n_iter=50).fit(small)
    assert timed.started


def test_fit_inside_a_callback(small):
    inner = []

    def callback(*_):
        inner.append(TSNE(n_iter=5, early_exaggeration_iter=5, random_state=0).fit(small))

    TSNE(n_iter=0, early_exaggeration_iter=50, callbacks=callback).fit(small)
    assert len(inner) == 1 and np.isfinite(inner[0]).all()


def test_embedding_used_by_its_own_callback(small):
    start = TSNE(random_state=0).prepare_initial(small)
    with pytest.raises(RuntimeError, match="being optimised"):
        start.optimize(50, inplace=True, callbacks=lambda *_: start.optimize(1))
    assert start.optimize(1).n_iter == start.n_iter + 1


def test_verbose_lines_without_tqdm(small, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    TSNE(verbose=True, n_iter=100, random_state=0).fit(small)
    out = capsys.readouterr().out
    assert "TSNE(n_iter=100, random_state=0, verbose=True)" in out
    assert "===> Running optimization with exaggeration=12.00" in out
    assert "===> Running optimization with exaggeration=1.00" in out
    assert out.count("Iteration   50, KL divergence") == 2
    assert "Iteration  250, KL divergence" in out
    assert "Iteration  100, KL divergence" in out
    assert out.count("   --> Time elapsed") >= 2
    TSNE(n_iter=50).fit(small)
    assert capsys.readouterr().out == ""


def test_what_is_left_of_a_long_stage_is_said(capsys, monkeypatch):
    for name in ("_LOOK", "_FIRST_LEFT", "_NEXT_LEFT"):
        monkeypatch.setattr(f"opentsne_go._native.progress.{name}", 0)
    TSNE(verbose=True, n_iter=1, early_exaggeration_iter=1, metric="manhattan").fit(np.random.default_rng(0).normal(size=(1500, 20)))
    searching = capsys.readouterr().out.partition("Calculating affinity")[0]
    said = re.findall(r"^ +(\d+)% done, less than a minute left$", searching, re.M)
    assert said and list(map(int, said)) == sorted(map(int, said))


@pytest.mark.parametrize("seconds, words", [(59, "less than a minute left"), (61, "about 1 minute left"), (600, "about 10 minutes left"), (9000, "about 2.5 hours left")])
def test_how_long_it_takes_is_said(seconds, words):
    assert left(seconds) == words


def test_callbacks_are_told_of_the_stages_before(small, monkeypatch):
    monkeypatch.setattr("opentsne_go._native.progress._LOOK", 0)

    class Told:
        def __init__(self):
            self.stages = {}

        def stage_progress(self, stage, done):
            self.stages.setdefault(stage, []).append(done)

        def __call__(self, *_):
            pass

    one = Told()
    TSNE(callbacks=one, n_iter=1, early_exaggeration_iter=1).fit(small)
    assert {"neighbors", "affinities"} <= set(one.stages) <= {"neighbors", "affinities", "init"}
    assert all(done == sorted(done) and done[-1] <= 1 for done in one.stages.values())


def test_verbose_bar_with_tqdm(small, capsys):
    TSNE(verbose=True, n_iter=100).fit(small)
    err = capsys.readouterr().err
    assert "250/250" in err and "100/100" in err and "KL=" in err


def test_a_point_is_placed_by_one_thread(small, monkeypatch):
    embedding = TSNE(random_state=0, n_iter=20, early_exaggeration_iter=20).fit(small)
    placed, refined = (np.array(embedding.transform(small[:1], n_iter=n)) for n in (0, 30))
    started, start = [], running._thread.start_new_thread
    monkeypatch.setattr(running._thread, "start_new_thread", lambda *a: (started.append(a), start(*a))[1])
    assert same_bits(embedding.transform(small[:1], n_iter=0), placed) and len(started) == 1
    started.clear()
    assert same_bits(embedding.transform(small[:1], n_iter=30), refined) and len(started) == 2
    called = []
    embedding.gradient_descent_params["callbacks"] = [lambda *a: called.append(a)]
    embedding.gradient_descent_params["callbacks_every_iters"] = 10
    assert same_bits(embedding.transform(small[:1], n_iter=30), refined)
    assert [one[0] for one in called] == [10, 20, 30]


def test_many_threads_at_once(small):
    want = TSNE(n_iter=50, random_state=0).fit(small)
    got = [None] * 8

    def job(i):
        got[i] = TSNE(n_iter=50, random_state=0).fit(small)

    threads = [threading.Thread(target=job, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(same_bits(one, want) for one in got)


def test_one_embedding_from_many_threads(small):
    start = TSNE(random_state=0).prepare_initial(small)
    want = start.optimize(80)
    threads = [
        threading.Thread(target=lambda: start.optimize(10, inplace=True)) for _ in range(8)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert start.n_iter == 80
    assert same_bits(start, want)


def test_errors_belong_to_their_thread(small):
    bad = np.array(small)
    messages = {}

    def job(row):
        x = bad.copy()
        x[row, 0] = np.nan
        try:
            TSNE().fit(x)
        except ValueError as error:
            messages[row] = str(error)

    threads = [threading.Thread(target=job, args=(row,)) for row in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(messages[row].startswith(f"X: row {row}, column 0 ") for row in range(20))


FORKED = """
import gc, os, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
import opentsne_go
x = np.random.default_rng(0).normal(size=(100, 5)).astype(np.float32)
embedding = opentsne_go.TSNE(n_iter=10).fit(x)
child = os.fork()
if child == 0:
    status = 1
    try:
        opentsne_go.TSNE(n_iter=10).fit(x)
    except RuntimeError as error:
        text = str(error)
        if all(word in text for word in ("spawn", "forkserver", "loky")):
            np.asarray(embedding).sum()
            del embedding
            gc.collect()
            status = 0
    os._exit(status)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert opentsne_go.TSNE(n_iter=10).fit(x).shape == (100, 2)
print("ok")
"""

FORKED_BEFORE = """
import os
import numpy as np
import opentsne_go
x = np.random.default_rng(0).normal(size=(100, 5)).astype(np.float32)
child = os.fork()
embedding = opentsne_go.TSNE(n_iter=10).fit(x)
if child == 0:
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
print("ok")
"""

WORKERS = """
import multiprocessing
import numpy as np
import opentsne_go

def fit(seed):
    x = np.random.default_rng(0).normal(size=(100, 5))
    tsne = opentsne_go.TSNE(n_iter=20, initialization="random", random_state=seed)
    return tsne.fit(x)

if __name__ == "__main__":
    import joblib
    want = [np.asarray(fit(seed)) for seed in range(4)]
    got = joblib.Parallel(n_jobs=2, backend="loky")(
        joblib.delayed(fit)(seed) for seed in range(4)
    )
    assert all(np.array_equal(a, b) for a, b in zip(want, got))
    for method in ("spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            got = pool.map(fit, range(4))
        assert all(np.array_equal(a, b) for a, b in zip(want, got))
    print("ok")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("program", [FORKED, FORKED_BEFORE], ids=["after", "before"])
def test_fork(python, program):
    assert python(program) == "ok\n"


def test_worker_processes(tmp_path):
    path = tmp_path / "workers.py"
    path.write_text(WORKERS)
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout == "ok\n", done.stderr


def test_log_goes_through_logging(small, caplog):
    with caplog.at_level(logging.WARNING, logger="opentsne_go"):
        TSNE(perplexity=100, n_iter=1).fit(small)
    assert [record.name for record in caplog.records] == ["opentsne_go"]
