#!/usr/bin/env bash
# Every test: Go, C, Python, R. With CI=true a skipped test is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh

logs=build/test
mkdir -p "$logs"
began=$SECONDS
failed=() lines=()

# step NAME COMMAND...: its output goes to a log, of which the end is shown when it fails.
step() {
	local name=$1 log t=$SECONDS
	log=$logs/$(printf '%s' "$1" | tr -c 'a-zA-Z0-9\n' -).log
	shift
	if "$@" >"$log" 2>&1; then
		printf 'pass  %-34s %4d s\n' "$name" $((SECONDS - t))
	else
		printf 'FAIL  %-34s %4d s  (%s)\n' "$name" $((SECONDS - t)) "$log"
		grep -nE -- '--- (FAIL|SKIP)|panic|^fatal error|_test.go:[0-9]+: ' "$log" | head -40 || true
		grep -nE -B5 '^FAIL' "$log" | head -60 || true # what a package died of when no test of it failed
		grep -vE -- '^=== |--- PASS' "$log" | tail -40
		failed+=("$name")
	fi
	lines+=("$(grep -E '^(ok|FAIL|[=]+ .*(passed|failed)|[0-9]+ passed|TOTAL|C  )' "$log" | grep -v 'no test files' || true)")
}

# go_test SKIPS ARGS...: go test that fails when nothing ran, and in CI on a skip unless SKIPS is may-skip.
go_test() {
	local out skips=$1
	shift
	out=$(mktemp)
	"$GO" test -v -timeout 15m "$@" >"$out" 2>&1 || { cat "$out"; rm -f "$out"; return 1; }
	grep -vE '^(=== |\s*--- PASS|PASS$)' "$out" || true
	if [ "${CI:-}" = true ] && [ "$skips" = no-skip ] && grep -B1 -E -- '--- SKIP' "$out"; then
		echo "skipped tests count as failures in CI"
		rm -f "$out"
		return 1
	fi
	grep -q '^ok' "$out" || { echo "no test ran"; rm -f "$out"; return 1; }
	rm -f "$out"
}

elsewhere() {
	local target
	for target in darwin/arm64 windows/amd64 linux/arm64 linux/386; do
		echo "$target"
		CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} "$GO" build ./tsne/... ./cmd/... || return 1
		CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} "$GO" vet ./tsne/... ./cmd/... || return 1
	done
}

# Generates the assembly again in a copy, and compares.
assembly() {
	local copy
	copy=$(mktemp -d)
	git ls-files -co --exclude-standard -- tsne go.mod go.sum | while read -r f; do
		[ ! -f "$f" ] || printf '%s\n' "$f"
	done | tar -cf - -T - | tar -xf - -C "$copy"
	(cd "$copy" && GOFLAGS=-mod=mod PATH="$(dirname "$GO"):$PATH" "$GO" generate ./tsne/internal/...) || return 1
	local bad=0 f
	while read -r f; do
		cmp "$f" "$copy/$f" || bad=1
	done < <(git ls-files -co --exclude-standard -- 'tsne/*_amd64.s' 'tsne/*_arm64.s')
	rm -rf "$copy"
	# Registers 16 and up are EVEX: a SIGILL on a machine that has AVX2 only.
	if git ls-files -co --exclude-standard -- 'tsne/*_amd64.s' | grep -v 512 |
		xargs grep -nE '\b[XY](1[6-9]|2[0-9]|3[01])\b'; then
		echo "an AVX2 kernel uses a register of AVX-512"
		bad=1
	fi
	return $bad
}

# pytest that fails on a skip in CI, and when nothing ran.
py_test() {
	local xml
	xml=$logs/$(basename "$1").xml
	"$py" -m pytest -q -p no:cacheprovider --junitxml="$xml" "$@" || return 1
	"$py" - "$xml" <<'END'
import os, sys, xml.etree.ElementTree as et
suite = et.parse(sys.argv[1]).getroot().find("testsuite")
skipped = [c.get("classname") + "::" + c.get("name") for c in suite.iter("testcase") if c.find("skipped") is not None]
if os.environ.get("CI") == "true" and skipped:
    sys.exit("skipped tests count as failures in CI: " + ", ".join(skipped))
END
}

need_go
make_venv
pip_tests
step "lint" bash scripts/lint.sh go vulnerabilities python c shell spelling
step "go vet" "$GO" vet ./...
step "go test" go_test no-skip ./...
# What compares the vector kernels with the portable loops has nothing to do here.
step "go test, portable build" go_test may-skip -tags purego ./tsne/...
kernels=$("$GO" list ./tsne/internal/... | grep -v /asm)
# shellcheck disable=SC2016,SC2086 # the inner shell's arguments; a list of words
step "go test, portable path at run time" env TSNE_CPU=portable bash -c '"$0" test -count=1 "$@"' "$GO" $kernels
# Elsewhere the tests above have run the path of AVX2 already.
if grep -qs avx512vl /proc/cpuinfo; then
	# shellcheck disable=SC2016,SC2086 # the inner shell's arguments; a list of words
	step "go test, AVX2 path at run time" env TSNE_CPU=avx2 bash -c '"$0" test -count=1 "$@"' "$GO" $kernels
fi
step "go build and vet for other systems" elsewhere
step "assembly as generated" assembly
step "words of arm64 assembly" bash scripts/neon.sh
step "arm64 kernels" bash scripts/arm64.sh
if [ "$("$GO" env CGO_ENABLED)" = 1 ] && [ "$("$GO" env GOARCH)" = amd64 ] && [ "$CC" != "$py -m ziglang cc" ]; then
	# Only what runs on several workers: the detector makes the numerical tests too slow.
	step "go test -race" "$GO" test -race -short -timeout 15m \
		-run 'SameBits$|SameBitsOnAny|Chunk|Range|Panic|Context|Cancel|Parking' ./tsne/... ./capi
fi
step "C library" sh scripts/lib.sh
step "C tests" sh tests/c/run.sh
step "fuzz" sh tests/fuzz.sh "${TSNE_FUZZ_SECONDS:-20}"
[ "${CI:-}" != true ] || step "coverage of C" bash scripts/coverage.sh c
step "Python package" install_package
step "Python tests" py_test tests/python --cov --cov-report=term
step "R package" sh scripts/r.sh
step "lint of R" bash scripts/lint.sh r
step "four hosts, one answer" sh tests/hosts/run.sh
step "evaluator tests" py_test bench
# Sphinx wants Python 3.11.
if "$py" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
	step "documentation site" bash build.sh docs
fi

echo
printf '%s\n' "${lines[@]}" | grep -v '^$' || true
if [ ${#failed[@]} -gt 0 ]; then
	printf 'FAILED after %d s: %s\n' $((SECONDS - began)) "$(IFS=,; echo "${failed[*]}")"
	exit 1
fi
printf 'all passed in %d s\n' $((SECONDS - began))
