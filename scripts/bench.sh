#!/usr/bin/env bash
# How fast the engine is, in a release build. Reports go to target/criterion.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
exec cargo bench --locked --package earshot-engine --bench speed -- "$@"
