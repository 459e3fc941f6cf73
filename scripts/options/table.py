"""tsne/options.toml as objects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib  # type: ignore[no-redef]

ROOT = Path(__file__).resolve().parent.parent.parent
TABLE = ROOT / "tsne" / "options.toml"

NUMBERS = ("double", "int64", "int32", "uint64")
_INT32_MAX = 2**31 - 1
_WORDS = {"pca": "PCA", "fft": "FFT", "dof": "DOF"}


def camel(name: str) -> str:
    """A name as Go writes it."""
    return "".join(_WORDS.get(word, word[:1].upper() + word[1:]) for word in name.split("_"))


def release(since: str) -> tuple[int, ...]:
    """A version, to compare."""
    return tuple(map(int, since.split(".")))


def plain(value: float) -> str:
    """A number as people write it."""
    return "2^31 - 1" if value == _INT32_MAX else f"{value:g}" if abs(value) < 1e15 else repr(value)


def either(words: list[str]) -> str:
    """One word or another."""
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else words[0]


@dataclass
class Enum:
    """A choice, numbered from 0."""

    name: str
    go: str
    help: str
    values: list[str]
    go_prefix: str = ""
    c: str = ""
    c_prefix: str = ""
    python_names: dict[str, str] = field(default_factory=dict)
    python_aliases: dict[str, str] = field(default_factory=dict)
    python_elsewhere: list[str] = field(default_factory=list)
    python_others: list[str] = field(default_factory=list)
    of_data: list[str] = field(default_factory=list)
    takes: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = [value.split(":", 1)[0] for value in self.values]
        self.helps = [value.split(":", 1)[1].strip() for value in self.values]
        self.go_prefix = self.go_prefix or self.go
        self.c = "tsne_" + (self.c or self.name)
        self.c_prefix = "TSNE_" + (self.c_prefix or self.name.upper()) + "_"

    def c_name(self, value: str) -> str:
        return self.c_prefix + value.upper()

    def go_name(self, value: str) -> str:
        return self.go_prefix + camel(value)

    def python_name(self, value: str) -> str:
        return self.python_names.get(value, value)

    def want(self) -> str:
        """The values in an error."""
        listed = [f"{name} ({i})" for i, name in enumerate(self.names)]
        return ", ".join(listed[:-1]) + " or " + listed[-1]


@dataclass
class Option:
    """A field of a struct."""

    name: str
    topic: str
    type: str
    help: str = ""
    default: Any = None
    go: Any = None
    go_type: str = ""
    go_help: str = ""
    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    infinite: bool = False
    zero: str = ""
    off: str = ""
    auto: bool = False
    more: str = ""
    source: str = ""
    since: str = "0.1"
    saved: bool = True
    by_hand: bool = False
    positions: str = ""
    onwards: Any = False
    attempt: Any = None
    beside: dict[str, Any] = field(default_factory=dict)
    python: Any = None
    r: Any = None
    enum: Enum | None = None
    unsaid: str = ""

    def __post_init__(self) -> None:
        if self.go is None:
            self.go = False if self.topic == "reserved" else camel(self.name)

    @property
    def number(self) -> bool:
        return self.type in NUMBERS

    @property
    def scalar(self) -> bool:
        """Whether the field is read by what is generated."""
        return self.number or self.type == "flag" or self.enum is not None

    @property
    def ranged(self) -> bool:
        return any(v is not None for v in (self.low, self.high, self.above, self.below))

    def outside(self) -> float | None:
        """A value that no host has for anything."""
        for end, beyond in ((self.high, 1), (self.below, 0), (self.low, -1), (self.above, -1)):
            if end is not None and end < _INT32_MAX:
                out = -1 if end + beyond == 0 else end + beyond
                return -2 if self.auto and out == -1 else out
        return None

    @property
    def zero_in_range(self) -> bool:
        return self.low == 0 or not self.ranged

    def span(self) -> str:
        """The range in words."""
        if not self.ranged:
            return ""
        low, high = self.low, self.high
        if low is not None and high is not None:
            if self.type != "double" and high - low == 2:
                return f"{low}, {low + 1} or {high}"
            return f"{plain(low)} to {plain(high)}"
        if low is not None:
            return f"{plain(low)} to below {plain(self.below)}" if self.below is not None else f"{plain(low)} or more"
        text = f"above {plain(self.above)}" if self.above is not None else ""
        return text + (f", at most {plain(high)}" if high is not None else "")

    def want(self, zero: str = "0") -> str:
        """What an error says is allowed; zero is the host's word for the
        value that stands for something else."""
        if self.enum:
            return self.enum.want()
        if self.type == "flag":
            return "0 or 1"
        return self.span() + (f", or {zero} for {self.zero}" if self.zero else "")

    def given(self) -> str:
        """What C has where the caller says nothing."""
        if self.auto:
            return "-1.0" if self.type == "double" else "-1"
        return f"{float(self.default)!r}" if self.type == "double" else str(self.default)

    def argument(self, host: str) -> dict[str, Any]:
        """How a host has it: name, default, none, help."""
        given = getattr(self, host)
        if given is False:
            return {}
        if isinstance(given, str):
            given = {"name": given}
        return {"name": self.name, "default": self.default, "help": self.help, **(given or {})}


@dataclass
class Struct:
    """One of the structs with its options in the order of the table."""

    name: str
    go: str
    help: str
    go_help: str
    fields: list[str]
    options: list[Option]
    since: str = "0.1"
    python: list[str] = field(default_factory=list)
    r: list[str] = field(default_factory=list)

    def tries(self) -> list[Option]:
        """The options that have another value to try."""
        return [option for option in self.options if option.attempt is not None]

    def __post_init__(self) -> None:
        self.of = {option.name: option for option in self.options}
        if sorted(self.of) != sorted(self.fields):
            raise SystemExit(f"{TABLE}: {self.name}: fields and entries differ: {sorted(set(self.of) ^ set(self.fields))}")
        told = [o for o in self.in_c if o.topic != "reserved"]
        for before, o in pairwise(told):
            if release(o.since) < release(before.since):
                raise SystemExit(f"{TABLE}: {self.name}: {o.name}, since {o.since}, is behind {before.name}, since {before.since}")

    @property
    def c(self) -> str:
        return "tsne_options" if self.name == "options" else "tsne_transform_options"

    @property
    def init(self) -> str:
        return self.c.upper() + "_INIT"

    @property
    def in_c(self) -> list[Option]:
        return [self.of[name] for name in self.fields]

    @property
    def topics(self) -> dict[str, list[Option]]:
        found: dict[str, list[Option]] = {}
        for option in self.options:
            found.setdefault(option.topic, []).append(option)
        return found


@dataclass
class Preset:
    """Values of a fit's options under one name."""

    name: str
    help: str
    source: str
    sets: dict[str, Any]


@dataclass
class Schedule:
    """What the phases of so many points and more are by, if nothing is said of them."""

    points: int
    source: str
    sets: dict[str, Any]


@dataclass
class Table:
    enums: dict[str, Enum]
    structs: dict[str, Struct]
    python_only: dict[str, dict[str, Any]]
    presets: list[Preset]
    schedule: Schedule

    def renamed(self, host: str) -> dict[str, str]:
        """The fields that a host's arguments have other names than."""
        found = {}
        for s in self.structs.values():
            for o in s.options:
                name = o.argument(host).get("name", o.name)
                if name != o.name and o.onwards != o.name:
                    found[o.name] = name
        return found

    def text(self, words: str, struct: Struct, name: Any, value: Any) -> str:
        """Words with {option} and {option=value} as a host writes them."""

        def put(match: re.Match[str]) -> str:
            everywhere = [struct, *self.structs.values()]
            option = next((s.of[match[1]] for s in everywhere if match[1] in s.of), None)
            if option is None:
                raise SystemExit(f"{TABLE}: {words!r} names {match[1]!r}, which is no option")
            return value(option, match[2]) if match[2] else name(option)

        return re.sub(r"\{(\w+)(?:=(\w+))?\}", put, words)


def load() -> Table:
    """The table, what a transform's options do not say filled in from a fit's."""
    raw = tomllib.loads(TABLE.read_text("utf-8"))
    enums = {name: Enum(name, **of) for name, of in raw["enum"].items()}
    structs: dict[str, Struct] = {}
    schedule = Schedule(**raw["schedule"])
    entries: dict[str, dict[str, Any]] = {}
    for name, of in raw["struct"].items():
        options = []
        for topic, listed in raw[name].items():
            for entry in listed:
                base = {} if name == "options" else {**entries.get(entry["name"], {}), "since": of["since"]}
                base = {k: v for k, v in base.items() if not k.startswith("try") and k != "auto"}
                full = {**base, **entry, "topic": topic}
                if name == "options":
                    entries[entry["name"]] = entry
                full["enum"] = enums.get(full["type"])
                for key, name_of in (("try", "attempt"), ("try_with", "beside")):
                    if key in full:
                        full[name_of] = full.pop(key)
                option = Option(**full)
                if option.auto:
                    option.unsaid = f"{option.default}, or {schedule.sets[option.name]} by the schedule of {schedule.points:,} points and more"
                options.append(option)
        structs[name] = Struct(name, options=options, **of)
    presets = [Preset(name, **of) for name, of in raw["preset"].items()]
    for name, sets in [*((f"preset {p.name}", p.sets) for p in presets), ("schedule", schedule.sets)]:
        if unknown := sorted(set(sets) - set(structs["options"].of)):
            raise SystemExit(f"{TABLE}: {name}: {unknown} are no options")
    return Table(enums, structs, raw["python"], presets, schedule)
