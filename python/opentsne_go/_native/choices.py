"""The numbers of what is chosen by name. Written by scripts/options from ``tsne/options.toml``: change it there."""

INIT = {"pca": 0, "random": 1, "given": 2, "spectral": 3, "sample": 4}
METRICS = {
    "euclidean": 1,
    "cosine": 2,
    "correlation": 3,
    "manhattan": 4,
    "chebyshev": 5,
    "hamming": 6,
}
AFFINITY = {
    "perplexity": 0,
    "multiscale": 1,
    "uniform": 2,
    "fixed_sigma": 3,
    "uniform_max": 4,
}
PLACEMENT = {"median": 0, "weighted": 1, "given": 2}
NEIGHBORS = {"auto": 0, "exact": 1, "approx": 2}
PULL_FRAME = {"scaled": 0, "similar": 1, "fixed": 2, "grown": 3}
REPULSION = {"auto": 0, "exact": 1, "bh": 2, "fft": 3}

#: Starts that there must be data for.
STARTS_OF_DATA = ("pca", "sample")

#: Affinities that have no perplexity, and what they take instead.
AFFINITY_TAKES = {"uniform": ("k",), "fixed_sigma": ("k", "sigma"), "uniform_max": ("k",)}

#: Names that users also know values by.
METRICS_ALIASES = {
    "l2": "euclidean",
    "pearson": "correlation",
    "l1": "manhattan",
    "cityblock": "manhattan",
    "taxicab": "manhattan",
    "linfinity": "chebyshev",
    "linfty": "chebyshev",
    "linf": "chebyshev",
    "infinity": "chebyshev",
}
NEIGHBORS_ALIASES = {"annoy": "approx", "pynndescent": "approx", "hnsw": "approx"}
REPULSION_ALIASES = {
    "FFT": "fft",
    "interpolation": "fft",
    "BH": "bh",
    "barnes-hut": "bh",
}

#: Metrics of scikit-learn.
METRICS_ELSEWHERE = (
    "braycurtis",
    "canberra",
    "dice",
    "haversine",
    "jaccard",
    "mahalanobis",
    "minkowski",
    "rogerstanimoto",
    "russellrao",
    "seuclidean",
    "sokalsneath",
    "sqeuclidean",
    "yule",
)
