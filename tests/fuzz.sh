#!/bin/sh
# Fuzzes library and Go package under AddressSanitizer: tests/fuzz.sh [SECONDS [CALLS]]
#
# One round takes about SECONDS (60) and the time of the builds: half of it the
# C fuzzer over every function of tsne.h, the rest Go's targets in turn. What
# each did goes to a record in build/fuzz, of which the sums for the sources as
# they are end the output. With CALLS there are rounds until the record has so
# many; broken off, which costs the round, it goes on from there when it is
# started again.
#
# Exit status: 0 nothing found and CALLS reached; 1 a crash, a hang or a wrong
# answer, and how to make it again is printed; 2 it could not run.
#
# Environment: GO, CC; TSNE_FUZZ_JOBS (the processors): processes at once;
# TSNE_FUZZ_DIR (build/fuzz).
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
seconds=${1:-60} want=${2:-0}
go=${GO:-go} cc=${CC:-cc}
dir=${TSNE_FUZZ_DIR:-build/fuzz}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
jobs=${TSNE_FUZZ_JOBS:-$(getconf _NPROCESSORS_ONLN)}
record=$dir/record
touch "$record"
export CGO_ENABLED=1 ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"

say() { printf 'fuzz: %s\n' "$*"; }

# The record counts for the sources that it was made with.
key=$(find tsne capi include scripts/lib.sh tests/c/fuzz* -type f ! -path '*/testdata/*' -print | LC_ALL=C sort | xargs cat | cksum | tr ' ' -)

# Go takes -asan for compilers that call themselves gcc or clang.
if [ "${CC:-cc}" = cc ] && command -v gcc >/dev/null; then export CC=gcc; fi
asan=-asan
mkdir -p "$dir/_empty" # which go's ./... passes over
echo 'package main; func main() {}' >"$dir/_empty/main.go"
if ! "$go" build -asan -o "$dir/_empty/main" "$dir/_empty/main.go" 2>/dev/null || ! "$dir/_empty/main"; then
	say "WITHOUT AddressSanitizer, which Go does not have here: pages that fault guard the buffers alone"
	asan=
fi

# build WHAT COMMAND...: once for the sources as they are.
build() {
	what=$1
	shift
	[ "$(cat "$dir/$what.key" 2>/dev/null)" = "$key$asan" ] && return
	"$@" >"$dir/$what.log" 2>&1 || {
		cat "$dir/$what.log"
		exit 2
	}
	printf '%s' "$key$asan" >"$dir/$what.key"
}
# shellcheck disable=SC2329 # build calls it
library() {
	# The library as it is shipped, but for AddressSanitizer.
	GOFLAGS="${GOFLAGS:-} $asan" TSNE_BUILD_DIR=$dir sh scripts/lib.sh &&
		$cc -O1 -g ${asan:+-fsanitize=address} -std=c99 -D_POSIX_C_SOURCE=200809L -Iinclude tests/c/fuzz.c \
			-L"$dir/lib" -ltsne "-Wl,-rpath,$dir/lib" -ldl -lm -pthread -o "$dir/fuzz"
}
packages="tsne tsne/internal/npz"
binary() { printf '%s/%s.test' "$dir" "$(basename "$1")"; }
# shellcheck disable=SC2086,SC2329 # build calls it; asan may be nothing
tests() {
	for p in $packages; do
		# Targets that the assembly kernels serve are the same with and without.
		"$go" test $asan -c -fuzz=. -o "$(binary "$p")" "./$p" || return 1
	done
}
build library library
build tests tests
cd "$dir"

if ./fuzz trip >trip.log 2>&1; then
	say "a read past a buffer goes unseen"
	exit 2
fi

found=0
# one C fuzzer; $1 numbers it
c_job() {
	at=$dir/at.$1
	first=$(($(awk '$2 == "c" && $6 > most { most = $6 } END { print most + 0 }' "$record") + 1 + $1 * 1000000))
	rm -f "$at"
	rc=0 began=$(date +%s)
	./fuzz "$((seconds / 2))" "$first" "$at" >"c.$1.log" 2>&1 || rc=$?
	read -r last calls files <"$at" || { cat "c.$1.log"; exit 1; }
	if [ $rc -eq 0 ]; then
		# shellcheck disable=SC2046 # three words
		set -- "$1" $(sed -n 's/^fuzz: episodes .* to \([0-9]*\), \([0-9]*\) calls, \([0-9]*\) files.*/\1 \2 \3/p' "c.$1.log")
		last=$2 calls=$3 files=$4
	else
		tail -60 "c.$1.log"
		say "the C fuzzer ended with $rc (142: it hung) in episode $last; again: $dir/fuzz 0 $last -"
	fi
	printf '%s c %s %s %s %s\n' "$key" $(($(date +%s) - began)) "$calls" "$files" "$last" >>"$record"
	[ $rc -eq 0 ]
}
c_round() {
	pids=
	j=0
	while [ $j -lt "$jobs" ]; do
		c_job $j &
		pids="$pids $!"
		j=$((j + 1))
	done
	for p in $pids; do wait "$p" || found=1; done
}
targets() { "$(binary "$1")" -test.list '^Fuzz'; }
go_round() {
	count=0
	for p in $packages; do count=$((count + $(targets "$p" | grep -c .))); done
	each=$(((seconds - seconds / 2 + count - 1) / count))
	for p in $packages; do
		for t in $(targets "$p"); do
			log=$dir/$t.log
			rc=0 began=$(date +%s)
			# Failing inputs go where go test finds them, under testdata.
			(cd "$root/$p" && "$(binary "$p")" -test.run '^$' -test.fuzz "^$t\$" -test.fuzztime "${each}s" \
				-test.parallel "$jobs" -test.fuzzminimizetime 20x -test.fuzzcachedir "$dir/corpus/$p" -test.timeout 0) >"$log" 2>&1 || rc=$?
			calls=$(sed -n 's/.* execs: \([0-9]*\) .*/\1/p' "$log" | tail -1)
			files=0
			case $t in FuzzRead | FuzzReadNumPy | FuzzArchive | FuzzModel) files=${calls:-0} ;; esac
			printf '%s %s %s %s %s 0\n' "$key" "$t" $(($(date +%s) - began)) "${calls:-0}" "$files" >>"$record"
			# Before Go 1.27 the engine may tell its own deadline as a failure, with no input that fails (golang/go#75804).
			if [ $rc -ne 0 ] && grep -q '^ *context deadline exceeded$' "$log" && ! grep -q 'Failing input\|hung or terminated\|panic' "$log"; then
				rc=0
			fi
			if [ $rc -ne 0 ]; then
				tail -60 "$log"
				found=1
			fi
		done
	done
}
sum() { awk -v key="$key" -v f="$1" '$1 == key { s += $f } END { printf "%d\n", s }' "$record"; }

while :; do
	c_round
	[ $found -ne 0 ] || go_round
	say "$(sum 4) calls"
	[ $found -eq 0 ] && [ "$(sum 4)" -lt "$want" ] || break
done
awk -v key="$key" '$1 == key { s[$2] += $3; c[$2] += $4; f[$2] += $5 }
	END { for (t in c) printf "fuzz: %-22s %11d calls %9d files %7d s %7d/s\n", t == "c" ? "tsne.h, from C" : t, c[t], f[t], s[t], c[t] / (s[t] ? s[t] : 1) }' "$record" | LC_ALL=C sort
say "$(sum 4) calls, $(sum 5) of them with hostile files,${asan:+ under AddressSanitizer}; found: $([ $found -eq 0 ] && echo nothing || echo SOMETHING, see above)"
exit $found
