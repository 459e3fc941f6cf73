"""Maps to point at and to select from.

`html` makes a page that opens without a server or a network; `jupyter_scatter`,
`embedding_atlas` and `datamapplot` hand a map with what is known of its cells to
those packages, where they are installed, and give back their own objects. Cells
that were selected come back into AnnData as a column of ``obs``: by ``selection=`` from
a widget, by `select` from a file or a list of names.
"""

from ._datamapplot import datamapplot
from ._embedding_atlas import embedding_atlas
from ._jupyter_scatter import jupyter_scatter
from ._page import Page, html
from ._selection import select

__all__ = ["html", "jupyter_scatter", "datamapplot", "embedding_atlas", "select", "Page"]
