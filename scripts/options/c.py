"""The header's part: enums, structs and initialisers."""

from __future__ import annotations

import re
import textwrap

from table import Enum, Option, Struct, Table, either, plain, release

WIDTH = 80
COLUMN = 33
TYPES = {
    "double": "double ", "int64": "int64_t ", "int32": "int32_t ", "uint64": "uint64_t ", "flag": "int32_t ",
}


def beside(code: str, comment: str) -> list[str]:
    """A declaration with its comment to the right."""
    if not comment:
        return [code]
    start = max(COLUMN, len(code) + 1)
    lines = textwrap.wrap(comment, WIDTH - start - 6, break_on_hyphens=False)
    pad = " " * (start + 3)
    out = [code.ljust(start) + "/* " + lines[0]] + [pad + line for line in lines[1:]]
    out[-1] += " */"
    return out


def comment(words: str) -> list[str]:
    lines = textwrap.wrap(words, WIDTH - 3, break_on_hyphens=False)
    if len(lines) == 1 and len(lines[0]) < WIDTH - 6:
        return [f"/* {lines[0]} */"]
    return ["/*", *(f" * {line}" for line in lines), " */"]


def words(table: Table, struct: Struct, text: str) -> str:
    return table.text(text, struct, lambda o: o.name, lambda o, v: o.enum.c_name(v))


def enum(table: Table, e: Enum) -> list[str]:
    out = [*comment(e.help[0].upper() + e.help[1:] + "."), f"enum {e.c} {{"]
    for i, (name, text) in enumerate(zip(e.names, e.helps, strict=True)):
        end = "," if i < len(e.names) - 1 else ""
        out += beside(f"  {e.c_name(name)} = {i}{end}", words(table, table.structs["options"], text))
    return [*out, "};", ""]


def about(table: Table, struct: Struct, o: Option) -> str:
    """The comment of a field."""
    text = words(table, struct, o.help)
    if o.topic == "reserved":
        return "0"
    if o.enum:
        return f"enum {o.enum.c}: {text}"
    if not o.scalar:
        return text
    span = f" ({o.span()})" if o.ranged else ""
    zero = f"; 0: {o.zero}" if o.zero else ""
    if o.auto:
        return f"{text}{span}; -1: {o.unsaid}"
    if o.default or (o.ranged and not o.zero):
        return f"{plain(o.default)}{span}: {text}{zero}"
    return f"{text}{span}{zero}"


def declared(o: Option) -> str:
    kind = TYPES.get(o.type) or ("int32_t " if o.enum else o.type + ("" if o.type.endswith("*") else " "))
    return f"  {kind}{o.name};"


def initial(o: Option) -> str:
    if o.enum:
        return o.enum.c_name(o.default)
    if not o.scalar:
        return "NULL"
    return o.given()


def struct(table: Table, s: Struct) -> list[str]:
    out = [*comment(s.help), f"typedef struct {s.c} {{", *beside("  size_t struct_size;", f"sizeof({s.c})")]
    since = s.since
    for o in s.in_c:
        if o.since != since and o.topic != "reserved":
            since = o.since
            out.append(f"  /* Since {since}. */")
        out += beside(declared(o), about(table, s, o))
    out += [f"}} {s.c};", ""]
    values = ", ".join([f"sizeof({s.c})", *(initial(o) for o in s.in_c)])
    lines = [f"#define {s.init}", "  {", *textwrap.wrap(values, WIDTH - 8, initial_indent="    ", subsequent_indent="        ")]
    out += [line.ljust(WIDTH - 2) + "\\" for line in lines] + ["  }", ""]
    return out


def parts(table: Table) -> dict[str, str]:
    """What stands between the header's marks, by their names."""
    made = {"enums": [], "options": struct(table, table.structs["options"]),
            "transform options": struct(table, table.structs["transform"])}
    for e in table.enums.values():
        made["enums"] += enum(table, e)
    return {name: "\n".join(lines).rstrip("\n") + "\n" for name, lines in made.items()}


def header(table: Table, text: str) -> str:
    """The header with those parts in their places."""
    for name, made in parts(table).items():
        mark = f"/* From tsne/options.toml, by scripts/options: {name}. */\n"
        end = f"/* End of {name}. */\n"
        found = re.search(re.escape(mark) + r"(.*?)" + re.escape(end), text, re.S)
        if not found:
            raise SystemExit(f"include/tsne.h: no place for the {name}: {mark.strip()}")
        text = text[: found.start(1)] + "\n" + made + "\n" + text[found.end(1) :]
    return text


TITLE = "/* Written by scripts/options from tsne/options.toml: change it there. */"


def presets(table: Table) -> str:
    """What each preset sets, and their names."""
    out = [TITLE, ""]
    for p in table.presets:
        out.append(f"static void preset_{p.name}(tsne_options *o) {{")
        for name, value in p.sets.items():
            e = table.structs["options"].of[name].enum
            out.append(f"  o->{name} = {e.c_name(value) if e else value};")
        out += ["}", ""]
    out += ["static const struct {", "  const char *name;", "  void (*set)(tsne_options *);", "} presets[] = {"]
    out += [f'    {{"{p.name}", preset_{p.name}}},' for p in table.presets]
    names = either([f'\\"{p.name}\\"' for p in table.presets])
    out += ["};", "", f'#define PRESET_NAMES "{names}"']
    return "\n".join(out) + "\n"


def sizes(table: Table) -> str:
    """Sizes of the structs in all releases, oldest first."""
    out = [TITLE, ""]
    for s in table.structs.values():
        since, ends = s.since, []
        for o in s.in_c:
            if release(o.since) > release(since) and o.topic != "reserved":
                since = o.since
                ends.append(f"offsetof({s.c}, {o.name})")
        name = "option_sizes" if s.name == "options" else "transform_sizes"
        out += [f"static const size_t {name}[] = {{", *(f"    {end}," for end in ends), f"    sizeof({s.c}),", "};", ""]
    return "\n".join(out).rstrip() + "\n"
