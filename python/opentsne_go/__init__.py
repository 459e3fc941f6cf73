"""t-SNE for notebooks.

`TSNE` has openTSNE's interface; ``opentsne_go.tl.tsne`` is scanpy's function
for AnnData. The work is done by a compiled library, which is loaded at the
first call.

>>> import opentsne_go
>>> embedding = opentsne_go.TSNE(n_jobs=-1).fit(X)  # doctest: +SKIP
"""

from . import tl
from ._version import __version__
from .affinity import Affinities, neighbors
from .embedding import TSNEEmbedding, gradient
from .errors import (
    CancelledError,
    EngineError,
    Error,
    InvalidInputError,
    MemoryLimitError,
    OptimizationInterrupt,
)
from .tsne import TSNE

__all__ = [
    "TSNE",
    "TSNEEmbedding",
    "Affinities",
    "neighbors",
    "gradient",
    "tl",
    "Error",
    "InvalidInputError",
    "MemoryLimitError",
    "EngineError",
    "CancelledError",
    "OptimizationInterrupt",
    "__version__",
]
