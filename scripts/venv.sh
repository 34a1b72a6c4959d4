#!/usr/bin/env bash
# Brings a Python environment to its requirements: `venv.sh FOLDER REQUIREMENTS`. Does nothing if they are there already.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
venv="$1"
requirements="$2"
wanted="$(sha256sum <"$requirements")"
if [ -x "$venv/bin/python" ] && [ "$(cat "$venv/.earshot-stamp" 2>/dev/null)" = "$wanted" ]; then exit 0; fi
say "Installing $requirements into $venv/"
# Debian's own Python where there is one: a version manager's shim may be anything.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
rm -rf "$venv"
"$python" -m venv "$venv" || fail "Python cannot make a virtual environment." "On Debian: apt-get install python3-venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" </dev/null
printf '%s' "$wanted" >"$venv/.earshot-stamp"
