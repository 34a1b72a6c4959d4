#!/usr/bin/env bash
# Runs the usual reconnecting recipes and Earshot through the same faults on the simulator, and writes docs/compare.md.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
scripts/npm.sh tests/compare
scripts/venv.sh tests/compare/.venv tests/compare/requirements.txt

# test.sh has built the whole workspace already.
[ -n "${EARSHOT_BUILT:-}" ] || cargo build --locked --quiet --package earshot-simulator --package earshot-listen
(cd tests/compare && .venv/bin/python -m unittest --quiet)
exec tests/compare/.venv/bin/python tests/compare/compare.py "$@"
