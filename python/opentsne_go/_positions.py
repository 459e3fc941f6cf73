"""Being an array: what maps of known and of new points have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ._files import known_to_anndata
from ._native.arrays import Float32


class Positions(np.ndarray):
    """An (n, n_components) float32 array with what belongs to it.

    ``numpy.asarray`` gives a plain array over the same memory. Results of
    indexing, arithmetic and numpy's functions are plain arrays; those of
    ndarray's methods, such as ``.T``, have this type and none of the rest.
    """

    def _written(self) -> None:
        """Told when somebody has written to the positions."""

    @property
    def dtype(self) -> Any:
        """float32."""
        known_to_anndata(type(self))  # which asks for this before it writes us
        return super().dtype

    @property
    def _y(self) -> Float32:
        return self.view(np.ndarray)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        outputs = kwargs.get("out", ())
        if outputs:
            kwargs["out"] = tuple(plain(one) for one in outputs)
            for one in outputs:
                if isinstance(one, Positions):
                    one._written()
        result = getattr(ufunc, method)(*map(plain, inputs), **kwargs)
        return outputs[0] if len(outputs) == 1 else result

    def __array_function__(self, *call: Any) -> Any:
        result = super().__array_function__(*call)
        return result if getattr(result, "__dict__", None) else plain(result)

    def __getitem__(self, key: Any) -> Any:
        return self._y[plain(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._y[plain(key)] = plain(value)
        self._written()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._y)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"{type(self).__name__} has no attribute {name!r}"
            + ("" if self.__dict__ else ": this is an array made of an embedding's")
        )

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.__reduce__() if self.__dict__ else self._y.__reduce_ex__(protocol)

    def __repr__(self) -> str:
        return repr(self._y).replace("array(", f"{type(self).__name__}(", 1)


def plain(value: Any) -> Any:
    """The array of a map; anything else as it is."""
    return value._y if isinstance(value, Positions) else value
