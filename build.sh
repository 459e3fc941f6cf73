#!/usr/bin/env bash
# The one door. Each command sets up what it needs under .venv/ and build/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. scripts/env.sh

case "${1:-}" in
demo)
	need demo
	install_package
	exec "$py" scripts/demo.py
	;;
lib)
	need_go
	exec sh scripts/lib.sh "${@:2}"
	;;
cli)
	need_go
	exec sh scripts/cli.sh "${@:2}"
	;;
test)
	exec bash scripts/test.sh
	;;
lint)
	exec bash scripts/lint.sh "${@:2}"
	;;
lock)
	exec bash scripts/lock.sh "${@:2}"
	;;
coverage)
	make_venv
	exec bash scripts/coverage.sh "${@:2}"
	;;
kernels)
	exec bash scripts/kernels.sh "${@:2}"
	;;
bench)
	need bench
	need_go
	install_package
	sh scripts/lib.sh >/dev/null # for the C program
	exec "$py" bench/run.py "${@:2}"
	;;
fidelity)
	need fidelity
	install_package
	exec "$py" bench/fidelity.py "${@:2}"
	;;
mapping)
	need mapping
	install_package
	exec "$py" bench/mapping.py "${@:2}"
	;;
r)
	need_go
	exec sh scripts/r_package.sh "${@:2}"
	;;
docs)
	need_go
	venv=$PWD/build/docs-venv py=$PWD/build/docs-venv/bin/python
	mkdir -p build
	make_venv
	pip_locked docs docs/requirements.lock
	PYTHONPATH=$PWD/python exec "$py" scripts/site.py "$GO"
	;;
wheel)
	make_venv
	mkdir -p dist
	OPENTSNE_GO_TOOLCHAIN=bundled "$py" -m pip wheel --quiet --no-deps --wheel-dir dist .
	ls dist/*.whl
	;;
wheels)
	exec bash scripts/wheels.sh "${@:2}"
	;;
release)
	exec bash scripts/release.sh "${@:2}"
	;;
*)
	cat >&2 <<'END'
usage: ./build.sh COMMAND
  demo              embed real single-cell data and digits; writes build/demo.png
  test              run every test: Go, C, Python, R
  lint [PIECES]     run the linters: go vulnerabilities python c shell spelling r
  lock [ARGS]       lock what tests, linters, wheels and the site take from PyPI; --upgrade takes newer versions
  coverage [PIECES] how much of the code the tests run: go python c
  lib [PREFIX]      build the C library; install it under PREFIX
  cli [SYSTEM/CPU]  build the command-line program for six platforms, or those, into dist/
  r                 build the R package, with the engine's sources in it, into dist/
  wheel             build a Python wheel into dist/
  wheels [SYS/CPU]  build the source distribution and the wheels for Linux and Windows, or those, into dist/
  release X.Y.Z     check that everything agrees, build every artefact into dist/, try them, and tag; --dry-run does not tag
  bench [ARGS]      measure against other programs; see bench/run.py --help
  docs              make the documentation site, build/site/html/; a warning or a dead link is an error
  kernels [REGEXP]  measure the kernels beside bench/kernels.txt; --record stores them there
  fidelity [ARGS]   make docs/fidelity.md; see bench/fidelity.py --help
  mapping [ARGS]    make the figures of docs/transform.md, align.md, large-data.md and models.md; see bench/mapping.py --help
END
	exit 2
	;;
esac
