#!/usr/bin/env bash
# Holds every word of the arm64 assembly to the name beside it, by objdump of
# binutils-aarch64-linux-gnu: Go's assembler takes any word.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

objdump=aarch64-linux-gnu-objdump
if ! command -v "$objdump" >/dev/null; then
	echo "SKIPPED: there is no $objdump (Debian: apt-get install binutils-aarch64-linux-gnu)"
	[ "${CI:-}" != true ]
	exit
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
words=$(git ls-files -co --exclude-standard -- 'tsne/*_arm64.s' | xargs cat | grep -P '^\tWORD\t')
# shellcheck disable=SC2001 # each line of many
sed 's|.*\$\(0x[0-9a-f]*\).*|.inst \1|' <<<"$words" | aarch64-linux-gnu-as -o "$dir/code.o" -
# shellcheck disable=SC2001
sed 's|.*// ||' <<<"$words" >"$dir/want"
"$objdump" -d "$dir/code.o" | grep -P '^ +[0-9a-f]+:\t' | cut -f3- | tr '\t' ' ' >"$dir/got"
diff "$dir/want" "$dir/got" || { echo "words that are not what is beside them: < said, > is"; exit 1; }
wc -l <"$dir/want"
