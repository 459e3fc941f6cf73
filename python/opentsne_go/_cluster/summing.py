"""What principal components take of each block of a Dask array, made where the blocks are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from opentsne_go._extras import extras
from opentsne_go._input.components import Reading, Sums, finite, summed
from opentsne_go._input.sources import Promised, Source
from opentsne_go._native.version import __version__
from opentsne_go.errors import Error

from .workers import check_version, client_of, sent

#: Tasks under way for each worker, and times that one begins anew where what it was given is lost with the workers that had it.
_AHEAD, _ATTEMPTS = 2, 3


def reading(source: Source, client: Any, verbose: Any) -> Reading:
    """Of a Dask array by the workers of a cluster, where there is one; by this process otherwise."""
    client = client_of(client)
    return Reading(source, verbose) if client is None or source.lazily is None else _Spread(source, client, verbose)


class _Spread(Reading):
    def __init__(self, source: Source, client: Any, verbose: Any) -> None:
        super().__init__(source, verbose)
        self.client = client
        self.promised = Promised(source.name, source.shape, source.dtype, source.sparse)

    def each(self, what: str, make: Callable[..., Any], *given: Any) -> Iterator[Any]:
        return self._results(what, [(i, i + 1) for i in range(len(self.source.cuts()) - 1)], make, given)

    def total(self, what: str, make: Callable[..., Sums], *given: Any) -> Sums:
        return summed(self._results(what, self.shares(), make, given))

    def _results(self, what: str, shares: list[tuple[int, int]], make: Callable[..., Any], given: tuple[Any, ...]) -> Iterator[Any]:
        """What each share of the blocks adds up to, in their order."""
        with extras():
            from distributed.client import FutureCancelledError

        cuts = self.source.cuts()
        window = _AHEAD * max(1, len(self.client.nthreads()))
        with self.told(what) as share:
            held = sent(self.client, given)
            begun: dict[tuple[int, int], Any] = {}
            try:
                for i, (lo, hi) in enumerate(shares):
                    for attempt in range(1, _ATTEMPTS + 1):
                        for one in shares[i : i + window]:
                            if one not in begun:
                                begun[one] = self.client.compute(self._task(cuts[one[0] : one[1] + 1], make, held))
                        try:
                            result = self._result(begun[lo, hi], cuts[lo], cuts[hi])
                            break
                        except FutureCancelledError:
                            if attempt == _ATTEMPTS:
                                raise
                            begun.clear()
                            held = sent(self.client, given)
                    del begun[lo, hi]
                    share.add(cuts[hi] - cuts[lo])
                    yield result
            finally:
                self.client.cancel(list(begun.values()))

    def _task(self, cuts: list[int], make: Callable[..., Any], held: Any) -> Any:
        """A share of the blocks, one after the other."""
        with extras():
            from dask.delayed import delayed

        lazily: Any = self.source.lazily
        total: Any = None
        for lo, hi in pairwise(cuts):
            total = delayed(_added)(__version__, self.promised, lo, hi, lazily(lo, hi), make, held, total)
        return total

    def _result(self, future: Any, lo: int, hi: int) -> Any:
        with extras():
            from distributed.client import FutureCancelledError

        try:
            return future.result()
        except (Error, MemoryError, TypeError, FutureCancelledError):
            raise
        except Exception as error:
            raise self.source.unread(error, lo, hi) from error


def _added(version: str, rows: Promised, lo: int, hi: int, block: Any, make: Callable[..., Any], held: Any, total: Any) -> Any:
    """What a block adds, on whichever worker it is."""
    check_version(__version__, version, "a worker")
    made = make(finite(rows.sound(lo, hi, lambda: block), lo, rows.name), *held.open())
    return made if total is None else summed([total, made])
