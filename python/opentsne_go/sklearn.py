"""t-SNE as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._embedding.embedding import TSNEEmbedding, set_feature_names
from ._extras import extras
from ._input import arguments, tables
from ._options import checked, job, presets, schedule
from ._options.names import AffinityName, InitName, MetricName, NeighborsName, PresetName, PullFrameName, RepulsionName
from ._options.settings import DEFAULTS
from .callbacks import Callback
from .tsne import TSNE as _TSNE

with extras():
    from scipy.sparse import issparse
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["TSNE", "EXPECTED_FAILED_CHECKS"]

#: What ``sklearn.utils.estimator_checks.check_estimator`` may fail, and why.
EXPECTED_FAILED_CHECKS = {
    "check_transformer_general": "transform places points as new ones, beside where fit put them",
    "check_transformer_data_not_an_array": "as check_transformer_general",
}

#: scikit-learn's names of parameters that have openTSNE's names here.
_NAMES = {"init": "initialization", "angle": "theta"}
_METHODS = {"barnes_hut": "bh", "exact": "exact"}


class TSNE(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """t-distributed stochastic neighbor embedding, for scikit-learn's tools.

    Takes the arguments of `opentsne_go.TSNE` and, so that only the import line
    need change, those names of ``sklearn.manifold.TSNE`` that differ.

    Parameters
    ----------
    n_components, perplexity, learning_rate, early_exaggeration_iter, \
early_exaggeration, n_iter, exaggeration, dof, theta, n_interpolation_points, \
min_num_intervals, ints_in_interval, initialization, metric, metric_params, \
initial_momentum, final_momentum, max_grad_norm, max_step_norm, n_jobs, \
neighbors, knn_kwargs, negative_gradient_method, callbacks, \
callbacks_every_iters, random_state, verbose, affinity, k, sigma, \
anneal_iterations, auto_stop, density_lambda, density_fraction, density_shift, \
sample_size, pull, pull_y, pull_weights, pull_frame, checkpoint, \
checkpoint_every, momentum_iterations, preset, scratch
        As in `opentsne_go.TSNE`. A learning rate of 200 in
        ``sklearn.manifold.TSNE`` is 800 here: its gradient has a factor of 4.
        A perplexity too large for the data is lowered with a warning, where
        scikit-learn raises.
    init, angle : optional
        scikit-learn's names of ``initialization`` and ``theta``.
    method : {"barnes_hut", "exact"}, optional
        scikit-learn's name of ``negative_gradient_method``.
    max_iter : int, optional
        Iterations in all, instead of ``n_iter``, which leaves the early ones out.
    n_iter_without_progress : int, optional
        Stop a phase after the early one when the KL divergence, looked at
        every ``callbacks_every_iters`` iterations, has not fallen for that many.
    min_grad_norm : optional
        Accepted for compatibility and without effect; see ``auto_stop``.

    Attributes
    ----------
    embedding_ : (n, n_components) ndarray
        The map.
    kl_divergence_ : float
        Of the map.
    n_iter_ : int
        Iterations run.
    learning_rate_ : float
        Of the second phase.
    n_features_in_ : int
    tsne_embedding_ : TSNEEmbedding
        The map with all that `opentsne_go` can do with it.
    """

    @presets.taken
    def __init__(
        self,
        n_components: int = 2,
        perplexity: float | list[float] = 30,
        learning_rate: str | float = "auto",
        early_exaggeration_iter: str | int = "auto",
        early_exaggeration: str | float = "auto",
        n_iter: str | int = "auto",
        exaggeration: float | None = None,
        dof: float = 1,
        theta: float = 0.5,
        n_interpolation_points: int = 3,
        min_num_intervals: int = 50,
        ints_in_interval: float = 1,
        initialization: InitName | ArrayLike = "pca",
        metric: MetricName | Callable[..., Any] = "euclidean",
        metric_params: dict[str, Any] | None = None,
        initial_momentum: float = 0.8,
        final_momentum: str | float = "auto",
        max_grad_norm: float | None = None,
        max_step_norm: float | None = 5,
        n_jobs: int | None = None,
        neighbors: NeighborsName = "auto",
        knn_kwargs: dict[str, Any] | None = None,
        negative_gradient_method: RepulsionName = "auto",
        callbacks: Any = None,
        callbacks_every_iters: int = 50,
        random_state: Any = None,
        verbose: bool = False,
        *,
        affinity: AffinityName = "perplexity",
        k: int | None = None,
        sigma: float | None = None,
        anneal_iterations: int = 0,
        auto_stop: float | None = None,
        density_lambda: float | None = None,
        density_fraction: float = 0.3,
        density_shift: float = 0.1,
        sample_size: int = 25000,
        pull: float | None = None,
        pull_y: ArrayLike | None = None,
        pull_weights: ArrayLike | None = None,
        pull_frame: PullFrameName = "scaled",
        checkpoint: str | PathLike[str] | None = None,
        checkpoint_every: int = 50,
        momentum_iterations: int = 0,
        preset: PresetName | None = None,
        scratch: str | PathLike[str] | None = None,
        init: Any = None,
        angle: float | None = None,
        method: Literal["barnes_hut", "exact"] | None = None,
        max_iter: int | None = None,
        n_iter_without_progress: int | None = None,
        min_grad_norm: float | None = None,
    ) -> None:
        self.n_components = n_components
        self.perplexity = perplexity
        self.learning_rate = learning_rate
        self.early_exaggeration_iter = early_exaggeration_iter
        self.early_exaggeration = early_exaggeration
        self.n_iter = n_iter
        self.exaggeration = exaggeration
        self.dof = dof
        self.theta = theta
        self.n_interpolation_points = n_interpolation_points
        self.min_num_intervals = min_num_intervals
        self.ints_in_interval = ints_in_interval
        self.initialization = initialization
        self.metric = metric
        self.metric_params = metric_params
        self.initial_momentum = initial_momentum
        self.final_momentum = final_momentum
        self.max_grad_norm = max_grad_norm
        self.max_step_norm = max_step_norm
        self.n_jobs = n_jobs
        self.neighbors = neighbors
        self.knn_kwargs = knn_kwargs
        self.negative_gradient_method = negative_gradient_method
        self.callbacks = callbacks
        self.callbacks_every_iters = callbacks_every_iters
        self.random_state = random_state
        self.verbose = verbose
        self.affinity = affinity
        self.k = k
        self.sigma = sigma
        self.anneal_iterations = anneal_iterations
        self.auto_stop = auto_stop
        self.density_lambda = density_lambda
        self.density_fraction = density_fraction
        self.density_shift = density_shift
        self.sample_size = sample_size
        self.pull = pull
        self.pull_y = pull_y
        self.pull_weights = pull_weights
        self.pull_frame = pull_frame
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every
        self.momentum_iterations = momentum_iterations
        self.preset = preset
        self.scratch = scratch
        self.init = init
        self.angle = angle
        self.method = method
        self.max_iter = max_iter
        self.n_iter_without_progress = n_iter_without_progress
        self.min_grad_norm = min_grad_norm

    def set_params(self, **params: Any) -> TSNE:
        """Change parameters by name; a preset changes those that it sets.

        Parameters
        ----------
        **params
            Names and new values.

        Returns
        -------
        TSNE
            This one.
        """
        super().set_params(**presets.settled(params))
        return self

    def _settings(self) -> _TSNE:
        """The same settings under openTSNE's names."""
        own = self.get_params(deep=False)
        known = {name: value for name, value in own.items() if name in DEFAULTS}
        for theirs, ours in _NAMES.items():
            if own[theirs] is not None:
                known[ours] = own[theirs]
        if self.method is not None:
            known["negative_gradient_method"] = arguments.choice("method", self.method, _METHODS)
        if self.max_iter is not None:
            total = arguments.whole("max_iter", self.max_iter, 1)
            early = min(schedule.arguments(known, 0)["early_exaggeration_iter"], total)
            known["early_exaggeration_iter"], known["n_iter"] = early, total - early
        if self.n_iter_without_progress is not None:
            most = arguments.whole("n_iter_without_progress", self.n_iter_without_progress, -1)
            known["callbacks"] = [*checked.callbacks(self.callbacks), _Progress(most)]
        named = isinstance(self.init, str) and isinstance(self.metric, str)
        if named and (self.init, self.metric) == ("pca", "precomputed"):
            raise ValueError(
                'The parameter init="pca" cannot be used with metric="precomputed".'
            )
        return _TSNE(**known)

    @arguments.named
    def fit(self, X: Any, y: Any = None) -> TSNE:
        """Embed data.

        Parameters
        ----------
        X : array-like or sparse, (n, d)
            The data; for ``metric="precomputed"`` distances.
        y : ignored

        Returns
        -------
        TSNE
            This one.
        """
        self.fit_transform(X)
        return self

    @arguments.named
    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.float32]:
        """Embed data and give the map.

        Parameters
        ----------
        X, y
            As in `fit`.

        Returns
        -------
        (n, n_components) ndarray
            ``embedding_``.
        """
        settings = self._settings()
        tables.unannotated(X, "X")
        x: Any = validate_data(
            self, X, accept_sparse="csr", dtype=[np.float32, np.float64]
        )
        job.check(settings, x.shape[0])
        if self.metric == "precomputed":
            self._check_distances(x)
        if x.shape[0] < 4:
            raise ValueError(
                f"Found array with {x.shape[0]} sample(s) (shape={x.shape}) while a minimum of "
                "4 is required by TSNE."
            )
        made = settings.fit(x)
        names = list(self.feature_names_in_) if hasattr(self, "feature_names_in_") else None
        set_feature_names(made, names)
        self.tsne_embedding_ = made
        self.embedding_ = np.asarray(made)
        self.kl_divergence_ = made.kl_divergence
        self.n_iter_ = made.n_iter
        late = settings.exaggeration or 1.0
        rate = settings.learning_rate
        self.learning_rate_ = len(made) / late if rate == "auto" else rate
        return self.embedding_

    def _check_distances(self, x: Any) -> None:
        """Raises as scikit-learn does."""
        if x.shape[0] != x.shape[1]:
            raise ValueError("X should be a square distance matrix")
        if (x.data if issparse(x) else x).min(initial=0) < 0:
            raise ValueError("All distances in X should be positive: these are precomputed")
        if issparse(x) and self.method == "exact":
            raise TypeError(
                "A sparse matrix of distances was passed with method='exact', which wants a "
                "dense one; method='barnes_hut' takes both"
            )

    def transform(self, X: Any, *arguments: Any, **options: Any) -> NDArray[np.float32]:
        """Place new points on the map.

        Parameters
        ----------
        X : array-like or sparse, (m, d)
            The new points.
        *arguments, **options
            As in `opentsne_go.TSNEEmbedding.transform`.

        Returns
        -------
        (m, n_components) ndarray
        """
        check_is_fitted(self)
        tables.unannotated(X, "X")
        x = validate_data(
            self, X, accept_sparse="csr", dtype=[np.float32, np.float64], reset=False
        )
        embedding: TSNEEmbedding = self.tsne_embedding_
        return np.asarray(embedding.transform(x, *arguments, **options))

    @property
    def _n_features_out(self) -> int:
        return int(self.embedding_.shape[1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.metric == "precomputed"
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = []
        return tags


class _Progress(Callback):
    """Stops a phase after the first when the KL divergence stays where it is."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.phase = -1
        self.last = self.best_at = 0
        self.best = np.inf

    def __call__(self, iteration: int, error: float, embedding: Any) -> bool:
        if self.phase < 0 or iteration <= self.last:  # a phase begins at 0 again
            self.phase, self.best, self.best_at = self.phase + 1, np.inf, 0
        self.last = iteration
        if error < self.best:
            self.best, self.best_at = error, iteration
        return self.phase > 0 and iteration - self.best_at > self.most
