#!/usr/bin/env bash
# Formats all sources: Rust and the page.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
scripts/npm.sh ui
cargo fmt --all
(cd ui && npm run --silent format)
