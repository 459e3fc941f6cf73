"""The command-line program's flags."""

from __future__ import annotations

import json

from go import TITLE, formatted
from table import Option, Struct, Table

# Flags that take a list, by the field that has one value.
LISTS = {"perplexity": "perplexities"}


def flag(name: str) -> str:
    return name.replace("_", "-")


def has_flag(o: Option) -> bool:
    """Not what a program cannot be told: hooks, lengths of lists, what a file of positions gives."""
    if o.topic == "reserved" or o.name.startswith("n_") or o.name in LISTS.values() or o.go_type == "[]float32":
        return False
    return o.scalar or o.name in LISTS or o.go_type == "string" or o.go_type.startswith("[]")


def words(table: Table, s: Struct, text: str) -> str:
    return table.text(text, s, lambda o: f"--{flag(o.name)}", lambda o, v: f"--{flag(o.name)} {v}")


def span(o: Option) -> str:
    """The range, as package tsne has it; 0 is told to it as -1 where that says none."""
    kind = "" if o.ranged else "a number" if o.type == "double" else "a whole number"
    parts = [f"want: {json.dumps(kind + o.want())}"]
    if o.low is not None or o.above is not None:
        parts.append(f"low: {o.low if o.low is not None else o.above}")
    else:
        parts.append("low: math.Inf(-1)")
    high = o.high if o.high is not None else o.below
    parts.append(f"high: {'math.Inf(1)' if high is None else high}")
    parts += ["above: true"] if o.above is not None else []
    parts += ["below: true"] if o.below is not None or (high is None and o.type == "double" and not o.infinite) else []
    parts += ["zero: true"] if o.zero else []
    parts += ["off: true"] if o.off else []
    return f"span{{{', '.join(parts)}}}"


def value(table: Table, s: Struct, o: Option) -> str:
    if o.name in LISTS:
        return f"numbers(&o.{s.of[LISTS[o.name]].go}, {span(o)})"
    if o.go_type.startswith("[]"):
        return f"numbers(&o.{o.go}, span{{want: \"0 or more\", high: math.Inf(1)}})"
    if o.go_type == "string":
        return f'textValue{{&o.{o.go}, "FILE"}}'
    if o.enum:
        values = zip(o.enum.names, o.enum.helps, strict=True)
        listed = "".join(f"{json.dumps(f'{name}: {words(table, s, text)}')},\n" for name, text in values)
        made = f"choice(&o.{o.go},\n{listed})"
        return f"orFile({made}, &s.{o.name}File)" if o.positions else made
    if o.type == "flag":
        return f"truth(&s.{o.name})"
    return f"number(&o.{o.go}, {span(o)})"


def default(s: Struct, o: Option) -> str:
    if o.default == "default" and s.name == "options":
        return o.enum.names[1]
    if o.type == "flag":
        return "true" if o.default else "false"
    if o.auto:
        return o.unsaid
    return "" if o.default is None else f"{o.default:g}" if isinstance(o.default, float) else str(o.default)


def entry(table: Table, s: Struct, o: Option) -> str:
    text = words(table, s, o.help.removesuffix("; NULL: none"))
    if o.positions:
        text += f"; a FILE has {words(table, s, o.positions)}"
    head = [f"topic: {json.dumps(o.topic)}", f"name: {json.dumps(flag(o.name))}"]
    if o.go or o.name in LISTS:
        head.append(f"field: {json.dumps(o.go or s.of[LISTS[o.name]].go)}")
    head += [f"def: {json.dumps(default(s, o))}"] if default(s, o) else []
    head += ["unsaved: true"] if not o.saved else []
    return "{\n" + f"{', '.join(head)},\nvalue: {value(table, s, o)},\nhelp: {json.dumps(text)},\n" + "},"


def program(table: Table) -> str:
    out = [TITLE, "package main", "", 'import ("math"; "github.com/libtsne/libtsne/tsne")', ""]
    beside: dict[str, str] = {}
    for s in table.structs.values():
        of = "fit" if s.name == "options" else "transform"
        chosen = [o for o in s.options if has_flag(o)]
        beside |= {f"{o.name}File": "string" for o in chosen if o.positions} | {o.name: "bool" for o in chosen if o.type == "flag"}
        out += [f"// {of}Options are the flags that fill in o and, what it has no place for, s.",
                f"func {of}Options(o *tsne.{s.go}, s *settings) []option {{", "return []option{",
                *(entry(table, s, o) for o in chosen), "}", "}", ""]
    about = [f"{p.name}: for {p.help}: " + ", ".join(f"--{flag(name)} {v}" for name, v in p.sets.items()) for p in table.presets]
    out += ["// presetWords are the presets and what each sets.", "var presetWords = []string{", *(f"{json.dumps(line)}," for line in about), "}", ""]
    named = {name: "".join(p if i == 0 else p[:1].upper() + p[1:] for i, p in enumerate(name.split("_"))) for name in beside}
    out += ["// settings are what the engine's options have no place for: files of positions, what becomes of the map.",
            "type settings struct {", *(f"{named[name]} {kind}" for name, kind in beside.items()), "}", ""]
    text = "\n".join(out)
    for name, go in named.items():
        text = text.replace(f"&s.{name}", f"&s.{go}")
    return formatted(text)
