#!/bin/sh
# The command-line program for other machines: scripts/cli.sh [--archive] [SYSTEM/PROCESSOR...]
#
# Builds dist/tsne-SYSTEM-PROCESSOR, one static file each, by default for the six
# below; with --archive, dist/tsne-VERSION-SYSTEM-PROCESSOR.tar.gz or .zip with the
# program and the licences of what is in it. The same sources give the same bytes,
# wherever they lie.
#
# Environment: GO (go), SOURCE_DATE_EPOCH, the time in the archives (1980).
set -eu

cd "$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)"
archive=
if [ "${1:-}" = --archive ]; then
	archive=yes
	shift
fi
[ $# -gt 0 ] || set -- linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
version=$(sed -n 's/^#define TSNE_VERSION "\(.*\)"/\1/p' include/tsne.h)
mkdir -p dist

# packed NAME SYSTEM: the archive of the folder dist/NAME, which goes.
packed() {
	cp -R LICENSE licenses "dist/$1"
	rm "dist/$1/licenses/zig.txt" "dist/$1/licenses/mingw-w64.txt" # of wheels
	find "dist/$1" -exec touch -d "@${SOURCE_DATE_EPOCH:-315532800}" {} +
	if [ "$2" = windows ]; then
		file=dist/$1.zip
		rm -f "$file"
		(cd dist && find "$1" -type f | LC_ALL=C sort | TZ=UTC python3 -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as out:
    for name in sys.stdin.read().splitlines():
        out.write(name)
' "$1.zip")
	else
		file=dist/$1.tar.gz
		tar --sort=name --owner=0 --group=0 --numeric-owner --mode=go-w -C dist -cf - "$1" | gzip -9n >"$file"
	fi
	rm -rf "dist/${1:?}"
}

for target; do
	system=${target%/*} processor=${target#*/} ext=
	[ "$system" != windows ] || ext=.exe
	file=dist/tsne-$system-$processor$ext
	name=tsne-$version-$system-$processor
	if [ -n "$archive" ]; then
		mkdir -p "dist/$name"
		file=dist/$name/tsne$ext
	fi
	CGO_ENABLED=0 GOOS=$system GOARCH=$processor GOFLAGS=-buildvcs=false \
		"${GO:-go}" build -trimpath -ldflags='-s -w -buildid=' -o "$file" ./cmd/tsne
	[ -z "$archive" ] || packed "$name" "$system"
	echo "$file"
done
