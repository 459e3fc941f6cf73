#!/bin/sh
# One answer everywhere: C, Go, Python and R fit the same data with the same
# options and seed, and each places the same new rows on the models that all
# have saved: by neighbours, with affinities of one perplexity and of two, and
# by affinities that are given; and says how far to trust map and rows. Prints the SHA-256 of the positions' float32
# bytes, which must be equal in a column: tests/hosts/run.sh
#
# Environment: GO, CC, TSNE_BUILD_DIR. Without R it is said, and with CI=true
# that is a failure.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
build=${TSNE_BUILD_DIR:-build/hosts}
mkdir -p "$build"
build=$(cd "$build" && pwd)
prefix=$build/prefix
work=$build/answers
rm -rf "$work"
mkdir -p "$work"

TSNE_BUILD_DIR=$build sh scripts/lib.sh "$prefix"
if [ -x .venv/bin/python ]; then python=.venv/bin/python; else python=python3; fi
# The library of this tree, in each host.
export PYTHONPATH="$root/python" OPENTSNE_GO_LIBRARY="$prefix/lib/libtsne.so.0"

hosts="c go python"
${CC:-cc} -std=c99 -O2 -I"$prefix/include" tests/hosts/host.c -L"$prefix/lib" -ltsne \
	-Wl,-rpath,"$prefix/lib" -o "$build/c-host"
"${GO:-go}" build -o "$build/go-host" ./tests/hosts/gohost
if command -v R >/dev/null 2>&1; then
	rm -rf "$build/r"
	mkdir -p "$build/rlib"
	cp -R r "$build/r"
	rm -rf "$build"/r/src/*.o "$build"/r/src/*.so "$build/r/src/Makevars" "$build/r/inst/lib"
	if ! env -u TSNE_LIBS -u TSNE_CFLAGS TSNE_HOME="$prefix" R CMD INSTALL --no-docs --no-test-load \
		-l "$build/rlib" "$build/r" >"$work/r.log" 2>&1; then
		cat "$work/r.log"
		exit 1
	fi
	hosts="$hosts r"
elif [ "${CI:-}" = true ]; then
	echo "hosts: R is missing"
	exit 1
else
	echo "hosts: SKIPPED: R is missing"
fi

# host NAME fit|place|grow|trust FILE FILE FILE
host() {
	name=$1
	shift
	case $name in
	c) "$build/c-host" "$@" ;;
	go) "$build/go-host" "$@" ;;
	python) "$python" tests/hosts/host.py "$@" ;;
	r) R_LIBS="$build/rlib" Rscript --vanilla tests/hosts/host.R "$@" ;;
	esac
}
sum() {
	if command -v sha256sum >/dev/null 2>&1; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d' ' -f1
}

"$python" tests/hosts/host.py make "$work/x.npy" "$work/new.npy"
for h in $hosts; do
	host "$h" fit "$work/x.npy" "$work/$h.fit" "$work/$h.npz"
done
printf '%-7s  %-64s  %s\n' host "fit" "new rows, on the models of: $hosts; grown; trust"
bad=0 first='' placed='' grown='' trust=''
for h in $hosts; do
	fitted=$(sum "$work/$h.fit")
	[ "$(wc -c <"$work/$h.fit")" -eq 6400 ] || bad=1
	[ "${first:=$fitted}" = "$fitted" ] || bad=1
	line=
	host "$h" grow "$work/$h.npz" "$work/new.npy" "$work/$h.grown"
	[ "$(wc -c <"$work/$h.grown")" -eq 8960 ] || bad=1
	at=$(sum "$work/$h.grown")
	[ "${grown:=$at}" = "$at" ] || bad=1
	host "$h" trust "$work/$h.npz" "$work/new.npy" "$work/$h.trust"
	[ "$(wc -c <"$work/$h.trust")" -eq 30000 ] || bad=1
	at=$(sum "$work/$h.trust")
	[ "${trust:=$at}" = "$at" ] || bad=1
	for of in $hosts; do
		host "$h" place "$work/$of.npz" "$work/new.npy" "$work/$h-$of"
		[ "$(wc -c <"$work/$h-$of")" -eq 2400 ] || bad=1
		at=$(sum "$work/$h-$of")
		[ "${placed:=$at}" = "$at" ] || bad=1
		line="$line $(printf '%.16s' "$at")"
	done
	printf '%-7s  %s %s %.16s %.16s\n' "$h" "$fitted" "$line" "$(sum "$work/$h.grown")" "$(sum "$work/$h.trust")"
done
[ $bad = 0 ] || {
	echo "hosts: they differ"
	exit 1
}
echo "hosts: one answer"
