#!/bin/sh
# Builds the R package with all it needs: scripts/r_package.sh [PREFIX]
#
# Leaves libtsne_VERSION.tar.gz in dist/, which installs without libtsne where
# there is Go, and with its vignette, for which this machine needs knitr,
# rmarkdown and pandoc. PREFIX: an installed libtsne, by which the vignette is
# made; without one the library is built under build/r.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
command -v R >/dev/null || {
	echo "r: there is no R (Debian: apt-get install r-base-core)" >&2
	exit 1
}
work=$root/build/r
prefix=${1:-}
if [ -z "$prefix" ]; then
	prefix=$work/prefix
	mkdir -p "$work"
	TSNE_BUILD_DIR=$work sh scripts/lib.sh "$prefix"
fi
sh scripts/r_source.sh r/tools/engine.tar.xz
plain=
Rscript -e 'for (p in c("knitr", "rmarkdown")) loadNamespace(p); stopifnot(rmarkdown::pandoc_available())' >/dev/null 2>&1 || {
	plain=--no-build-vignettes
	echo "r: without the vignette: knitr, rmarkdown or pandoc is missing" >&2
	[ "${CI:-}" != true ] || exit 1
}
mkdir -p dist
cd dist
rm -f libtsne_*.tar.gz
TSNE_HOME="$prefix" R CMD build $plain "$root/r"
