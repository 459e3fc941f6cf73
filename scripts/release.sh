#!/usr/bin/env bash
# A release: scripts/release.sh X.Y.Z [--dry-run]
#
# In a clone of the last commit, build/release: checks that all that has a version
# agrees (scripts/agree.py) and that the maps are the golden ones; builds the
# library twice in different folders and compares the bytes; builds the sources,
# the program for six platforms, the wheels, R's package and the SBOM (CycloneDX),
# installs each but R's into an empty environment and uses it (tests/install),
# writes SHA256SUMS, and moves everything to dist/X.Y.Z. Then tags; --dry-run does
# all but that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh

version=${1:-} dry=${2:-}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ && ( -z $dry || $dry = --dry-run ) && $# -le 2 ]] ||
	die "usage: ./build.sh release X.Y.Z [--dry-run]"
[ -z "$(git status --porcelain)" ] || die "there are changes that are not committed"
! git rev-parse -q --verify "refs/tags/v$version" >/dev/null || die "v$version is tagged already"

need_go
make_venv
checkout=$PWD out=$PWD/dist/$version
# A clone each in folders of different length: what is the same in both does not tell where it was built.
rm -rf build/release "$out"
first=$PWD/build/release/libtsne second=$PWD/build/release/once/more/libtsne
for clone in "$first" "$second"; do
	git clone -q --no-local . "$clone"
	git -C "$clone" -c advice.detachedHead=false tag "v$version" # for the SBOM
done
cd "$first"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

step() { printf 'release: %s\n' "$*"; }
step "versions, changelog, generated pages, licences, interface"
"$py" scripts/agree.py "$version" ${dry:+"$dry"} || die "they do not agree on $version"
step "golden maps and models"
"$GO" test -count=1 -run Golden ./tsne

step "the library, twice"
sums() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum); }
for clone in "$first" "$second"; do
	(cd "$clone" && TSNE_BUILD_DIR=build sh scripts/lib.sh build/prefix)
done
diff <(sums "$first/build/prefix") <(sums "$second/build/prefix") || die "two clones make different libraries"
[ -s "$first/build/prefix/lib/libtsne.a" ] || die "no library was made"

step "sources, the program, wheels, R's package, SBOM"
mkdir -p dist
git archive --format=tar --prefix="libtsne-$version/" HEAD | gzip -9n >"dist/libtsne-$version.tar.gz"
archives=$(sh scripts/cli.sh --archive)
printf '%s\n' "$archives"
# The environment of the checkout, so that nothing is installed twice.
ln -s "$venv" .venv
bash scripts/wheels.sh
sh scripts/r_package.sh "$PWD/build/prefix" >build/r_package.log 2>&1 || die "R's package did not build: $(cat build/r_package.log)"
ls dist/libtsne_*.tar.gz
go_tool cyclonedx-gomod app -json -licenses -std -noserial -main capi -output "dist/libtsne-$version.cdx.json" . 2>/dev/null ||
	die "no SBOM: cyclonedx-gomod failed"

step "each in an empty environment"
bash tests/install/run.sh
rm .venv

(cd dist && sha256sum ./* | sed 's|\./||' >SHA256SUMS)
mkdir -p "$out"
mv dist/* "$out"
cd "$checkout"
rm -rf build/release
step "dist/$version:"
(cd "$out" && ls -s --block-size=KiB)
if [ -n "$dry" ]; then
	step "a dry run: no tag"
else
	git tag -a "v$version" -m "libtsne $version"
	step "tagged v$version; git push origin v$version"
fi
