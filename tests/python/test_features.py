"""tests/features.md names tests that exist."""

import re

from conftest import ROOT


def test_every_named_test_exists():
    text = (ROOT / "tests" / "features.md").read_text("utf-8")
    table = text[text.index("| feature |") :]
    rows = table.splitlines()[2:]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", row.rpartition("| ")[2] + row)
        files = re.findall(r"`((?:r/tests|tests/hosts)/[\w/.-]+)`", row)
        assert named or files, row
        for file in files:
            assert (ROOT / file).is_file(), file
        for file, test in named:
            source = (ROOT / "tests" / "python" / file).read_text("utf-8")
            assert f"def {test}(" in source, f"{file}::{test}"


def test_tests_that_pages_name_exist():
    sources = {path.name: path.read_text("utf-8") for path in (ROOT / "tests" / "python").glob("*.py")}
    named = []
    for page in (ROOT / "docs").glob("*.md"):
        text = page.read_text("utf-8")
        for file in re.findall(r"`(?:tests/python/)?(test_\w+\.py)`", text):
            assert file in sources, f"{page.name}: {file}"
            named.append(file)
        for test in re.findall(r"`(test_\w+)`", text):
            assert any(f"def {test}(" in source for source in sources.values()), f"{page.name}: {test}"
            named.append(test)
    assert len(named) > 5
