"""R's part: the arguments of two functions, their pages, and the fields that C reads."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from table import ROOT, Option, Struct, Table

TITLE = "Written by scripts/options from tsne/options.toml: change it there."
FUNCTIONS = {"options": "tsne_options", "transform": "transform_options"}
PAGES = {
    "options": '''Options of a fit

The defaults are the recipe of Kobak and Berens (2019).

{arguments}
@return a list of class `"tsne_options"`.
@references Kobak, D. and Berens, P. (2019). The art of using t-SNE for
  single-cell transcriptomics. Nature Communications 10:5416.
@examples
tsne_options(perplexity = c(10, 40), exaggeration = 4)
@export''',
    "transform": '''Options of placing new points on a map

The defaults give the placement of Kobak and Berens (2019): each point at
the median of its 10 nearest, without refinement. What refines has the
defaults of openTSNE's `transform`.

{arguments}
@return a list of class `"transform_options"`.
@examples
transform_options(k = 5, iterations = 100)
@export''',
}
CONTINUED = {"options": "tsne", "transform": "tsne_partial"}
KINDS = {"double": "real", "int64": "whole", "uint64": "whole", "int32": "int", "flag": "flag"}
FIELDS = {"double": "REAL64", "int64": "INT64", "uint64": "INT64", "int32": "INT32", "flag": "INT32"}


def wrapped(text: str, width: int, **how: str) -> list[str]:
    """Lines of code, which break after a comma alone."""
    text = re.sub(r" (?!\w+ =|\))", "\u00a0", text)
    return [line.replace("\u00a0", " ") for line in textwrap.wrap(text, width, **how)]


def broken(entries: list[str]) -> list[str]:
    """Entries of a list, those of many columns on several lines."""
    lines = ",\n".join(entries).split("\n")
    return [part for line in lines for part in ([line] if len(line) <= 130 else wrapped(line, 100, subsequent_indent="    "))]


def words(table: Table, s: Struct, text: str) -> str:
    return table.text(text, s, lambda o: f"`{o.name}`", lambda o, v: f'`{o.name} = "{v}"`')


def choices(o: Option) -> list[str]:
    """The names that a user may give."""
    return [v for v in o.enum.names if v != "given" and not (v == "default" and o.argument("r")["default"] != "default")]


def sentence(table: Table, s: Struct, o: Option) -> str:
    """What a page says of an argument."""
    argument = o.argument("r")
    text = words(table, s, argument["help"])
    if o.enum:
        listed = [f'`"{v}"` ({words(table, s, o.enum.helps[o.enum.names.index(v)])})' for v in choices(o)]
        if o.positions:
            listed.append(words(table, s, o.positions))
        text += ": " + ", ".join(listed[:-1]) + " or " + listed[-1]
    elif o.ranged and argument["help"] == o.help:
        text += f" ({o.span()})"
    if o.auto:
        text += f'; `"auto"`: {o.unsaid}'
    if o.zero:
        text += f"; 0: {o.zero}" if not argument.get("auto") else f'; 0 or `"auto"`: {o.zero}'
    return text + "." + (" " + words(table, s, o.more) if o.more else "")


def default(o: Option, going_on: bool = False) -> str:
    if o.auto and not going_on:
        return '"auto"'
    value = o.argument("r")["default"]
    if value == "NULL":
        return value
    if o.enum:
        return f'"{value}"'
    return ("TRUE" if value else "FALSE") if o.type == "flag" else str(value)


def kind(o: Option) -> str:
    if o.name in ("perplexity", "seed"):
        return o.name
    if o.enum:
        return "start" if o.positions else "choice"
    if o.go_type == "[]float32":
        return "positions" if "{dims}" in o.help else "weights"
    if o.go_type == "string":
        return "path"
    return "rate" if o.argument("r").get("auto") else ("auto_" if o.auto else "") + KINDS[o.type]


def argument(o: Option) -> str:
    """How it is read: the kind, and the range of a number."""
    parts = [f'kind = "{kind(o)}"']
    if o.ranged and o.scalar and not o.by_hand:
        low = o.low if o.low is not None else o.above
        high = o.high if o.high is not None else o.below
        parts.append(f"low = {plain_r(low)}, high = {plain_r(high)}")
        open_ = [side for side, yes in (("low", o.above is not None), ("high", o.below is not None or (high is None and o.type == "double" and not o.infinite))) if yes]
        if open_:
            parts.append("open = c(" + ", ".join(f'"{side}"' for side in open_) + ")" if len(open_) > 1 else f'open = "{open_[0]}"')
        if o.zero:
            parts.append("zero = TRUE")
        parts.append(f'want = "{o.want()}"')
    return f"list({', '.join(parts)})"


def plain_r(v: float | None) -> str:
    return "Inf" if v is None else str(v)


def preset_values(s: Struct, sets: dict[str, Any]) -> str:
    """What a preset sets, as R's arguments."""
    return ", ".join(f"{name} = " + (f'"{v}"' if s.of[name].enum else str(v)) for name, v in sets.items())


def documented(table: Table, s: Struct) -> list[tuple[str, str, str]]:
    """The arguments with their defaults and what is said of each."""
    every = [(n, default(s.of[n]), sentence(table, s, s.of[n])) for n in s.r]
    if s.name == "options":
        said = "; ".join(f'`"{p.name}"`, for {p.help} ({p.source}): `{preset_values(s, p.sets)}`' for p in table.presets)
        every.append(("preset", "NULL", f"settings under one name, each of which gives way to one that is passed beside it: {said}. `NULL`: none."))
    return every


def roxygen(table: Table, s: Struct) -> list[str]:
    arguments = []
    for name, _, said in documented(table, s):
        text = textwrap.wrap(f"@param {name} {said}", 77, subsequent_indent="  ", break_on_hyphens=False)
        arguments += text
    page = PAGES[s.name].replace("{arguments}", "\n".join(arguments))
    return [f"#' {line}".rstrip() for line in page.split("\n")]


def function(table: Table, s: Struct) -> list[str]:
    name = FUNCTIONS[s.name]
    head = f"{name} <- function("
    signature = ", ".join(f"{n} = {value}" for n, value, _ in documented(table, s))
    lines = wrapped(head + signature + ") {", 100, subsequent_indent=" " * len(head))
    extra = ", default_init = missing(init)" if "init" in s.r else ""
    listed = broken([f"  {n} = {argument(s.of[n])}" for n in s.r])
    return [
        f"{s.name}_arguments <- list(", *listed, ")", "",
        *roxygen(table, s), *lines, *(["  take_preset(preset, names(match.call()), environment())"] if s.name == "options" else []),
        f"  o <- read_arguments(environment(), {s.name}_arguments)",
        f'  structure(o, class = "{name}"{extra})', "}", "",
    ]


def onwards(s: Struct) -> list[str]:
    """What going on reads, but for the arguments of a phase."""
    late = [o for o in s.topics["phases"] if o.onwards is True and o.name not in ("exaggeration", "learning_rate")]
    return [f'"{o.name}"' for o in [*s.topics["forces"], *late, s.of["threads"], s.of["progress_every"]]]


def code(table: Table) -> str:
    out = [f"# {TITLE}", "", "# The numbers of what is chosen by name.", "choices <- list("]
    entries = []
    for e in table.enums.values():
        entries.append(f"  {e.name} = c(" + ", ".join(f"{v} = {i}" for i, v in enumerate(e.names)) + ")")
    out += broken(entries)
    renamed = ", ".join(f'{field} = "{name}"' for field, name in table.renamed("r").items())
    of_data = ", ".join(f'"{v}"' for v in table.enums["init"].of_data)
    out += [")", "", "# Starts that there must be data for.", f"starts_of_data <- c({of_data})"]
    taken = [f"  {name} = c({', '.join(onwards(table.structs[of]))})" for of, name in CONTINUED.items()]
    out += ["", "# What tsne_continue() takes beside what a phase is, by the class of its object.", "onwards <- list("]
    out += [line for entry in ",\n".join(taken).split("\n") for line in textwrap.wrap(entry, 100, subsequent_indent="    ")]
    out += [")", "", "# Arguments that are fields under other names.", *wrapped(f"fields <- c({renamed})", 100, subsequent_indent=" " * 12), ""]
    entries = [f"  {p.name} = list({preset_values(table.structs['options'], p.sets)})" for p in table.presets]
    out += ["# Arguments under one name.", "presets <- list(", *broken(entries), ")", ""]
    out += ["# How each argument is read."]
    for s in table.structs.values():
        out += function(table, s)
    return "\n".join(out).rstrip() + "\n"


def fields(table: Table) -> str:
    out = [f"/* {TITLE} */", ""]
    for s in table.structs.values():
        out.append(f"static const struct field {s.name}_fields[] = {{")
        for o in s.in_c:
            if o.scalar and o.topic != "reserved" and not o.name.startswith("n_"):
                out.append(f"    F({s.c}, {o.name}, {FIELDS.get(o.type, 'INT32')}),")
        out += ["    {NULL, REAL64, 0}};", ""]
    return "\n".join(out).rstrip() + "\n"


def markup(text: str) -> str:
    """Markdown as Rd has it."""
    text = text.replace("%", r"\%")
    text = re.sub(r"`([^`]*)`", r"\\code{\1}", text)
    return re.sub(r"\[(\w[\w.]*)\(\)\]", r"\\code{\\link[=\1]{\1()}}", text)


def page(table: Table, s: Struct, text: str) -> str:
    """An Rd page with the usage and the arguments of the table."""
    usage = ",\n".join(f"  {n} = {value}" for n, value, _ in documented(table, s))
    text = re.sub(r"\\usage\{\n.*?\n\}\n", lambda _: f"\\usage{{\n{FUNCTIONS[s.name]}(\n{usage}\n)\n}}\n", text, count=1, flags=re.S)
    items = []
    for n, _, said in documented(table, s):
        item = "\n".join(textwrap.wrap(f"\\item{{{n}}}{{{markup(said)}}}", 80, break_on_hyphens=False))
        items.append(item)
    return re.sub(r"\\arguments\{\n.*?\n\}\n(?=\\)", lambda _: "\\arguments{\n" + "\n\n".join(items) + "\n}\n", text, count=1, flags=re.S)


def tries(table: Table) -> str:
    """Test code: another value of each number, and what it needs beside."""
    s = table.structs["options"]
    out = [f"# Other values of arguments. {TITLE}", "tries <- list("]
    entries = []
    for o in s.tries():
        value = f'"{o.attempt}"' if o.enum else str(o.attempt)
        if o.beside:
            beside = ", ".join(f"{n} = " + (f'"{v}"' if s.of[n].enum else str(v)) for n, v in o.beside.items())
            value = f"I(list(list({beside}), {value}))"
        entries.append(f"  {o.name} = {value}")
    return "\n".join([*out, ",\n".join(entries), ")", ""])


def continued(table: Table, text: str, head: str, end: str) -> str:
    """Text in which what tsne_continue() does by default is as the table has it."""
    for of, name in CONTINUED.items():
        s = table.structs[of]
        start = text.index(head.format(name))
        stop = text.index(end, start)
        part = re.sub(r"\b(exaggeration|learning_rate|momentum) = [^,\n]+", lambda m, s=s: f"{m[1]} = {default(s.of[m[1]], True)}", text[start:stop])
        text = text[:start] + part + text[stop:]
    return text


def files(table: Table) -> dict[Any, str]:
    code_of, page_of = ROOT / "r" / "R" / "fit.R", ROOT / "r" / "man" / "tsne_continue.Rd"
    made: dict[Any, str] = {
        ROOT / "r" / "R" / "arguments.R": code(table),
        ROOT / "r" / "src" / "fields.h": fields(table),
        ROOT / "r" / "tests" / "testthat" / "helper-tries.R": tries(table),
        code_of: continued(table, code_of.read_text("utf-8"), "tsne_continue.{} <- function(", ") {"),
        page_of: continued(table, page_of.read_text("utf-8"), "\\method{{tsne_continue}}{{{}}}(", "\n)"),
    }
    for name, s in table.structs.items():
        path = ROOT / "r" / "man" / f"{FUNCTIONS[name]}.Rd"
        made[path] = page(table, s, path.read_text("utf-8").replace("R/options.R", "R/arguments.R"))
    return made
