#!/usr/bin/env bash
# Drives the simulator with the official JavaScript and Python SDKs: sign in, read, subscribe, hear, answer, set presence.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
scripts/npm.sh tests/sdk/javascript

venv=tests/.venv
wanted="$(sha256sum <tests/sdk/python/requirements.txt)"
if [ ! -x "$venv/bin/python" ] || [ "$(cat "$venv/.earshot-stamp" 2>/dev/null)" != "$wanted" ]; then
  say "Installing the Python SDK into $venv/"
  # Debian's own Python where there is one: a version manager's shim may be anything.
  python=/usr/bin/python3
  [ -x "$python" ] || python=python3
  rm -rf "$venv"
  "$python" -m venv "$venv" || fail "Python cannot make a virtual environment." "On Debian: apt-get install python3-venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement tests/sdk/python/requirements.txt </dev/null
  printf '%s' "$wanted" >"$venv/.earshot-stamp"
fi

# test.sh has built the whole workspace already; building one package would choose other features and take longer.
[ -n "${EARSHOT_BUILT:-}" ] || cargo build --locked --quiet --package earshot-simulator

status=0
say "JavaScript SDK"
(cd tests/sdk/javascript && npm test --silent) || status=1
say "Python SDK"
(cd tests/sdk/python && ../../.venv/bin/python -m unittest --verbose) || status=1
exit "$status"
