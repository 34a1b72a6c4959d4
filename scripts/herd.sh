#!/usr/bin/env bash
# Ten thousand clients lose their server at one instant, in virtual time: what it is asked when it is back, as figures and
# plots in docs/. FLEET is how many clients.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
export EARSHOT_HERD="${FLEET:-10000}" EARSHOT_HERD_OUT="$ROOT/docs"
exec cargo test --package earshot-engine --test guarantees -- herd:: --nocapture
