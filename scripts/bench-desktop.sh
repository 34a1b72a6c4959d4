#!/usr/bin/env bash
# Measures the desktop program on a desktop of its own, beside Chromium showing the same page, and writes
# docs/bench-desktop.md; ends with 1 when a must is missed. `--thorough` offers twenty times off queue, and takes eight
# minutes more. `--brief` measures the programs of `make test` for a minute, with three times the limits, and writes
# nothing. EARSHOT_BUILT=1 takes the programs that are there.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
profile=release arguments=()
if [ "${1:-}" = --brief ]; then
  profile=dev
  arguments=(--brief)
elif [ "${1:-}" = --thorough ]; then
  arguments=(--thorough)
elif [ $# -gt 0 ]; then
  fail "unknown: $1" "It takes --brief, --thorough, or nothing."
fi
if [ -z "${EARSHOT_BUILT:-}" ]; then
  scripts/setup.sh test
  scripts/programs.sh "$profile"
fi
programs="$ROOT/target/release"
[ "$profile" = dev ] && programs="$ROOT/target/debug"

if [ "$profile" = release ]; then
  have chromium || have chromium-browser || have google-chrome ||
    warn "there is no Chromium to compare with, so the rows about memory count as missed (apt-get install chromium)"
  EARSHOT_BUILT=1 scripts/package.sh --only deb
  # With the stand-in for Earshot that the shipped page leaves out.
  (cd ui && npx vite build --mode fake --outDir ../target/bench-page --emptyOutDir --logLevel error </dev/null)
  package="$(find target/package -name "earshot_*_$(dpkg --print-architecture).deb" -newer target/release/earshot | head -n 1)"
  arguments+=(--page "$ROOT/target/bench-page" --package "${package:-none}" --write "$ROOT/docs/bench-desktop.md")
fi

python=/usr/bin/python3
[ -x "$python" ] || python=python3
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$ROOT/tests/desktop:$ROOT/tests/support"
export EARSHOT_BINARY="$programs/earshot" EARSHOT_SIMULATOR="$programs/earshot-simulator"
export EARSHOT_WORK="$ROOT/tests/.work/bench"
exec tests/desktop/run.sh "$python" tests/desktop/bench.py "${arguments[@]}"
