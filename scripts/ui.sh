#!/usr/bin/env bash
# Builds the page into ui/dist, if anything in ui/ has changed since it was built last.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
scripts/npm.sh ui
# Not inside ui/dist: everything in there goes into the program.
stamp=ui/node_modules/.earshot-built
wanted="$(find ui \( -path ui/node_modules -o -path ui/dist \) -prune -o -type f -print0 | LC_ALL=C sort -z |
  xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)"

if [ -f ui/dist/index.html ] && [ -f ui/dist/popup.html ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  exit 0
fi
say "Building the page"
(cd ui && npm run --silent build </dev/null)
printf '%s' "$wanted" >"$stamp"
