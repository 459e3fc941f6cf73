#!/bin/sh
# The engine's sources as the R package carries them: scripts/r_source.sh FILE.tar.xz
#
# With the modules that they need, so that configure builds the library from
# them offline. The same sources give the same bytes (by GNU's tar). Needs Go,
# and once the network for the modules.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
case $1 in
/*) to=$1 ;;
*) to=$PWD/$1 ;;
esac
go=${GO:-go}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$root"
find LICENSE go.mod go.sum include scripts/lib.sh capi tsne -type f \
	! -name '*_test.go' ! -path '*/testdata/*' ! -path 'tsne/internal/asm/*' ! -path 'tsne/npy/*' >"$dir/list"
mkdir "$dir/engine"
tar -cf - -T "$dir/list" | tar -xf - -C "$dir/engine"
cd "$dir/engine"
GOFLAGS="" GOWORK=off "$go" mod vendor
find . -type f | LC_ALL=C sort >"$dir/list"
while read -r f; do TZ=UTC touch -t 198001010000 "$f"; done <"$dir/list"
case $(tar --version) in
*GNU*) plain="--owner=0 --group=0 --numeric-owner --mode=u=rw,go=r" ;;
*) plain="" ;;
esac
mkdir -p "$(dirname "$to")"
# shellcheck disable=SC2086 # a list of options
tar -c $plain --format=ustar -T "$dir/list" -f - | xz -9 >"$to.new"
mv "$to.new" "$to"
