"""Python's part: ctypes structures, arguments with their checks, signatures and docstrings."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path
from typing import Any

from table import ROOT, Enum, Option, Struct, Table, camel, plain

PACKAGE = ROOT / "python" / "opentsne_go"
TITLE = "Written by scripts/options from ``tsne/options.toml``: change it there."
CTYPES = {
    "double": "ct.c_double", "int64": "ct.c_int64", "int32": "ct.c_int32", "uint64": "ct.c_uint64", "flag": "ct.c_int32",
    "const double *": "F64", "const float *": "F32", "const int32_t *": "I32", "void *": "ct.c_void_p",
    "const char *": "ct.c_char_p", "tsne_progress_fn": "PROGRESS_FN", "tsne_log_fn": "LOG_FN",
}
ENUMS = {"metric": "METRICS"}
#: What a fit's own method reads otherwise than by its range.
BY_HAND = ("perplexity", "seed", "threads", "repulsion", "metric", "affinity", "neighbors", "init", "early_exaggeration")


def words(table: Table, s: Struct, text: str) -> str:
    def name(o: Option) -> str:
        return f"``{o.argument('python').get('name', o.name)}``"

    def value(o: Option, v: str) -> str:
        return f"``{o.argument('python').get('name', o.name)}=\"{o.enum.python_name(v)}\"``"

    return table.text(text, s, name, value)


def filled(text: str, indent: str, width: int = 88) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)


def chosen(e: Enum) -> list[str]:
    """What Python chooses from: positions and metrics stand for themselves."""
    return [v for v in e.names if v not in ("given", "default")]


def literal(e: Enum) -> str:
    """The type of what is chosen by name."""
    return camel(e.name) + "Name"


def preset_values(table: Table, sets: dict[str, Any]) -> list[tuple[str, str]]:
    """What a preset sets, as Python's arguments."""
    of = table.structs["options"].of
    return [(of[name].argument("python").get("name", name), f'"{of[name].enum.python_name(v)}"' if of[name].enum else repr(v)) for name, v in sets.items()]


def preset_words(table: Table) -> str:
    """The presets in a docstring."""
    said = []
    for p in table.presets:
        sets = ", ".join(f"``{name}={value}``" for name, value in preset_values(table, p.sets))
        said.append(f'"{p.name}", for {p.help} ({p.source}): {sets}')
    return "; ".join(said)


# Arguments.


class Argument:
    """One argument of `TSNE`."""

    def __init__(self, table: Table, s: Struct, name: str) -> None:
        self.option = s.of.get(name)
        o = self.option
        if o is None:
            given = table.python_only[name]
            self.name, self.hint = name, given["hint"]
            self.default = repr(given.get("default"))
            self.type = given.get("type", self.hint)
            self.text = given["help"].replace("{presets}", preset_words(table))
            self.onwards, self.going_on = name if given.get("onwards") else "", self.default
            return
        a = o.argument("python")
        self.name = a["name"]
        self.low = a.get("low", o.low)
        self.above = None if "low" in a else o.above
        self.none, self.auto = a.get("none"), a.get("auto")
        self.unsaid = o.unsaid if self.auto is not None else ""
        self.onwards = "" if not (o.onwards or o.topic in ("forces", "call")) else o.onwards if isinstance(o.onwards, str) else self.name
        self._default(a["default"], o)
        self.going_on = repr(a["default"]) if self.unsaid else self.default
        self._type(o, a)
        self._text(table, s, o, a)

    def _default(self, default: Any, o: Option) -> None:
        if default == "None" or (self.none is not None and default == self.none):
            self.default = "None"
        elif default == "auto" or (self.auto is not None and (default == self.auto or self.unsaid)):
            self.default = '"auto"'
        else:
            self.default = f'"{o.enum.python_name(default)}"' if o.enum else repr(default)

    def _type(self, o: Option, a: dict[str, Any]) -> None:
        number = "float" if o.type == "double" else "int"
        if o.enum:
            self.hint, listed = literal(o.enum), [f'"{o.enum.python_name(v)}"' for v in chosen(o.enum)]
            self.type = "{" + ", ".join(listed) + "}" + (" or array-like" if o.positions else "")
        elif self.auto is not None or a["default"] == "auto":
            self.hint, self.type = f"str | {number}", f'"auto" or {number}'
        elif self.none is not None:
            self.hint, self.type = f"{number} | None", f"{number} or None"
        else:
            self.hint = self.type = number
        self.hint, self.type = a.get("hint", self.hint), a.get("type", self.type)

    def _text(self, table: Table, s: Struct, o: Option, a: dict[str, Any]) -> None:
        text = words(table, s, a["help"])
        text = text[0].upper() + text[1:]
        if o.enum:
            listed = [f'"{o.enum.python_name(v)}", {words(table, s, o.enum.helps[o.enum.names.index(v)])}' for v in chosen(o.enum)]
            if o.positions:
                listed.append(words(table, s, o.positions))
            text += ": " + "; ".join(listed)
            if o.enum.python_aliases and o.name != "metric":
                others = ", ".join(f'"{k}" ({o.enum.python_name(v)})' for k, v in o.enum.python_aliases.items())
                text += f". Also {others}"
        elif o.ranged and self.name != "n_components":
            text += f" ({self.span(o)})"
        word = "None" if self.none is not None else '"auto"' if self.auto is not None else ""
        if o.zero and word:
            text += f"; {word}: {o.zero}"
        elif self.none:
            text += f"; None: {self.none}"
        elif self.unsaid:
            text += f'; "auto": {self.unsaid}'
        text += "."
        for more in (o.more, a.get("more", "")):
            text += " " + words(table, s, more) if more else ""
        source = a.get("source", o.source)
        text += f" Source: {source}." if source else ""
        self.text = text

    def span(self, o: Option) -> str:
        if self.low != o.low:
            return f"{plain(self.low)} to {plain(o.high)}"
        return o.span()

    def number(self) -> str:
        """How its value is checked."""
        o = self.option
        parts = [f'"{o.name}"']
        if o.type != "double":
            parts.append("whole=True")
        low, above = self.low, self.above
        if low is not None:
            parts.append(f"low={low!r}")
        if above is not None:
            parts.append(f"above={above!r}")
        for key in ("high", "below"):
            if getattr(o, key) is not None:
                parts.append(f"{key}={getattr(o, key)!r}")
        if o.infinite:
            parts.append("infinite=True")
        for key in ("none", "auto"):
            if getattr(self, key) is not None:
                parts.append(f"{key}={getattr(self, key)!r}")
        word = "None, or " if self.none is not None else "'auto', or " if self.auto is not None else ""
        span = self.span(o) if o.ranged else "a number"
        parts.append(f'allowed="{word}{"an integer, " if o.type != "double" else ""}{span}"')
        return f"Number({', '.join(parts)})"


def arguments(table: Table) -> list[Argument]:
    s = table.structs["options"]
    return [Argument(table, s, name) for name in s.python if name != "*"]


def signature(table: Table, indent: str = "        ") -> list[str]:
    s = table.structs["options"]
    out = []
    for name in s.python:
        if name == "*":
            out.append(f"{indent}*,")
        else:
            a = Argument(table, s, name)
            out.append(f"{indent}{a.name}: {a.hint} = {a.default},")
    return out


# Modules written whole.


def structures(table: Table) -> str:
    out = [f'"""The library\'s options and choices. {TITLE}"""', "", "from __future__ import annotations", "",
           "import ctypes as ct", "", "from .kinds import F32, F64, I32, LOG_FN, PROGRESS_FN, Keeping", ""]
    for s in table.structs.values():
        out += ["", f"class {s.go}(Keeping):", f'    """``{s.c}``."""', "", "    _fields_ = (", '        ("struct_size", ct.c_size_t),']
        out += [f'        ("{o.name}", {"ct.c_int32" if o.enum else CTYPES[o.type]}),' for o in s.in_c]
        out += ["    )", ""]
    out += ["", "#: Arguments that are fields under other names.", "ARGUMENTS = {",
            *(f'    "{field}": "{name}",' for field, name in table.renamed("python").items()), "}", ""]
    return "\n".join(out).rstrip() + "\n"


def choices(table: Table) -> str:
    out = [f'"""The numbers of what is chosen by name. {TITLE}"""', ""]
    for e in table.enums.values():
        listed = ", ".join(f'"{e.python_name(v)}": {i}' for i, v in enumerate(e.names) if v != "default")
        out += formatted(f"{ENUMS.get(e.name, e.name.upper())} = {{{listed}}}")
    of_data = tuple(table.enums["init"].of_data)
    out += ["", "#: Starts that there must be data for.", f"STARTS_OF_DATA = {of_data!r}".replace("'", '"')]
    takes = ", ".join(f'"{name}": {tuple(of)!r}'.replace("'", '"') for name, of in table.enums["affinity"].takes.items())
    out += ["", "#: Affinities that have no perplexity, and what they take instead.", f"AFFINITY_TAKES = {{{takes}}}"]
    out += ["", "#: Names that users also know values by."]
    for e in table.enums.values():
        if e.python_aliases:
            listed = ", ".join(f'"{k}": "{e.python_name(v)}"' for k, v in e.python_aliases.items())
            out += formatted(f"{ENUMS.get(e.name, e.name.upper())}_ALIASES = {{{listed}}}")
    elsewhere = tuple(table.enums["metric"].python_elsewhere)
    out += ["", "#: Metrics of scikit-learn.", *formatted(f"METRICS_ELSEWHERE = {elsewhere!r}".replace("'", '"'))]
    return "\n".join(out).rstrip() + "\n"


def names(table: Table) -> str:
    out = [f'"""What is chosen by name, for type checkers. {TITLE}"""', "", "from typing import Literal", ""]
    for e in table.enums.values():
        every = [*map(e.python_name, chosen(e)), *e.python_aliases, *e.python_elsewhere, *e.python_others]
        listed = ", ".join(f'"{name}"' for name in dict.fromkeys(every))
        line = f"{literal(e)} = Literal[{listed}]"
        out += [line] if len(line) <= 88 else [f"{literal(e)} = Literal[", *filled(listed + ",", "    "), "]"]
    listed = ", ".join(f'"{p.name}"' for p in table.presets)
    return "\n".join([*out, f"PresetName = Literal[{listed}]"]) + "\n"


def formatted(line: str) -> list[str]:
    if len(line) <= 88:
        return [line]
    head, rest = line.split(" = ", 1)
    opening, closing = rest[0], rest[-1]
    items = re.findall(r'"[^"]*"(?:: [^,}]+)?', rest)
    return [f"{head} = {opening}", *(f"    {item}," for item in items), closing]


def table_module(table: Table) -> str:
    every = arguments(table)
    numbers = [a for a in every if a.option and a.option.number and a.option.name not in BY_HAND]
    onwards = [a for a in every if a.onwards]
    out = [f'"""What `TSNE` takes. {TITLE}"""', "", "from __future__ import annotations", "", "from typing import Any", "",
           "from .number import Number", "", "#: How the numbers among the arguments are checked, and their fields.",
           "NUMBERS = {"]
    for a in numbers:
        out += wrapped_entry(f'"{a.name}": {a.number()},')
    out += ["}", "", "#: What going on with a map takes, with openTSNE's defaults.", "DESCENT: dict[str, Any] = {"]
    out += [f'    "{a.onwards}": {a.going_on},' for a in onwards]
    out += ["}", "", "#: Those of them that are numbers, under the names of `NUMBERS`.", "DESCENT_NUMBERS = {"]
    out += [f'    "{a.onwards}": "{a.name}",' for a in onwards if a.name in {n.name for n in numbers}]
    transform = table.structs["transform"].of
    alone = [a.onwards for a in onwards if a.option and a.option.name not in transform and a.option.name != "dof"]
    out += ["}", "", "#: What only the points of a map have, since they see each other.", "OF_MAPS = (",
            *(f'    "{name}",' for name in alone), ")", "", "#: Arguments under one name.", "PRESETS: dict[str, dict[str, Any]] = {"]
    for p in table.presets:
        out += [f'    "{p.name}": {{', *(f'        "{name}": {value},' for name, value in preset_values(table, p.sets)), "    },"]
    out += ["}", ""]
    return "\n".join(out)


def wrapped_entry(text: str) -> list[str]:
    if len(text) + 4 <= 88:
        return [f"    {text}"]
    head, inner = text.split("Number(", 1)
    parts = re.findall(r'(?:[^,"]|"[^"]*")+', inner[: inner.rindex(")")])
    return [f"    {head}Number(", "        " + ",".join(parts) + ",", "    ),"] if len(",".join(parts)) < 78 else [
        f"    {head}Number(", *(f"        {p.strip()}," for p in parts), "    ),"]


# Parts of modules that people write.


def node(text: str, *path: str) -> Any:
    """A class or function by the names on the way to it."""
    at: Any = ast.parse(text)
    for name in path:
        at = next(n for n in at.body if getattr(n, "name", None) == name)
    return at


def replaced(text: str, first: int, last: int, lines: list[str]) -> str:
    """Text with its lines first to last, from 1, others."""
    all_lines = text.split("\n")
    return "\n".join(all_lines[: first - 1] + lines + all_lines[last:])


def initialiser(table: Table, text: str, cls: str, head: list[str], extra: list[tuple[str, str, str]], end: list[str]) -> str:
    """A class with an __init__ that keeps its arguments."""
    init = node(text, cls, "__init__")
    names = [a.name for a in arguments(table)] + [name for name, *_ in extra]
    lines = ["    def __init__(", "        self,", *head, *(f"        {n}: {hint} = {default}," for n, hint, default in extra), "    ) -> None:"]
    lines += [f"        self.{name} = {name}" for name in names] + end
    return replaced(text, init.lineno, init.end_lineno, lines)


def settings(table: Table, text: str) -> str:
    return initialiser(table, text, "Settings", signature(table), [], ["        self._check_width()"])


SKLEARN = [
    ("init", "Any", "None"), ("angle", "float | None", "None"), ("method", 'Literal["barnes_hut", "exact"] | None', "None"), ("max_iter", "int | None", "None"),
    ("n_iter_without_progress", "int | None", "None"), ("min_grad_norm", "float | None", "None"),
]


def listed_in(text: str, names: list[str], follows: str) -> str:
    """A docstring with the names that ``follows`` is said of."""
    lines = textwrap.wrap(", ".join(names), 78, initial_indent="    ")
    block = " \\\n".join(lines) + "\n" + follows
    return re.sub(r"^    \w+(?:, \w+)+,?(?: \\\n[\w, ]+)*\n" + re.escape(follows), lambda _: block, text, count=1, flags=re.M)


def sklearn(table: Table, text: str) -> str:
    head = [line.replace("n_jobs: int | None = 1", "n_jobs: int | None = None") for line in signature(table)]
    text = initialiser(table, text, "TSNE", head, SKLEARN, [])
    return listed_in(text, [a.name for a in arguments(table)], "        As in `opentsne_go.TSNE`. A learning rate of 200")


#: Of scanpy's function: names that it has of its own, and defaults that differ.
SCANPY_OWN = ("n_components", "random_state", "n_jobs")
SCANPY_DEFAULTS = {"early_exaggeration": "12", "random_state": "0", "n_jobs": "None"}


def scanpy(table: Table, text: str) -> str:
    function = node(text, "tsne")
    lines = ["def tsne(", "    adata: Any,", "    n_pcs: int | None = None,", "    *,"]
    lines += [f"    {a.name}: {a.hint} = {SCANPY_DEFAULTS.get(a.name, a.default)}," for a in arguments(table)]
    lines += ["    tsne: TSNE | None = None,", "    use_rep: str | None = None,", "    key_added: str | None = None,", "    copy: bool = False,",
              "    neighbors_key: str | None = None,", "    init_pos: Any = None,", "    rng: Any = None,",
              "    use_fast_tsne: bool = False,", ") -> Any:"]
    text = replaced(text, function.lineno, function.body[0].lineno - 1, lines)
    names = [a.name for a in arguments(table) if a.name not in SCANPY_OWN]
    return listed_in(text, names, "        As in `opentsne_go.TSNE`. The learning rate")


def docstring(table: Table, text: str) -> str:
    """`TSNE` with its parameters told."""
    lines = []
    for a in arguments(table):
        lines.append(f"    {a.name} : {a.type}")
        lines += filled(a.text, "        ")
    block = "\n".join(lines)
    head, tail = "    Parameters\n    ----------\n", "\n\n    Examples\n"
    at = text.index(head, text.index("class TSNE(")) + len(head)
    return text[:at] + block + text[text.index(tail, at):]


def tries(table: Table) -> str:
    """Test code: another value of each number, and what it needs beside."""
    s = table.structs["options"]
    every = {a.option.name: a for a in arguments(table) if a.option}

    def written(o: Option, value: Any) -> str:
        return repr(o.enum.python_name(value) if o.enum else value)

    out = [f'"""Other values of arguments. {TITLE}"""', "", "TRIES = {"]
    for o in s.tries():
        beside = ", ".join(f'"{every[name].name}": {written(s.of[name], v)}' for name, v in o.beside.items())
        out.append(f'    "{every[o.name].name}": ({{{beside}}}, {o.attempt!r}),')
    out += ["}", "", "#: Names in ``optimize`` and in `TSNE`.", "ONWARDS = {"]
    out += [f'    "{a.onwards}": "{a.name}",' for a in arguments(table) if a.onwards]
    return "\n".join([*out, "}", ""]).replace("'", '"')


def files(table: Table) -> dict[Path, str]:
    made = {
        PACKAGE / "_native" / "options.py": structures(table),
        PACKAGE / "_native" / "choices.py": choices(table),
        PACKAGE / "_options" / "names.py": names(table),
        PACKAGE / "_options" / "table.py": table_module(table),
        ROOT / "tests" / "python" / "option_tries.py": tries(table),
    }
    for path, rewrite in {
        PACKAGE / "_options" / "settings.py": settings,
        PACKAGE / "sklearn.py": sklearn,
        PACKAGE / "tl.py": scanpy,
        PACKAGE / "tsne.py": docstring,
    }.items():
        made[path] = rewrite(table, path.read_text("utf-8"))
    return made
