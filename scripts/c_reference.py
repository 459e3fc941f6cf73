#!/usr/bin/env python3
"""Writes docs/c-reference.md from the comments of include/tsne.h.

scripts/c_reference.py          write it
scripts/c_reference.py --check  exit 1 if it is not up to date
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = ROOT / "include" / "tsne.h"
PAGE = ROOT / "docs" / "c-reference.md"

#: The title of a section of the header.
SECTION = re.compile(r"^/\* == (.+) == \*/\n", re.M)
ITEM = re.compile(
    r"""^(?P<comment>/\*(?:(?!\*/).)*\*/\s*)?
    (?P<code>
        enum\ \w+\ \{.*?\};
      | typedef\ struct\ \w+\ \{.*?\}\ \w+;
      | typedef\ [^{};]*?;
      | TSNE_API\ [^;]*;
      | static\ inline\ .*?^\}
    )""",
    re.S | re.X | re.M,
)
FUNCTION = ("TSNE_API", "static inline")
#: The lines of a block that name something: two spaces, names, two spaces.
NAMED = re.compile(r"^  (\S(?:.*?\S)?)\s{2,}(\S.*)$")


def plain(comment: str) -> list[str]:
    """The lines of a C comment without its frame."""
    text = re.sub(r"^/\*|\*/\s*$", "", comment.strip())
    lines = [re.sub(r"^\s*\* ?", "", line).rstrip() for line in text.split("\n")]
    if lines and lines[0].startswith(" "):
        lines[0] = lines[0][1:]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def escape(text: str) -> str:
    """Text of a comment in Markdown: names as code, stars and bars as they are."""
    parts = re.split(r"(\w+->\w+|\b(?:tsne|TSNE)_\w+(?:\(\))?)", text)
    for i, part in enumerate(parts):
        parts[i] = f"`{part}`" if i % 2 else re.sub(r"([*|<>])", r"\\\1", part)
    return "".join(parts)


def paragraphs(lines: list[str]) -> list[str]:
    """Prose joined into paragraphs, named lines into a list."""
    out: list[str] = []
    mode = ""
    for line in lines:
        named = NAMED.match(line)
        if not line:
            mode = ""
        elif named:
            if mode != "list":
                out.append("")
            names = ", ".join(f"`{n}`" for n in named[1].split(", "))
            out.append(f"- {names}: {escape(named[2])}")
            mode = "list"
        elif (line.startswith("  ") and mode == "list") or mode == "prose":
            out[-1] += " " + escape(line.strip())
        else:
            out += ["", escape(line.strip())]
            mode = "prose"
    return out


def table(code: str, enum: bool) -> list[str]:
    """The members of an enum or a struct with the comment of each."""
    body = code[code.index("{") + 1 : code.rindex("}")]
    rows: list[list[str]] = []
    for member, comment in re.findall(
        r"([^,;/]+[,;]?)\s*(?:/\*((?:(?!\*/).)*)\*/)?", re.sub(r"/\* Since[^/]*\*/", "", body), re.S
    ):
        member = " ".join(member.split()).rstrip(",;")
        if member:
            rows.append([member, " ".join(" ".join(plain(f"/*{comment}*/")).split())])
    head = ["| | |", "|---|---|"]
    for member, text in rows:
        if enum:
            name, value = (part.strip() for part in member.split("="))
            head.append(f"| `{name}` = {value} | {escape(text)} |")
        else:
            head.append(f"| `{member}` | {escape(text)} |")
    return head


def name_of(code: str) -> str:
    if code.startswith(FUNCTION):
        found = re.search(r"(tsne_\w+)\(", code)
    elif code.startswith("enum"):
        found = re.search(r"enum (\w+)", code)
    else:
        found = re.search(r"\(\*(\w+)\)", code) or re.search(r"(\w+);$", code)
    assert found, code
    return found[1]


def page(header: str) -> str:
    version = re.search(r'TSNE_VERSION "([^"]+)"', header)
    intro = header.split("*/", 1)[0]
    rest = header.split('extern "C" {\n#endif\n', 1)[1]
    assert version
    types: list[str] = []
    functions: list[str] = []
    names: list[str] = []
    parts = SECTION.split(rest)[1:]
    for title, section in zip(parts[::2], parts[1::2], strict=True):
        assert f"\n *   {title} " in intro, f"{title} is not in the header's contents"
        of_section: list[str] = []
        for match in ITEM.finditer(section):
            code, comment = match["code"].strip(), match["comment"] or ""
            name = name_of(code)
            text = paragraphs(plain(comment))
            if code.startswith(FUNCTION):
                of_section.append(f"[`{name}`](#{name})")
                declared = re.sub(r"^(TSNE_API|static inline|         )", "", code, flags=re.M).strip()
                declared = re.sub(r"\s*\{.*", ";", declared, flags=re.S)
                functions += [] if len(of_section) > 1 else ["", f"## {title}"]
                functions += ["", f"### {name}", "", "```c", declared, "```", *text]
            elif "{" in code:
                types += ["", f"### {name}", *text, "", *table(code, code.startswith("enum"))]
            else:
                types += ["", f"### {name}", "", "```c", code, "```", *text]
        names += ["", f"{title}:", *of_section] if of_section else []
    return "\n".join(
        [
            "# C reference",
            "",
            f"Version {version[1]}. Made from the comments of `include/tsne.h` by `scripts/c_reference.py`.",
            *paragraphs(plain(re.sub(r" \* Contents.*?(?= \* Conventions)", "", intro, flags=re.S) + "*/")),
            "",
            "## Functions",
            *names,
            *functions,
            "",
            "## Types",
            *types,
            "",
        ]
    )


def main() -> int:
    made = page(HEADER.read_text("utf-8"))
    if "--check" in sys.argv:
        if PAGE.read_text("utf-8") != made:
            print(f"{PAGE} is not up to date: run scripts/c_reference.py")
            return 1
        return 0
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
