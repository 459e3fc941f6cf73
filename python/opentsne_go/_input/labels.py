"""Classes of points."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import arguments, tables

#: Whole numbers of more kinds than this are measured and no classes.
_KINDS = 100


@dataclass(frozen=True)
class Classes:
    """The class of each point.

    Attributes
    ----------
    codes : (n,) int32
        Places in ``names``; -1 where there is no label.
    names : list of str
        In order: that of the categories if somebody gave them one, else
        numbers by value and words with the numbers in them by value.
    """

    codes: NDArray[np.int32]
    names: list[str]


def codes(labels: Any, n: int, name: str = "labels") -> NDArray[np.int32]:
    """Labels of any kind as numbers from 0; missing ones are -1."""
    return classes(labels, n, name).codes


def classes(labels: Any, n: int, name: str = "labels") -> Classes:
    """The classes that labels of any kind name.

    What is NaN, None, NaT, pandas' NA or masked is missing.
    """
    own = _categorical(labels)
    if own is not None:
        found, values = np.asarray(own.codes, np.int64), list(own.categories)
        shape = found.shape
    else:
        given = _array(labels, name)
        shape = given.shape
        if given.ndim == 1:
            found, values = _grouped(given, name)
    if shape != (n,):
        raise arguments.bad(name, f"shape {shape}", f"{n} labels, one for each point")
    absent = np.array([missing(one) for one in values], bool)
    words = [_word(one) for one in values]
    used = np.zeros(len(words) + 1, bool)
    used[found] = True  # -1 is the last
    kept = [w for w, gone, seen in zip(words, absent, used, strict=False) if seen and not gone]
    order = list(dict.fromkeys(kept))
    if own is None or order == sorted(order):  # which pandas makes of any
        order = in_order(order)
    at = {word: i for i, word in enumerate(order)}
    places = np.array([at.get(w, -1) for w in words] + [-1], np.int32)
    places[:-1][absent] = -1
    placed = places[found]
    if np.ma.isMaskedArray(labels):
        placed[np.ma.getmaskarray(labels)] = -1
    return Classes(placed, order)


def joined(several: Sequence[Classes]) -> Classes:
    """One set of classes for the points of all, one after the other."""
    longest = max((one.names for one in several), key=len)
    names = longest
    if any([n for n in longest if n in one.names] != one.names for one in several):
        names = in_order(list({name for one in several for name in one.names}))
    at = {name: i for i, name in enumerate(names)}
    places = [np.array([at[name] for name in one.names] + [-1], np.int32) for one in several]
    return Classes(np.concatenate([to[one.codes] for to, one in zip(places, several, strict=True)]), names)


def categories(labels: Any) -> list[str] | None:
    """All categories of pandas' labels, in their order; None of other labels."""
    own = _categorical(labels)
    return None if own is None else [_word(one) for one in own.categories]


def quantities(labels: Any, name: str = "labels") -> NDArray[np.float64] | None:
    """Numbers that are measured and name no class, NaN where missing.

    Those are floats, and integers of more than 100 kinds. Whole numbers among
    NaN are integers to which pandas has added what is missing.
    """
    if _categorical(labels) is not None:
        return None
    values = _array(labels, name)
    if values.ndim != 1:
        return None
    integers = values.dtype.kind in "iu"
    if values.dtype.kind == "O":
        if not all(_number(v) or missing(v) for v in values):
            return None
        integers = not any(isinstance(v, float | np.floating) and not missing(v) for v in values)
        values = np.array([math.nan if missing(v) else float(v) for v in values])
    elif not integers and values.dtype.kind != "f":
        return None
    there = values if values.dtype.kind != "f" else values[~np.isnan(values)]
    integers |= len(there) < len(values) and not (there % 1).any()
    if integers and len(_kinds(there)) <= _KINDS:
        return None
    return values.astype(float)


def in_order(words: Sequence[str]) -> list[str]:
    """Numbers by value; words by their parts, of which numbers count by value."""
    try:
        numbers = {word: float(word) for word in words}
    except ValueError:
        numbers = {"": math.nan}
    if all(map(math.isfinite, numbers.values())):
        return sorted(words, key=lambda word: (numbers[word], word))

    def parts(word: str) -> Any:
        pieces = re.split(r"(\d+)", word)  # text and digits in turn
        return [int(p) if i % 2 else p for i, p in enumerate(pieces)], word

    return sorted(words, key=parts)


def _categorical(labels: Any) -> Any:
    """pandas' categories and codes, if the labels have them."""
    own = getattr(labels, "cat", labels)
    return own if hasattr(own, "codes") and hasattr(own, "categories") else None


def _array(labels: Any, name: str) -> NDArray[Any]:
    """Labels as they are: numpy would make the NaN of a list of words a word."""
    tables.unannotated(labels, name, tables.LABELS)
    if hasattr(labels, "dtype") or hasattr(labels, "__array__"):
        return np.asarray(labels)
    return np.asarray(labels, object)


def _kinds(values: NDArray[Any]) -> NDArray[Any]:
    """Different values, sorted."""
    if len(values) and values.dtype.kind in "iu":
        low, high = int(values.min()), int(values.max())
        if high - low < 1 << 16:  # quicker than to sort millions
            return np.flatnonzero(np.bincount((values - low).astype(np.intp))) + low
    return np.unique(values)


def _grouped(values: NDArray[Any], name: str) -> tuple[NDArray[np.int64], list[Any]]:
    """The place of each among the different ones, which may have missing ones."""
    if values.dtype.kind in "biuf":
        kinds = _kinds(values)
        return np.searchsorted(kinds, values), kinds.tolist()
    if values.dtype.kind in "mM":  # whose tolist() may be bare numbers
        kinds, at = np.unique(values, return_inverse=True)
        return at, list(kinds)
    found: dict[Any, int] = {}
    try:
        places = (found.setdefault(one, len(found)) for one in values.tolist())
        return np.fromiter(places, np.int64, len(values)), list(found)
    except TypeError:
        raise arguments.bad(name, "labels that cannot be compared", "words or numbers") from None


def _number(value: Any) -> bool:
    return isinstance(value, float | int | np.number) and not isinstance(value, bool)


def missing(value: Any) -> bool:
    """Whether a value is None, NaN, NaT or pandas' NA."""
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas' NA says neither yes nor no
        return True
    except ValueError:  # an array
        return False


def _word(value: Any) -> str:
    if isinstance(value, np.datetime64):
        day = value.astype("M8[D]")
        return str(day if day == value else value.astype("M8[s]"))
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
