#!/usr/bin/env bash
# Drives the simulator with the official JavaScript and Python SDKs: sign in, read, subscribe, hear, answer, set presence.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
scripts/npm.sh tests/sdk/javascript

scripts/venv.sh tests/.venv tests/sdk/python/requirements.txt

# test.sh has built the whole workspace already; building one package would choose other features and take longer.
[ -n "${EARSHOT_BUILT:-}" ] || cargo build --locked --quiet --package earshot-simulator

status=0
say "JavaScript SDK"
(cd tests/sdk/javascript && npm test --silent) || status=1
say "Python SDK"
(cd tests/sdk/python && ../../.venv/bin/python -m unittest --verbose) || status=1
exit "$status"
