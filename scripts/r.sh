#!/bin/sh
# Builds the library and the R package, and checks it: scripts/r.sh [PREFIX]
#
# PREFIX: an installed libtsne; without one it is built under build/r. Where
# root and apt are there, R and what the tests need come from Debian; else what
# is missing is said. With CI=true something missing, or a skipped test, is a
# failure. Then the package is installed once more as where there is no library.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
work=$root/build/r
mkdir -p "$work"
packages="r-base-core r-base-dev r-cran-testthat r-cran-lintr r-cran-knitr r-cran-rmarkdown r-cran-matrix r-cran-digest r-cran-rtsne r-cran-ggplot2 r-cran-igraph r-cran-seuratobject r-cran-seurat r-bioc-singlecellexperiment r-bioc-hdf5array r-bioc-biocneighbors r-bioc-biocparallel r-bioc-scater pandoc qpdf devscripts"

missing() {
	for p in $packages; do
		[ "$(dpkg-query -W -f '${Status}' "$p" 2>/dev/null || true)" = "install ok installed" ] || printf '%s ' "$p"
	done
}
need=$(missing)
# shellcheck disable=SC2086 # a list of words
if [ -n "$need" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	{ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $need; } >"$work/apt.log" 2>&1 ||
		tail -5 "$work/apt.log" >&2
	need=$(missing)
fi
if [ -n "$need" ]; then
	echo "r: missing: $need" >&2
	[ "${CI:-}" != true ] || exit 1
fi
command -v R >/dev/null || {
	echo "r: SKIPPED: there is no R (Debian: apt-get install $packages)" >&2
	exit 0
}

prefix=${1:-}
if [ -z "$prefix" ]; then
	prefix=$work/prefix
	TSNE_BUILD_DIR=$work sh scripts/lib.sh "$prefix"
fi
export TSNE_HOME="$prefix" _R_CHECK_FORCE_SUGGESTS_=false
# What only CRAN can say, and the network's clock. Bioconductor's classes take
# some five seconds to load, which is what CRAN allows an example.
export _R_CHECK_CRAN_INCOMING_=false _R_CHECK_SYSTEM_CLOCK_=false _R_CHECK_EXAMPLE_TIMING_THRESHOLD_=20
sh scripts/r_package.sh "$prefix"
package=$(ls "$PWD"/dist/libtsne_*.tar.gz)
cd "$work"
rm -rf libtsne.Rcheck
R CMD check --as-cran --no-manual "$package"
status=$(sed -n '/^Status:/p' libtsne.Rcheck/00check.log)
echo "r: $status"
[ "$status" = "Status: OK" ] || exit 1
tail -40 libtsne.Rcheck/tests/testthat.Rout
if [ "${CI:-}" = true ] && ! grep -q 'SKIP 0' libtsne.Rcheck/tests/testthat.Rout; then
	echo "r: skipped tests count as failures in CI" >&2
	exit 1
fi
cd "$root"
Rscript tests/hosts/pages.R "$work/libtsne.Rcheck"
sh tests/hosts/r_alone.sh "$package" "$work/libtsne.Rcheck"
