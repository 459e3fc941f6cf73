"""Flags of the program, which are the arguments of what it calls."""

from __future__ import annotations

import argparse
import os
import re
import sys
from typing import Any, NoReturn

from opentsne_go._options.settings import DEFAULTS
from opentsne_go._options.table import NUMBERS
from opentsne_go.tsne import TSNE

from . import files

#: Arguments that a program has no use for.
_LEFT_OUT = (
    "n_interpolation_points", "min_num_intervals", "ints_in_interval", "metric_params", "knn_kwargs",
    "callbacks", "verbose",
)  # fmt: skip

#: What the program tsne does where nothing is said, and `TSNE`, as openTSNE, does not.
_OF_TSNE = {"n_jobs": -1, "random_state": 0, "initial_momentum": 0.5, "early_exaggeration": 12}

#: Names of the program tsne where they are others; those of numbers are in the table.
_ALSO = {
    **{name: number.field for name, number in NUMBERS.items()},
    "initialization": "init",
    "random_state": "seed",
    "n_jobs": "threads",
    "negative_gradient_method": "repulsion",
}


class Parser(argparse.ArgumentParser):
    """argparse with the program's one line for an error."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"opentsne_go: {message}\n")


def literal(text: str) -> Any:
    """A value as Python has it: a number, a list of them, None, a file's rows or text."""
    if text.lower() == "none":
        return None
    if "," in text:
        return [literal(part) for part in text.split(",")]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    if os.path.splitext(text)[1] and os.path.exists(text.rpartition(".npz:")[0] + ".npz" if ".npz:" in text else text):
        return files.read(text).rows
    return text


def _zero(name: str, value: Any) -> Any:
    """0 where it stands for None or "auto", as in C and the program tsne."""
    number = NUMBERS.get(name)
    if number is None or value != 0 or isinstance(value, str | list):
        return "bh" if isinstance(value, str) and value == "barnes_hut" else value
    return None if number.none == 0 else "auto" if number.auto == 0 else value


def add_arguments(parser: Parser) -> None:
    """A flag for each argument of `TSNE`."""
    for name, default in DEFAULTS.items():
        if name in _LEFT_OUT:
            continue
        also = _ALSO.get(name, name)
        flags = dict.fromkeys((flag(name), flag(also)))
        shown = _OF_TSNE.get(name, default)
        parser.add_argument(
            *flags, dest=name, type=literal, default=argparse.SUPPRESS, metavar="VALUE",
            help=f"{_about(name)} Default: {str(shown).lower()}.".replace("%", "%%"),
        )  # fmt: skip


def _about(name: str) -> str:
    """What the docstring of `TSNE` says of an argument."""
    found = re.search(rf"^    {name} : .*\n((?:        .*\n)+)", (TSNE.__doc__ or "") + "\n", re.M)
    return " ".join(found[1].split()) if found else ""


def settings(given: argparse.Namespace) -> dict[str, Any]:
    """The arguments of `TSNE` as they were given."""
    said = {name: _zero(name, value) for name, value in vars(given).items() if name in DEFAULTS}
    return {**_OF_TSNE, **said}


def flag(name: str) -> str:
    """How an argument is written on the command line."""
    return "--" + name.replace("_", "-")


def terminal() -> bool:
    """Whether a person reads the standard error."""
    return sys.stderr is not None and sys.stderr.isatty()
