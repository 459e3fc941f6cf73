#!/bin/sh
# README's C program, built and run by the line that README prints:
# tests/install/c.sh FOLDER [PREFIX]
#
# PREFIX: where the library is installed; without one it is built and installed
# under FOLDER. Environment: as scripts/lib.sh.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
prefix=${2:-$folder/prefix}
[ $# -gt 1 ] || TSNE_BUILD_DIR=$folder/build sh "$root/scripts/lib.sh" "$prefix"
[ -s "$prefix/share/doc/libtsne/gonum.txt" ] || { echo "no licences are installed"; exit 1; }

awk '/^```c$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$root/README.md" >"$folder/fit.c"
line=$(sed -n 's/^    \(cc fit\.c .*\)/\1/p' "$root/README.md")
cd "$folder"
# What is installed under /usr/local pkg-config finds by itself.
unset LD_LIBRARY_PATH
PKG_CONFIG_PATH=$prefix/lib/pkgconfig sh -euc "cc() { command ${CC:-cc} -Wall -Wextra -Werror \"\$@\"; }; $line" | tee said
grep -Eq '^the first of 300 points is at -?[0-9]+\.[0-9], -?[0-9]+\.[0-9]$' said
