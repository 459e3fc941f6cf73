"""Maps from the command line: ``python -m opentsne_go --help``."""

from __future__ import annotations

import sys

from ._program.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
