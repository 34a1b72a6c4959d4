#!/usr/bin/env bash
# Makes the manual pages in docs/man again from the programs' own words; tests keep them current.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
scripts/ui.sh
EARSHOT_WRITE_MAN=1 cargo test --locked --quiet --package earshot --lib manual
EARSHOT_WRITE_MAN=1 cargo test --locked --quiet --package earshot-simulator --bin earshot-simulator manual_page
page="$(mktemp)"
cargo run --locked --quiet --package earshot-listen -- man >"$page"
cat "$page" >docs/man/earshot-listen.1
rm -f "$page"
git --no-pager diff --stat -- docs/man
