"""docs/features.md names tests that exist."""

import re

from conftest import ROOT


def test_every_named_test_exists():
    text = (ROOT / "docs" / "features.md").read_text("utf-8")
    table = text[text.index("| feature |") :].partition("\n\n")[0]
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
    sources = [path.read_text("utf-8") for path in (ROOT / "tests" / "python").glob("*.py")]
    for test in re.findall(r"`(test_\w+)`", text):  # below the table
        assert any(f"def {test}(" in source for source in sources), test
