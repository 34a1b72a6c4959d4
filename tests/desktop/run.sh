#!/usr/bin/env bash
# Runs a command on a whole desktop of its own: a display nobody sees, a session bus, a window manager, a panel with
# tray icons, a notification server, an unlocked key store. Everything it starts ends with it.
#
#   tests/desktop/run.sh python3 -m unittest …
#
# Logs are in tests/.work/desktop/. THEME=dark makes it a dark desktop.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
work="${EARSHOT_WORK:-$root/tests/.work/desktop}"
mkdir -p "$work/session"

# One at a time on this machine: the ports that the browser comes back to are fixed.
exec 9>"/tmp/earshot-desktop-$(id -u).lock"
if ! flock --nonblock 9; then
  echo "Another run of the desktop tests is under way; waiting for it to end." >&2
  flock 9
fi

# Nothing of the caller's own desktop is seen or touched.
runtime="$(mktemp -d /tmp/earshot-desktop-XXXXXX)"
chmod 700 "$runtime"
home="$work/session/home"
rm -rf "$home"
mkdir -p "$home"

display_file="$runtime/display"
# No auto-repeat: a key that is let go late on a busy machine is one key all the same.
Xvfb -displayfd 3 -screen 0 "${SCREEN:-1280x900x24}" -nolisten tcp -noreset -r 3>"$display_file" \
  2>"$work/session/xvfb.log" >&2 9>&- &
xvfb=$!
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  kill "$xvfb" 2>/dev/null || true
  wait "$xvfb" 2>/dev/null || true
  rm -rf "$runtime"
}
trap cleanup EXIT

for _ in $(seq 100); do
  [ -s "$display_file" ] && break
  kill -0 "$xvfb" 2>/dev/null || break
  sleep 0.1
done
[ -s "$display_file" ] || {
  echo "error: Xvfb did not start; see $work/session/xvfb.log" >&2
  exit 1
}
DISPLAY=":$(head -n 1 "$display_file")"

theme=Adwaita
[ "${THEME:-light}" = dark ] && theme=Adwaita:dark

env -u WAYLAND_DISPLAY -u DBUS_SESSION_BUS_ADDRESS -u XAUTHORITY -u AT_SPI_BUS_ADDRESS -u GTK_MODULES \
  -u http_proxy -u https_proxy -u all_proxy -u no_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY -u NO_PROXY \
  DISPLAY="$DISPLAY" XDG_RUNTIME_DIR="$runtime" EARSHOT_WORK="$work" GTK_THEME="$theme" \
  XDG_SESSION_TYPE=x11 XDG_CURRENT_DESKTOP=XFCE LANG=C.UTF-8 \
  HOME="$home" XDG_CONFIG_HOME="$home/.config" XDG_DATA_HOME="$home/.local/share" XDG_CACHE_HOME="$home/.cache" \
  dbus-run-session -- "$here/session.sh" "$@" 4>&2 2>"$work/session/dbus.log" 9>&-
