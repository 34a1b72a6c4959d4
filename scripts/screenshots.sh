#!/usr/bin/env bash
# Makes the pictures in docs/pictures/ again: the real app, in light and in dark, on a desktop of its own.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
scripts/setup.sh test
scripts/ui.sh
cargo build --locked --quiet --workspace
python=/usr/bin/python3
[ -x "$python" ] || python=python3
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$ROOT/tests/desktop:$ROOT/tests/support"
mkdir -p docs/pictures
for theme in light dark; do
  # Twice the pixels, for screens that have them.
  THEME="$theme" SCREEN=2560x1800x24 GDK_SCALE=2 EARSHOT_WORK="$ROOT/tests/.work/pictures-$theme" \
    tests/desktop/run.sh "$python" tests/desktop/pictures.py "$theme" docs/pictures
done
optipng -quiet -strip all -o2 docs/pictures/*.png
ls -l docs/pictures
