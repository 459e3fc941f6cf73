"""Writes what follows from tsne/options.toml.

python scripts/options            write it
python scripts/options --check    exit 1 if what is committed differs
python scripts/options --list     the files that have something of it
"""

from __future__ import annotations

import sys

import c
import cli
import docs
import go
import python
import r
from table import ROOT, load


def main() -> int:
    table = load()
    header = ROOT / "include" / "tsne.h"
    made = {
        header: c.header(table, header.read_text("utf-8")),
        ROOT / "tsne" / "options_gen.go": go.engine(table),
        ROOT / "tsne" / "options_gen_test.go": go.tries(table),
        ROOT / "tsne" / "definitions_gen.go": go.definitions(table),
        ROOT / "capi" / "sizes.h": c.sizes(table),
        ROOT / "capi" / "presets.h": c.presets(table),
        ROOT / "capi" / "options_gen.go": go.capi(table),
        ROOT / "cmd" / "tsne" / "options_gen.go": cli.program(table),
        ROOT / "docs" / "options.md": docs.page(table),
        **python.files(table),
        **r.files(table),
    }
    if "--list" in sys.argv:
        print(*(path.relative_to(ROOT) for path in made), sep="\n")
        return 0
    stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what tsne/options.toml gives: run scripts/options")
        return bool(stale)
    for path in stale:
        path.write_text(made[path], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
