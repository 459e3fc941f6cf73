#!/bin/sh
# Builds the C library: scripts/lib.sh [PREFIX]
#
# Leaves the shared library in build/lib. With a PREFIX it also builds the
# static archive and installs header, libraries, pkg-config and CMake files and
# the licences under $DESTDIR$PREFIX. The same sources and tools give the same
# bytes, wherever they lie.
#
# Environment: GO (default go), CC (as Go takes it, with arguments if need be:
# "python -m ziglang cc -target x86_64-linux-gnu.2.17"), GOOS, GOARCH, LD, OBJCOPY
# and AR (default ld, objcopy, ar: GNU's, for the machine that is built for),
# TSNE_BUILD_DIR (default build). macOS and Windows follow the same route but
# have no machine that tests them.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
prefix=${1:-}
case $prefix in
'' | /*) ;;
*) prefix=$PWD/$prefix ;;
esac
go=${GO:-go}
archive=libtsne.a
cd "$root"

build=${TSNE_BUILD_DIR:-build}
mkdir -p "$build/lib"
build=$(cd "$build" && pwd)
number() { sed -n "s/^#define TSNE_VERSION_$1 \([0-9]*\)$/\1/p" include/tsne.h; }
version=$(number MAJOR).$(number MINOR).$(number PATCH)
abi=$(sed -n 's/^#define TSNE_ABI \([0-9]*\).*/\1/p' include/tsne.h)
# The first version whose programs run with this library; raised with TSNE_ABI.
since=0
export CGO_ENABLED=1
os=$("$go" env GOOS)

case $os in
darwin)
	file=libtsne.$version.dylib names="libtsne.$abi.dylib libtsne.dylib"
	private="-framework CoreFoundation"
	link="-Wl,-install_name,@rpath/libtsne.$abi.dylib \"-Wl,-exported_symbols_list,$root/capi/tsne.exports\""
	;;
windows)
	file=tsne.dll names="" private=""
	# MinGW's linkers differ in which of tsne.lib and libtsne.a they prefer.
	archive=libtsne_static.a
	# Go's linker exports the functions that capi's C files call as well.
	link="\"-Wl,--out-implib,$build/lib/tsne.lib\""
	;;
*)
	file=libtsne.so.$version names="libtsne.so.$abi libtsne.so"
	private="-lpthread"
	link="-Wl,-soname,libtsne.so.$abi \"-Wl,--version-script=$root/capi/tsne.map\""
	;;
esac

# For the machine that builds, not for the one that is built for.
overlay=$(GOOS="" GOARCH="" GOFLAGS="" CGO_ENABLED=0 "$go" run ./capi/overlay "$os" "$("$go" env GOROOT)" "$build")

# hide ARCHIVE makes one object of it, in which nothing is global but the header's
# functions: a program may link another Go library beside it.
hide() {
	case $os in darwin | windows) return 1 ;; esac
	"${LD:-ld}" -r -d --whole-archive "$1" -o "${1%/*}/tsne.o" 2>/dev/null &&
		"${OBJCOPY:-objcopy}" --wildcard --keep-global-symbol='tsne_[!_]*' "${1%/*}/tsne.o" 2>/dev/null &&
		"${AR:-ar}" rc "$1.new" "${1%/*}/tsne.o" && mv "$1.new" "$1"
}

# compile MODE FILE puts FILE, and nothing else of what Go writes, in build/lib.
compile() {
	scratch=$(mktemp -d "$build/tmp.XXXXXX")
	# Go's build ID would tell where the sources lie, by the path in $link.
	flags="-s -w -buildid="
	[ "$1" = c-archive ] || flags="$flags '-extldflags=$link'"
	"$go" build -overlay="$overlay" -trimpath -buildvcs=false -buildmode="$1" -ldflags "$flags" -o "$scratch/$2" ./capi || {
		rm -rf "$scratch"
		exit 1
	}
	[ "$1" = c-shared ] || hide "$scratch/$2" || echo "lib.sh: no ld and objcopy for this target: in $2 the symbols of Go's runtime stay global" >&2
	# By renaming, so that a program that runs keeps the file it has mapped.
	mv -f "$scratch/$2" "$build/lib/$2"
	rm -rf "$scratch"
}

compile c-shared "$file"
for name in $names; do ln -sf "$file" "$build/lib/$name"; done
[ -n "$prefix" ] || exit 0

compile c-archive "$archive"
to=${DESTDIR:-}$prefix
mkdir -p "$to/include" "$to/lib/pkgconfig" "$to/lib/cmake/tsne" "$to/share/doc/libtsne"
put() { cp "$1" "$2.new" && chmod "$3" "$2.new" && mv -f "$2.new" "$2"; }
put include/tsne.h "$to/include/tsne.h" 644
put "$build/lib/$archive" "$to/lib/$archive" 644
for terms in LICENSE licenses/*.txt; do put "$terms" "$to/share/doc/libtsne/${terms##*/}" 644; done
if [ "$os" = windows ]; then
	mkdir -p "$to/bin"
	put "$build/lib/$file" "$to/bin/$file" 755
	location=bin/$file
	# shellcheck disable=SC2016 # the variable is CMake's
	implib='IMPORTED_IMPLIB "${_tsne}/lib/tsne.lib"'
	put "$build/lib/tsne.lib" "$to/lib/tsne.lib" 644
else
	put "$build/lib/$file" "$to/lib/$file" 755
	for name in $names; do ln -sf "$file" "$to/lib/$name"; done
	location=lib/$file implib=
fi

# Where the loader does not look by itself, a program must be told.
case $os:$prefix in
windows:* | *:/usr) rpath= ;;
*) rpath=" -Wl,-rpath,\${libdir}" ;;
esac

cat >"$to/lib/pkgconfig/tsne.pc" <<END
prefix=\${pcfiledir}/../..
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: tsne
Description: t-SNE as in Kobak & Berens 2019
URL: https://github.com/libtsne/libtsne
Version: $version
Libs: -L\${libdir} -ltsne$rpath
Libs.private: $private
Cflags: -I\${includedir}
END

cat >"$to/lib/cmake/tsne/tsne-config.cmake" <<END
# find_package(tsne) gives tsne::tsne (shared) and tsne::static.
get_filename_component(_tsne "\${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET tsne::tsne)
  add_library(tsne::tsne SHARED IMPORTED)
  set_target_properties(tsne::tsne PROPERTIES
    IMPORTED_LOCATION "\${_tsne}/$location" $implib
    IMPORTED_SONAME "${names%% *}"
    INTERFACE_INCLUDE_DIRECTORIES "\${_tsne}/include")
  add_library(tsne::static STATIC IMPORTED)
  set_target_properties(tsne::static PROPERTIES
    IMPORTED_LOCATION "\${_tsne}/lib/$archive"
    INTERFACE_COMPILE_DEFINITIONS "TSNE_API="
    INTERFACE_LINK_LIBRARIES "$private"
    INTERFACE_INCLUDE_DIRECTORIES "\${_tsne}/include")
endif()
unset(_tsne)
END

# The promise of tsne.h: this library is good for what was built with any earlier
# one of the same TSNE_ABI.
cat >"$to/lib/cmake/tsne/tsne-config-version.cmake" <<END
set(PACKAGE_VERSION $version)
set(PACKAGE_VERSION_COMPATIBLE FALSE)
if(PACKAGE_FIND_VERSION_RANGE)
  if(PACKAGE_FIND_VERSION_MIN VERSION_GREATER_EQUAL $since
      AND PACKAGE_FIND_VERSION_MIN VERSION_LESS_EQUAL PACKAGE_VERSION
      AND (PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MAX
           OR (PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "INCLUDE"
               AND PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION_MAX)))
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
  endif()
elseif(PACKAGE_FIND_VERSION VERSION_GREATER_EQUAL $since
    AND PACKAGE_FIND_VERSION VERSION_LESS_EQUAL PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
END
