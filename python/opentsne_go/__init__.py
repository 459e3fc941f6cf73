"""t-SNE for notebooks.

`TSNE` has openTSNE's interface, and ``import opentsne_go as openTSNE`` runs
programs written for it; ``opentsne_go.tl`` has scanpy's functions for AnnData,
``opentsne_go.sklearn.TSNE`` is scikit-learn's estimator, ``opentsne_go.pl``
draws, and ``opentsne_go.explore`` has maps to point at and to select from. The work
is done by a compiled library, which is loaded at the first call.

>>> import opentsne_go
>>> embedding = opentsne_go.TSNE(n_jobs=-1).fit(X)  # doctest: +SKIP
"""

from typing import Any

from . import _earlier, affinity, callbacks, explore, initialization, metrics, nearest_neighbors, pl, tl
from ._alignment.align import Alignment, align
from ._alignment.superpose import (
    Consensus,
    Superposition,
    procrustes,
    shared_neighbors,
    superpose,
)
from ._alignment.together import fit_together
from ._embedding.embedding import TSNEEmbedding
from ._embedding.files import load
from ._embedding.gradient import gradient
from ._embedding.partial import PartialTSNEEmbedding
from ._embedding.placing import Bootstrap
from ._embedding.report import Report
from ._embedding.trust import diagnose
from ._native.version import __version__
from ._quality import Quality, quality
from ._stored import pca, to_npy
from ._sweep import Sweep, sweep
from .advice import check
from .affinity import Affinities, neighbors
from .errors import (
    CancelledError,
    EngineError,
    Error,
    FileAccessError,
    InvalidInputError,
    MemoryLimitError,
    ModelFileError,
    NoDataError,
    OptimizationInterrupt,
)
from .tsne import TSNE

__all__ = [
    "TSNE",
    "TSNEEmbedding",
    "PartialTSNEEmbedding",
    "Affinities",
    "Alignment",
    "Bootstrap",
    "Consensus",
    "Quality",
    "Report",
    "Superposition",
    "Sweep",
    "affinity",
    "align",
    "callbacks",
    "check",
    "diagnose",
    "explore",
    "fit_together",
    "gradient",
    "initialization",
    "load",
    "metrics",
    "nearest_neighbors",
    "neighbors",
    "pca",
    "pl",
    "procrustes",
    "quality",
    "shared_neighbors",
    "superpose",
    "sweep",
    "tl",
    "to_npy",
    "Error",
    "InvalidInputError",
    "MemoryLimitError",
    "EngineError",
    "CancelledError",
    "FileAccessError",
    "ModelFileError",
    "NoDataError",
    "OptimizationInterrupt",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name == "sklearn":  # imports scikit-learn, so only when asked for
        import importlib

        return importlib.import_module(".sklearn", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_earlier.keep(__name__)
