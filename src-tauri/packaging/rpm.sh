#!/usr/bin/env bash
# Called by scripts/package.sh: packs the staged trees into .rpm files: `rpm.sh FOLDER`.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
out="$1"
mkdir -p "$out/top"
# In the C locale, and with a database of its own: nothing of the machine goes in.
rpmbuild -bb --quiet --noclean --target "$(uname -m)" \
  --define "_topdir $out/top" --define "_dbpath $out/top/db" --define "_rpmdir $out" \
  --define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
  --define "earshot_squeeze ${EARSHOT_SQUEEZE:-9}" \
  --define "earshot_version $EARSHOT_VERSION" --define "earshot_stage $EARSHOT_STAGE" \
  src-tauri/packaging/earshot.spec >"$out/log" 2>&1 || {
  cat "$out/log" >&2
  fail "rpmbuild failed."
}
rm -rf "$out/top" "$out/log"
