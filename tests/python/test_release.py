"""What ./build.sh release promises, as far as it needs no other machine: tests/install has the rest."""

import hashlib
import os
import re
import shutil
import subprocess
import sys

import pytest

import opentsne_go
from conftest import ROOT

GO = os.environ.get("GO", "go")


def run(*command, where=ROOT, code=0, **env):
    done = subprocess.run(command, cwd=where, env={**os.environ, **env}, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_everything_agrees_on_the_version():
    said = run(sys.executable, "scripts/agree.py", opentsne_go.__version__, "--dry-run")
    assert all(line.startswith("before the tag: ") for line in said.splitlines()), said


def test_another_version_is_refused_by_every_place():
    said = run(sys.executable, "scripts/agree.py", "9.9.9", code=1)
    for place in ("include/tsne.h", "tsne/tsne.go", "r/DESCRIPTION", "CHANGELOG.md", "CITATION.cff", "packaging/"):
        assert place in said
    assert "tests/abi/9.9/tsne.h is missing" in said


@pytest.fixture
def copies(tmp_path):
    """Two copies of the sources, in folders whose paths differ in length."""
    listed = run("git", "ls-files", "-co", "--exclude-standard", "--", "capi", "tsne", "include", "scripts", "licenses", "LICENSE", "go.*")
    folders = [tmp_path / "a", tmp_path / "much" / "longer" / "path"]
    for folder in folders:
        for file in filter(None, listed.splitlines()):
            if (ROOT / file).is_file():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, folder / file)
    return folders


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="builds the library")
def test_the_same_sources_give_the_same_bytes(copies):
    made = []
    for folder in copies:
        run("sh", "scripts/lib.sh", "prefix", where=folder, TSNE_BUILD_DIR="build")
        files = sorted(f for f in (folder / "prefix").rglob("*") if f.is_file() and not f.is_symlink())
        made.append({str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files})
    assert made[0] == made[1]
    assert {"prefix/lib/libtsne.a", f"prefix/lib/libtsne.so.{opentsne_go.__version__}"} <= made[0].keys()


def test_readme_says_how_a_go_program_gets_it(tmp_path):
    readme = (ROOT / "README.md").read_text("utf-8")
    (line,) = re.findall(r"^    (go mod edit .+)$", readme, re.M)
    (tmp_path / "libtsne").symlink_to(ROOT)
    program = tmp_path / "program"
    program.mkdir()
    (program / "main.go").write_text(
        'package main\n\nimport (\n\t"fmt"\n\n\t"github.com/libtsne/libtsne/tsne"\n)\n\nfunc main() { fmt.Println(tsne.Version) }\n'
    )
    run(GO, "mod", "init", "program", where=program)
    run("sh", "-euc", f'go() {{ command {GO} "$@"; }}; {line}', where=program)
    assert run(GO, "run", ".", where=program).strip() == opentsne_go.__version__
