"""Being an array: what maps of known and of new points have in common."""

from __future__ import annotations

import threading
from typing import Any, Iterator

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from . import _input


class Turn:
    """A lock that says so when its own thread asks again, as a callback may."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0

    def __enter__(self) -> None:
        if self._owner == threading.get_ident():
            raise RuntimeError("this embedding is being optimised: use a copy made before")
        self._lock.acquire()
        self._owner = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._owner = 0
        self._lock.release()


class Positions(NDArrayOperatorsMixin):
    """Behaves like the (n, n_components) float32 array ``_y``.

    ``numpy.asarray`` gives that array itself. Results of indexing and
    arithmetic are plain arrays.
    """

    _y: _input.Float32

    def _written(self) -> None:
        """Told when somebody has written to the positions."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy:
            return np.array(self._y, dtype=dtype)
        array = np.asarray(self._y, dtype=dtype)
        if copy is False and array is not self._y:
            raise ValueError(f"an array of {dtype} cannot be made without a copy")
        return array

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        outputs = kwargs.get("out", ())
        if outputs:
            kwargs["out"] = tuple(plain(one) for one in outputs)
            for one in outputs:
                if isinstance(one, Positions):
                    one._written()
        result = getattr(ufunc, method)(*map(plain, inputs), **kwargs)
        return outputs[0] if len(outputs) == 1 else result

    def __getitem__(self, key: Any) -> Any:
        return self._y[plain(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._y[plain(key)] = plain(value)
        self._written()

    def __len__(self) -> int:
        return len(self._y)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._y)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self._y, name)

    def __dir__(self) -> list[str]:
        arrays = [name for name in dir(self._y) if not name.startswith("_")]
        return sorted({*super().__dir__(), *arrays})

    def __repr__(self) -> str:
        return repr(self._y).replace("array(", f"{type(self).__name__}(", 1)


def plain(value: Any) -> Any:
    """The array of a map; anything else as it is."""
    return value._y if isinstance(value, Positions) else value
