#!/usr/bin/env bash
# Drives the real app on a desktop of its own, as a person with a screen reader would. Arguments choose tests:
# `make desktop-test ARGS=test_offers` or `ARGS=test_offers.Offers.test_answer_is_sent_once_and_confirmed`.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
if [ -z "${EARSHOT_BUILT:-}" ]; then
  scripts/setup.sh test
  scripts/ui.sh
  cargo build --locked --quiet --workspace
fi
python=/usr/bin/python3
[ -x "$python" ] || python=python3
"$python" -c 'import gi; gi.require_version("Atspi", "2.0"); from gi.repository import Atspi' 2>/dev/null ||
  fail "$python has no AT-SPI bindings." "On Debian: apt-get install python3-gi gir1.2-atspi-2.0"

export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$ROOT/tests/desktop:$ROOT/tests/support"
tests=("$@")
if [ "${#tests[@]}" -eq 0 ]; then
  mapfile -t tests < <(cd tests/desktop && basename -s .py -- test_*.py)
fi
exec tests/desktop/run.sh "$python" -m unittest --verbose "${tests[@]}"
