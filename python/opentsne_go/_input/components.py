"""Principal components of rows that are read a block at a time, several times over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opentsne_go._native.arrays import Rows
from opentsne_go._native.progress import Share

from . import arguments, collected, tables
from .sources import Source

Float64 = NDArray[np.float64]

#: Columns up to which the matrix of all their products is made.
GRAM = 2048
#: Vectors beside those that are wanted, which bring these on.
_MORE = 14
#: An eigenvalue is found when a step leads away from its vector by this share of it.
_RESIDUAL = 1e-3
#: Readings after which the vectors are taken as they are.
_STEPS = 24


def scores(source: Source, k: int, verbose: Any, path: Any) -> Rows:
    """Scores of the rows on their first k principal components, float32 (n, k).

    Sums are in double precision. Of each component the loading greatest in size is
    positive.
    """
    n, d = source.shape
    k = arguments.whole("n_components", k, 1)
    if k > min(n, d):
        raise arguments.bad("n_components", k, f"1 to {min(n, d)}, as {source.name} has {n} rows and {d} columns")
    reading = _Reading(source, verbose)
    mean, vectors = _by_products(reading, k) if d <= GRAM else _by_steps(reading, k)
    vectors *= np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(k)])
    moved = mean @ vectors

    def parts() -> Iterable[NDArray[Any]]:
        for block in reading.blocks("Projecting"):
            yield np.asarray(block @ vectors - moved).astype(np.float32)

    return collected.put(parts(), source, np.float32, path, k)


class _Reading:
    """Blocks of doubles that are finite, and a word on how far their reading is."""

    def __init__(self, source: Source, verbose: Any) -> None:
        self.source, self.verbose = source, verbose

    def blocks(self, what: str) -> Iterable[Any]:
        share = Share(self.verbose, f"{what} {self.source.name}...", self.source.shape[0])
        try:
            for lo, block in self.source.blocks():
                yield _finite(block, lo, self.source.name)
                share.add(block.shape[0])
        finally:
            share.close()


def _finite(block: Any, lo: int, name: str) -> Any:
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


def _by_products(reading: _Reading, k: int) -> tuple[Float64, Float64]:
    """By the sums of all products of two columns, counted from the first row."""
    d = reading.source.shape[1]
    zero: Any = None
    total, products = np.zeros(d), np.zeros((d, d))
    for block in reading.blocks("Summing"):
        dense = block.toarray() if tables.is_sparse(block) else block
        zero = dense[0].copy() if zero is None else zero
        dense = dense - zero
        total += dense.sum(axis=0)
        products += dense.T @ dense
    n = reading.source.shape[0]
    products -= np.outer(total, total) / n
    vectors = np.linalg.eigh(products)[1][:, ::-1][:, :k]
    return zero + total / n, np.ascontiguousarray(vectors)


def _by_steps(reading: _Reading, k: int) -> tuple[Float64, Float64]:
    """By block Lanczos, a reading a step: products with few vectors alone are made."""
    n, d = reading.source.shape
    width = min(k + _MORE, n, d)
    mean: Any = None
    now = np.linalg.qr(np.random.default_rng(0).normal(size=(d, width)))[0]
    basis = now
    projected = np.zeros((0, 0))
    for step in range(_STEPS):
        total, ahead = np.zeros(d), np.zeros((d, width))
        for block in reading.blocks(f"Step {step + 1} over"):
            if mean is None:
                total += np.asarray(block.sum(axis=0)).ravel()
            ahead += block.T @ (block @ now)
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
