"""Single values that users pass, and the words for those that cannot be used."""

from __future__ import annotations

import difflib
import functools
import os
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

import numpy as np

from opentsne_go._native.status import E_NOT_FINITE
from opentsne_go.errors import InvalidInputError

P = ParamSpec("P")
R = TypeVar("R")


def bad(name: str, got: object, allowed: str) -> ValueError:
    """The error for an argument out of range."""
    error = InvalidInputError(f"{name}: got {got!r}; allowed: {allowed}")
    error.argument = name
    return error


def also(error: InvalidInputError, mend: str) -> InvalidInputError:
    """An error that says besides what mends it."""
    made = InvalidInputError(f"{error}; {mend}")
    made.status, made.argument = error.status, error.argument
    made.row, made.column = error.row, error.column
    return made


def unknown(who: str, name: str, known: Iterable[str]) -> TypeError:
    """The error for an argument that who does not have, and the one that is meant."""
    return TypeError(f"{who}: unexpected argument {name!r}; allowed: {nearest(name, known)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """The names there are, and the one that is meant, if one is like it."""
    names = list(known)
    near = difflib.get_close_matches(name, names, 1)
    return ", ".join(names) + (f"; did you mean {near[0]!r}?" if near else "")


def named(
    function: Callable[P, R],
    also: Callable[[dict[str, Any], Iterable[str]], dict[str, Any]] = lambda by_name, others: by_name,
) -> Callable[P, R]:
    """A function that says of an argument it does not have what was called: itself, or
    of an ``__init__`` the class. It is called with what ``also`` makes of arguments by
    name and the names of the others."""
    code = function.__code__
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    of_class = known[0] in ("self", "cls")
    known = known[of_class:]

    def checked(*given: P.args, **by_name: P.kwargs) -> R:
        for name in by_name:
            if name not in known:
                init = function.__name__ == "__init__"
                raise unknown(type(given[0]).__name__ if init else function.__name__, name, known)
        return function(*given, **also(by_name, known[: len(given) - of_class]))

    checked.__kwdefaults__ = function.__kwdefaults__
    return functools.wraps(function)(checked)


def not_finite(name: str, row: int, column: int, value: Any) -> ValueError:
    """The error for a value that is not finite, or not so in single precision."""
    beyond = f"beyond the {np.finfo(np.float32).max:.4g} that float32 reaches"
    says = beyond if np.isfinite(float(value)) else "want a finite value"
    error = InvalidInputError(f"{name}: row {row}, column {column} is {value}, {says}")
    error.status, error.argument, error.row, error.column = E_NOT_FINITE, name, row, column
    return error


#: The largest count there is of anything, points included.
MOST = 2**31 - 1


def whole(name: str, value: Any, low: int) -> int:
    """An integer at least low, which ctypes will not wrap."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise bad(name, value, f"an integer from {low} up")
    if not low <= value <= MOST:
        raise bad(name, value, f"an integer from {low} up" + (" to 2**31 - 1" if value > low else ""))
    return int(value)


def number(value: Any, integer: bool = False) -> float | None:
    """A real number, or an integer, of Python's or numpy's; None if it is none."""
    kinds = (int, np.integer) if integer else (int, float, np.integer, np.floating)
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, kinds):
        return None
    try:
        plain = int(value) if integer else float(value)
    except OverflowError:  # of an integer
        return None
    return None if plain != plain else plain


def positive(name: str, value: Any, allowed: str = "above 0") -> float:
    """A finite number above 0."""
    plain = number(value)
    if plain is None or not 0 < plain < float("inf"):
        raise bad(name, value, allowed)
    return plain


def choice(name: str, value: Any, known: dict[str, str]) -> str:
    """The plain name that an alias stands for."""
    if isinstance(value, str) and value in known:
        return known[value]
    raise bad(name, value, ", ".join(map(repr, known)))


def threads(n_jobs: int | None) -> int:
    """joblib's convention as the library's: 0 is all processors."""
    if n_jobs is None or n_jobs == -1:
        return 0
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0:
        raise bad(
            "n_jobs", n_jobs, "a count, -1 for all processors, -2 for all but one"
        )
    if n_jobs > 0:
        return min(int(n_jobs), 2**31 - 1)
    return max(1, processors() + 1 + int(n_jobs))


def processors() -> int:
    """Those that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


def seed(random_state: Any) -> int:
    """A seed drawn from what scikit-learn and numpy call a random state."""
    if random_state is None or random_state is np.random:
        random_state = np.random.mtrand._rand
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(0, 2**32, dtype=np.uint64))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(0, 2**63))
    if (
        isinstance(random_state, (int, np.integer))
        and not isinstance(random_state, bool)
        and 0 <= random_state < 2**64
    ):
        return int(random_state)
    raise bad(
        "random_state",
        random_state,
        "None, an integer from 0 up, a RandomState or a Generator",
    )


def path(value: Any, name: str = "path") -> bytes:
    """A file's name as the library takes it."""
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise TypeError(f"{name}: got {type(value).__name__}; allowed: str, bytes or path-like")
    try:
        encoded = os.fsencode(value)
    except UnicodeEncodeError:
        raise bad(name, os.fspath(value), "text that the file system's encoding has") from None
    if not encoded or b"\0" in encoded:
        raise bad(name, os.fspath(value), "a name that is not empty, without NUL")
    return encoded
