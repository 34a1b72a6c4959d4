#!/usr/bin/env bash
# The readers of network input against hostile input, for longer than every test run has: SECONDS_EACH for each reader.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
seconds="${SECONDS_EACH:-60}"
export BOLERO_RANDOM_TEST_TIME_MS="$((seconds * 1000))"
# No bound but the time.
export BOLERO_RANDOM_ITERATIONS="${BOLERO_RANDOM_ITERATIONS:-1000000000}"
exec cargo test --package earshot-genesys --test fuzz -- "$@"
