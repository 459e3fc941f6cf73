"""The package is made of wings that build on each other, one way only.

A wing is a folder of the package, or a module beside them. What another wing
needs of it is a name without an underscore in one of its modules.
"""

import ast
import graphlib
import hashlib
import re
import sys
from pathlib import Path

import pytest

import opentsne_go
from conftest import ROOT

PACKAGE = Path(opentsne_go.__file__).parent
FILES = {
    ".".join(("opentsne_go", *file.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): file
    for file in PACKAGE.rglob("*.py")
}
TREES = {module: ast.parse(file.read_text("utf-8")) for module, file in FILES.items()}


def wing(module):
    return ".".join(module.split(".")[:2])


def sources(module):
    """Modules of ours that a module imports from, anywhere in it, with the name."""
    package = module if FILES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            for one in node.names:
                if one.name in FILES:
                    yield one.name, None
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for one in node.names:
                whole = f"{source}.{one.name}"
                if whole in FILES:
                    yield whole, None
                elif source in FILES:
                    yield source, one.name


def graph(of):
    found = {}
    for module in FILES:
        mine = found.setdefault(of(module), set())
        mine |= {of(source) for source, _ in sources(module)} - {of(module)}
    return found


@pytest.mark.parametrize("of", [str, wing], ids=["modules", "wings"])
def test_imports_go_one_way(of):
    found = graph(of)
    assert len(found) > 10 and sum(map(len, found.values())) > 50
    try:
        graphlib.TopologicalSorter(found).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_only_optional_peers_are_imported_late():
    """An import within a function is of a package that may not be there."""
    for module, tree in TREES.items():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom):
                    assert not node.level and node.module.partition(".")[0] != "opentsne_go", (module, node.lineno)


#: Shells that are there where they are asked for, and what is for type checkers alone.
NO_EXTRAS = {"IPython", "typing_extensions"}
#: Each of a call of its own, which names the line that installs it.
EXPLORERS = {"jscatter", "embedding_atlas", "datamapplot"}
#: Of other names than the modules, and those that pandas reads by.
DISTRIBUTIONS = {"sklearn": "scikit-learn"}
ENGINES = {"pyarrow"}


def test_the_full_installation_is_all_that_is_imported():
    found = set()
    for tree in TREES.values():
        for node in ast.walk(tree):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            found |= {name.partition(".")[0] for name in names}
    found -= {*sys.stdlib_module_names, "opentsne_go", "numpy", *NO_EXTRAS, *EXPLORERS}
    listed = re.search(r"^full = \[(.*?)\]$", (ROOT / "pyproject.toml").read_text("utf-8"), re.M | re.S)[1]
    full = set(re.findall(r'"([\w-]+)[^"]*"', listed))
    assert full == {DISTRIBUTIONS.get(name, name) for name in found} | ENGINES


def private(name):
    return name.startswith("_") and not name.startswith("__")


def defined(tree):
    """Names of functions, classes, variables and attributes that a module makes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def test_an_underscore_name_stays_in_its_wing():
    own = {}
    for module, tree in TREES.items():
        own.setdefault(wing(module), set()).update(defined(tree))
    all_own = set().union(*own.values())
    for module, tree in TREES.items():
        for source, name in sources(module):
            if name is not None and private(name):
                assert wing(source) == wing(module), f"{module} imports {name} of {source}"
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or not private(node.attr):
                continue
            if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
                continue  # of a class or what it is built on
            if node.attr in all_own:
                assert node.attr in own[wing(module)], f"{module}:{node.lineno} reaches for {ast.unparse(node)}"


def test_nothing_depends_on_names_of_modules_or_on_signatures():
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("__module__", "__package__"), (module, node.lineno)
            elif isinstance(node, ast.Import):
                assert not {one.name for one in node.names} & {"inspect"}, (module, node.lineno)


def test_public_classes_say_where_they_are_found():
    import importlib

    for home in ("opentsne_go", "opentsne_go.affinity", "opentsne_go.nearest_neighbors", "opentsne_go.callbacks"):
        module = importlib.import_module(home)
        for name in module.__all__:
            thing = getattr(module, name)
            if isinstance(thing, type):
                public = importlib.import_module(thing.__module__)
                assert getattr(public, name) is thing
                assert not any(private(part) for part in thing.__module__.split(".")), thing


def test_every_page_is_in_the_site():
    listed = (ROOT / "docs" / "site" / "index.md").read_text("utf-8").split()
    for page in (ROOT / "docs").glob("*.md"):
        assert f"docs/{page.stem}" in listed, f"docs/site/index.md: docs/{page.stem} is missing"


LOCKS = sorted(file for folder in ("tests/python", "scripts/requirements", "docs") for file in (ROOT / folder).glob("*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_lock_is_of_its_requirements(lock):
    """And every line of it has a version and the sums of its files. Mended by ./build.sh lock."""
    text = lock.read_text("utf-8")
    of = b"".join(file.read_bytes() for file in (lock.with_suffix(".txt"), lock.with_name(f"{lock.stem}-alone.txt")) if file.exists())
    assert text.startswith(f"# Made by ./build.sh lock. Of: {hashlib.sha256(of).hexdigest()}\n"), "./build.sh lock"
    packages = re.findall(r"^[^#\s].*(?:\n .*)*", text, re.M)
    assert len(packages) > 30
    for package in packages:
        assert re.match(r"[\w.-]+==\S+( ;.*)? \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n?)+$", package), package
