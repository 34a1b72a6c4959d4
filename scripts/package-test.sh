#!/usr/bin/env bash
# Builds the packages from the programs of `make test`, once as an older version and once as today's, and tests them:
# what they hold; installed, started, upgraded, removed. As root on Debian the real way, elsewhere in a folder.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
if [ -z "${EARSHOT_BUILT:-}" ]; then
  scripts/setup.sh test
  scripts/programs.sh dev
fi
{ have dpkg-deb && have rpmbuild; } || fail "the packages cannot be built here: dpkg-deb and rpmbuild are needed." \
  "On Debian: apt-get install dpkg-dev rpm rpm2cpio cpio"
export EARSHOT_BUILT=1
rm -rf target/package-test
scripts/package.sh --profile dev --version 0.0.9 --out "$ROOT/target/package-test/old" >/dev/null
scripts/package.sh --profile dev --out "$ROOT/target/package-test/now"

python=/usr/bin/python3
[ -x "$python" ] || python=python3
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$ROOT/tests/packages:$ROOT/tests/desktop:$ROOT/tests/support"
tests=("$@")
[ "${#tests[@]}" -gt 0 ] || tests=(test_contents test_life)
for test in "${tests[@]}"; do
  case "$test" in
    test_life*) EARSHOT_WORK="$ROOT/tests/.work/packages" tests/desktop/run.sh "$python" -m unittest --verbose "$test" ;;
    *) "$python" -m unittest --verbose "$test" ;;
  esac
done
