#!/usr/bin/env bash
# Python's source distribution and its wheels: scripts/wheels.sh [SYSTEM/CPU...]
#
# Wheels by default for the four below, one each for any Python 3, cross-compiled
# with zig by the versions of scripts/requirements/wheels.lock; into dist/, and
# looked over by twine, check-wheel-contents and auditwheel. The same sources
# give the same bytes, wherever they lie. macOS needs Apple's machines:
# .github/workflows/wheels.yml.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh

[ $# -gt 0 ] || set -- linux/amd64 linux/arm64 windows/amd64 windows/arm64
need wheels
mkdir -p dist
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 315532800)}
# Go and zig of the requirements, whatever the machine has.
export SOURCE_DATE_EPOCH OPENTSNE_GO_TOOLCHAIN=bundled
unset GO CC GOFLAGS OPENTSNE_GO_TARGET
GO=$venv/bin/go GOTOOLCHAIN=local "$py" scripts/licenses.py --check
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$py" -m build --no-isolation --sdist --outdir "$made" . >"$made.log" 2>&1 || { cat "$made.log"; exit 1; }
for target; do
	OPENTSNE_GO_TARGET=$target "$py" -m pip wheel --quiet --disable-pip-version-check \
		--no-build-isolation --no-deps --wheel-dir "$made" .
done
"$py" -m twine --no-color check --strict "$made"/* >"$made.log" || { cat "$made.log"; exit 1; }
"$py" -m check_wheel_contents "$made"/*.whl
for wheel in "$made"/*manylinux*.whl; do
	[ -f "$wheel" ] || continue
	grep -q 'is consistent with.*manylinux_2_17_' <<<"$("$venv/bin/auditwheel" show "$wheel" | tr '\n' ' ')" ||
		die "${wheel##*/} is no manylinux2014 wheel: auditwheel show"
done
for file in "$made"/*; do
	mv "$file" dist/
	echo "dist/${file##*/}"
done
rm -f "$made.log"
