#!/usr/bin/env bash
# How much of the code the tests run: scripts/coverage.sh [PIECE...]
#
# Pieces: go python c; without any, all of them. `./build.sh test` shows Go's and
# Python's shares on its way, and with CI=true C's. Those of Go are of each
# package's own tests; what only C, Python and R reach is not in them, and what
# a test runs in a process of its own is not in Python's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh

out=$PWD/build/coverage
mkdir -p "$out"

coverage_go() {
	"$GO" test -coverprofile="$out/go.out" ./tsne/... ./capi | grep -v 'no test files' || return 1
	"$GO" tool cover -html="$out/go.out" -o "$out/go.html" || return 1
	"$GO" tool cover -func="$out/go.out" | tail -1
}

coverage_python() {
	pip_tests
	install_package
	"$py" -m pytest -q -p no:cacheprovider --cov --cov-report=term --cov-report="html:$out/python" tests/python
}

# The C of capi under the C tests, by gcov: the folders in which Go compiles are
# kept, and compiled anew, since objects from Go's cache come without their notes.
coverage_c() {
	local run=$out/c
	if ! command -v gcov >/dev/null || ! $CC --version | grep -q 'Free Software'; then
		echo "c: SKIPPED: $CC is not gcc, or there is no gcov"
		return
	fi
	rm -rf "$run"
	mkdir -p "$run"
	# The test programs share names, and gcov would say on stderr that their counts do not go together.
	GOFLAGS="$GOFLAGS -work" GOTMPDIR=$run GCOV_ERROR_FILE=$run/errors TSNE_FUZZ_SECONDS=1 \
		CC="$CC --coverage -fprofile-update=atomic -DCOVERAGE_OF=$$" sh tests/c/run.sh >"$run/log" 2>&1 ||
		{ cat "$run/log"; return 1; }
	find "$run" -name '*.gcda' -exec gcov -n {} + 2>/dev/null | awk -F "[':% ]+" '
		/^File / { file = $2; next }
		file && /^Lines executed/ && (getline line <("capi/" file)) >= 0 {
			close("capi/" file)
			printf "%-16s %6.1f %% of %d lines\n", "capi/" file, $3, $5
			lines += $5
			run += $3 * $5 / 100
			file = "" # gcov ends with a line of all files
		}
		END { if (!lines) exit 1; printf "%-16s %6.1f %% of %d lines\n", "C", 100 * run / lines, lines }'
	rm -rf "$run"
}

need_go
pieces=("$@")
[ $# -gt 0 ] || pieces=(go python c)
for piece in "${pieces[@]}"; do
	declare -F "coverage_$piece" >/dev/null || die "coverage has no piece '$piece': go python c"
	"coverage_$piece"
done
