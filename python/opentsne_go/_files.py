"""How anndata writes maps that are put into ``obsm`` as they are: as arrays.

anndata looks for a writer by the exact class of what it has. Its registry is
reached when it asks, for what it then must have imported.
"""

from __future__ import annotations

import sys
from types import MappingProxyType
from typing import Any

import numpy as np


def known_to_anndata(kind: type) -> None:
    """Registers a class of arrays with anndata, if that is imported."""
    module = sys.modules.get("anndata._io.specs.registry")
    registry = getattr(module, "_REGISTRY", None)
    if registry is None or kind in registry.write_specs:
        return
    places = [place for place, of, how in registry.write if of is np.ndarray and not how]
    for place in places:
        registry.register_write(place, kind, registry.write_specs[np.ndarray])(_write)


def _write(
    store: Any,
    key: str,
    elem: Any,
    *,
    _writer: Any,
    dataset_kwargs: Any = MappingProxyType({}),
) -> None:
    _writer.write_elem(store, key, np.asarray(elem), dataset_kwargs=dataset_kwargs)
