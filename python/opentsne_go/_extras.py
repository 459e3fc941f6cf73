"""Packages that are used where they are installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def extras(package: str = "opentsne_go[full]") -> Iterator[None]:
    """Within it packages are imported that need not be there.

    package is what brings them.

    Raises
    ------
    ModuleNotFoundError
        One is not; it is named, with the line that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f'{error.name} is not installed: pip install "{package}"', name=error.name
        ) from None
