"""Sphinx's settings for the pages that scripts/site.py lays out."""

import re
from pathlib import Path

project = "libtsne"
version = release = re.search(r"TSNE_VERSION \"(.+?)\"", (Path(__file__).parents[2] / "include/tsne.h").read_text())[1]
author = copyright = "the libtsne authors"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 4
# A notebook has its outputs with it; tests/python/test_notebook.py runs it.
nb_execution_mode = "off"
nb_merge_streams = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_type_aliases = {"ArrayLike": "ArrayLike"}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100

# The names of types are ambiguous: there are two classes TSNE, and attributes that several classes have.
suppress_warnings = ["ref.python"]

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = f"libtsne {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False


def named(*given):
    """ArrayLike by its name, for which Sphinx leaves a stand-in in a union with a Literal."""
    signature, returned = given[-2:]
    return signature and signature.replace("TypeAliasForwardRef('ArrayLike')", "ArrayLike"), returned


def setup(app):
    """Called by Sphinx."""
    app.connect("autodoc-process-signature", named)
