"""Progress as people see it, and callbacks as they write them."""

from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Callable
from typing import Any

from . import abi
from .running import Report

#: Of the optimisation: gets iteration, KL divergence and positions; True stops the phase.
Callback = Callable[[int, float, Any], Any]

log = logging.getLogger("opentsne_go")

_TITLES = {
    "neighbors": "Finding nearest neighbors...",
    "affinities": "Calculating affinity matrix...",
    "init": "Preparing initial positions...",
}
_LINES_EVERY = 50
_BAR_EVERY = 10
#: Seconds between two looks at a stage before the optimisation, until it is said how
#: much of one is left, and until it is said again.
_LOOK, _FIRST_LEFT, _NEXT_LEFT = 0.2, 3.0, 30.0


def left(seconds: float) -> str:
    """How long something still takes, as one says it."""
    if seconds < 60:
        return "less than a minute left"
    minutes = round(seconds / 60)
    return f"about {minutes} minute{'s' * (minutes > 1)} left" if minutes < 120 else f"about {seconds / 3600:.1f} hours left"


def _tqdm() -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm


class Watch:
    """Follows one call.

    Parameters
    ----------
    verbose : bool
        Show progress: a bar if tqdm is installed, lines otherwise.
    callbacks, every
        Called each ``every`` iterations of a phase with the iteration of that
        phase, the KL divergence and a copy of the embedding. One that has
        ``stage_progress`` is told of the stages before: their name, and the share that is done.
    starts : list of int
        The iteration after which each phase begins.
    run : object
        Which map is made: phases of the same one belong together.
    """

    def __init__(
        self,
        verbose: Any = False,
        callbacks: list[Callback] | None = None,
        every: int = 50,
        starts: list[int] | None = None,
        run: Any = None,
    ) -> None:
        self.verbose = bool(verbose)
        self.callbacks = callbacks or []
        self.every = every
        self.starts = starts or [0]
        self.run = object() if run is None else run
        shown = self.verbose and sys.stderr is not None
        self.bar_type = _tqdm() if shown else None
        self.lines = _BAR_EVERY if self.bar_type else _LINES_EVERY
        self.bar: Any = None
        self.title = ""
        self.began = self.printed = self.told = time.perf_counter()
        self.begun = 0
        self.stage, self.looked = "", 0.0
        self.share = (0.0, 0.0, 0.0)  # what was done of a stage, when, and how long that stands
        self._begin(self.starts[0])

    def _begin(self, iteration: int) -> None:
        """Tells the callbacks of each phase that begins after this iteration."""
        while self.begun < len(self.starts) and self.starts[self.begun] <= iteration:
            for one in self.callbacks:
                begins = getattr(one, "phase_begins", None)
                if begins is not None:
                    begins(self.run, self.starts[self.begun])
                about_to_start = getattr(one, "optimization_about_to_start", None)
                if about_to_start is not None:
                    about_to_start()
            self.begun += 1

    def report_every(self) -> int:
        """Iterations between reports that hit every one somebody waits for."""
        periods = [self.every] * bool(self.callbacks) + [self.lines] * self.verbose
        return math.gcd(*periods, *self.starts) if periods else 1 << 30

    def _in_phase(self, iteration: int) -> int:
        return iteration - max([s for s in self.starts if s < iteration], default=0)

    def _callback_due(self, report: Report) -> bool:
        return (
            bool(self.callbacks)
            and report.stage == "optimize"
            and report.iteration > 0
            and self._in_phase(report.iteration) % self.every == 0
        )

    def wants(self, report: Report) -> bool:
        if report.stage == "optimize":
            return self.verbose or self._callback_due(report) or self._ends(report)
        now = time.perf_counter()
        soon = report.stage == self.stage and report.done < 1 and now - self.looked < _LOOK
        if soon or not (self.verbose or self._staged()):
            return False
        self.stage, self.looked = report.stage, now
        return True

    def _staged(self) -> list[Any]:
        """What the callbacks have that want to know of stages before the optimisation."""
        return [told for one in self.callbacks if (told := getattr(one, "stage_progress", None)) is not None]

    def _ends(self, report: Report) -> bool:
        """Whether a phase is at its end and another comes."""
        return bool(self.callbacks) and report.iteration in self.starts[self.begun :]

    def progress(self, report: Report) -> bool:
        if self.verbose:
            self._show(report)
        if report.stage != "optimize":
            for told in self._staged():
                told(report.stage, report.done)
        if self._callback_due(report):
            iteration, y = self._in_phase(report.iteration), report.embedding()
            answers = [bool(one(iteration, report.kl, y)) for one in self.callbacks]
            if any(answers):
                return True
        if self._ends(report):
            self._begin(report.iteration)
        return False

    def log(self, level: int, line: str) -> None:
        if level >= abi.LOG_WARNING:
            log.warning(line)
        elif self.verbose:
            self._say(line)

    def close(self) -> None:
        """Ends the last stage."""
        if not self.title:
            return
        if self.bar is not None:
            self.bar.close()
            self.bar = None
        print(f"   --> Time elapsed: {time.perf_counter() - self.began:.2f} seconds")
        self.title = ""

    def _say(self, line: str) -> None:
        if self.bar is not None:
            self.bar.write(line)
        else:
            print(line, flush=True)

    def _show(self, report: Report) -> None:
        title = _TITLES.get(
            report.stage,
            f"Running optimization with exaggeration={report.exaggeration:.2f}...",
        )
        before, self.told = self.told, time.perf_counter()
        if title != self.title:
            self.close()
            self.title = title
            # A phase is first told of after some iterations, which began at the last word.
            self.began = self.printed = before
            self.share = (report.done, self.told, _FIRST_LEFT)
            print("===>", title, flush=True)
        if report.stage != "optimize":
            self._show_left(report.done)
            return
        if report.iteration == 0:
            return
        iteration = self._in_phase(report.iteration)
        if self.bar_type is not None:
            if self.bar is None:
                start = report.iteration - iteration
                ends = [s for s in self.starts if s > start] + [report.iterations]
                self.bar = self.bar_type(total=ends[0] - start, unit="it", leave=True)
            self.bar.set_postfix(KL=f"{report.kl:.4f}", refresh=False)
            self.bar.update(iteration - self.bar.n)
        elif iteration % self.lines == 0:
            now = time.perf_counter()
            rest = (report.iterations - report.iteration) * (now - self.printed) / self.lines
            self._say(
                f"Iteration {iteration:4d}, KL divergence {report.kl:.4f}, "
                f"{self.lines} iterations in {now - self.printed:.4f} sec"
                + (f", {left(rest)}" if rest >= 60 else "")
            )
            self.printed = now

    def _show_left(self, done: float) -> None:
        """Says from time to time how much of a long stage is left, by its pace since the last word."""
        before, when, wait = self.share
        now = time.perf_counter()
        if now - when < wait or not before < done < 1:
            return
        self._say(f"   {done:4.0%} done, {left((1 - done) * (now - when) / (done - before))}")
        self.share = (done, now, _NEXT_LEFT)


class Share:
    """Shows how much is done of what is counted in Python.

    Parameters
    ----------
    verbose : bool
        Show it: a bar if tqdm is installed, lines otherwise.
    title : str
        What is done.
    total : int
        How much there is of it.
    """

    def __init__(self, verbose: Any, title: str, total: int) -> None:
        self.verbose, self.total, self.done = bool(verbose), total, 0
        self.bar: Any = None
        self.began = time.perf_counter()
        if not self.verbose:
            return
        print("===>", title, flush=True)
        kind = _tqdm() if sys.stderr is not None else None
        if kind is not None:
            self.bar = kind(total=total, leave=True)

    def add(self, count: int) -> None:
        """Some more are done."""
        self.done += count
        if self.bar is not None:
            self.bar.update(count)
        elif self.verbose:
            print(f"{self.done} of {self.total}", flush=True)

    def close(self) -> None:
        """All is done, or no more is wanted."""
        if self.bar is not None:
            self.bar.close()
        if self.verbose:
            print(f"   --> Time elapsed: {time.perf_counter() - self.began:.2f} seconds")
