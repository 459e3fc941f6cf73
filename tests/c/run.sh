#!/bin/sh
# Builds the library into build/c-test and runs every C test against it:
# tests/c/run.sh
#
# Environment: GO, CC, CXX; TSNE_TEST_NPY, a data set of the caller's for the
# example to fit; TSNE_FUZZ_SECONDS, 5. What cannot run here is said and skipped.
# shellcheck disable=SC2086 # CC, CXX and the flags are lists of words
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
cc=${CC:-cc} cxx=${CXX:-c++}
# Relative, so that flags need no quoting wherever the checkout lies.
work=build/c-test
prefix=$work/prefix
rm -rf "$work"
mkdir -p "$work"
failed=0

say() { printf '%s\n' "c: $*"; }
skip() { say "SKIPPED: $*"; }
# check NAME COMMAND... runs a command and keeps count.
check() {
	name=$1
	shift
	if "$@" >"$work/log" 2>&1; then
		say "ok   $name"
	else
		failed=$((failed + 1))
		say "FAIL $name"
		sed 's/^/     /' "$work/log"
	fi
}
have() { command -v "$1" >/dev/null 2>&1; }

scripts/lib.sh "$prefix"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
if have pkg-config; then
	cflags=$(pkg-config --cflags tsne) libs=$(pkg-config --libs tsne)
else
	skip "pkg-config is missing; flags by hand"
	cflags="-I$prefix/include" libs="-L$prefix/lib -ltsne"
fi
strict="-pedantic -Wall -Wextra -Werror"
posix="-D_POSIX_C_SOURCE=200809L"
rpath="-Wl,-rpath,$root/$prefix/lib"

# The header alone, in each language.
for std in c99 c11; do
	check "header.c as $std" $cc -std=$std $strict $cflags tests/c/header.c $libs "$rpath" -o "$work/header-$std"
	check "header $std" "$work/header-$std"
done
if have "${cxx%% *}"; then
	check "header.c as C++17" $cxx -std=c++17 $strict -x c++ $cflags tests/c/header.c -x none $libs "$rpath" -o "$work/header-cxx"
	check "header C++17" "$work/header-cxx"
else
	skip "no C++ compiler for the header"
fi

for t in npy sizes preset schedule status status_map errors fork control busy interrupts cycles bits map superpose keep shared front data job; do
	check "$t.c" $cc -O1 -g -std=c99 $strict $posix $cflags tests/c/$t.c $libs "$rpath" -lm -pthread -o "$work/$t"
	check "$t" "$work/$t"
done

# Elsewhere the system calls nothing before a library's constructors.
if [ "$(uname)" = Linux ]; then
	check "signals.c" $cc -O1 -g -std=c99 $strict $posix $cflags tests/c/signals.c $libs "$rpath" -ldl -lm -pthread -o "$work/signals"
	check "signals.c, static" $cc -O1 -g -std=c99 $strict $posix $cflags tests/c/signals.c "$prefix/lib/libtsne.a" -ldl -lm -pthread -o "$work/signals-static"
	for t in signals signals-static; do
		check "$t" "$work/$t"
		check "$t, installed early" "$work/$t" early
	done
else
	skip "handlers of the host's"
fi

# The same programs under AddressSanitizer, with its search for leaks.
echo 'int main(void) { return 0; }' >"$work/empty.c"
if $cc -fsanitize=address "$work/empty.c" -o "$work/empty" >/dev/null 2>&1 && "$work/empty"; then
	for t in npy sizes preset schedule status status_map errors fork control busy cycles map superpose keep shared front data job; do
		check "$t.c with AddressSanitizer" $cc -O1 -g -fsanitize=address -std=c99 $strict $posix $cflags tests/c/$t.c $libs "$rpath" -lm -pthread -o "$work/$t-asan"
		check "$t with AddressSanitizer" "$work/$t-asan"
	done
else
	skip "$cc has no AddressSanitizer"
fi

# Pages that fault guard the fuzzer's buffers; tests/fuzz.sh has AddressSanitizer
# look at Go's side too.
check "fuzz.c" $cc -O1 -g -std=c99 $strict $posix $cflags tests/c/fuzz.c $libs "$rpath" -ldl -lm -pthread -o "$work/fuzz"
check "fuzz" "$work/fuzz" "${TSNE_FUZZ_SECONDS:-5}" 500000
grep '^fuzz: episodes' "$work/log" || true
refuses() { ! "$@"; }
check "a read past a buffer kills the fuzzer" refuses "$work/fuzz" trip
# What is inline in the header is a symbol too, of programs built before it was.
declared() { sed -nE 's/^(TSNE_API|static inline) .*[ *](tsne_[a-z_0-9]*)\(.*/\2/p' include/tsne.h | sort; }
fuzzed() {
	"$work/fuzz" list | sort -u >"$work/fuzzed"
	declared >"$work/declared"
	test -s "$work/declared" && diff "$work/declared" "$work/fuzzed"
}
check "every function is fuzzed" fuzzed

# The static archive.
check "status.c, static" $cc -std=c99 $strict $posix $cflags tests/c/status.c "$prefix/lib/libtsne.a" -lm -pthread -o "$work/status-static"
check "status, static" "$work/status-static"

# What the library shows to the world: only_ours LIBRARY NM...
only_ours() {
	library=$1
	shift
	"$@" --defined-only "$library" | sed -n 's/.* [A-Z] //p' | sort >"$work/symbols"
	declared >"$work/declared"
	test -s "$work/declared" && diff "$work/declared" "$work/symbols"
}
so=$prefix/lib/libtsne.so
if have nm && have readelf && [ -f "$so" ]; then
	check "exports are those of the header" only_ours "$so" nm -D
	check "soname" sh -c "readelf -d '$so' | grep -q 'SONAME.*\[libtsne\.so\.0\]'"
	check "the soname's link" test -f "$prefix/lib/libtsne.so.0"
else
	skip "symbols and soname: no nm, readelf or .so"
fi

# Old programs: the header of each release, the library of today.
for header in tests/abi/*/tsne.h; do
	dir=${header%/*} release=$(basename "${header%/*}")
	for language in c99 c++17 "c99 -DFIT_ONLY" "c99 ${asan:--O2}"; do
		case $language in
		c++*) have "${cxx%% *}" || continue
			compile="$cxx -std=$language -x c++" ;;
		*) compile="$cc -std=$language" ;;
		esac
		check "old.c of $release as $language" $compile -g $strict "-I$dir" tests/abi/old.c -x none $libs "$rpath" -o "$work/old"
		check "old of $release as $language" "$work/old"
		cp "$work/log" "$work/old-$release-$language"
	done
done
# Built again, they compile as they are.
check "old.c with this header" $cc -std=c99 -g $strict $cflags tests/abi/old.c $libs "$rpath" -o "$work/old"
check "old with this header" "$work/old"
cp "$work/log" "$work/old-again"
# The first line is of what 0.1 had, the second of what 0.2 had.
share_maps() {
	head -qn1 "$work"/old-* | sort -u | wc -l | grep -qx ' *1' &&
		sed -sn 2p "$work"/old-* | sort -u | wc -l | grep -qx ' *1'
}
check "old programs of all releases give the same maps" share_maps
# Which functions tell the library of what release a program is.
declared_by() { sed -nE 's/^TSNE_API .*[ *](tsne_[a-z_0-9]*)\(.*/\1/p' "tests/abi/$1/tsne.h" | sort; }
told_by() {
	declared_by "0.$1" >"$work/before"
	declared_by "0.$2" | comm -13 "$work/before" - >"$work/new"
	sed -n "/since_0_$2\[\]/,/};/p" capi/caller.c | grep -o 'tsne_[a-z_0-9]*' | sort | diff "$work/new" -
}
check "what tells a program of 0.2" told_by 1 2
check "what tells a program of 0.3" told_by 2 3
mixed() {
	$cc -O2 -std=c99 $strict -DPLUGIN -fPIC -shared -Itests/abi/0.1 tests/abi/mixed.c $libs -o "$work/plugin.so" &&
		$cc -O2 -std=c99 $strict -D_GNU_SOURCE -Itests/abi/0.3 tests/abi/mixed.c $libs "$rpath" -ldl -o "$work/mixed" &&
		"$work/mixed" "$work/plugin.so"
}
check "a plugin of 0.1 in a program of 0.3" mixed
# compare NEW.h [LIBRARY]: each release's header with it.
compare() {
	for header in tests/abi/*/tsne.h; do
		python3 tests/abi/compare.py "$header" "$@" || return 1
	done
}
# The header with a sed edit, which must change it: breaks or goes_on EXPRESSION.
edited() {
	sed -E "$1" include/tsne.h >"$work/edited.h"
	! cmp -s include/tsne.h "$work/edited.h"
}
breaks() { edited "$1" && ! compare "$work/edited.h"; }
goes_on() { edited "$1" && compare "$work/edited.h"; }
if have python3 && have nm; then
	check "the header and library go on from every release's" compare include/tsne.h "$so"
	check "a field in between breaks" breaks 's/^  double dof;/  double extra; &/'
	check "a field at the end does not" goes_on 's/^} tsne_options;/  double extra;\n&/'
	check "another type breaks" breaks 's/^  int64_t k; /  double k; /'
	check "another number breaks" breaks 's/TSNE_METRIC_COSINE = 2/TSNE_METRIC_COSINE = 9/'
	check "another argument breaks" breaks 's/^(TSNE_API int tsne_model_embedding\()float/\1double/'
	check "a function that is gone breaks" breaks '/^TSNE_API int tsne_model_save\(/d'
else
	skip "the interface beside that of the releases: no python3 or nm"
fi

# The example, built the way a user would, on data of ours and the caller's.
check "fit.c" $cc -std=c99 -O2 $strict $posix $cflags examples/c/fit.c $libs "$rpath" -o "$work/fit"
check "blobs" "$work/npy" "$work/blobs.npy" 500 10
fits() {
	"$work/fit" "$1" "$work/map.npy" ${2:-} >"$work/out" && cat "$work/out"
}
check "fit" fits "$work/blobs.npy" 20
check "fit prints n, d and KL" grep -Eqx 'n 500  d 10  KL [0-2]\.[0-9]{6}' "$work/out"
check "fit writes the map" sh -c "head -c 128 '$work/map.npy' | grep -aq \"'shape': (500, 2)\" && test \$(wc -c <'$work/map.npy') -eq $((128 + 500 * 2 * 4))"
last() { tail -c $((500 * 2 * 4)) "$1"; }
same_as_go() {
	"$work/fit" "$work/blobs.npy" "$work/map.npy" >/dev/null 2>&1 &&
		"${GO:-go}" run ./cmd/tsne "$work/blobs.npy" "$work/go.npy" --progress none &&
		last "$work/go.npy" >"$work/go.bits" && last "$work/map.npy" | cmp - "$work/go.bits"
}
check "C and Go give the same bits" same_as_go
check "fit of no file" refuses "$work/fit" "$work/none.npy" "$work/none-map.npy"
interrupt() {
	"$work/npy" "$work/large.npy" 20000 50
	rm -f "$work/large-map.npy"
	"$work/fit" "$work/large.npy" "$work/large-map.npy" >"$work/out" 2>"$work/err" &
	pid=$!
	for _ in $(seq 6000); do
		grep -q '^iteration' "$work/err" && break
		sleep 0.1
	done
	kill -INT $pid
	wait $pid && return 1
	cat "$work/err"
	grep -q TSNE_E_CANCELLED "$work/err" && test -s "$work/large-map.npy"
}
check "Ctrl-C keeps the map so far" interrupt
for t in transform align; do
	check "$t.c" $cc -std=c99 -O2 $strict $posix $cflags examples/c/$t.c $libs "$rpath" -o "$work/$t"
done
travels() {
	"$work/fit" "$work/blobs.npy" "$work/map.npy" 20 "$work/model.npz" &&
		"$work/transform" "$work/model.npz" "$work/blobs.npy" "$work/places.npy" 10 &&
		test "$(wc -c <"$work/places.npy")" -eq $((128 + 500 * 2 * 4))
}
check "a saved model places new points" travels
aligns() {
	"$work/align" "$work/blobs.npy" "$work/blobs.npy" "$work/first.npy" "$work/second.npy" >"$work/out" &&
		grep -Eqx 'disparity [01]\.[0-9]{4}  overlap [01]\.[0-9]{4}' "$work/out"
}
check "align" aligns
check "transform without a model" refuses "$work/transform" "$work/blobs.npy" "$work/blobs.npy" "$work/places.npy"

# A second Go library in the process: two runtimes side by side.
second() {
	CGO_ENABLED=1 "${GO:-go}" build -buildmode=c-shared -o "$work/second.so" ./tests/c/second &&
		$cc -std=c99 $strict $posix $cflags tests/c/second.c -ldl -lm -pthread -o "$work/second" &&
		"$work/second" "$work/second.so" "$so"
}
check "beside another Go library" second
both() {
	CGO_ENABLED=1 "${GO:-go}" build -buildmode=c-archive -o "$work/second.a" ./tests/c/second &&
		$cc -DLINKED -std=c99 $strict $posix $cflags tests/c/second.c "$prefix/lib/libtsne.a" "$work/second.a" -lm -pthread -o "$work/both" &&
		"$work/both"
}
if have ld && have objcopy; then
	check "the archive's symbols are those of the header" only_ours "$prefix/lib/libtsne.a" nm -g
	check "beside another Go library, static" both
else
	skip "the archive's symbols: no ld or objcopy"
fi
if have python3; then
	check "the reference is that of the header" python3 scripts/c_reference.py --check
else
	skip "the reference page: no python3"
fi
if [ -n "${TSNE_TEST_NPY:-}" ]; then
	check "fit of $TSNE_TEST_NPY" fits "$TSNE_TEST_NPY"
	cat "$work/out"
fi

# An installed tree may be moved; CMake finds it too.
cmake_project() {
	mkdir -p "$work/cmake"
	cat >"$work/cmake/CMakeLists.txt" <<-END
		cmake_minimum_required(VERSION 3.10)
		project(use C)
		find_package(tsne $1 REQUIRED)
		add_executable(use "$root/tests/c/header.c")
		target_link_libraries(use tsne::tsne)
		add_executable(use_static "$root/tests/c/header.c")
		target_link_libraries(use_static tsne::static)
	END
}
moved() {
	rm -rf "$work/else where"
	cp -R "$prefix" "$work/else where"
	cmake_project 0.1
	cmake -S "$work/cmake" -B "$work/cmake/build" -DCMAKE_PREFIX_PATH="$root/$work/else where" &&
		cmake --build "$work/cmake/build" && "$work/cmake/build/use" && "$work/cmake/build/use_static"
}
# versions: those of the arguments for which CMake takes this library.
versions() {
	mkdir -p "$work/versions"
	{
		printf 'cmake_minimum_required(VERSION 3.19)\nproject(versions NONE)\n'
		for v; do
			printf 'unset(tsne_DIR CACHE)\nfind_package(tsne %s QUIET)\n' "$v"
			printf 'if(tsne_FOUND)\n  message("takes %s")\nendif()\n' "$v"
		done
	} >"$work/versions/CMakeLists.txt"
	cmake -S "$work/versions" -B "$work/versions/build" -DCMAKE_PREFIX_PATH="$root/$prefix" >"$work/versions/log" 2>&1 ||
		cat "$work/versions/log"
	sed -n 's/^takes //p' "$work/versions/log"
}
good="0 0.1 0.1.0 0.2 0.3 0.4 0.1...1 0.2...<9"
promised() {
	now=$(sed -n 's/^#define TSNE_VERSION "\(.*\)"/\1/p' include/tsne.h)
	# shellcheck disable=SC2086
	versions $good "$now" "$now EXACT" "0.1...$now" 0.99 1 9.9.9 "0.1 EXACT" "0.1...<$now" 0.99...2 0.1...0.2 >"$work/taken"
	# shellcheck disable=SC2086
	printf '%s\n' $good "$now" "$now EXACT" "0.1...$now" | diff - "$work/taken"
}
if have cmake; then
	check "CMake, from a moved tree" moved
	check "CMake takes this library for every release's, and no later's" promised
else
	skip "no cmake"
fi
relocated() {
	test "$(PKG_CONFIG_PATH="$work/moved/lib/pkgconfig" pkg-config --variable=includedir tsne)" -ef "$work/moved/include"
}
if have pkg-config; then
	check "README's program by README's line" sh tests/install/c.sh "$work/readme" "$root/$prefix"
	cp -R "$prefix" "$work/moved"
	check "pkg-config, from a moved tree" relocated
fi

[ $failed -eq 0 ] || {
	say "$failed failed"
	exit 1
}
say "all passed"
