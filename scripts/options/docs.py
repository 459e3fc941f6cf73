"""docs/options.md."""

from __future__ import annotations

from table import Option, Struct, Table, plain, release

TITLES = {
    "map": "The map", "affinities": "Affinities", "start": "The start", "phases": "The two phases", "forces": "Forces",
    "long": "Long fits", "call": "The call", "placing": "Placing",
}
HEAD = """# Options

Made from `tsne/options.toml` by `scripts/options`, as are the C structs, Go's types and checks, and Python's and R's
arguments: what is said of an option there holds in every host. Where a host has another default, or does not have
the option, the table says so. Python's names are openTSNE's; `opentsne_go.sklearn.TSNE` takes scikit-learn's too
(`init`, `angle`, `method`, `max_iter`). In Go the zero value of an option is its default. The program `tsne` has C's names with
dashes, `--early-iterations`, but `--init FILE` and `--placement FILE` for positions.
"""


def words(table: Table, s: Struct, text: str) -> str:
    return table.text(text, s, lambda o: f"`{o.name}`", lambda o, v: f"`{o.name}` {v}").replace("|", r"\|")


def shown(o: Option) -> str:
    if o.enum:
        return o.default
    return o.unsaid or ("" if o.default is None else plain(o.default))


def name(o: Option, s: Struct, host: str) -> str:
    argument = o.argument(host)
    if not argument or o.name not in getattr(s, host):
        return ""
    text = f"`{argument['name']}`"
    given = argument["default"]
    if given == o.default or (o.enum and given in (o.default, o.enum.names[1])) or given == "NULL":
        return text
    return f"{text} ({given})"


def row(table: Table, s: Struct, o: Option) -> str:
    text = words(table, s, o.help)
    if o.zero:
        text += f"; 0: {o.zero}"
    if o.source:
        text += f". From: {words(table, s, o.source)}"
    if release(o.since) > release(s.since):
        text += f". Since {o.since}"
    cells = [f"`{o.name}`", f"`{o.go}`" if o.go else "", *([name(o, s, "python")] if s.python else []), name(o, s, "r"),
             shown(o), o.span(), text]
    return "| " + " | ".join(cells) + " |"


def page(table: Table) -> str:
    out = [HEAD]
    for s in table.structs.values():
        out.append(f"## {'Of a fit' if s.name == 'options' else 'Of placing new points'}\n")
        hosts = "C | Go | Python | R" if s.python else "C | Go | R"
        for topic, options in s.topics.items():
            shown_here = [o for o in options if o.scalar and topic != "reserved" and not o.name.startswith("n_")]
            rows = [row(table, s, o) for o in shown_here]
            if rows:
                out += [f"### {TITLES[topic]}\n", f"| {hosts} | default | range | what it is |",
                        "|" + "---|" * (hosts.count("|") + 4), *rows, ""]
    out += ["## Presets\n", "Values of several options under one name; an option that is given beside it wins.\n", "| | sets | for |", "|---|---|---|"]
    for p in table.presets:
        sets = ", ".join(f"`{name} = {v}`" for name, v in p.sets.items())
        out.append(f"| `{p.name}` | {sets} | {p.help}. From: {p.source} |")
    out += ["", "C: `tsne_options_preset`; Go: `Preset`; Python and R: `preset=`; the programs: `--preset`.", ""]
    of = table.schedule
    sets = ", ".join(f"`{name} = {v}`" for name, v in of.sets.items())
    out += ["## The schedule\n", f"Of {of.points:,} points and more, where nothing is said of the phases: {sets} ({of.source}, which has what counts as said).", ""]
    out.append("## Choices\n")
    for e in table.enums.values():
        out += [f"### {e.name}\n", f"{e.help[0].upper()}{e.help[1:]}.\n", "| | C | Go | Python and R | |", "|---|---|---|---|---|"]
        for i, (value, text) in enumerate(zip(e.names, e.helps, strict=True)):
            python = f'"{e.python_name(value)}"' + (f', R "{value}"' if e.python_name(value) != value else "")
            if value in ("given", "default"):
                python = "positions" if value == "given" else ""
            out.append(f"| {i} | `{e.c_name(value)}` | `{e.go_name(value)}` | {python} | {words(table, table.structs['options'], text)} |")
        if e.python_aliases:
            listed = ", ".join(f'"{a}" ({e.python_name(v)})' for a, v in e.python_aliases.items())
            out += ["", f"Python also takes {listed}."]
        out.append("")
    return "\n".join(out).rstrip() + "\n"
