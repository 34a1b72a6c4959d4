#!/usr/bin/env bash
# Removes everything that was built or installed into this folder; system packages stay.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
rm -rf target ui/dist ui/node_modules tests/.venv tests/.work tests/sdk/javascript/node_modules \
  tests/compare/node_modules tests/compare/.venv
