#!/usr/bin/env bash
# Called by scripts/package.sh: packs the staged trees into .deb files: `deb.sh FOLDER`.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
out="$1"
architecture="$(dpkg --print-architecture)"
mkdir -p "$out"

# needs PACKAGE: the packages that have the libraries its programs are linked to, with the versions whose symbols they use.
needs() {
  local scratch="$out/needs-$1"
  mkdir -p "$scratch/debian"
  printf 'Source: earshot\n\nPackage: %s\nArchitecture: any\n' "$1" >"$scratch/debian/control"
  (cd "$scratch" && dpkg-shlibdeps -O "$EARSHOT_STAGE/$1"/usr/bin/*) | sed -n 's/^shlibs:Depends=//p'
  rm -rf "$scratch"
}

for package in earshot earshot-tools; do
  tree="$out/$package"
  cp -a "$EARSHOT_STAGE/$package" "$tree"
  doc="$tree/usr/share/doc/$package"
  {
    printf 'earshot (%s) stable; urgency=medium\n\n  * What has changed is in CHANGELOG.md.gz.\n\n' "$EARSHOT_VERSION"
    printf ' -- %s  %s\n' "The Earshot project <earshot-desktop@users.noreply.github.com>" \
      "$(date -u -R -d "@$SOURCE_DATE_EPOCH")"
  } | gzip -9n >"$doc/changelog.gz"
  if [ -f "src-tauri/packaging/debian/$package.lintian" ]; then
    install -D -m 644 "src-tauri/packaging/debian/$package.lintian" "$tree/usr/share/lintian/overrides/$package"
  fi

  size="$(find "$tree" -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')"
  needs="$(needs "$package")"
  mkdir -p "$tree/DEBIAN"
  sed -e "s/@VERSION@/$EARSHOT_VERSION/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" \
    -e "s/@SHLIBS@/$needs/" "src-tauri/packaging/debian/$package.control" >"$tree/DEBIAN/control"
  (cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
  # An administrator's changes to these outlive upgrades.
  if [ -d "$tree/etc" ]; then
    (cd "$tree" && find etc -type f -printf '/%p\n' | sort) >"$tree/DEBIAN/conffiles"
  fi
  find "$tree" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz "-z${EARSHOT_SQUEEZE:-9}" --build "$tree" "$out/${package}_${EARSHOT_VERSION}_$architecture.deb" >/dev/null
  rm -rf "$tree"
done
