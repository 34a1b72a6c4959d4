#!/usr/bin/env bash
# The inside of run.sh: starts the desktop's programs on the display and bus that it was given, waits until each is
# there, and runs the command.
set -euo pipefail
exec 2>&4 4>&- # the bus daemon writes a log of its own
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
logs="$EARSHOT_WORK/session"

started=()
# start NAME COMMAND…: in the background, with a log of its own.
start() {
  local name="$1"
  shift
  "$@" >"$logs/$name.log" 2>&1 </dev/null &
  started+=("$!")
}
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  kill "${started[@]}" 2>/dev/null || true
  # One that waits for itself in its own end (xfwm4 does, now and then) hears nothing else.
  for _ in $(seq 20); do
    kill -0 "${started[@]}" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "${started[@]}" 2>/dev/null || true
}
trap cleanup EXIT

# await WHAT COMMAND…
await() {
  local what="$1"
  shift
  for _ in $(seq 150); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  echo "error: the desktop has no $what after 15 s; see $logs" >&2
  exit 1
}
owned() {
  gdbus call --session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus \
    --method org.freedesktop.DBus.NameHasOwner "$1" | grep -q true
}
has_manager() { xprop -root _NET_SUPPORTING_WM_CHECK | grep -q '0x'; }

# A panel with nothing but tray icons.
mkdir -p "$XDG_CONFIG_HOME/xfce4/xfconf/xfce-perchannel-xml"
cp "$here/panel.xml" "$XDG_CONFIG_HOME/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"

notifyd=$(find /usr/lib* -name xfce4-notifyd -type f -perm -u+x 2>/dev/null | head -n 1)
start keyring sh -c 'printf "desktop-tests" | exec gnome-keyring-daemon --foreground --unlock --components=secrets'
start xfwm4 xfwm4 --compositor=off
start notifyd "${notifyd:-xfce4-notifyd}"
await "window manager" has_manager
start panel xfce4-panel --disable-wm-check
await "notification server" owned org.freedesktop.Notifications
await "key store" owned org.freedesktop.secrets
await "tray" owned org.kde.StatusNotifierWatcher
await "accessibility bus" gdbus call --session --dest org.a11y.Bus --object-path /org/a11y/bus \
  --method org.a11y.Bus.GetAddress

"$@"
