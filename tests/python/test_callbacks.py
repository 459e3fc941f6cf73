"""What a callback may do with what it reports on: everything is answered, or
refused at once, and nothing waits for itself."""

from __future__ import annotations

import pytest

import opentsne_go

HEAD = """
import copy, faulthandler, os, pickle, sys, tempfile, threading
import numpy as np
import opentsne_go as og
from opentsne_go._positions import Positions
from opentsne_go.partial import PartialTSNEEmbedding
from opentsne_go.sklearn import TSNE as Estimator

faulthandler.dump_traceback_later(100, exit=True)
rng = np.random.default_rng(0)
x = rng.normal(size=(120, 6)).astype(np.float32)
new = rng.normal(size=(30, 6)).astype(np.float32)
file = os.path.join(tempfile.mkdtemp(), "map.npz")
quick = dict(early_exaggeration_iter=20, n_iter=20, random_state=0, n_jobs=2)
fresh = lambda: og.TSNE(**quick).fit(x)
other = fresh()

ARGUMENTS = {
    "optimize": [((3,), {}), ((3,), {"inplace": True})],
    "transform": [((new,), {"n_iter": 3})],
    "prepare_partial": [((new,), {})],
    "bootstrap": [((new, 3), {})],
    "save": [((file,), {})],
    "update": [((new,), {})],
    "zoom": [((range(20),), {})],
    "put_back": [((range(30), new[:, :2]), {})],
    "diagnose": [((), {"scores": ["recall"]})],
    "report": [((), {})],
}

def public(kind):
    return sorted({n for c in kind.__mro__ if c.__module__.startswith("opentsne_go") for n in vars(c) if n[0] != "_"})

def uses(one):
    '''Every use of a map, by name.'''
    for name in public(type(one)):
        if callable(getattr(type(one), name)):
            for given, named in ARGUMENTS[name]:
                yield f"{name}{named}", lambda o, n=name, g=given, k=named: getattr(o, n)(*g, **k)
        else:
            yield name, lambda o, n=name: getattr(o, n)
    for name in ("random_state", "gradient_descent_params", "reference_embedding"):
        if name in vars(one):
            yield name, lambda o, n=name: getattr(o, n)
    for f in (len, str, repr, copy.copy, copy.deepcopy, pickle.dumps, np.asarray, np.mean):
        yield f.__name__, f
    yield "P", lambda o: o.affinities.P if hasattr(o, "affinities") else o.P
    if hasattr(type(one), "affinities"):
        yield "index", lambda o: o.affinities.knn_index
        yield "to_new", lambda o: o.affinities.to_new(new)
        yield "align", lambda o: og.align(o, new, og.TSNE(**quick))
        yield "pbic", lambda o: og.metrics.pBIC(o)
        yield "gradient", lambda o: og.gradient(np.asarray(o), o.affinities)
        yield "spectral", lambda o: og.initialization.spectral(o.affinities)

def look(one, seen):
    '''Does all of it, and notes what came of each.'''
    for name, use in uses(one):
        try:
            use(one)
            seen[name] = "answered"
        except Exception as error:
            seen[name] = f"{type(error).__name__}: {error}"

def within(start, one):
    '''What came of each use of a map in a callback, once.'''
    seen = {}
    def callback(iteration, error, embedding):
        if not seen:
            look(one(), seen)
    start(callback)
    assert seen
    return seen
"""

PROGRAM = HEAD + """
e, p, given = fresh(), other.transform(new, n_iter=3), fresh()
est = Estimator(callbacks_every_iters=5, **quick).fit(x)
scenes = {
    "optimize": (lambda c: e.optimize(10, inplace=True, callbacks=c, callbacks_every_iters=5), lambda: e),
    "optimize a copy": (lambda c: e.optimize(10, callbacks=c, callbacks_every_iters=5), lambda: e),
    "given": (lambda c: given.optimize(10, inplace=True, callbacks=c, callbacks_every_iters=5), lambda: given),
    "partial": (lambda c: p.optimize(10, inplace=True, callbacks=c, callbacks_every_iters=5), lambda: p),
    "map of partial": (lambda c: p.optimize(10, inplace=True, callbacks=c, callbacks_every_iters=5), lambda: other),
    "partial of map": (lambda c: other.optimize(10, inplace=True, callbacks=c, callbacks_every_iters=5), lambda: p),
    "align": (lambda c: og.align(e, x + 1, og.TSNE(callbacks=c, callbacks_every_iters=5, **quick)), lambda: e),
    "fit": (lambda c: og.TSNE(callbacks=c, callbacks_every_iters=5, **quick).fit(x), lambda: e),
    "estimator": (lambda c: est.set_params(callbacks=c).fit(x), lambda: est.tsne_embedding_),
}
def transform(c):
    other.gradient_descent_params.update(callbacks=c, callbacks_every_iters=5)
    try:
        other.transform(new, n_iter=10)
    finally:
        other.gradient_descent_params["callbacks"] = None
scenes["transform"] = transform, lambda: other

def all_scenes():
    for scene, (start, one) in scenes.items():
        for name, came in within(start, one).items():
            print(f"{scene}|{name}|{came}", flush=True)
        before = one().n_iter
        assert one().optimize(2).n_iter == before + 2  # none the worse

if THREAD == "main":
    all_scenes()
else:
    t = threading.Thread(target=all_scenes)
    t.start()
    t.join()
print("done")
"""

REFUSED = "RuntimeError: this embedding is being optimised"
#: What needs the library's model, in a callback of a call that has it.
NEED_THE_MODEL = {
    "optimize{}",
    "optimize{'inplace': True}",
    "transform{'n_iter': 3}",
    "prepare_partial{}",
    "bootstrap{}",
    "save{}",
    "copy",
    "deepcopy",
    "dumps",
    "align",
    "update{}",
    "zoom{}",
    "diagnose{'scores': ['recall']}",
    "report{}",
}
#: Not all of them where the map's data are at hand by now.
MAY_NEED_IT = {"index", "to_new"}


@pytest.mark.parametrize("thread", ["main", "another"])
def test_every_use_of_a_map_in_a_callback_is_answered_or_refused(python, thread):
    lines = python(f"THREAD = {thread!r}\n" + PROGRAM).splitlines()
    assert lines[-1] == "done"
    scenes: dict[str, dict[str, str]] = {}
    for line in lines[:-1]:
        scene, name, came = line.split("|", 2)
        scenes.setdefault(scene, {})[name] = came
    assert len(scenes) == 10
    for scene, seen in scenes.items():
        own = scene in ("optimize", "given", "partial", "align")
        for name, came in seen.items():
            refused = came.startswith(REFUSED)
            assert refused or came == "answered" or "perplexity" in came, (scene, name, came)
            if own and name in NEED_THE_MODEL and not (scene == "partial" and name == "dumps"):
                assert refused, (scene, name, came)
            elif name not in MAY_NEED_IT and scene != "partial of map":
                assert not refused, (scene, name, came)
    for name in ("kl_divergence", "n_iter", "affinities", "P", "len", "repr"):
        assert scenes["optimize"][name] == "answered"


def test_properties_in_a_callback_are_of_the_positions_it_sees(small):
    e = opentsne_go.TSNE(random_state=0, n_iter=20).fit(small)
    before, seen = e.kl_divergence, []

    def callback(_iteration, error, _embedding):
        seen.append((e.kl_divergence, e.affinities.n_samples, error))

    e.optimize(20, inplace=True, callbacks=callback, callbacks_every_iters=10)
    # The map shows where it was before the call until that is over.
    assert [kl for kl, _, _ in seen] == pytest.approx([before] * 2, rel=1e-5)
    assert e.kl_divergence < min(error for *_, error in seen)


READER = HEAD + """
e = fresh()
def callback(*_):
    seen = []
    def read():
        seen.append((e.kl_divergence, e.n_iter, len(e), e.affinities.P.shape, str(e)))
    t = threading.Thread(target=read)
    t.start()
    t.join()
    assert seen
e.optimize(20, inplace=True, callbacks=callback, callbacks_every_iters=10)
print("ok")
"""


def test_a_callback_may_wait_for_a_thread_that_reads_the_map(python):
    assert python(READER) == "ok\n"


BREAKS = HEAD + """
import signal, _thread
signal.signal(signal.SIGINT, signal.default_int_handler)
e = fresh()
def callback(*_):
    t = threading.Thread(target=lambda: e.save(file), daemon=True)  # waits for its turn
    t.start()
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    t.join()
try:
    e.optimize(20, inplace=True, callbacks=callback, callbacks_every_iters=10)
except KeyboardInterrupt:
    print("interrupted")
assert e.optimize(1).n_iter > 40
"""


def test_ctrl_c_ends_a_callback_that_waits_for_its_own_call(python):
    assert python(BREAKS) == "interrupted\n"


class Starts:
    def __init__(self):
        self.said = []

    def optimization_about_to_start(self):
        self.said.append("start")

    def __call__(self, iteration, _error, _embedding):
        self.said.append(iteration)


@pytest.mark.parametrize("early, late, every", [(30, 20, 10), (25, 20, 10), (0, 20, 10), (30, 0, 10), (10, 10, 50)])
def test_callbacks_hear_of_each_phase_as_from_opentsne(small, early, late, every):
    import numpy as np
    import openTSNE

    said = []
    for module in (openTSNE, opentsne_go):
        starts = Starts()
        tsne = module.TSNE(
            early_exaggeration_iter=early,
            n_iter=late,
            callbacks=starts,
            callbacks_every_iters=every,
            random_state=0,
        )
        e = tsne.fit(np.array(small))
        e.optimize(10, inplace=True)
        e.transform(np.array(small[:20]), n_iter=10)
        said.append(starts.said)
    assert said[0] == said[1]


def test_a_stopped_fit_has_no_second_phase(small):
    class Stops(Starts):
        def __call__(self, *_):
            return True

    stops = Stops()
    opentsne_go.TSNE(early_exaggeration_iter=20, n_iter=20, callbacks=stops, callbacks_every_iters=20).fit(small)
    assert stops.said == ["start"]


def test_a_history_is_of_one_map(small):
    history = opentsne_go.callbacks.History()
    tsne = opentsne_go.TSNE(
        early_exaggeration_iter=25, n_iter=20, callbacks=history, callbacks_every_iters=10, random_state=0
    )
    e = tsne.fit(small)
    assert history.iterations == [10, 20, 35, 45] and history.phases == [0, 25]
    e.transform(small[:20], n_iter=10)
    assert {len(y) for y in history.embeddings} == {150} and len(history.embeddings) == 4
    e.optimize(10, inplace=True)
    assert history.iterations == [10, 20, 35, 45, 55] and history.phases == [0, 25, 45]
    tsne.fit(small[:100])
    assert history.iterations == [10, 20, 35, 45] and history.phases == [0, 25]
    assert {len(y) for y in history.embeddings} == {100}
    placed = e.transform(small[:20], n_iter=0)
    placed.optimize(20, callbacks=history)
    assert history.iterations == [10, 20] and {len(y) for y in history.embeddings} == {20}
    staged = opentsne_go.callbacks.History()
    again = opentsne_go.TSNE(
        early_exaggeration_iter=25, n_iter=20, callbacks=staged, callbacks_every_iters=10, random_state=0
    )
    again.fit(small, affinities=e.affinities)
    assert staged.iterations == [10, 20, 35, 45] and staged.phases == [0, 25]


SILENT = """
import sys
import numpy as np
import opentsne_go as og
x = np.random.default_rng(0).normal(size=(100, 4))
keep = sys.stdout
sys.{name} = None
e = og.TSNE(n_iter=20, early_exaggeration_iter=20, verbose=True, perplexity=60).fit(x)
e.transform(x[:5])
og.affinity.PerplexityBasedNN(x, perplexity=10, verbose=True)
sys.stdout = keep
print("ok")
"""


@pytest.mark.parametrize("name", ["stdout", "stderr", "stdout = sys.stderr"])
def test_verbose_where_there_is_no_terminal(python, name):
    assert python(SILENT.format(name=name)).endswith("ok\n")


def test_more_threads_than_anybody_has(small):
    from conftest import same_bits

    want = opentsne_go.TSNE(n_iter=20, random_state=0).fit(small)
    got = opentsne_go.TSNE(n_iter=20, random_state=0, n_jobs=10**6).fit(small)
    assert same_bits(want, got)
    assert same_bits(want.optimize(5), got.optimize(5, n_jobs=10**6))
