"""Running a call of the library so that Ctrl-C, callbacks and progress work.

ctypes cannot raise out of a callback, and Python acts on Ctrl-C only between
bytecodes of the main thread. So the C call runs in a worker thread, which sends
its reports to the caller's, where callbacks run and exceptions are raised as
themselves; the worker is then told to stop through the cancel flag.

KeyboardInterrupt may come at any bytecode of the main thread, also in an except
or finally clause, and never in the worker. So what must happen happens there,
and nothing relies on a line of the caller's that undoes another.
"""

from __future__ import annotations

import _thread
import atexit
import ctypes as ct
import os
import queue
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

import numpy as np

from . import abi, kinds
from .status import told

T = TypeVar("T")

#: How long the caller sleeps before it looks for Ctrl-C (seconds).
POLL = 0.02
#: How long a stopped call may take to return before we go on without it. The
#: library polls the flag every 50 ms and Ctrl-C is to take 0.1 s in all.
GRACE = 0.06
#: How long the interpreter's end waits for calls that were left behind.
AT_EXIT = 10.0
#: Values that are copied in less than a millisecond.
_FEW = 1 << 20


class Watcher(Protocol):
    """What is told of the progress of a call, on the caller's thread."""

    def wants(self, report: Report) -> bool:
        """Whether to be told, and the call to wait for the answer."""
        ...

    def progress(self, report: Report) -> bool:
        """True stops the call."""
        ...

    def log(self, level: int, line: str) -> None:
        """One line of text from the library."""


class Report:
    """`tsne_progress` with a copy of the embedding made when it is asked for."""

    __slots__ = ("stage", "iteration", "iterations", "done", "kl", "exaggeration", "_raw")

    def __init__(self, raw: Any) -> None:
        self.stage: str = abi.STAGES[raw.stage]
        self.iteration = int(raw.iteration)
        self.iterations = int(raw.iterations)
        self.done = float(raw.done)
        self.kl = float(raw.kl)
        self.exaggeration = float(raw.exaggeration)
        self._raw = raw

    def embedding(self) -> Any:
        """n x dims float32; only while the call waits."""
        shape = (self._raw.n, self._raw.dims)
        return np.ctypeslib.as_array(self._raw.y, shape).copy()


class _Call:
    """One call of the library and its reports."""

    def __init__(self, options: Any, watcher: Watcher | None, uses: Sequence[Any]) -> None:
        self.watcher = watcher
        self.uses = uses
        self.cancel = ct.c_int32(0)
        self.failure: BaseException | None = None
        self.stopped = False
        self.left = False  # nobody waits for it any more
        self.ended = threading.Event()
        self.outcome: list[Any] = []
        self.inbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        if options is not None:
            options.cancel = ct.pointer(self.cancel)
        if options is not None and watcher is not None:
            # The structure keeps them alive.
            options.progress = kinds.PROGRESS_FN(self._progress)
            options.log = kinds.LOG_FN(self._log)

    # On the worker's thread.

    def work(self, job: Callable[[], Any]) -> None:
        _running.add(self)
        try:
            self.outcome.append(job())
        except BaseException as error:  # noqa: BLE001  raised again by the caller's thread
            self.failure = self.failure or error
        del job  # what it owns goes before the caller goes on
        if self.left:
            self.forget()
        _running.discard(self)
        self.ended.set()
        self.inbox.put(None)

    def _progress(self, raw: Any, _user: Any) -> int:
        if self.cancel.value:
            return 1
        try:
            assert self.watcher is not None
            report = Report(raw.contents)
            if self.watcher.wants(report):
                self._tell(lambda: self._answer(report))
        except BaseException as error:  # noqa: BLE001  nothing may pass through C
            self._fail(error)
        return 1 if self.cancel.value or self.stopped else 0

    def _log(self, level: int, _line: bytes, _user: Any) -> None:
        try:
            assert self.watcher is not None
            text, watcher = told().text, self.watcher
            self._tell(lambda: watcher.log(level, text))
        except BaseException as error:  # noqa: BLE001  nor here
            self._fail(error)

    def _tell(self, job: Callable[[], None]) -> None:
        """Has job done on the caller's thread and waits for it."""
        done = threading.Event()

        def step() -> None:
            try:
                job()
            except BaseException as error:
                self._fail(error)
                raise
            finally:
                done.set()

        self.inbox.put(step)
        while not done.wait(POLL) and not self.cancel.value:
            pass

    # On either.

    def _fail(self, error: BaseException) -> None:
        self.failure = self.failure or error
        self.cancel.value = 1

    def forget(self) -> None:
        """Lets go of what would keep the data alive, as an error whose traceback
        leads back to itself does."""
        self.failure = None
        self.outcome = []
        self.inbox = queue.SimpleQueue()

    # On the caller's.

    def _answer(self, report: Report) -> None:
        assert self.watcher is not None
        if self.watcher.progress(report):
            self.stopped = True

    def _next(self) -> Callable[[], None] | None:
        while True:
            try:
                return self.inbox.get(timeout=POLL)
            except queue.Empty:
                continue

    def run(self, job: Callable[[], Any]) -> Any:
        mine = _calls()
        mine[:] = [one for one in mine if one() is not None]
        mine.append(weakref.ref(self))
        try:
            try:
                # threading.Thread.start would be interrupted between two states.
                _thread.start_new_thread(self.work, (job,))
            except RuntimeError:  # the system gives no thread
                self.ended.set()
                raise
            while (step := self._next()) is not None:
                step()
        except BaseException as error:
            # Set by the first bytecodes, before any that could be interrupted.
            self.cancel.value, self.left = 1, True
            self.ended.wait(GRACE if isinstance(error, KeyboardInterrupt) else None)
            if self.ended.is_set():
                self.forget()
            raise
        failure, self.failure = self.failure, None
        try:
            if failure is not None:
                raise failure
        finally:
            del failure
        return self.outcome.pop()


_running: set[_Call] = set()
_here = threading.local()


def _calls() -> list[weakref.ref[_Call]]:
    """Of the calls that this thread waits for."""
    found: list[weakref.ref[_Call]] | None = getattr(_here, "calls", None)
    if found is None:
        found = _here.calls = []
    return found


def run(
    work: Callable[[], T], options: Any = None, watcher: Watcher | None = None, uses: Sequence[Any] = ()
) -> T:
    """Does work, which calls the library with options, and gives its result.

    work runs on another thread. It owns all that the library touches, because it
    may outlive this call after Ctrl-C. uses are the handles and locks that its
    callbacks cannot have: see `refuse` and `turn`.
    """
    result: T = _Call(options, watcher, uses).run(work)
    return result


def read(work: Callable[[], T], values: int) -> T:
    """Does work, which copies so many values out of a handle whose `turn` the caller
    has, so that it waits for nobody: few of them on this thread, as another takes
    longer to start than they do to copy."""
    return work() if values <= _FEW else run(work)


def refuse(*wanted: Any) -> None:
    """Raises where a callback wants what the call has that it reports on, for
    which it would wait for ever."""
    for ref in _calls():
        call = ref()
        if call is None or call.left or call.ended.is_set():
            continue
        if any(one is other for one in wanted for other in call.uses):
            raise RuntimeError(
                "this embedding is being optimised, or used by the call that this callback "
                "belongs to: use a copy made before"
            )


def turn(lock: Any) -> AbstractContextManager[Any]:
    """The lock of an embedding, to be held by ``with``: an ``RLock``, which
    takes and gives without a bytecode that could be interrupted."""
    refuse(lock)
    for call in list(_running):
        if call.left and any(lock is one for one in call.uses):
            call.ended.wait()  # stopped already, and about to write the positions
    held: AbstractContextManager[Any] = lock
    return held


def _settle() -> None:
    """Lets calls that were left behind end in an interpreter that still runs."""
    for call in list(_running):
        call.cancel.value = 1
    for call in list(_running):
        call.ended.wait(AT_EXIT)


def _in_child() -> None:
    _running.clear()


atexit.register(_settle)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
