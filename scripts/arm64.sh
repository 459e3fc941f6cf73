#!/usr/bin/env bash
# The NEON kernels beside their portable twins, in qemu.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh
need_go

if [ "$("$GO" env GOHOSTARCH)" != arm64 ]; then
	run=$(command -v qemu-aarch64-static || command -v qemu-aarch64 || true)
	if [ -z "$run" ]; then
		echo "SKIPPED: there is no qemu-aarch64 (Debian: apt-get install qemu-user-static)"
		[ "${CI:-}" != true ]
		exit
	fi
fi
export CGO_ENABLED=0 GOOS=linux GOARCH=arm64
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# tests PACKAGE PATTERN: those tests of the package.
tests() {
	"$GO" test -c -o "$dir/test" "./tsne/$1"
	# shellcheck disable=SC2086 # no word where the machine is an arm64
	(cd "tsne/$1" && ${run:-} "$dir/test" -test.v -test.run "$2") >"$dir/log" || { cat "$dir/log"; exit 1; }
	grep -q -- '--- PASS' "$dir/log" || { echo "$1: no test ran"; exit 1; }
	grep -- '^--- ' "$dir/log" | sed "s|^|$1: |"
}

tests internal/cpu .
tests internal/knn 'Twins$|Float64$'
tests internal/metric .
tests internal/sparse .
tests internal/pca KernelBits
tests internal/bhtree SortOutBits
tests internal/vec 'Attract|Gauss|Update|Part|TestGolden'
tests . TestGoldenMaps/neon
tests internal/fftgrid 'Functions|(Stages|Points|Middle|Copies|Combine)Bits$'
