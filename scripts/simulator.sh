#!/usr/bin/env bash
# Starts the local Genesys Cloud on port 8090, so that Earshot's sign-in form can be pointed at it: region "Custom…",
# both addresses http://localhost:8090, the client id that it prints. See `make simulator ARGS=--help` and its README.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
have cargo || scripts/setup.sh app
cargo build --locked --quiet --package earshot-simulator
exec target/debug/earshot-simulator "$@"
