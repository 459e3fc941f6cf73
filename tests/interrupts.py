"""Ctrl-C at random moments of every call that takes time.

    python tests/interrupts.py [count] [seed] [stage]

Each interrupt comes as Ctrl-C does (SIGINT from another process), as a signal
handler's or as a notebook's (`_thread.interrupt_main`). It must come out as
KeyboardInterrupt and leave no handle, thread, file or growing memory; how long
that took is printed. Exits with 1 unless all did.
"""

from __future__ import annotations

import _thread
import contextlib
import gc
import io
import os
import pickle
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import scipy.sparse

import opentsne_go as og
from opentsne_go import affinity, initialization, nearest_neighbors
from opentsne_go._input import reduction
from opentsne_go._native import library, running
from opentsne_go.sklearn import TSNE as Estimator

#: Seconds after which an interrupt counts as lost.
LOST = 20.0

KILLER = """
import os, signal, sys, time
for line in sys.stdin:
    time.sleep(float(line))
    print(time.monotonic(), flush=True)
    os.kill(int(sys.argv[1]), signal.SIGINT)
"""


def scenes(folder):
    """Calls by name, each of some tenths of a second or more."""
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(8000, 60)).astype(np.float32)
    x = rng.normal(size=(3000, 20)).astype(np.float32)
    new = rng.normal(size=(3000, 20)).astype(np.float32)
    sparse = scipy.sparse.random(20000, 2000, 0.01, "csr", np.float32, rng)
    quiet = og.TSNE(n_jobs=2, random_state=0, early_exaggeration_iter=50, n_iter=50)
    long = {"n_jobs": 2, "random_state": 0, "n_iter": 300}
    with_callbacks = og.TSNE(**long, callbacks=lambda *_: None, callbacks_every_iters=1)
    verbose = og.TSNE(**long, verbose=True)
    e = quiet.fit(x)
    graph = og.neighbors(wide, 90, n_jobs=2)
    p = affinity.Affinities.from_neighbors(*graph, n_jobs=2)
    large = og.TSNE(n_jobs=2, random_state=0, n_iter=1, early_exaggeration_iter=1)
    large = large.fit(rng.normal(size=(30000, 300)).astype(np.float32))
    large.save(folder / "old.npz")
    kept = (folder / "old.npz").read_bytes()
    packed = pickle.dumps(large)

    def save():
        # A file that is there stays as it was: that of another map.
        (folder / "new.npz").write_bytes(b"before")
        large.save(folder / "new.npz")

    def hushed():
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            verbose.fit(x)

    def left():
        """What an interrupt of a save may have left."""
        names = {one.name for one in folder.iterdir()} - {"old.npz", "new.npz"}
        whole = (folder / "old.npz").read_bytes() == kept
        at = folder / "new.npz"
        return names or not whole or (at.exists() and at.stat().st_size not in (6, len(kept)))

    return {
        "neighbors, exact": lambda: og.neighbors(wide, 30, method="exact", n_jobs=2),
        "neighbors, approx": lambda: og.neighbors(wide, 30, method="approx", n_jobs=2),
        "KNNIndex.build": lambda: nearest_neighbors.KNNIndex(wide, 30, n_jobs=2).build(),
        "KNNIndex.query": lambda: nearest_neighbors.KNNIndex(wide, 30, n_jobs=2).query(wide, 30),
        "affinities of data": lambda: affinity.Affinities.from_data(wide, n_jobs=2),
        "affinities of neighbours": lambda: affinity.Affinities.from_neighbors(*graph),
        "PerplexityBasedNN": lambda: affinity.PerplexityBasedNN(wide, n_jobs=2),
        "Multiscale": lambda: affinity.Multiscale(wide, [10, 30], n_jobs=2),
        "Uniform": lambda: affinity.Uniform(wide, n_jobs=2),
        "FixedSigmaNN": lambda: affinity.FixedSigmaNN(wide, sigma=2, n_jobs=2),
        "affinities out and in": lambda: affinity.Affinities.from_matrix(
            affinity.Affinities.from_neighbors(*graph, n_jobs=2).P
        ),
        "spectral": lambda: initialization.spectral(p),
        "pca": lambda: initialization.pca(wide),
        "reduce": lambda: reduction.reduce(sparse, 50, 2),
        "fit": lambda: og.TSNE(**long).fit(x),
        "fit, many neighbours": lambda: quiet.fit(wide),
        "fit, in stages": lambda: og.TSNE(**long).fit(x, affinities=e.affinities),
        "fit with callbacks": lambda: with_callbacks.fit(x),
        "fit, verbose": hushed,
        "fit of sparse data": lambda: quiet.fit(sparse[:5000]),
        "prepare_initial": lambda: quiet.prepare_initial(wide),
        "optimize a copy": lambda: e.optimize(400),
        "optimize in place": lambda: e.optimize(400, inplace=True),
        "gradient": lambda: [og.gradient(np.asarray(e), e.affinities) for _ in range(20)],
        "transform": lambda: e.transform(new, n_iter=200),
        "bootstrap": lambda: e.bootstrap(new[:500], 60),
        "align": lambda: og.align(e, new, og.TSNE(**long)),
        "save": save,
        "load": lambda: og.load(folder / "old.npz"),
        "pickle": lambda: pickle.dumps(large),
        "unpickle": lambda: pickle.loads(packed),
        "quality": lambda: og.quality(wide, wide[:, :2].copy()),
        "shared neighbours": lambda: og.shared_neighbors(wide[:, :2], wide[:, 1:3]),
        "estimator": lambda: Estimator(**long).fit(x),
        "reads": lambda: [(e.n_iter, e.kl_divergence) for _ in range(500)],
    }, left


class Interrupts:
    """Sends one at a time."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", KILLER, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.sent = 0.0

    def arm(self, way, delay):
        self.sent = 0.0
        if way == "process":
            self.process.stdin.write(f"{delay}\n")
            self.process.stdin.flush()
        else:
            _thread.start_new_thread(self._later, (way, delay))

    def _later(self, way, delay):
        time.sleep(delay)
        self.sent = time.monotonic()
        if way == "signal":
            signal.raise_signal(signal.SIGINT)
        else:
            _thread.interrupt_main()

    def when(self, way):
        return float(self.process.stdout.readline()) if way == "process" else self.sent


def attempt(call, interrupts, way, delay):
    """Seconds from the interrupt to KeyboardInterrupt, and whether call was over."""
    over = False
    try:
        interrupts.arm(way, delay)
        call()
        over = True
        until = time.monotonic() + LOST
        while time.monotonic() < until:
            time.sleep(0.01)  # a signal to another thread ends no longer one
    except KeyboardInterrupt:
        now = time.monotonic()
        return now - interrupts.when(way), over
    return LOST, over


def settled():
    """Handles, threads and calls once those that were left behind have ended."""
    until = time.monotonic() + 5
    while running._running and time.monotonic() < until:
        time.sleep(0.01)
    gc.collect()
    # tqdm has a thread of its own, which comes and goes.
    threads = [one for one in threading.enumerate() if type(one).__name__ != "TMonitor"]
    return library.lib().tsne_live_handles(), len(threads), len(running._running)


def resident():
    for line in open("/proc/self/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def main(count=1000, seed=0, only=None):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chance = random.Random(seed)
    took, late, wrong = {}, 0, []
    with tempfile.TemporaryDirectory() as name:
        every, left = scenes(Path(name))
        if only:
            every = {only: every[only]}
        lasts = {}
        for scene, call in every.items():
            began = time.monotonic()
            call()
            lasts[scene] = time.monotonic() - began
        before, interrupts, memory = settled(), Interrupts(), []
        for i in range(count):
            scene = list(every)[i % len(every)]
            way = ("process", "signal", "main")[i // len(every) % 3]
            delay = chance.random() * lasts[scene]
            try:
                seconds, over = attempt(every[scene], interrupts, way, delay)
            except Exception as error:  # noqa: BLE001  each is counted
                wrong.append(f"{scene}, {way}: {type(error).__name__}: {error}")
                continue
            late += over
            if not over:
                took.setdefault(scene, []).append(seconds)
            if seconds >= LOST:
                wrong.append(f"{scene}, {way}: the interrupt was lost")
            if (now := settled()) != before:
                wrong.append(f"{scene}, {way}: handles, threads, calls {now}, were {before}")
                before = now
            if left():
                wrong.append(f"{scene}, {way}: files were left or changed")
            memory.append(resident())
            if (i + 1) % len(every) == 0:
                each = sorted(one for many in took.values() for one in many)
                half = 1e3 * each[len(each) // 2] if each else 0
                print(f"{i + 1} interrupts, {late} after the call, median {half:.1f} ms, "
                      f"{sum(one > 0.1 for one in each)} over 100 ms, {len(wrong)} wrong", *wrong[-1:], flush=True)
        interrupts.process.stdin.close()
        interrupts.process.wait()
    for scene, each in sorted(took.items(), key=lambda item: max(item[1])):
        print(f"{scene:26} {len(each):4}  median {1e3 * statistics.median(each):5.1f} ms, most {1e3 * max(each):6.1f} ms")
    each = [seconds for many in took.values() for seconds in many]
    print(
        f"{count} interrupts, {late} after the call: median {1e3 * statistics.median(each):.1f} ms, "
        f"most {1e3 * max(each):.1f} ms, {sum(one > 0.1 for one in each)} over 100 ms; "
        f"memory {memory[len(memory) // 10]:.0f} MiB after a tenth, {memory[-1]:.0f} MiB at the end"
    )
    print(*wrong, f"{len(wrong)} wrong", sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:3]]
    sys.exit(main(*numbers, *sys.argv[3:4]))
