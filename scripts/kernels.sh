#!/usr/bin/env bash
# The kernels' benchmarks beside the stored ones: scripts/kernels.sh [--record] [REGEXP]
#
# --record stores them instead, in bench/kernels.txt, which says on which machine.
# For a machine that does nothing else: a difference of which benchstat says "~"
# is noise.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh

stored=bench/kernels.txt
record=
if [ "${1:-}" = --record ]; then
	record=yes
	shift
elif [ ! -f "$stored" ]; then
	die "there is no $stored: on a quiet machine, with the code to compare with, run ./build.sh kernels --record"
fi

need_go
mkdir -p build
measured=build/kernels.txt
{
	echo "# $(uname -sm), $(nproc) processors, $("$GO" env GOVERSION), $(date +%F); by ./build.sh kernels --record"
	"$GO" test -run '^$' -bench "${1:-.}" -count 6 -timeout 60m ./tsne/internal/... | tee /dev/stderr | grep -vE '^(PASS|ok|\?)'
} >"$measured"
if [ -n "$record" ]; then
	mv "$measured" "$stored"
	exit
fi
cpu() { grep -m1 '^cpu:' "$1"; }
[ "$(cpu "$stored")" = "$(cpu "$measured")" ] ||
	echo "kernels: the stored figures are of another processor, $(cpu "$stored"), and stand in tables of their own"
go_tool benchstat "stored=$stored" "measured=$measured"
