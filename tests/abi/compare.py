"""Says what a program built with an old tsne.h would miss or mistake in a new one.

compare.py OLD.h NEW.h [LIBRARY]: structs with the offset, size and type of each
field, enumerators, prototypes, and the symbols of the new library. Fields may
only be appended, and beyond the old size: struct_size tells them by it.

Environment: CC, cc.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple


class Field(NamedTuple):
    offset: int
    size: int
    type: str


class Interface(NamedTuple):
    structs: dict[str, dict[str, Field]]
    sizes: dict[str, int]
    enums: dict[str, int]
    functions: dict[str, str]


def squeezed(text: str) -> str:
    return re.sub(r"\s*([*,()])\s*", r"\1", " ".join(text.split()))


def fields(body: str) -> dict[str, str]:
    found = {}
    for part in filter(None, map(squeezed, body.split(";"))):
        match = re.fullmatch(r"(.*?)(\w+)(\[\d+\])?", part)
        assert match, part
        found[match[2]] = match[1].strip() + (match[3] or "")
    return found


def prototype(result: str, arguments: str) -> str:
    """Without the names of the arguments."""
    types = [re.sub(r"(?<=[ *])\w+$", "", squeezed(a)).strip() for a in arguments.split(",")]
    return f"{squeezed(result)}({', '.join(types)})"


def measured(header: Path, lines: list[str]) -> list[list[str]]:
    """What a program with the header prints, a line each."""
    with tempfile.TemporaryDirectory() as scratch:
        source, program = Path(scratch, "t.c"), Path(scratch, "t")
        body = "\n".join(f"  printf({line});" for line in lines)
        source.write_text(
            f'#include "{header.resolve()}"\n#include <stdio.h>\n'
            f"int main(void) {{\n{body}\n  return 0;\n}}\n"
        )
        cc = shlex.split(os.environ.get("CC", "cc"))
        subprocess.run([*cc, str(source), "-o", str(program)], check=True)
        out = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout
    return [line.split() for line in out.splitlines()]


def read(header: Path) -> Interface:
    code = re.sub(r"/\*.*?\*/", "", header.read_text("utf-8"), flags=re.S)
    types = {
        name: fields(body)
        for body, name in re.findall(r"typedef struct \w+ \{(.*?)\} (\w+);", code, re.S)
    }
    names = [f"{s} {f}" for s in types for f in types[s]]
    constants = re.findall(r"\b(TSNE_\w+) = -?\d+", code)
    rows = measured(
        header,
        [f'"%zu %zu\\n", offsetof({s}, {f}), sizeof((({s} *)0)->{f})' for s, f in map(str.split, names)]
        + [f'"%zu\\n", sizeof({s})' for s in types]
        + [f'"%d\\n", (int){c}' for c in constants],
    )
    at = iter(rows)
    structs: dict[str, dict[str, Field]] = {s: {} for s in types}
    for s, f in map(str.split, names):
        offset, size = map(int, next(at))
        structs[s][f] = Field(offset, size, types[s][f])
    sizes = {s: int(next(at)[0]) for s in types}
    enums = {c: int(next(at)[0]) for c in constants}
    functions = {
        name: prototype(result, arguments)
        for result, name, arguments in re.findall(
            r"(?:TSNE_API|static inline)\s+([\w\s]+?[\s*]+)(tsne_\w+)\(([^)]*)\)", code
        )
    }
    callbacks = re.findall(r"typedef (\w+) \(\*(\w+)\)\(([^)]*)\)", code)
    functions |= {name: prototype(result, arguments) for result, name, arguments in callbacks}
    assert types and enums and functions, header
    return Interface(structs, sizes, enums, functions)


def broken(old: Interface, new: Interface) -> list[str]:
    out = []
    for struct, had in old.structs.items():
        have = new.structs.get(struct, {})
        for name, field in had.items():
            if have.get(name) != field:
                out.append(f"{struct}.{name}: {field} was, {have.get(name)} is")
        for name, field in have.items():
            if name not in had and field.offset < old.sizes[struct]:
                out.append(f"{struct}.{name}: within the {old.sizes[struct]} bytes that the struct had")
    for what, was, now in (("enumerator", old.enums, new.enums), ("function", old.functions, new.functions)):
        out += [f"{what} {k}: {v} was, {now.get(k)} is" for k, v in was.items() if now.get(k) != v]
    return out


def symbols(library: str) -> set[str]:
    out = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True)
    return {line.split()[-1].split("@")[0] for line in out.stdout.splitlines()}


def main() -> int:
    old, new = read(Path(sys.argv[1])), read(Path(sys.argv[2]))
    out = broken(old, new)
    if len(sys.argv) > 3:
        exported = {name for name in old.functions if not name.endswith("_fn")}
        out += [f"symbol {name} is gone" for name in sorted(exported - symbols(sys.argv[3]))]
    print(*out, sep="\n", end="\n" if out else "")
    return 1 if out else 0


if __name__ == "__main__":
    sys.exit(main())
