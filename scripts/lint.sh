#!/usr/bin/env bash
# Linters, of pinned versions: scripts/lint.sh [PIECE...]
#
# Pieces: go vulnerabilities python c shell spelling r; without any, all of them.
# Vulnerabilities: known ones in what Go code calls, and in what the locks name.
# What each tool is told is in staticcheck.conf, pyproject.toml, .clang-format and
# r/.lintr. What cannot run here is said; with CI=true a linter that is missing is
# a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh

# files PATTERN...: what git has or would take.
files() {
	git ls-files -co --exclude-standard -- "$@" | while read -r f; do
		[ ! -f "$f" ] || printf '%s\n' "$f"
	done
}

lint_go() {
	local bad
	bad=$(files '*.go' | xargs "$("$GO" env GOROOT)/bin/gofmt" -l) || return 1
	[ -z "$bad" ] || { echo "not gofmt'ed: $bad"; return 1; }
	go_tool staticcheck ./... || return 1
	# The loops where there is no assembly, and the generators of the assembly.
	go_tool staticcheck -tags purego ./tsne/... || return 1
	(cd tsne/internal/asm && go_tool staticcheck ./...) || return 1
	tidy . && tidy tsne/internal/asm
}

# tidy MODULE: go.mod and go.sum name what is imported, no more and no less.
tidy() { (cd "$1" && "$GO" mod tidy -diff) || { echo "$1/go.mod is not tidy: go mod tidy"; return 1; }; }

# GOVULNDB names a mirror of the database, as govulncheck documents.
lint_vulnerabilities() {
	local out bad=0
	if out=$(go_tool govulncheck ./... 2>&1); then
		tail -1 <<<"$out"
	elif grep -q 'fetching vulnerabilities' <<<"$out"; then
		echo "SKIPPED govulncheck: Go's database of vulnerabilities could not be reached"
	else
		echo "$out"
		bad=1
	fi
	"$py" scripts/audit.py "${locks[@]}" || bad=1
	return $bad
}

lint_python() { "$venv/bin/ruff" check --quiet . && "$venv/bin/pre-commit" validate-config; }

lint_c() { files '*.c' '*.h' | xargs "$venv/bin/clang-format" --dry-run -Werror; }

lint_shell() {
	git grep -I --untracked -lE '^(#!.*[/ ](ba)?sh|# shellcheck shell=)' | xargs "$venv/bin/shellcheck" -x
}

lint_spelling() { files | xargs "$venv/bin/codespell"; }

# The version is that of the Debian or R at hand.
lint_r() {
	if ! Rscript -e 'stopifnot(requireNamespace("lintr", quietly = TRUE))' >/dev/null 2>&1; then
		echo "SKIPPED: there is no lintr (Debian: apt-get install r-cran-lintr)"
		[ "${CI:-}" != true ]
		return
	fi
	Rscript -e 'found <- lintr::lint_dir("r"); print(found); quit(status = length(found) > 0)'
}

pieces=("$@")
[ $# -gt 0 ] || pieces=(go vulnerabilities python c shell spelling r)
case " ${pieces[*]} " in
*" go "* | *" vulnerabilities "*) need_go ;;
esac
need lint
failed=()
for piece in "${pieces[@]}"; do
	declare -F "lint_$piece" >/dev/null || die "lint has no piece '$piece': go vulnerabilities python c shell spelling r"
	if out=$("lint_$piece" 2>&1); then
		echo "ok    $piece${out:+: $(paste -sd ';' <<<"$out")}"
	else
		echo "FAIL  $piece"
		printf '%s\n' "$out"
		failed+=("$piece")
	fi
done
[ ${#failed[@]} = 0 ]
