"""Known vulnerabilities in what the locks name: audit.py LOCK...

Asks PyPI's database by pip-audit. Where that cannot be reached it says so, in one
line, and is content.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

UNREACHED = "SKIPPED pip-audit: PyPI's database of vulnerabilities could not be reached"


class Unreached(Exception):
    """The database does not answer."""


def audited(lock):
    """What pip-audit knows of each package that a lock has for this machine."""
    program = Path(sys.executable).with_name("pip-audit")
    how = ["--progress-spinner", "off", "--disable-pip", "--require-hashes", "--format", "json", "-r", lock]
    done = subprocess.run([program, *how], capture_output=True, text=True)
    try:
        return json.loads(done.stdout)["dependencies"]
    except ValueError:
        last = done.stderr.strip().rpartition("\n")[2]
        if re.search(r"Connection|Timeout|Max retries|ServiceError", last):
            raise Unreached from None
        sys.exit(done.stderr)


def main():
    found = {}
    try:
        for lock in sys.argv[1:]:
            found.update({(one["name"], one.get("version"), one.get("skip_reason")): one for one in audited(lock)})
            # An index that stands for PyPI and has no such database has nothing of any package.
            if all(one.get("skip_reason") for one in found.values()):
                raise Unreached
    except Unreached:
        print("SKIPPED pip-audit: PyPI's database of vulnerabilities could not be reached")
        return 0
    known = [one for one in found.values() if "skip_reason" not in one]
    holes = [(one, hole) for one in known for hole in one["vulns"]]
    for one in found.values():
        if "skip_reason" in one:
            print(one["skip_reason"])
    for one, hole in holes:
        print(f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'none yet'}")
    print(f"{len(known)} locked packages, {len(holes)} known vulnerabilities")
    return bool(holes)


if __name__ == "__main__":
    sys.exit(main())
