"""Callbacks of the optimisation.

Any callable serves as one: it gets the iteration of the phase, the KL
divergence and a copy of the embedding, and stops the phase by returning True.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np

from ._embedding.embedding import TSNEEmbedding
from ._embedding.gradient import gradient
from ._input import arguments
from .affinity import Affinities
from .pl._live import View

__all__ = [
    "Callback",
    "ErrorLogger",
    "ErrorApproximations",
    "VerifyExaggerationError",
    "History",
    "Live",
]

log = logging.getLogger("opentsne_go")


class Callback:
    """Base of callbacks that want to know when a phase begins."""

    def optimization_about_to_start(self) -> None:
        """Called at the beginning of each phase."""

    # points(n), where a callback has it, is told how many points a fit has before anything is computed.
    # stage_progress(stage, done), where a callback has it, is told a few times a second of the
    # stages before the iterations: "neighbors", "affinities" and "init".

    def __call__(self, iteration: int, error: float, embedding: Any) -> bool | None:
        """Called every ``callbacks_every_iters`` iterations.

        Parameters
        ----------
        iteration : int
            Of the phase.
        error : float
            KL divergence, without exaggeration.
        embedding : (n, n_components) ndarray
            A copy of the positions.

        Returns
        -------
        bool or None
            True stops the phase.
        """
        raise NotImplementedError


class ErrorLogger(Callback):
    """Prints the KL divergence and the time taken."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.iterations = 0

    def optimization_about_to_start(self) -> None:
        """Starts the clock."""
        self.began, self.iterations = time.perf_counter(), 0

    def __call__(self, iteration: int, error: float, embedding: Any) -> bool | None:
        now = time.perf_counter()
        print(
            f"Iteration {iteration:4d}, KL divergence {error:6.4f}, "
            f"{iteration - self.iterations} iterations in {now - self.began:.4f} sec"
        )
        self.began, self.iterations = now, iteration
        return None


class History(Callback):
    """Keeps what `opentsne_go.pl` draws: KL divergences and positions.

    It belongs to one run of one map: it begins anew when another map is made, goes
    back when a map is optimised again from an earlier state, and does not
    follow new points that are placed on its own, unless their `optimize` is
    given it.

    Parameters
    ----------
    embeddings : bool
        Keep the positions too, for an animation.

    Attributes
    ----------
    iterations : list of int
        Since the first phase began.
    kl_divergences : list of float
    embeddings : list of ndarray
    phases : list of int
        Iteration at which each phase began.
    """

    #: Whether it stays behind when callbacks pass from a map to new points.
    of_one_map = True

    @arguments.named
    def __init__(self, embeddings: bool = True) -> None:
        self.keep = embeddings
        self._of: Any = None
        self._first = 0
        self.iterations: list[int] = []
        self.kl_divergences: list[float] = []
        self.embeddings: list[Any] = []
        self.phases: list[int] = [0]

    def phase_begins(self, run: Any, iteration: int) -> None:
        """Notes where a phase begins, and of what.

        Parameters
        ----------
        run : object
            Which map is made: phases of the same one belong together.
        iteration : int
            Iterations of that map before the phase.
        """
        if self._of is not run:
            self._of, self._first = run, iteration
            self.iterations, self.kl_divergences, self.embeddings = [], [], []
            self.phases = []
        begin = iteration - self._first
        self._back_to(begin)
        if begin not in self.phases:  # the one before had no iterations
            self.phases.append(begin)

    def _back_to(self, begin: int) -> None:
        """Leaves out what came after: the map goes on from an earlier state again."""
        kept = sum(one <= begin for one in self.iterations)
        del self.iterations[kept:], self.kl_divergences[kept:], self.embeddings[kept:]
        self.phases = [one for one in self.phases if one <= begin]

    def __call__(self, iteration: int, error: float, embedding: Any) -> bool | None:
        self.iterations.append(self.phases[-1] + iteration)
        self.kl_divergences.append(error)
        if self.keep:
            self.embeddings.append(np.asarray(embedding))
        return None


class Live(History):
    """Draws the map as it forms, and the KL divergence beside it.

    Below the cell in a notebook, in a window elsewhere (where matplotlib has one;
    ``figure`` is there in any case). At most 20,000 of the points are drawn. It
    draws as often as ``share`` allows, at first after some 10 s: of a shorter fit
    nothing is seen, but with ``share=1``. The stop button and Ctrl-C stop the fit as ever. Needs matplotlib.

    Parameters
    ----------
    labels : array-like, (n,), optional
        Classes of the points, or numbers.
    palette, continuous
        As in `opentsne_go.pl.scatter`.
    share : float
        Of the time since the map was begun, how much drawing may take at most; the
        first picture is taken to need half a second.

    Attributes
    ----------
    iterations, kl_divergences, phases
        As in `History`.
    figure : matplotlib figure
    seconds : float
        What drawing has taken.
    frames : int
        How often it has drawn.
    """

    #: Seconds that the first picture is taken to need.
    _FIRST = 0.5

    @arguments.named
    def __init__(
        self,
        labels: Any = None,
        *,
        palette: Any = None,
        continuous: bool | None = None,
        share: float = 0.05,
    ) -> None:
        super().__init__(embeddings=False)
        self.share = arguments.positive("share", share)
        self._view = View(labels, palette, continuous)
        self.figure = self._view.figure
        self._anew()

    def points(self, n: int) -> None:
        """Refuses labels of another number of points.

        Parameters
        ----------
        n : int
            Points of the fit.
        """
        self._view.check(n)

    def _anew(self) -> None:
        self.seconds, self.frames, self._next = 0.0, 0, self._FIRST
        self._began = time.perf_counter()

    def phase_begins(self, run: Any, iteration: int) -> None:
        """Begins anew with another map."""
        if self._of is not run:
            self._anew()
        super().phase_begins(run, iteration)

    def __call__(self, iteration: int, error: float, embedding: Any) -> bool | None:
        super().__call__(iteration, error, embedding)
        now = time.perf_counter()
        if self.seconds + self._next > self.share * (now - self._began):
            return None
        if not self.frames:
            self._view.begin(len(embedding))
        self._view.show(embedding, self.iterations, self.kl_divergences, self.phases)
        taken = time.perf_counter() - now
        self.seconds, self.frames = self.seconds + taken, self.frames + 1
        self._next = max(taken, self._next / 2)
        return None


class VerifyExaggerationError(Callback):
    """Raises if the reported KL divergence is not that of the positions.

    Parameters
    ----------
    embedding : TSNEEmbedding
        The one that is optimised.
    """

    @arguments.named
    def __init__(self, embedding: TSNEEmbedding) -> None:
        self.affinities = embedding.affinities
        self.params = embedding.gradient_descent_params

    def __call__(self, iteration: int, error: float, embedding: Any) -> bool | None:
        names = ("negative_gradient_method", "theta", "dof", "n_jobs")
        own = {name: self.params[name] for name in names}
        true = gradient(embedding, self.affinities, **own)[1]
        if not abs(true - error) <= 1e-4 * max(1.0, abs(true)):
            raise RuntimeError(f"Correction term is wrong: got {error}, true {true}.")
        log.info("Corrected: %.4f - True %.4f", error, true)
        return None


class ErrorApproximations(Callback):
    """Keeps the KL divergence by each way to sum the repulsion.

    Parameters
    ----------
    P : scipy.sparse matrix or array-like, (n, n)
        The affinities.
    """

    @arguments.named
    def __init__(self, P: Any) -> None:
        self.affinities = Affinities.from_matrix(P)
        self.exact_errors: list[float] = []
        self.bh_errors: list[float] = []
        self.fft_errors: list[float] = []

    def __call__(self, iteration: int, error: float, embedding: Any) -> bool | None:
        for method in ("exact", "bh", "fft"):
            kl = gradient(embedding, self.affinities, negative_gradient_method=method)[1]
            getattr(self, f"{method}_errors").append(kl)
        return None

    def report(self) -> None:
        """Print how far the approximations are off."""
        exact = np.array(self.exact_errors)
        for name, errors in (
            ("Barnes-Hut", self.bh_errors),
            ("Interpolation", self.fft_errors),
        ):
            difference = np.array(errors) - exact
            print(f"{name}: mean difference {difference.mean():.4f} (±{difference.std():.4f})")
