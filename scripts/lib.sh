# Sourced by the other scripts: words for people, and where things are.
# shellcheck shell=bash

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export ROOT
cd "$ROOT"

# What later steps do with these differs from a terminal's wishes: one place decides.
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"

say() { printf '%s\n' "$*"; }
note() { printf '  %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }

# fail MESSAGE [CURE…]: what is wrong, then what to do, a line each.
fail() {
  printf '\nerror: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_least HAVE WANT: compares dotted version numbers.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# need_display: for what opens windows on the caller's own desktop.
need_display() {
  if [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; then
    fail "there is no display, and Earshot is a window." \
      "On a desktop: run this in a terminal there (DISPLAY or WAYLAND_DISPLAY must be set)." \
      "Without one:  xvfb-run -a make ${1:-run}    (package xvfb; it runs, but nobody sees it)" \
      "Over ssh:     ssh -X, or set DISPLAY to a display you may use."
  fi
}
