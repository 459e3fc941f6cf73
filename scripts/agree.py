"""Does everything agree that it is release X.Y.Z? agree.py X.Y.Z [--dry-run]

Versions in every place, the changelog's date, generated pages, licences, the
interface beside that of each release, and what a release leaves behind: its
header and its models. A line for each that does not; --dry-run lets stand what
only the commit of the release can have, and says it. Leaves the models and maps
themselves to the tests.

Environment: GO, CC.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: Where the version stands: file, and the expression whose group it is.
PLACES = {
    "include/tsne.h": r'^#define TSNE_VERSION "(.+)"$',
    "tsne/tsne.go": r'^const Version = "(.+)"$',
    "r/DESCRIPTION": r"^Version: (.+)$",
    "CHANGELOG.md": r"^## (\S+)",
    "CITATION.cff": r"^version: (.+)$",
    "packaging/debian/changelog": r"^libtsne \((.+)-1\)",
    "packaging/conda/recipe.yaml": r'^  version: "(.+)"$',
}


def text(file: str) -> str:
    return (ROOT / file).read_text("utf-8")


def versions(version: str) -> list[str]:
    bad = []
    for file, expression in PLACES.items():
        found = re.search(expression, text(file), re.M)
        if not found or found[1] != version:
            bad.append(f"{file}: version {found[1] if found else 'missing'}")
    parts = [re.search(rf"^#define TSNE_VERSION_{p} (\d+)$", text("include/tsne.h"), re.M) for p in ("MAJOR", "MINOR", "PATCH")]
    if ".".join(p[1] if p else "?" for p in parts) != version:
        bad.append("include/tsne.h: TSNE_VERSION_MAJOR, _MINOR and _PATCH are of another version")
    return bad


def generated() -> list[str]:
    bad = []
    for command in ("scripts/options", "scripts/c_reference.py", "scripts/licenses.py"):
        done = subprocess.run([sys.executable, command, "--check"], cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            bad.append(f"{command} --check: {(done.stdout + done.stderr).strip() or 'it is not up to date'}")
    return bad


def interface() -> list[str]:
    bad = []
    for header in sorted((ROOT / "tests" / "abi").glob("*/tsne.h")):
        command = [sys.executable, "tests/abi/compare.py", str(header), "include/tsne.h"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            bad.append(f"a program of {header.parent.name} breaks: {done.stdout.strip() or done.stderr.strip()}")
    return bad


def left_behind(version: str) -> list[str]:
    bad = []
    heading = re.search(rf"^## {re.escape(version)} \((.*)\)$", text("CHANGELOG.md"), re.M)
    if not heading or not re.fullmatch(r"\d{4}-\d\d-\d\d", heading[1]):
        bad.append(f"CHANGELOG.md: '## {version} (YEAR-MONTH-DAY)' is wanted")
    elif f'date-released: "{heading[1]}"' not in text("CITATION.cff").splitlines():
        bad.append(f'CITATION.cff: date-released: "{heading[1]}", as CHANGELOG.md has it, is wanted')
    if "UNRELEASED" in text("packaging/debian/changelog").partition("\n")[0]:
        bad.append("packaging/debian/changelog: the first entry is UNRELEASED")
    minor = version.rpartition(".")[0]
    kept = ROOT / "tests" / "abi" / minor / "tsne.h"
    if not kept.exists():
        bad.append(f"tests/abi/{minor}/tsne.h is missing")
    elif version.endswith(".0") and kept.read_text("utf-8") != text("include/tsne.h"):
        bad.append(f"tests/abi/{minor}/tsne.h is not include/tsne.h")
    for kind in ("plain", "rich"):
        if not (ROOT / "tests" / "golden" / f"model-{minor}-{kind}.npz").exists():
            bad.append(f"tests/golden/model-{minor}-{kind}.npz is missing: go test ./tsne -run GoldenModels -golden-model {minor}")
    return bad


def main() -> int:
    arguments = sys.argv[1:]
    dry = "--dry-run" in arguments
    (version,) = (a for a in arguments if a != "--dry-run")
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        print(f"'{version}' is no version: X.Y.Z")
        return 1
    bad = [*versions(version), *generated(), *interface()]
    later = left_behind(version)
    print(*bad, *(f"before the tag: {line}" if dry else line for line in later), sep="\n", end="\n" if bad + later else "")
    return bool(bad or (later and not dry))


if __name__ == "__main__":
    sys.exit(main())
