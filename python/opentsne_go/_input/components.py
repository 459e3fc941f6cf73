"""Principal components of rows that are read a block at a time, several times over."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._native.arrays import Rows
from opentsne_go._native.progress import Share

from . import arguments, collected, tables
from .sources import Source

Float64 = NDArray[np.float64]
#: What blocks add to.
Sums = tuple[Float64, Float64]

#: Columns up to which the matrix of all their products is made.
GRAM = 2048
#: Vectors beside those that are wanted, which bring these on.
_MORE = 14
#: An eigenvalue is found when a step leads away from its vector by this share of it.
_RESIDUAL = 1e-3
#: Readings after which the vectors are taken as they are.
_STEPS = 24


#: Shares of the blocks that are summed each by itself, whoever sums them.
_SHARES = 64


def scores(reading: Reading, k: int, path: Any) -> Rows:
    """Scores of the rows on their first k principal components, float32 (n, k).

    Sums are in double precision. Of each component the loading greatest in size is
    positive.
    """
    source = reading.source
    n, d = source.shape
    k = arguments.whole("n_components", k, 1)
    if k > min(n, d):
        raise arguments.bad("n_components", k, f"1 to {min(n, d)}, as {source.name} has {n} rows and {d} columns")
    mean, vectors = _by_products(reading, k) if d <= GRAM else _by_steps(reading, k)
    vectors *= np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(k)])
    parts = reading.each("Projecting", _projected, vectors, mean @ vectors)
    return collected.put(parts, source, np.float32, path, k)


class Reading:
    """What is made of each block of doubles, one reading of the rows after the other, and a word on how far it is."""

    def __init__(self, source: Source, verbose: Any) -> None:
        self.source, self.verbose = source, verbose

    def each(self, what: str, make: Callable[..., Any], *given: Any) -> Iterator[Any]:
        """``make(block, *given)`` of each block, in their order."""
        with self.told(what) as share:
            for lo, block in self.source.blocks():
                yield make(finite(block, lo, self.source.name), *given)
                share.add(block.shape[0])

    def total(self, what: str, make: Callable[..., Sums], *given: Any) -> Sums:
        """The sums of what `each` gives."""
        made = self.each(what, make, *given)
        total = summed(summed(next(made) for _ in range(lo, hi)) for lo, hi in self.shares())
        next(made, None)  # the store is asked what it has after all
        return total

    def shares(self) -> list[tuple[int, int]]:
        """The blocks of each share."""
        count = len(self.source.cuts()) - 1
        cuts = [count * i // _SHARES for i in range(_SHARES + 1)]
        return [(lo, hi) for lo, hi in pairwise(cuts) if lo < hi]

    @contextmanager
    def told(self, what: str) -> Iterator[Share]:
        share = Share(self.verbose, f"{what} {self.source.name}...", self.source.shape[0])
        try:
            yield share
        finally:
            share.close()


def summed(parts: Iterable[Sums]) -> Sums:
    """Sums added up, one after the other."""
    return functools.reduce(lambda total, one: (total[0] + one[0], total[1] + one[1]), parts)


def finite(block: Any, lo: int, name: str) -> Any:
    values = block.data if tables.is_sparse(block) else block
    if not np.isfinite(values).all():
        if tables.is_sparse(block):
            coo = tables.sound(block, name).tocoo()
            first = int(np.flatnonzero(~np.isfinite(coo.data))[0])
            row, column, value = int(coo.row[first]), int(coo.col[first]), coo.data[first]
        else:
            row, column = np.argwhere(~np.isfinite(block))[0].tolist()
            value = block[row, column]
        raise arguments.not_finite(name, lo + row, column, value)
    return block.astype(np.float64, copy=False)


def _by_products(reading: Reading, k: int) -> tuple[Float64, Float64]:
    """By the sums of all products of two columns, counted from the first row."""
    source = reading.source
    first = source.sound(0, 1, lambda: source.take(0, 1))
    zero = np.asarray(_dense(first), np.float64).ravel()
    total, products = reading.total("Summing", _products, zero)
    n = source.shape[0]
    products -= np.outer(total, total) / n
    vectors = np.linalg.eigh(products)[1][:, ::-1][:, :k]
    return zero + total / n, np.ascontiguousarray(vectors)


def _products(block: Any, zero: Float64) -> Sums:
    dense = _dense(block) - zero
    return dense.sum(axis=0), dense.T @ dense


def _dense(block: Any) -> Any:
    return block.toarray() if tables.is_sparse(block) else block


def _projected(block: Any, vectors: Float64, moved: Float64) -> NDArray[np.float32]:
    return np.asarray(block @ vectors - moved).astype(np.float32)


def _by_steps(reading: Reading, k: int) -> tuple[Float64, Float64]:
    """By block Lanczos, a reading a step: products with few vectors alone are made."""
    n, d = reading.source.shape
    width = min(k + _MORE, n, d)
    mean: Any = None
    now = np.linalg.qr(np.random.default_rng(0).normal(size=(d, width)))[0]
    basis = now
    projected = np.zeros((0, 0))
    for step in range(_STEPS):
        total, ahead = reading.total(f"Step {step + 1} over", _ahead, now, mean is None)
        mean = total / n if mean is None else mean
        ahead -= n * np.outer(mean, mean @ now)
        along = basis.T @ ahead
        grown = np.zeros((basis.shape[1],) * 2)
        grown[: len(projected), : len(projected)] = projected
        grown[:, -width:] = along
        grown[-width:, :] = along.T
        projected = grown
        rest = ahead - basis @ along
        rest -= basis @ (basis.T @ rest)
        values, inner = np.linalg.eigh(projected)
        values, inner = values[::-1][:k], inner[:, ::-1][:, :k]
        off = np.linalg.norm(rest @ inner[-width:], axis=0)
        if (off <= _RESIDUAL * np.maximum(values, 0) + 1e-12 * abs(values[0])).all() or basis.shape[1] + width > d:
            break
        now = np.linalg.qr(rest)[0]
        now = np.linalg.qr(now - basis @ (basis.T @ now))[0]
        basis = np.hstack([basis, now])
    return mean, basis @ inner


def _ahead(block: Any, now: Float64, summing: bool) -> Sums:
    total = np.asarray(block.sum(axis=0)).ravel() if summing else np.zeros(0)
    return total, block.T @ (block @ now)
