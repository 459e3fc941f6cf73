"""What does not fit is refused, and what fails leaves things as they were."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE

TOO_FAR = {"learning_rate": 1e38, "max_step_norm": None, "inplace": True}


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(5).normal(size=(200, 5)).astype(np.float32)


def test_diverged_embedding_is_as_it_was(x, tmp_path):
    e = TSNE(n_iter=50, early_exaggeration_iter=20, random_state=1).fit(x)
    twin = e.optimize(0)
    e.save(tmp_path / "good.npz")
    for change in {}, {"dof": 0.5}:
        with pytest.raises(opentsne_go.errors.InvalidInputError, match="diverged"):
            e.optimize(30, **TOO_FAR, **change)
        assert same_bits(e, twin)
        assert (e.n_iter, e.kl_divergence) == (twin.n_iter, twin.kl_divergence)
        assert e.gradient_descent_params == twin.gradient_descent_params
    e.save(tmp_path / "good.npz")
    assert same_bits(opentsne_go.load(tmp_path / "good.npz"), twin)
    assert same_bits(e.transform(x[:9]), twin.transform(x[:9]))
    assert same_bits(e.optimize(20, inplace=True), twin.optimize(20))


def test_diverged_points_are_as_they_were(x):
    e = TSNE(n_iter=50, early_exaggeration_iter=20, random_state=1).fit(x)
    p = e.prepare_partial(x[:9] + np.float32(0.1))
    p.optimize(10, inplace=True)
    twin = p.optimize(0)
    with pytest.raises(opentsne_go.errors.InvalidInputError, match="diverged"):
        p.optimize(30, **TOO_FAR, max_grad_norm=None)
    assert same_bits(p, twin)
    assert (p.n_iter, p.kl_divergence) == (twin.n_iter, twin.kl_divergence)
    assert same_bits(p.optimize(20, inplace=True), twin.optimize(20))


def test_nothing_but_finite_positions_is_saved(x, tmp_path):
    e = TSNE(n_iter=20, early_exaggeration_iter=0).fit(x)
    path = tmp_path / "good.npz"
    e.save(path)
    before = path.read_bytes()
    e[3, 1] = np.nan
    with pytest.raises(opentsne_go.errors.InvalidInputError, match="row 3"):
        e.save(path)
    assert path.read_bytes() == before


FIT = """
    import numpy as np
    import opentsne_go
    x = np.random.default_rng(0).normal(size=(150_000, 50)).astype(np.float32)
    limit()
    try:
        opentsne_go.TSNE(n_iter=10, early_exaggeration_iter=0).fit(x)
    except opentsne_go.errors.MemoryLimitError as e:
        print(e)
"""

LOAD = """
    import opentsne_go
    limit()
    try:
        opentsne_go.load(MODEL)
    except opentsne_go.errors.MemoryLimitError as e:
        print(e)
"""


def said(code, **names):
    """What a process of its own prints."""
    code = "".join(f"{k} = {v!r}\n" for k, v in names.items()) + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done
    return done.stdout


RLIMIT = """
    def limit():  # once the library is loaded, which reserves address space
        import resource
        opentsne_go.initialization.random(10)
        size = [l for l in open("/proc/self/status") if l.startswith(FIELD)][0].split()[1]
        resource.setrlimit(getattr(resource, WHICH), (int(size) * 1024 + ROOM,) * 2)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are read from /proc")
@pytest.mark.parametrize("which, field", [("RLIMIT_AS", "VmSize"), ("RLIMIT_DATA", "VmData")])
def test_a_fit_keeps_to_the_limits_of_its_process(which, field):
    text = said(RLIMIT + FIT, WHICH=which, FIELD=field, ROOM=250 << 20)
    assert "150000 x 50 data need about" in text and "ulimit" in text
    assert said(RLIMIT + FIT.replace("150_000", "5_000"), WHICH=which, FIELD=field, ROOM=400 << 20) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are read from /proc")
def test_load_keeps_to_the_limits_of_its_process(tmp_path):
    path = tmp_path / "model.npz"
    TSNE(n_iter=0, early_exaggeration_iter=0).fit(np.zeros((9000, 3), np.float32)).save(path)
    about = {"WHICH": "RLIMIT_AS", "FIELD": "VmSize", "MODEL": str(path)}
    assert "arrays need about" in said(RLIMIT + LOAD, ROOM=130 << 20, **about)
    assert said(RLIMIT + LOAD, ROOM=400 << 20, **about) == ""


def group():
    """A control group to limit, of either version, or None where we may make none."""
    for hierarchy, limit in (
        (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
        (Path("/sys/fs/cgroup"), "memory.max"),
    ):
        made = hierarchy / f"tsne_test_{os.getpid()}"
        try:
            made.mkdir()
        except OSError:
            continue
        if (made / limit).exists():
            return made, made / limit
        made.rmdir()
    return None


def test_a_fit_keeps_to_the_limit_of_its_control_group():
    found = group()
    if found is None:
        return  # the parser's own tests have groups of both versions
    made, limit = found
    move = f"""
    def limit():
        import os
        open({str(made / "cgroup.procs")!r}, "w").write(str(os.getpid()))
    """
    try:
        limit.write_text(str(250 << 20))
        text = said(move + FIT)
        assert "150000 x 50 data need about" in text and "cgroup" in text
        assert said(move + FIT.replace("150_000", "5_000")) == ""
    finally:
        made.rmdir()
