#!/usr/bin/env bash
# Called by scripts/package.sh: lays out what each package installs, in $EARSHOT_STAGE/earshot and $EARSHOT_STAGE/earshot-tools,
# from the programs in $EARSHOT_PROGRAMS. What only Debian wants is added in deb.sh.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
here=src-tauri/packaging
day="$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)"

put() { install -D -m "$1" "$2" "$EARSHOT_STAGE/$3"; }
# squeeze SOURCE RESULT: without name and time, which would differ.
squeeze() {
  mkdir -p "$(dirname "$EARSHOT_STAGE/$2")"
  gzip -9nc "$1" >"$EARSHOT_STAGE/$2"
}
# program PACKAGE NAME: the program and its manual page.
program() {
  put 755 "$EARSHOT_PROGRAMS/$2" "$1/usr/bin/$2"
  # A release build is stripped by cargo; one for tests is not.
  strip --strip-all --enable-deterministic-archives "$EARSHOT_STAGE/$1/usr/bin/$2"
  squeeze "docs/man/$2.1" "$1/usr/share/man/man1/$2.1.gz"
}
# licences PACKAGE CRATE…
licences() {
  local package="$1"
  shift
  python3 "$here/licences.py" "$@" >"$EARSHOT_STAGE/licences"
  squeeze "$EARSHOT_STAGE/licences" "$package/usr/share/doc/$package/THIRD-PARTY-LICENCES.txt.gz"
  rm "$EARSHOT_STAGE/licences"
  squeeze CHANGELOG.md "$package/usr/share/doc/$package/CHANGELOG.md.gz"
  sed -e "s/@YEAR@/${day%%-*}/" "$here/copyright" | while IFS= read -r line; do
    if [ "$line" = @MIT@ ]; then
      # A paragraph of its format: indented, empty lines as dots; the heading is not part of it.
      sed -e 1,2d -e 's/^$/./' -e 's/^/ /' LICENSE-MIT
    else
      printf '%s\n' "$line"
    fi
  done >"$EARSHOT_STAGE/$package/usr/share/doc/$package/copyright"
}

rm -rf "$EARSHOT_STAGE"
program earshot earshot
put 644 $here/earshot.desktop earshot/usr/share/applications/earshot.desktop
put 644 $here/autostart/earshot.desktop earshot/etc/xdg/autostart/earshot.desktop
metainfo=earshot/usr/share/metainfo/cloud.earshot.desktop.metainfo.xml
put 644 $here/cloud.earshot.desktop.metainfo.xml $metainfo
sed -i -e "s/@VERSION@/$EARSHOT_VERSION/" -e "s/@DATE@/$day/" "$EARSHOT_STAGE/$metainfo"
icons=earshot/usr/share/icons/hicolor
put 644 icons/32x32.png $icons/32x32/apps/earshot.png
put 644 icons/128x128.png $icons/128x128/apps/earshot.png
put 644 icons/128x128@2x.png $icons/256x256/apps/earshot.png
put 644 icons/icon.png $icons/512x512/apps/earshot.png
put 644 icons/earshot.svg $icons/scalable/apps/earshot.svg
if [ -f docs/administrators.md ]; then put 644 docs/administrators.md earshot/usr/share/doc/earshot/administrators.md; fi
licences earshot earshot

program earshot-tools earshot-listen
program earshot-tools earshot-simulator
put 644 crates/simulator/README.md earshot-tools/usr/share/doc/earshot-tools/simulator.md
for script in crates/simulator/scripts/*; do
  put 644 "$script" "earshot-tools/usr/share/doc/earshot-tools/examples/${script##*/}"
done
licences earshot-tools earshot-listen earshot-simulator

# Whatever the builder's file creation mask and clock.
find "$EARSHOT_STAGE" -type d -exec chmod 755 {} +
find "$EARSHOT_STAGE" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
