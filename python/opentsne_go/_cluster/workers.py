"""The workers of a cluster, and what is sent to each of them once."""

from __future__ import annotations

import pickle
import sys
import threading
import uuid
from typing import Any

from opentsne_go._input import arguments
from opentsne_go._native.version import __version__
from opentsne_go.errors import InvalidInputError


def client_of(client: Any) -> Any:
    """The client that is given or else the current one; None for local threads."""
    loaded = sys.modules.get("distributed")
    if client is None:
        if loaded is None:
            return None
        try:
            client = loaded.default_client()
        except ValueError:
            return None
    if loaded is None or not isinstance(client, loaded.Client):
        raise arguments.bad("client", type(client).__name__, "a distributed.Client, or None for the current one")
    if client.asynchronous:
        raise arguments.bad("client", "an asynchronous one", "one whose calls wait")
    if client.status != "running":
        raise arguments.bad("client", f"one that is {client.status}", "one that is running")
    _same_version(client)
    return client


def _same_version(client: Any) -> None:
    """Refuses workers that would make other bits, or none."""

    def version() -> Any:  # a function of a function travels as code, which asks nothing of the worker
        try:
            return __import__("opentsne_go").__version__
        except ImportError:
            return None

    workers = client.run(version)
    if not workers:
        raise InvalidInputError("client: its cluster has no workers; client.wait_for_workers(1) waits for one")
    for address, found in sorted(workers.items()):
        check_version(found, __version__, f"worker {address}")


def check_version(there: str | None, here: str, who: str) -> None:
    """Refuses another version of this package, or none."""
    if there != here:
        has = "no opentsne_go" if there is None else f"opentsne_go {there}"
        raise InvalidInputError(f"client: {who} has {has}; allowed: {here}, as here")


def own_threads() -> int | None:
    """The threads of the worker that this runs on; None off a cluster."""
    loaded = sys.modules.get("distributed")
    if loaded is None:
        return None
    try:
        return int(loaded.get_worker().state.nthreads)
    except ValueError:
        return None


class Held:
    """An object of this process for tasks of local threads; it does not travel."""

    def __init__(self, value: Any = None) -> None:
        self._value = value

    def open(self) -> Any:
        if self._value is None:
            raise InvalidInputError(
                "client: the array was made for threads of another process; make it again with the client that computes it"
            )
        return self._value

    def __reduce__(self) -> Any:
        return Held, ()


class Parcel:
    """An object that workers make once each of the bytes that they have been sent."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._turn = threading.Lock()
        self._value: Any = None

    def open(self) -> Any:
        with self._turn:
            if self._value is None:
                make, given = pickle.loads(self._data)
                self._value = make(*given)
            return self._value

    def __reduce__(self) -> Any:
        return Parcel, (self._data,)

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + len(self._data)


class Filed:
    """An object that each process makes once of a file that all can read; workers that come later do too."""

    def __init__(self, make: Any, given: tuple[Any, ...]) -> None:
        self._make, self._given = make, given
        self._key = uuid.uuid4().hex

    def open(self) -> Any:
        with _TURN:
            if self._key not in _FILED:
                while len(_FILED) >= _KEPT:
                    del _FILED[next(iter(_FILED))]
                _FILED[self._key] = self._make(*self._given)
            return _FILED[self._key]


#: What files have given in this process, oldest first, and how many of them stay.
_FILED: dict[str, Any] = {}
_KEPT = 2
_TURN = threading.Lock()


def sent(client: Any, value: Any, again: tuple[Any, tuple[Any, ...]] | None = None) -> Any:
    """What stands for value in a task graph: on a cluster, what all workers have been sent.

    again is a function and the arguments by which a worker makes value, where that
    is not what its own pickle says.
    """
    if client is None:
        return Held(value)
    key = f"opentsne_go-sent-{uuid.uuid4().hex}"
    parcel = Parcel(pickle.dumps(again or (_itself, (value,)), pickle.HIGHEST_PROTOCOL))
    return client.scatter({key: parcel}, broadcast=True)[key]


def _itself(value: Any) -> Any:
    return value
