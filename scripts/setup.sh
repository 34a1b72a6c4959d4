#!/usr/bin/env bash
# Installs what is missing to build (`setup.sh app`) or also to test (`setup.sh test`): toolchains are checked, system
# packages installed where that is allowed, npm packages brought to the lock file. Quick when nothing is missing.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
what="${1:-app}"

rust_wanted=1.90
node_wanted=20.19

# Debian's name of each package, and what it is for: other distributions call it differently.
app_packages=(
  "build-essential|a C compiler and linker"
  "pkg-config|finds the libraries below"
  "libwebkit2gtk-4.1-dev|WebKitGTK 4.1 for GTK 3, which draws the page"
  "libgtk-3-dev|GTK 3, the windows"
  "librsvg2-dev|librsvg, icons"
  "libasound2-dev|ALSA, the ring"
  "libdbus-1-dev|D-Bus, the tray icon"
)
test_packages=(
  "xvfb|a display without a screen"
  "xauth|the key to that display"
  "xfwm4|a window manager"
  "xfce4-panel|a panel that shows tray icons"
  "xfce4-notifyd|a notification server"
  "gnome-keyring|a key store"
  "libsecret-tools|a look into it"
  "webkit2gtk-driver|runs scripts in the app's pages"
  "pulseaudio|a loudspeaker that nobody hears"
  "pulseaudio-utils|an ear at it"
  "libasound2-plugins|the way from ALSA to it"
  "dbus-x11|a session bus for each test run"
  "dbus-daemon|a session bus for each test run"
  "at-spi2-core|the accessibility bus"
  "python3|the desktop tests are written in it"
  "gir1.2-atspi-2.0|drives the app as a screen reader would"
  "python3-gi|windows made by the tests"
  "gir1.2-gtk-3.0|windows made by the tests"
  "python3-venv|an environment for the Python SDK"
  "xdotool|keys, pointer and focus"
  "wmctrl|lists windows"
  "x11-utils|window properties"
  "imagemagick|pictures of windows"
  "optipng|makes pictures small"
  "adwaita-icon-theme|icons of the panel and of GTK"
  "fonts-inter|the font in the pictures"
  "shellcheck|reads the scripts"
  "dpkg-dev|makes the .deb packages"
  "rpm|makes the .rpm packages"
  "rpm2cpio|unpacks them"
  "cpio|unpacks them"
  "desktop-file-utils|checks the desktop entries"
  "appstream|checks what software centres show"
)

check_rust() {
  have cargo || fail "Rust is not installed (no cargo on PATH)." \
    "Install Rust $rust_wanted or newer: https://rustup.rs"
  local version
  version="$(rustc --version | awk '{print $2}')"
  at_least "$version" "$rust_wanted" || fail "Rust $version is too old: Earshot needs $rust_wanted or newer." \
    "With rustup: rustup update stable"
}

check_node() {
  { have node && have npm; } || fail "Node.js is not installed (node and npm on PATH)." \
    "Install Node.js 20 or newer: https://nodejs.org, or your distribution's packages nodejs and npm."
  local version
  version="$(node --version)"
  version="${version#v}"
  at_least "$version" "$node_wanted" || fail "Node.js $version is too old: Earshot needs $node_wanted or newer." \
    "Install a newer one: https://nodejs.org, or with nvm: nvm install 20"
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

list_packages() {
  local entry
  for entry in "$@"; do printf '  %-24s %s\n' "${entry%%|*}" "${entry#*|}" >&2; done
}

apt_install() {
  local run=()
  if [ "$(id -u)" -ne 0 ]; then
    if have sudo && sudo -n true 2>/dev/null; then
      run=(sudo -n)
    else
      return 1
    fi
  fi
  local apt=("${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0) log
  log="$(mktemp)"
  # Package lists may be absent or old on a bare machine: ask once, and go on if that fails and they are there.
  "${apt[@]}" update </dev/null >"$log" 2>&1 || warn "apt-get update failed; trying with the package lists that are here."
  if ! "${apt[@]}" install --no-install-recommends "$@" </dev/null >>"$log" 2>&1; then
    tail -n 25 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

check_system() {
  local wanted=("${app_packages[@]}") missing=() entry
  [ "$what" = test ] && wanted+=("${test_packages[@]}")

  if ! have dpkg-query || ! have apt-get; then
    check_system_by_probe "${wanted[@]}"
    return
  fi
  for entry in "${wanted[@]}"; do installed "${entry%%|*}" || missing+=("$entry"); done
  [ "${#missing[@]}" -eq 0 ] && return
  say "Installing ${#missing[@]} system packages: ${missing[*]%%|*}"
  if ! apt_install "${missing[@]%%|*}"; then
    printf '\nThese system packages are missing:\n' >&2
    list_packages "${missing[@]}"
    fail "they could not be installed from here (not root, and sudo asks for a password, or apt-get failed)." \
      "Run this once, then the same make again:" \
      "sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]%%|*}"
  fi
}

# Another distribution: nothing is installed, only what can be seen to be missing is named.
check_system_by_probe() {
  local module library missing=()
  have pkg-config || missing+=("pkg-config")
  have cc || missing+=("a C compiler (cc)")
  if have pkg-config; then
    for module in webkit2gtk-4.1 gtk+-3.0 librsvg-2.0 alsa dbus-1; do
      pkg-config --exists "$module" || missing+=("$module (development files)")
    done
  fi
  if [ "$what" = test ]; then
    for library in Xvfb xauth xfwm4 xfce4-panel gnome-keyring-daemon pulseaudio parec dbus-run-session \
      xdotool wmctrl xprop import optipng shellcheck; do
      have "$library" || missing+=("$library")
    done
    /usr/bin/python3 -c 'from gi import require_version; require_version("Atspi", "2.0")' 2>/dev/null ||
      missing+=("PyGObject and AT-SPI's typelib for /usr/bin/python3")
  fi
  [ "${#missing[@]}" -eq 0 ] && return
  printf '\nMissing here:\n' >&2
  printf '  %s\n' "${missing[@]}" >&2
  printf '\nEarshot is built on Debian 12, where the packages are called:\n' >&2
  list_packages "$@"
  fail "this system has no apt-get, so they cannot be installed from here." \
    "Install your distribution's packages for the same things, then run the same make again."
}

check_rust
check_node
check_system
scripts/npm.sh ui
