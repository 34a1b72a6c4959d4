#!/usr/bin/env bash
# Builds the three programs: `programs.sh release` (the default) as they are packaged and measured, `programs.sh dev` as
# they are tested. A release build from the same commit with the same toolchain gives the same bytes, in whatever folder.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
profile="${1:-release}"
scripts/ui.sh
programs=(--package earshot --package earshot-listen --package earshot-simulator)
case "$profile" in
  dev) exec cargo build --locked --quiet "${programs[@]}" ;;
  release) ;;
  *) fail "no such profile: $profile" "Give release or dev." ;;
esac

# Where the sources lie is nobody's business, and differs from machine to machine.
separator=$'\x1f'
export CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=$ROOT=/usr/src/earshot${separator}--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/usr/src/cargo"
export CFLAGS="-ffile-prefix-map=$ROOT=/usr/src/earshot -ffile-prefix-map=${CARGO_HOME:-$HOME/.cargo}=/usr/src/cargo"
say "Building the release programs (the first time takes ten minutes or more)"
exec nice cargo build --locked --release "${programs[@]}"
