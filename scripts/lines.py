#!/usr/bin/env python3
"""Hand-written lines of a revision by room: scripts/lines.py [REVISION...]

Generated files are left out, and so is what scripts/options writes into files that
people write too.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter

ROOMS = {
    "tsne/internal/asm/": "generators of assembly", "tsne/options.toml": "the table of options", "scripts/options/": "its generator",
    "tsne/npy/": "tsne/npy", "tsne/": "tsne", "capi/": "capi", "include/": "include/tsne.h", "python/": "python", "r/": "r",
    "cmd/": "cmd", "bench/": "bench", "scripts/": "scripts, build.sh", "build.sh": "scripts, build.sh",
}  # fmt: skip
CODE = re.compile(r"\.(go|c|h|py|R|sh|toml)$|^build\.sh$")
TESTS = re.compile(r"_test\.go$|^tests/|^r/tests/|/testdata/|^tests\.")
GENERATED = re.compile(r"Code generated .* DO NOT EDIT|Written by scripts/options")
WRITTEN_INTO = {
    "python/opentsne_go/_options/settings.py": "__init__", "python/opentsne_go/sklearn.py": "__init__", "python/opentsne_go/tl.py": "tsne",
}  # fmt: skip


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, check=True).stdout.decode("utf-8", "replace")


def derived(path: str, text: str) -> int:
    """Lines of a file that the table gives."""
    if path == "include/tsne.h":
        return sum(part.count("\n") for part in re.findall(r"/\* From tsne/options\.toml.*?/\* End of [^*]*\*/\n", text, re.S))
    if path == "python/opentsne_go/tsne.py":
        found = re.search(r"class TSNE\(.*?    Parameters\n(.*?)\n    Examples\n", text, re.S)
        return found[1].count("\n") if found else 0
    if path in WRITTEN_INTO:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name == WRITTEN_INTO[path]:
                last = node.end_lineno if node.name == "__init__" else node.body[0].lineno - 1
                return (last or 0) - node.lineno + 1
    return 0


def count(revision: str) -> Counter[str]:
    table = "tsne/options.toml" in git("ls-tree", "-r", "--name-only", revision).split("\n")
    lines: Counter[str] = Counter()
    for path in git("ls-tree", "-r", "--name-only", revision).split("\n"):
        if not CODE.search(path) or re.match(r"tests/(golden|abi/\d)", path):
            continue
        text = git("show", f"{revision}:{path}")
        if GENERATED.search(text[:600]) and not path.startswith("scripts/"):
            continue
        room = "tests" if TESTS.search(path) else next((r for start, r in ROOMS.items() if path.startswith(start)), "other")
        lines[room] += text.count("\n") - (derived(path, text) if table else 0)
    return lines


def main() -> None:
    revisions = sys.argv[1:] or ["HEAD"]
    counts = [count(revision) for revision in revisions]
    rooms = [*dict.fromkeys([*ROOMS.values(), "other", "tests"])]
    print("| room |", " | ".join(revisions), "|")
    print("|---|" + "---|" * len(revisions))
    for room in rooms:
        if any(one[room] for one in counts):
            print(f"| {room} |", " | ".join(f"{one[room]:,}" for one in counts), "|")
    print("| all but tests |", " | ".join(f"{sum(one.values()) - one['tests']:,}" for one in counts), "|")


if __name__ == "__main__":
    main()
