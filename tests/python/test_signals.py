"""Handlers of the host's: a timer's handler in C without SA_ONSTACK and greedy of
stack, Python's own, and faulthandler's. Each in a process of its own."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")

HANDLER = r"""
#include <signal.h>
#include <stdio.h>
#include <string.h>
volatile int ran;
static void handler(int s) {
  volatile char room[60000];
  char text[64];
  room[0] = room[sizeof room - 1] = (char)s;
  snprintf(text, sizeof text, "signal %d %g", s, 0.5);
  ran++;
}
void install(int s) {
  struct sigaction a;
  memset(&a, 0, sizeof a);
  a.sa_handler = handler;
  a.sa_flags = SA_RESTART;
  sigaction(s, &a, NULL);
}
"""

WORK = """
import numpy as np
from opentsne_go import TSNE
import opentsne_go
def work(path):
    x = np.random.default_rng(0).normal(size=(600, 8)).astype("f4")
    seen = []
    tsne = TSNE(n_jobs=3, n_iter=60, early_exaggeration_iter=30, random_state=1,
                callbacks=lambda i, kl, y: seen.append(i) and False, callbacks_every_iters=10)
    for _ in range(3):
        e = tsne.fit(x)
        e.transform(x[:50], n_iter=20)
        e.save(path)
        opentsne_go.load(path).optimize(20)
    assert seen
"""


@pytest.fixture(scope="module")
def handler(tmp_path_factory):
    """The path of a library with a handler in C."""
    folder = tmp_path_factory.mktemp("handler")
    (folder / "handler.c").write_text(HANDLER)
    library = folder / "handler.so"
    compiler = shlex.split(os.environ.get("CC", "cc"))
    subprocess.run([*compiler, "-shared", "-fPIC", "-o", library, folder / "handler.c"], check=True)
    return library


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_handler_in_c_under_timers(python, handler, tmp_path, when):
    timers = f"""
import ctypes, signal
h = ctypes.CDLL({str(handler)!r})
for s, timer in ((signal.SIGALRM, signal.ITIMER_REAL), (signal.SIGPROF, signal.ITIMER_PROF)):
    h.install(int(s))
    signal.setitimer(timer, 200e-6, 200e-6)
"""
    parts = [timers, WORK] if when == "before" else [WORK, "work(%r)" % str(tmp_path / "first.npz"), timers]
    end = f"""
work({str(tmp_path / "model.npz")!r})
ran = ctypes.c_int.in_dll(h, "ran").value
assert ran > 100, ran
print("whole")
"""
    assert python("\n".join([*parts, end])) == "whole\n"


def test_python_s_own_handler_runs_during_a_call(python, tmp_path):
    program = WORK + f"""
import faulthandler, signal
faulthandler.enable()
ran = 0
def handler(number, frame):
    global ran
    ran += 1
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
work({str(tmp_path / "model.npz")!r})
signal.setitimer(signal.ITIMER_REAL, 0)
assert signal.getsignal(signal.SIGALRM) is handler
assert ran > 10, ran
print("whole")
"""
    assert python(program) == "whole\n"
