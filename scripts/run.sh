#!/usr/bin/env bash
# Starts the desktop app in practice mode: a contact centre inside the program, no account needed. More arguments are
# handed on; `make run ARGS=--sign-in` starts with the sign-in form instead.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need_display run
scripts/setup.sh app
scripts/ui.sh
say "Building Earshot (the first time takes some minutes)"
cargo build --locked --quiet --package earshot

arguments=(--practice "$@")
if [ "${1:-}" = --sign-in ]; then
  shift
  arguments=("$@")
fi
# Tray icon, notifications and accessibility speak over a session bus. Where there is none (xvfb-run), start one.
start=()
if [ -z "${DBUS_SESSION_BUS_ADDRESS:-}" ] && [ ! -S "/run/user/$(id -u)/bus" ] && have dbus-run-session; then
  start=(dbus-run-session --)
fi
exec "${start[@]}" target/debug/earshot "${arguments[@]}"
