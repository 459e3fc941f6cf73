"""`TSNE`: data in, map out."""

from __future__ import annotations

import ctypes as ct
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._affinity.base import Affinities, as_affinities, for_a_model, names_of, native_of
from ._affinity.kinds import of_index
from ._affinity.native import NativeAffinities
from ._affinity.recipe import Recipe
from ._cluster.blocks import in_rows, is_dask
from ._cluster.parts import neighbors
from ._cluster.workers import client_of
from ._embedding.embedding import TSNEEmbedding, embedding_of_model
from ._embedding.model import give_data, model_handle
from ._embedding.partial import PartialTSNEEmbedding
from ._input import arguments, collected, reduction, tables
from ._native import arrays, structures
from ._native.arrays import Rows
from ._native.calls import call
from ._native.progress import Watch
from ._native.running import run
from ._native.status import E_CANCELLED, error
from ._options import checked, job, schedule
from ._options.names import InitName
from ._options.settings import Settings
from .advice import warn_once
from .errors import OptimizationInterrupt
from .nearest_neighbors import KNNIndex, PrecomputedDistanceMatrix

# openTSNE's module of this name has them all.
__all__ = ["TSNE", "TSNEEmbedding", "PartialTSNEEmbedding", "OptimizationInterrupt"]


class TSNE(Settings):
    """t-distributed stochastic neighbor embedding.

    Arguments and defaults are openTSNE's. The defaults follow Kobak & Berens
    (2019): PCA initialisation and a learning rate of n / exaggeration.

    The same data, arguments and seed give the same bits on any number of
    threads.

    Parameters
    ----------
    n_components : {2, 1, 3}
        Columns of the map.
    perplexity : float or list of float
        Effective number of neighbours of a point; above (n - 1) / 3 it is lowered to
        that, with a warning (above 0). Several at once are combined as ``affinity``
        says (Kobak & Berens use 30 and n / 100). Source: van der Maaten & Hinton 2008;
        the paper keeps it for local structure.
    learning_rate : "auto" or float
        Step size (above 0); "auto": n / exaggeration of the phase. Source: Belkina et
        al. 2019; n / 12: Linderman & Steinerberger 2019.
    early_exaggeration_iter : "auto" or int
        Iterations of the first phase (0 to 2^31 - 1); "auto": 250, or 150 by the
        schedule of 10,000 points and more. Source: van der Maaten 2014, section 5.
    early_exaggeration : "auto" or float
        Factor on the attraction in the first phase (above 0). "auto": ``max(12,
        exaggeration)``. Source: van der Maaten 2014, section 5.
    n_iter : "auto" or int
        Iterations of the second phase (0 to 2^31 - 1); "auto": 500, or 350 by the
        schedule of 10,000 points and more. Source: docs/fidelity.md.
    exaggeration : float or None
        Factor on the attraction in the second phase (above 0); None: 1. For millions of
        points 4 gives denser, better parted clusters.
    dof : float
        Degrees of freedom of the map's kernel; below 1 its tails are heavier and
        clusters part further (0.01 to 10000). Source: van der Maaten & Hinton 2008;
        other values: Kobak et al. 2020. Above 10000 the kernel is a Gaussian to all
        intents, and the grid's sum of Gaussians takes ever more terms; below 0.01 it
        hardly falls at all.
    theta : float
        Angle of Barnes-Hut; less is more accurate and slower (0 to 2). 0: exact.
        Source: van der Maaten 2014, section 5.
    n_interpolation_points : int
        Accepted for compatibility and without effect: the interpolation grid is chosen
        for a set accuracy.
    min_num_intervals : int
        As ``n_interpolation_points``.
    ints_in_interval : float
        As ``n_interpolation_points``.
    initialization : {"pca", "random", "spectral", "sample"} or array-like
        Where the points start: "pca", first principal components, scaled; "random",
        Gaussian; "spectral", eigenvectors of the affinities' graph; "sample", a map of
        ``sample_size`` rows, the others placed on it; n x ``n_components`` positions,
        used as they are. Without data, as of distances, ``initialization="spectral"``
        takes the place of ``initialization="pca"``.
    metric : str or callable
        Distance between rows: "euclidean", square root of the sum of squared
        differences; "cosine", 1 - cosine of the angle; "correlation", 1 - Pearson
        correlation; "manhattan", sum of absolute differences; "chebyshev", largest
        absolute difference; "hamming", share of columns that differ. Also an alias of
        these; one of scikit-learn's, such as "minkowski", "mahalanobis" or "jaccard",
        or a function of two rows, which are slow; or "precomputed": X has the distances
        between all points, or is a sparse graph of those between neighbours.
    metric_params : dict, optional
        Keyword arguments of scikit-learn's metrics and of functions.
    initial_momentum : float
        Momentum of the first phase (0 to below 1). Source: openTSNE.
    final_momentum : "auto" or float
        Momentum of the second phase (0 to below 1); "auto": 0.8, or 0.95 by the
        schedule of 10,000 points and more. Source: van der Maaten & Hinton 2008,
        section 3.4.
    max_grad_norm : float or None
        Longest gradient of a point (above 0); None: no limit.
    max_step_norm : float or None
        Longest step of a point in one iteration, in units of the map (above 0); None:
        no limit. Source: openTSNE: a point that leaves its cluster by more in one step
        comes back late or never.
    n_jobs : int or None
        Threads; the map is the same on any number (1 or more); None: all processors.
        -1: all processors; -2: all but one, and so on.
    neighbors : {"auto", "exact", "approx"}
        How neighbours are found: "auto", the faster of the two for this n and d;
        "exact", all pairs; "approx", inverted lists, recall about 0.99. Also "annoy"
        (approx), "pynndescent" (approx), "hnsw" (approx).
    knn_kwargs : dict, optional
        Accepted for compatibility and without effect.
    negative_gradient_method : {"auto", "exact", "bh", "fft"}
        How the repulsion is summed: "auto", by n and ``n_components``, and in a fit of
        few points by how far they have spread; "exact", all pairs: the oracle, and
        quickest for small n; "bh", a tree, angle ``theta``; "fft", interpolation on a
        grid; 1 and 2 columns. Also "FFT" (fft), "interpolation" (fft), "BH" (bh),
        "barnes-hut" (bh). "fft" makes 1 or 2 components.
    callbacks : callable or list of callable
        Called with the iteration of the phase, the KL divergence and a copy of the
        embedding. Returning True stops the phase, and `fit` then returns the embedding
        so far. An exception comes out of `fit` as itself.
    callbacks_every_iters : int
        Iterations between two calls of ``callbacks`` (1 or more).
    random_state : int, None, RandomState or Generator
        Seed of the random start, the jitter of equal rows and the approximate search.
        None draws one from ``numpy.random``.
    verbose : bool
        Print what is going on: a progress bar if tqdm is installed, lines otherwise.
        What `opentsne_go.check` objects to is logged once.
    affinity : {"perplexity", "multiscale", "uniform", "fixed_sigma", "uniform_max"}
        How neighbours become affinities: "perplexity", Gaussians of the given
        perplexity; of several, the mean of their p_j|i; "multiscale", several
        perplexities: one p_j|i from the sum of their Gaussians; "uniform", the same for
        each neighbour; "fixed_sigma", Gaussians of one bandwidth, ``sigma``;
        "uniform_max", the same for each pair of which either is a neighbour of the
        other; for new points as uniform.
    k : int or None
        Neighbours of a point (1 or more); None: three a unit of the largest perplexity.
        30 for "uniform", "uniform_max" and "fixed_sigma". Source: van der Maaten 2014,
        section 4.1.
    sigma : float or None
        Bandwidth of ``affinity="fixed_sigma"``, in the unit of the distances (above 0);
        None: none.
    anneal_iterations : int
        Iterations of the second phase over which the exaggeration goes linearly from
        early to late (0 or more).
    auto_stop : float or None
        A phase ends once the KL divergence falls by less than KL / ``auto_stop`` an
        iteration; opt-SNE has 5000 (above 0); None: never. Long slow phases, as of
        millions of points, may end too early by this. Source: Belkina et al. 2019.
    density_lambda : float or None
        Weight of density preservation; den-SNE has 0.1 (0 or more). Source: Narayan,
        Berger & Cho 2021, den-SNE.
    density_fraction : float
        Last share of the iterations that preserves density (above 0, at most 1).
        Source: den-SNE.
    density_shift : float
        Added to the variance of the log radii (above 0). Source: den-SNE.
    sample_size : int
        Rows of ``initialization="sample"`` (4 or more). Source: the paper, "Methods"
        (Cao et al. data).
    pull : float or None
        Weight of the mean squared distance to reference positions, beside a KL
        divergence of weight 1; exaggerated as the attraction is (0 or more). Towards
        the principal components, the default start, it is DREAMS' regularisation, with
        lambda = ``pull`` / (1 + ``pull``). Source: Kury, Kobak & Damrich 2025, DREAMS.
    pull_y : array-like, optional
        N x ``n_components`` reference positions; none: the start.
    pull_weights : array-like, optional
        N factors of ``pull``, one a point: 0 leaves it free, infinity pins it to its
        position, with ``pull_frame="fixed"``; none: 1.
    pull_frame : {"scaled", "similar", "fixed", "grown"}
        What of the reference positions a pull keeps to: "scaled", their arrangement, as
        large as the map and about its centre; "similar", the same, turned or mirrored
        as fits the map best; "fixed", the positions themselves; the map is not centred;
        "grown", the same, or enlarged about their mean where that fits better; what is
        pulled is the mean of a neighbourhood.
    checkpoint : path, optional
        File on which a fit that is stopped or killed goes on when it is called again
        with the same data and options.
    checkpoint_every : int
        Iterations between two writings of ``checkpoint`` (1 or more).
    momentum_iterations : int
        Iterations of the second phase over which the momentum goes linearly from early
        to late (0 to 2^31 - 1). docs/schedule.md has what it is for.
    preset : str, optional
        Settings under one name, each of which gives way to one that is passed beside
        it: "atlas", for maps of millions of points (docs/large-data.md):
        ``affinity="uniform"``, ``k=15``, ``initialization="sample"``,
        ``anneal_iterations=250``. What they set is what `get_params` and the map's
        record have.
    scratch : path, optional
        Directory that may have a copy of the data while the neighbours of many rows are
        searched, for data in files larger than memory.

    Examples
    --------
    >>> import numpy as np, opentsne_go
    >>> X = np.random.default_rng(0).normal(size=(200, 10))
    >>> embedding = opentsne_go.TSNE(random_state=0).fit(X)
    >>> embedding.shape
    (200, 2)
    """

    @arguments.named
    def fit(
        self,
        X: ArrayLike | None = None,
        affinities: Affinities | None = None,
        initialization: InitName | ArrayLike | None = None,
        *,
        client: Any = None,
    ) -> TSNEEmbedding:
        """Embed data, or affinities that are already there.

        Parameters
        ----------
        X : array-like, (n, d), n at least 4
            The data: numbers of any kind, in any memory order, or a DataFrame,
            whose columns' names the map remembers. float32 in C order and float64
            in C or Fortran order are used where they lie; all else is converted
            once. Never changed. The path of a file .npy, which is mapped, HDF5
            datasets, zarr arrays, Dask arrays of dense or CSR blocks and the data of
            backed and lazy AnnData are read a block of rows at a time
            (docs/large-data.md). A sparse matrix or array of more than 50 columns is
            reduced to 50 by a truncated singular value decomposition, without being
            centred or made dense, by the metrics "euclidean" and "cosine"; new points
            go the same way. The library works with float32: from a float64
            column far from zero the median is taken off before rounding.
        affinities : Affinities, optional
            Used instead of those of X; X is then only needed for
            ``initialization="pca"`` and ``"sample"``. Those made of X give the
            bits of ``fit(X)``, whatever the arguments are. ``density_lambda``
            takes affinities made of data, neighbours or distances, not those of
            a matrix or of a map that was fitted without it.
        initialization : optional
            Instead of the constructor's.
        client : distributed.Client, optional
            The workers of a Dask cluster find the neighbours and weigh them, each for
            its part of the rows; the map is made here. None: of a Dask array those of
            the current client, if there is one. The bits are those of one process.
            Each worker holds all rows, or maps them where they are of a file .npy that all can read.

        Returns
        -------
        TSNEEmbedding
            (n, n_components) float32.

        Raises
        ------
        ValueError
            An argument or a value of X that cannot be used, by name.
        TypeError
            X holds something else than numbers.
        MemoryError
            The job would need more memory than there is.
        """
        return _embed(self, X, affinities, initialization, client=client)

    @arguments.named
    def prepare_initial(
        self,
        X: ArrayLike | None = None,
        affinities: Affinities | None = None,
        initialization: InitName | ArrayLike | None = None,
    ) -> TSNEEmbedding:
        """The embedding before its first iteration, ready for ``optimize``.

        Parameters
        ----------
        X, affinities, initialization
            As in `fit`; exceptions too.

        Returns
        -------
        TSNEEmbedding
        """
        return _embed(self, X, affinities, initialization, iterate=False)


def _embed(
    tsne: TSNE, X: Any, affinities: Any, initialization: Any, iterate: bool = True, client: Any = None
) -> TSNEEmbedding:
    """What `fit` does, or its start alone."""
    descent, fields = job.descent_and_fields(tsne)
    workers = _workers(tsne, X, affinities, iterate, client)
    X = collected.here(X, verbose=tsne.verbose)
    if not iterate:
        fields |= {"early_iterations": 0, "iterations": 0}
    given, x, start = _parts(tsne, X, affinities, initialization)
    n = given.n_samples if given is not None else len(x)  # type: ignore[arg-type]
    fields = checked.for_points(fields, tsne.k, n)
    data = None
    if given is not None:
        data, own = for_a_model(given)
        fields = {k: v for k, v in fields.items() if k not in checked.AFFINITY} | own
        fields["keep_data"] = 0  # not X, but what the affinities are of
    elif x is not None and arrays.lent(x):
        fields["keep_data"], data = 0, x
    fields |= job.start_fields(tsne, start, n, fields["dims"])
    fields |= job.pull_fields(tsne, n, fields["dims"])
    if iterate:
        job.tell_callbacks(tsne, n)
    if tsne.verbose and iterate:
        job.announce(tsne)
    if tsne.verbose:
        warn_once(tsne, n)
    watch = job.watch(tsne, schedule.settled(fields, n)["early_iterations"]) if iterate else Watch(tsne.verbose)
    options = structures.options(progress_every=watch.report_every(), **fields)
    axes = None if x is None else reduction.axes(X, x)
    if workers is not None and x is not None:
        made: Any = _on_workers(tsne, x, fields, workers)
    else:
        made = None if given is None else native_of(given)
    names = tables.names(X) if affinities is None or given is None else names_of(given)
    y = np.empty((n, fields["dims"]), np.float32)
    settings = {**tsne.get_params(), "initialization": start, "affinities": affinities is not None}

    def work() -> TSNEEmbedding:
        model = model_handle()
        if made is None:
            what: list[Any] = ["tsne_fit", arrays.floats(y), model.out]
        else:
            what = ["tsne_fit_affinities", arrays.floats(y), model.out, made.pointer]
        what += [None, 0, 0] if x is None else [arrays.Data(x)]
        status = call(*what, ct.byref(options))
        if status == E_CANCELLED and not model.pointer:
            raise error(status)
        if data is not None:
            give_data(model, None, data, None)
        return embedding_of_model(
            y, model, tsne.random_state, descent,
            axes=axes, affinities=given, run=watch.run, names=names,
            settings=settings if iterate else None,
        )  # fmt: skip

    try:
        embedding: TSNEEmbedding = run(work, options, watch)
    finally:
        watch.close()
    return embedding


def _workers(tsne: TSNE, X: Any, affinities: Any, iterate: bool, client: Any) -> Any:
    """The client whose workers find the neighbours; None if this process does."""
    if is_dask(X):
        in_rows(X)
    mine = affinities is not None or not iterate or _staged(tsne)
    if client is None and (mine or not is_dask(X)):
        return None
    if mine:
        got = f"metric={tsne.metric!r}" if affinities is None else "affinities"
        raise arguments.bad("client", got, "neighbours that the library is to find")
    if tsne.density_lambda:
        raise arguments.bad("density_lambda", tsne.density_lambda, "None with neighbours of a cluster")
    return client_of(client)


def _on_workers(tsne: TSNE, x: Rows, fields: dict[str, Any], client: Any) -> NativeAffinities:
    """Affinities of rows, by the workers of a cluster."""
    k = fields["k"] or _neighbor_count(tsne, len(x))
    names = ("perplexity", "metric", "metric_params", "neighbors", "affinity", "k", "sigma")
    how = {"seed": fields["seed"], **{name: getattr(tsne, name) for name in names}}
    index, p = neighbors(x, k, how, True, client, tsne.verbose)
    return NativeAffinities.of_conditional(index, p, structures.options(affinity=fields["affinity"], threads=fields["threads"]))


def _parts(
    tsne: TSNE, X: Any, affinities: Any, initialization: Any
) -> tuple[Affinities | None, Rows | None, Any]:
    """The affinities, unless the library makes them, the data, unless there are
    none, and the start."""
    given = None if affinities is None else as_affinities(affinities)
    if X is None and given is None:
        raise arguments.bad("X", None, "data, or affinities")
    x = None
    if X is not None and tsne.metric != "precomputed":
        x = reduction.table(X, tsne.metric, tsne.n_jobs)
        if given is not None and len(x) != given.n_samples:
            raise arguments.bad(
                "X", x.shape, f"{given.n_samples} rows, as many as the affinities have"
            )
    start = job.asked_start(tsne, initialization, x is not None)
    if given is None and _staged(tsne):
        given = _affinities(tsne, X)
    return given, x, start


def _staged(tsne: TSNE) -> bool:
    """Whether the affinities are made before the library sees the job."""
    return checked.foreign(tsne.metric) or tsne.metric == "precomputed"


def _affinities(tsne: TSNE, X: Any) -> Affinities:
    """Affinities of data by a metric that the library does not have."""
    n = X.shape[0] if hasattr(X, "shape") else len(X)
    fields = job.affinity_fields(tsne)
    k = fields["k"] or _neighbor_count(tsne, n)
    k = max(1, checked.for_points({"k": k}, tsne.k, n)["k"])
    index: KNNIndex
    if tsne.metric == "precomputed":
        index = PrecomputedDistanceMatrix(X, k)
    else:
        index = KNNIndex(X, k, tsne.metric, tsne.metric_params)
    recipe = Recipe(tsne.perplexity, tsne.affinity, tsne.k, tsne.sigma)
    return of_index(index, recipe, tsne.n_jobs)


def _neighbor_count(tsne: TSNE, n: int) -> int:
    return checked.neighbor_count(checked.perplexities("perplexity", tsne.perplexity), n - 1)
