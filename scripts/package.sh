#!/usr/bin/env bash
# Makes the packages: earshot (the desktop program) and earshot-tools (earshot-listen and earshot-simulator, which need
# no desktop), each as .deb and .rpm, into target/package.
#
#   package.sh                         from a release build
#   package.sh --profile dev           from the programs that `make test` built, stripped: for testing the packaging
#   package.sh --version 0.0.9         under another version, for testing upgrades
#   package.sh --only deb --out DIR    one kind, elsewhere
#
# The same commit gives the same bytes: times are the commit's, owners are root, order is sorted, paths of this machine
# are left out. Made with dpkg-deb and rpmbuild and not with the Tauri bundler, whose .deb has its own idea of
# dependencies (not what the program links to), no second package, no conffile, and the time of the build in it.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
export LC_ALL=C TZ=UTC
umask 022

profile=release only=all out="$ROOT/target/package" version=""
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || fail "$1 needs a value."
  case "$1" in
    --profile) profile="$2" ;;
    --version) version="$2" ;;
    --only) only="$2" ;;
    --out) out="$2" ;;
    *) fail "unknown: $1" "See the head of scripts/package.sh." ;;
  esac
  shift 2
done
[[ "$only" =~ ^(all|deb|rpm)$ ]] || fail "--only knows deb and rpm."

makes() { [ "$only" = all ] || [ "$only" = "$1" ]; }
if makes deb; then
  { have dpkg-deb && have dpkg-shlibdeps; } || fail "dpkg-deb and dpkg-shlibdeps are needed for .deb." \
    "On Debian: apt-get install dpkg-dev. Without them: make package ARGS='--only rpm'"
fi
if makes rpm; then
  have rpmbuild || fail "rpmbuild is needed for .rpm." \
    "On Debian: apt-get install rpm. Without it: make package ARGS='--only deb'"
fi

own_version="$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)"
version="${version:-$own_version}"
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH="$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)"
fi
export SOURCE_DATE_EPOCH

[ -n "${EARSHOT_BUILT:-}" ] || scripts/programs.sh "$profile"
programs="$ROOT/target/release"
if [ "$profile" = dev ]; then
  programs="$ROOT/target/debug"
  export EARSHOT_SQUEEZE=0 # nobody downloads these
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
export EARSHOT_VERSION="$version" EARSHOT_PROGRAMS="$programs" EARSHOT_STAGE="$work/stage"

src-tauri/packaging/stage.sh
made=()
if makes deb; then
  src-tauri/packaging/deb.sh "$work/deb"
  made+=("$work"/deb/*.deb)
fi
if makes rpm; then
  src-tauri/packaging/rpm.sh "$work/rpm"
  made+=("$work"/rpm/*.rpm)
fi
mv -f "${made[@]}" "$out/"

say "In $out:"
for file in "${made[@]##*/}"; do
  printf '%-40s %6.1f MB  %s\n' "$file" "$(stat -c %s "$out/$file" | awk '{print $1 / 1e6}')" \
    "$(sha256sum "$out/$file" | cut -d ' ' -f 1)"
done
