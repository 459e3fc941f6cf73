#!/bin/sh
# The R package where there is no libtsne: tests/hosts/r_alone.sh PACKAGE.tar.gz LIBRARY
#
# Installs it into an empty library as a user who is not root, with an empty
# home and no Go modules at hand, and runs README's example. The map must have
# the bits that the package in LIBRARY gives. Without Go it says how to get it.
set -eu

package=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
other=$2
go=$(command -v "${GO:-go}")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/home" "$dir/lib" "$dir/tmp"
cp "$package" "$dir/"
package=$dir/$(basename "$package")
cat >"$dir/readme.R" <<'END'
library(libtsne, lib.loc = commandArgs(TRUE)[1])
fit <- tsne_fit(iris[, 1:4], perplexity = 30, seed = 1)
pdf(NULL)
plot(fit, labels = iris$Species)
more <- predict(fit, iris[1:10, 1:4])
out <- Rtsne(unique(iris[, 1:4]), max_iter = 50)
writeBin(c(fit$Y, more), commandArgs(TRUE)[2])
END
as=""
if [ "$(id -u)" = 0 ]; then
	chmod -R a+rwX "$dir"
	as="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
# alone COMMAND...: with this environment and no other.
alone() {
	# shellcheck disable=SC2086 # a list of words
	(cd "$dir" && $as env -i PATH="$PATH" GO="$go" HOME="$dir/home" TMPDIR="$dir/tmp" PKG_CONFIG_LIBDIR="$dir" LANG=C.UTF-8 "$@")
}

began=$(date +%s)
alone R CMD INSTALL -l "$dir/lib" "$package" >"$dir/log" 2>&1 || {
	cat "$dir/log"
	exit 1
}
grep "by way of the sources that it carries" "$dir/log"
alone Rscript "$dir/readme.R" "$dir/lib" "$dir/alone.bin" >/dev/null
Rscript "$dir/readme.R" "$other" "$dir/other.bin" >/dev/null
cmp "$dir/alone.bin" "$dir/other.bin"
alone Rscript -e "stopifnot(nrow(vignette(package = 'libtsne', lib.loc = '$dir/lib')\$results) == 1)"
alone Rscript -e "stopifnot(length(citation('libtsne', lib.loc = '$dir/lib')) == 2)"
left=$(find "$dir/home" "$dir/tmp" -mindepth 1 | head -3)
[ -z "$left" ] || {
	echo "left behind: $left"
	exit 1
}
if go=$dir/no-go alone R CMD INSTALL -l "$dir/lib" "$package" >"$dir/log" 2>&1; then
	echo "it installs without Go"
	exit 1
fi
grep -A1 "^configure: there is no libtsne" "$dir/log"
echo "r: installed alone in $(($(date +%s) - began)) s"
