#!/usr/bin/env bash
# Installs what lies in dist/ into empty environments and uses it as README does:
# tests/install/run.sh [KIND...]
#
# Kinds: here (the wheel of this machine), sdist, arm64 (qemu-aarch64-static and
# Debian's Python), windows (Wine and bytedeco's Python from Maven Central), c, cli.
# One that cannot be tried here is said. Each wheel makes the same map, to the
# bit, and goes on from the models of former releases.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/env.sh

root=$PWD
cache=$root/build/install
example=$root/tests/install/example.py golden=$root/tests/golden
mkdir -p "$cache"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf 'install: %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }
# only PATTERN: the one file of dist/ that it stands for.
only() {
	local found
	mapfile -t found < <(compgen -G "dist/$1")
	[ -f "${found[0]:-}" ] && [ ${#found[@]} = 1 ] || die "dist/ has no one $1: ./build.sh wheels, ./build.sh release"
	printf '%s\n' "$root/${found[0]}"
}
# unpacked FOLDER WHEEL NUMPY PLATFORM...: what pip would install there, for Python 3.11.
unpacked() {
	local platform=("${@:4}")
	"$py" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --implementation cp \
		--python-version 3.11 "${platform[@]/#/--platform=}" --target "$1" "$2" "$3"
}

# The map's sum is the same wherever it is made.
sum=
agrees() {
	[ -n "$sum" ] || sum=$2
	[ "$sum" = "$2" ] || die "$1 makes another map: $2, not $sum"
	say "ok      $1: ${2:0:24}"
}

try_here() {
	python3 -m venv "$work/here"
	"$work/here/bin/pip" install --quiet --disable-pip-version-check "$1"
	agrees "$2" "$(cd "$work" && env -u PYTHONPATH -u OPENTSNE_GO_LIBRARY "$work/here/bin/python" "$example" "$golden")"
	rm -rf "$work/here"
}
install_here() { try_here "$(only "*-manylinux_2_17_$(uname -m).*.whl")" "the wheel, $(uname -m)"; }
install_sdist() { try_here "$(only 'opentsne_go-*.tar.gz')" "the source distribution"; }

# Debian's Python for arm64, unpacked and not installed.
debian_arm64() {
	local apt=$cache/apt
	[ ! -x "$cache/arm64/usr/bin/python3.11" ] || return 0
	mkdir -p "$apt/lists/partial" "$apt/archives/partial"
	: >"$apt/status"
	# Where this machine's own come from.
	# shellcheck disable=SC2016 # apt-get's names
	apt-get indextargets --format '$(REPO_URI) $(CODENAME) main' 'Created-By: Packages' 'Component: main' 'Label: Debian' |
		sed -n 's|^[^ ]* bookworm main$|deb [arch=arm64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] &|p' | sort -u >"$apt/sources"
	[ -s "$apt/sources" ] || return 1
	local get=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::Etc::sourcelist="$apt/sources"
		-o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt"
		-o Dir::State::status="$apt/status" -o Debug::NoLocking=1)
	{ "${get[@]}" update && "${get[@]}" install -y --download-only --no-install-recommends python3.11 libgomp1 libstdc++6; } >"$apt/log" 2>&1 || return 1
	local deb
	for deb in "$apt"/archives/*.deb; do dpkg -x "$deb" "$cache/arm64"; done
}
install_arm64() {
	if ! have qemu-aarch64-static || ! have dpkg || ! debian_arm64; then
		say "SKIPPED arm64: no qemu-aarch64-static (Debian: apt-get install qemu-user-static), or no arm64 packages of Debian's"
		return
	fi
	unpacked "$work/arm64" "$(only '*-manylinux_2_17_aarch64.*.whl')" numpy manylinux2014_aarch64 manylinux_2_27_aarch64 manylinux_2_28_aarch64
	agrees "the wheel, aarch64 in qemu" "$(cd "$work" && PYTHONPATH=$work/arm64 qemu-aarch64-static -L "$cache/arm64" "$cache/arm64/usr/bin/python3.11" "$example" "$golden")"
}

windows_python() {
	local jar=org/bytedeco/cpython/3.11.3-1.5.9/cpython-3.11.3-1.5.9-windows-x86_64.jar
	windows=$cache/windows/org/bytedeco/cpython/windows-x86_64
	[ ! -f "$windows/python.exe" ] || return 0
	mvn -q dependency:get -Dartifact=org.bytedeco:cpython:3.11.3-1.5.9:jar:windows-x86_64 -Dtransitive=false >/dev/null 2>&1 &&
		python3 -m zipfile -e "$HOME/.m2/repository/$jar" "$cache/windows"
}
install_windows() {
	if ! have wine || ! have mvn || ! windows_python; then
		say "SKIPPED windows: no Wine (Debian: apt-get install wine wine64), or no Python for it (Maven Central's, by mvn)"
		return
	fi
	need wheels
	export WINEPREFIX=$cache/wine WINEDEBUG=-all
	[ -d "$WINEPREFIX" ] || wineboot -i >/dev/null 2>&1
	"$py" -m ziglang cc -target x86_64-windows-gnu -shared tests/install/bcryptprimitives.c -ladvapi32 \
		-o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll"
	# Later ones call complex functions that Wine 8 has not.
	unpacked "$work/windows" "$(only '*-win_amd64.whl')" numpy==1.26.4 win_amd64
	# Python in Wine takes pipes, and no files, for its streams.
	agrees "the wheel, Windows in Wine" "$(cd "$work" && PYTHONPATH="Z:${work//\//\\}\\windows" wine "$windows/python.exe" "$example" "$golden" </dev/null 2> >(cat >&2) | tr -d '\r')"
}

# README's two lines and its function, with a main.
install_c() {
	need_go
	sh tests/install/c.sh "$work/c" >/dev/null
	say "ok      C, as README prints it"
}

install_cli() {
	local archive os=linux cpu
	cpu=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
	archive=$(only "tsne-*-$os-$cpu.tar.gz")
	tar -xzf "$archive" -C "$work"
	cd "$work"/tsne-*/
	[ -f LICENSE ] && [ -f licenses/gonum.txt ] || die "no licences in $archive"
	"$py" -c 'for i in range(90): print(*(i * (j + 3) % 17 + 50 * (i % 3) for j in range(5)), sep=",")' >cells.csv
	./tsne cells.csv map.csv --perplexity 10 --plot map.png --save model.npz 2>/dev/null
	./tsne transform model.npz cells.csv new.csv 2>/dev/null
	[ "$(wc -l <map.csv)" -ge 90 ] && [ "$(wc -l <new.csv)" -ge 90 ] && [ -s map.png ] || die "the program made no map"
	cd "$root"
	say "ok      the program, $os/$cpu"
}

make_venv
kinds=("$@")
[ $# -gt 0 ] || kinds=(here sdist arm64 windows c cli)
for kind in "${kinds[@]}"; do
	declare -F "install_$kind" >/dev/null || die "there is no kind '$kind': here sdist arm64 windows c cli"
	"install_$kind"
done
