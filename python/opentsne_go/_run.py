"""Running a call of the library so that Ctrl-C, callbacks and progress work.

ctypes cannot raise out of a callback, and Python acts on Ctrl-C only between
bytecodes of the main thread. So on the main thread the C call runs in a worker
thread, which sends its reports here, where callbacks run and exceptions are
raised as themselves; the worker is then told to stop through the cancel flag.
"""

from __future__ import annotations

import ctypes as ct
import queue
import threading
from typing import Any, Callable, Protocol, TypeVar

import numpy as np

from . import _lib

T = TypeVar("T")

#: How long the main thread sleeps before it looks for Ctrl-C (seconds).
POLL = 0.02
#: How long a stopped call may take to return before we go on without it. The
#: library polls the flag every 50 ms and Ctrl-C is to take 0.1 s in all.
GRACE = 0.07


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
        self.stage: str = _lib.STAGES[raw.stage]
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

    def __init__(self, options: _lib.Options | _lib.TransformOptions, watcher: Watcher | None) -> None:
        self.watcher = watcher
        self.cancel = ct.c_int32(0)
        self.failure: BaseException | None = None
        self.stopped = False
        self.inbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self.direct = threading.current_thread() is not threading.main_thread()
        options.cancel = ct.pointer(self.cancel)
        if watcher is not None:
            # The structure keeps them alive.
            options.progress = _lib.PROGRESS_FN(self._progress)
            options.log = _lib.LOG_FN(self._log)

    def _progress(self, raw: Any, _user: Any) -> int:
        if self.cancel.value:
            return 1
        try:
            assert self.watcher is not None
            report = Report(raw.contents)
            if self.watcher.wants(report):
                self._tell(lambda: self._answer(report))
        except BaseException as error:  # nothing may pass through C
            self._fail(error)
        return 1 if self.cancel.value or self.stopped else 0

    def _answer(self, report: Report) -> None:
        assert self.watcher is not None
        if self.watcher.progress(report):
            self.stopped = True

    def _log(self, level: int, line: bytes, _user: Any) -> None:
        try:
            assert self.watcher is not None
            text, watcher = line.decode("utf-8", "replace"), self.watcher
            self._tell(lambda: watcher.log(level, text))
        except BaseException as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self.failure = self.failure or error
        self.cancel.value = 1

    def _tell(self, job: Callable[[], None]) -> None:
        """Does job on the caller's thread and waits for it."""
        if self.direct:
            job()
            return
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

    def run(self, work: Callable[[], T]) -> T:
        if self.direct:
            result = work()
            self._raise()
            return result
        outcome: list[T] = []

        def target() -> None:
            try:
                outcome.append(work())
            except BaseException as error:
                self.failure = self.failure or error
            finally:
                self.inbox.put(None)

        worker = threading.Thread(target=target, name="opentsne_go", daemon=True)
        try:
            worker.start()
            while True:
                try:
                    step = self.inbox.get(timeout=POLL)
                except queue.Empty:
                    continue
                if step is None:
                    break
                step()
        except BaseException as error:
            self.cancel.value = 1
            worker.join(GRACE if isinstance(error, KeyboardInterrupt) else None)
            self.failure = None
            raise
        worker.join()
        self._raise()
        return outcome[0]

    def _raise(self) -> None:
        """Raises the failure, if any, and forgets it: an error whose traceback
        leads back to itself would keep the data alive."""
        failure, self.failure = self.failure, None
        try:
            if failure is not None:
                raise failure
        finally:
            del failure


def run(
    work: Callable[[], T], options: _lib.Options | _lib.TransformOptions, watcher: Watcher | None = None
) -> T:
    """Does work, which calls the library with options, and gives its result.

    work runs on another thread when this is the main one. It owns all that the
    library touches, because it may outlive this call after Ctrl-C.
    """
    return _Call(options, watcher).run(work)
