"""t-SNE as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from . import _input
from .embedding import TSNEEmbedding
from .tsne import TSNE as _TSNE

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
early_exaggeration, n_iter, exaggeration, dof, theta, initialization, metric, \
metric_params, initial_momentum, final_momentum, max_grad_norm, max_step_norm, \
n_jobs, neighbors, negative_gradient_method, callbacks, callbacks_every_iters, \
random_state, verbose, affinity, k, sigma, anneal_iterations, auto_stop, \
density_lambda, density_fraction, density_shift, sample_size
        As in `opentsne_go.TSNE`.
    init, angle : optional
        scikit-learn's names of ``initialization`` and ``theta``.
    method : {"barnes_hut", "exact"}, optional
        scikit-learn's name of ``negative_gradient_method``.
    max_iter : int, optional
        Iterations in all, instead of ``n_iter``, which leaves the early ones out.
    n_iter_without_progress, min_grad_norm : optional
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

    def __init__(
        self,
        n_components: int = 2,
        perplexity: Any = 30,
        learning_rate: Any = "auto",
        early_exaggeration_iter: int = 250,
        early_exaggeration: Any = "auto",
        n_iter: int = 500,
        exaggeration: float | None = None,
        dof: float = 1,
        theta: float = 0.5,
        initialization: Any = "pca",
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        initial_momentum: float = 0.8,
        final_momentum: float = 0.8,
        max_grad_norm: float | None = None,
        max_step_norm: float | None = 5,
        n_jobs: int | None = None,
        neighbors: str = "auto",
        negative_gradient_method: str = "auto",
        callbacks: Any = None,
        callbacks_every_iters: int = 50,
        random_state: Any = None,
        verbose: Any = False,
        *,
        affinity: str = "perplexity",
        k: int | None = None,
        sigma: float | None = None,
        anneal_iterations: int = 0,
        auto_stop: float | None = None,
        density_lambda: float | None = None,
        density_fraction: float = 0.3,
        density_shift: float = 0.1,
        sample_size: int = 25000,
        init: Any = None,
        angle: float | None = None,
        method: str | None = None,
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
        self.initialization = initialization
        self.metric = metric
        self.metric_params = metric_params
        self.initial_momentum = initial_momentum
        self.final_momentum = final_momentum
        self.max_grad_norm = max_grad_norm
        self.max_step_norm = max_step_norm
        self.n_jobs = n_jobs
        self.neighbors = neighbors
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
        self.init = init
        self.angle = angle
        self.method = method
        self.max_iter = max_iter
        self.n_iter_without_progress = n_iter_without_progress
        self.min_grad_norm = min_grad_norm

    def _settings(self) -> _TSNE:
        """The same settings under openTSNE's names."""
        own = self.get_params(deep=False)
        known = {name: value for name, value in own.items() if name in _PARAMETERS}
        for theirs, ours in _NAMES.items():
            if own[theirs] is not None:
                known[ours] = own[theirs]
        if self.method is not None:
            known["negative_gradient_method"] = _input.choice("method", self.method, _METHODS)
        if self.max_iter is not None:
            total = _input.whole("max_iter", self.max_iter, 1)
            early = min(known["early_exaggeration_iter"], total)
            known["early_exaggeration_iter"], known["n_iter"] = early, total - early
        return _TSNE(**known)

    def fit(self, X: Any, y: Any = None) -> TSNE:
        """Embed data.

        Parameters
        ----------
        X : array-like or sparse, (n, d)
            The data; for ``metric="precomputed"`` distances.
        y : ignored
        """
        self.fit_transform(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.float32]:
        """Embed data and give the map, (n, n_components)."""
        settings = self._settings()
        x = validate_data(
            self, X, accept_sparse="csr", dtype=[np.float32, np.float64], ensure_min_samples=4
        )
        made = settings.fit(x)
        self.tsne_embedding_ = made
        self.embedding_ = np.asarray(made)
        self.kl_divergence_ = made.kl_divergence
        self.n_iter_ = made.n_iter
        late = settings.exaggeration or 1.0
        rate = settings.learning_rate
        self.learning_rate_ = len(made) / late if rate == "auto" else rate
        return self.embedding_

    def transform(self, X: Any, **options: Any) -> NDArray[np.float32]:
        """Place new points on the map.

        Parameters
        ----------
        X : array-like or sparse, (m, d)
            The new points.
        **options
            As in `opentsne_go.TSNEEmbedding.transform`.

        Returns
        -------
        (m, n_components) ndarray
        """
        check_is_fitted(self)
        x = validate_data(
            self, X, accept_sparse="csr", dtype=[np.float32, np.float64], reset=False
        )
        embedding: TSNEEmbedding = self.tsne_embedding_
        return np.asarray(embedding.transform(x, **options))

    @property
    def _n_features_out(self) -> int:
        return int(self.embedding_.shape[1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.metric == "precomputed"
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = []
        return tags


_PARAMETERS = set(_TSNE().get_params())
