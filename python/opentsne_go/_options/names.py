"""What is chosen by name, for type checkers. Written by scripts/options from ``tsne/options.toml``: change it there."""

from typing import Literal

InitName = Literal["pca", "random", "spectral", "sample"]
MetricName = Literal[
    "euclidean", "cosine", "correlation", "manhattan", "chebyshev", "hamming", "l2",
    "pearson", "l1", "cityblock", "taxicab", "linfinity", "linfty", "linf", "infinity",
    "braycurtis", "canberra", "dice", "haversine", "jaccard", "mahalanobis",
    "minkowski", "rogerstanimoto", "russellrao", "seuclidean", "sokalsneath",
    "sqeuclidean", "yule", "precomputed",
]
AffinityName = Literal[
    "perplexity", "multiscale", "uniform", "fixed_sigma", "uniform_max",
]
PlacementName = Literal["median", "weighted"]
NeighborsName = Literal["auto", "exact", "approx", "annoy", "pynndescent", "hnsw"]
PullFrameName = Literal["scaled", "similar", "fixed", "grown"]
RepulsionName = Literal[
    "auto", "exact", "bh", "fft", "FFT", "interpolation", "BH", "barnes-hut",
]
PresetName = Literal["atlas"]
