#!/usr/bin/env bash
# Breaks the failure table on purpose, change by change, and expects the tests of the engine to notice each.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cargo mutants --version >/dev/null 2>&1 || fail "cargo-mutants is not installed." \
  "cargo install --locked cargo-mutants"
# Only the table and its own tests: the rest of the engine would notice much later, and for other reasons.
exec cargo mutants --package earshot-engine --file crates/engine/src/verdict.rs --output target --timeout 120 "$@" -- --lib
