"""Maps to point at and to select from.

`html` makes a page that opens without a server or a network. Cells that were selected
come back into AnnData as a column of ``obs`` (`select`).
"""

from ._page import Page, html
from ._selection import select

__all__ = ["html", "select", "Page"]
