#!/usr/bin/env bash
# Starts the local Genesys Cloud on a fixed port, so that Earshot's sign-in form (region "Custom…", both addresses
# http://localhost:8880) can be pointed at it. Arguments replace the port: see `make simulator ARGS=--help`.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
have cargo || scripts/setup.sh app
cargo build --locked --quiet --package earshot-simulator
if [ $# -eq 0 ]; then set -- --port 8880; fi
exec target/debug/earshot-simulator "$@"
