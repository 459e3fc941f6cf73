#!/usr/bin/env bash
# The locks of what tests, linters, wheels and the site take from PyPI:
# scripts/lock.sh [UV'S ARGUMENTS...], as --upgrade or --upgrade-package NAME
#
# X.lock has every package that X.txt leads to, on any system and Python of ours,
# each of one version, with the SHA-256 of its files. What is locked already stays
# while it does. X-alone.txt has what is taken without what it asks for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh

need_uv() { [ -x "$venv/bin/uv" ] || { make_venv && "$py" -m pip install --quiet "$(grep '^uv==' scripts/requirements/lint.txt)"; }; }
compile() { "$venv/bin/uv" pip compile --quiet --no-config --universal --generate-hashes --no-annotate --no-header "$@" >/dev/null; }

need_uv
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
constraints=()
for lock in "${locks[@]}"; do
	python=3.10 from=${lock%.lock}
	[ "$lock" != docs/requirements.lock ] || python=3.11
	for part in "" -alone; do
		[ -f "$from$part.txt" ] || continue
		new=$made/${lock//\//-}$part
		[ ! -f "$lock" ] || cp "$lock" "$new"
		compile --python-version "$python" "${constraints[@]}" ${part:+--no-deps} "$@" -o "$new" "$from$part.txt"
	done
	{
		printf '# Made by ./build.sh lock. Of: %s\n' "$(lock_of "$lock")"
		cat "$made/${lock//\//-}"*
	} >"$made/whole"
	cp "$made/whole" "$lock"
	# One environment takes the others too: versions as for the tests.
	[ -n "${constraints[*]}" ] || constraints=(-c "$lock")
	echo "$lock: $(grep -c '==' "$lock") packages"
done
