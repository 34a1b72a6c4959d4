#!/usr/bin/env bash
# Generates the page's TypeScript types from the Rust ones into ui/src/bindings; a test of the shell keeps them current.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
scripts/ui.sh
EARSHOT_WRITE_BINDINGS=1 cargo test --locked --quiet --package earshot --lib bindings
git --no-pager diff --stat -- ui/src/bindings
