#!/bin/sh
# The command-line program for other machines: scripts/cli.sh [SYSTEM/PROCESSOR...]
#
# Builds dist/tsne-SYSTEM-PROCESSOR, one static file each, by default for the six
# below. The same sources give the same bytes, wherever they lie.
#
# Environment: GO (go).
set -eu

cd "$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)"
[ $# -gt 0 ] || set -- linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
mkdir -p dist
for target; do
	system=${target%/*} processor=${target#*/} ext=
	[ "$system" != windows ] || ext=.exe
	file=dist/tsne-$system-$processor$ext
	CGO_ENABLED=0 GOOS=$system GOARCH=$processor GOFLAGS=-buildvcs=false \
		"${GO:-go}" build -trimpath -ldflags='-s -w' -o "$file" ./cmd/tsne
	echo "$file"
done
