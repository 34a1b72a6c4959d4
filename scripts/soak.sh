#!/usr/bin/env bash
# Days and minutes of faults, for what only shows after thousands of them: virtual days on a simulated network, then ten
# real minutes against the simulator as a program. Prints a table of each; writes nothing outside target/.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
have cargo || fail "Rust is not installed." "make setup"
cargo build --locked --quiet --package earshot-simulator
target="${CARGO_TARGET_DIR:-$ROOT/target}"
export EARSHOT_SIMULATOR="$target/debug/earshot-simulator"
export TMPDIR="$target/soak"
mkdir -p "$TMPDIR"
status=0
cargo test --locked --quiet --package earshot-engine --test network -- --ignored --nocapture soak:: || status=1
cargo test --locked --quiet --package earshot-engine --test soak -- --ignored --nocapture || status=1
exit "$status"
