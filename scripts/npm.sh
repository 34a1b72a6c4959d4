#!/usr/bin/env bash
# Brings the npm packages of one folder to its lock file: `npm.sh ui`. Does nothing if they are there already.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
folder="$1"
stamp="$folder/node_modules/.earshot-stamp"
# The lock file and Node's version together decide what is in node_modules.
wanted="$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum | cut -d ' ' -f 1) $(node --version)"

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi
say "Installing npm packages in $folder/"
(cd "$folder" && npm ci --no-audit --no-fund --loglevel=error </dev/null) || fail "npm ci failed in $folder/." \
  "If the network is the trouble (proxy, registry), see the lines above; then run the same make again."
printf '%s' "$wanted" >"$stamp"
