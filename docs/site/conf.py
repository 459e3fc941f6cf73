"""Sphinx's settings for the pages that scripts/site.py lays out."""

import re
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

project = "libtsne"
version = release = re.search(r"TSNE_VERSION \"(.+?)\"", (Path(__file__).parents[2] / "include/tsne.h").read_text())[1]
author = copyright = "the libtsne authors"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.intersphinx", "sphinx.ext.napoleon"]

#: The references that types link to.
OTHERS = {
    "python": "https://docs.python.org/3/",
    "numpy": "https://numpy.org/doc/stable/",
    "scipy": "https://docs.scipy.org/doc/scipy/",
    "pandas": "https://pandas.pydata.org/docs/",
    "matplotlib": "https://matplotlib.org/stable/",
    "anndata": "https://anndata.readthedocs.io/en/stable/",
    "scanpy": "https://scanpy.readthedocs.io/en/stable/",
}


def inventory(name):
    """The file of what a reference has, None where it does not answer: the site is made without the network too."""
    file = Path(__file__).parents[2] / f"build/site/inventories/{name}.inv"
    try:
        with urlopen(Request(OTHERS[name] + "objects.inv", headers={"User-Agent": "Sphinx"}), timeout=10) as answer:
            said = answer.read()
    except (OSError, HTTPException):
        return None
    if not said.startswith(b"# Sphinx inventory"):
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(said)
    return str(file)


with ThreadPoolExecutor() as threads:
    inventories = dict(zip(OTHERS, threads.map(inventory, OTHERS), strict=True))
intersphinx_mapping = {name: (OTHERS[name], file) for name, file in inventories.items() if file}
silent = [name for name, file in inventories.items() if not file]
if silent:
    print("no links to the references of " + ", ".join(silent) + ": they do not answer")

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
