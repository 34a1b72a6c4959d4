#!/usr/bin/env bash
# Builds the packages from the programs of `make test`, once as an older version and once as today's, and tests them:
# what they hold; installed, started, upgraded, removed; the guide followed with them. As root on Debian the real way,
# elsewhere in a folder. EARSHOT_PROFILE=release: from the release programs.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
export EARSHOT_PROFILE="${EARSHOT_PROFILE:-dev}"
if [ -z "${EARSHOT_BUILT:-}" ]; then
  scripts/setup.sh test
  scripts/programs.sh "$EARSHOT_PROFILE"
fi
{ have dpkg-deb && have rpmbuild; } || fail "the packages cannot be built here: dpkg-deb and rpmbuild are needed." \
  "On Debian: apt-get install dpkg-dev rpm rpm2cpio cpio"
export EARSHOT_BUILT=1
rm -rf target/package-test
scripts/package.sh --profile "$EARSHOT_PROFILE" --version 0.0.9 --out "$ROOT/target/package-test/old" >/dev/null
scripts/package.sh --profile "$EARSHOT_PROFILE" --out "$ROOT/target/package-test/now"

python=/usr/bin/python3
[ -x "$python" ] || python=python3
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$ROOT/tests/packages:$ROOT/tests/desktop:$ROOT/tests/support"
tests=("$@")
[ "${#tests[@]}" -gt 0 ] || tests=(test_contents test_life test_newcomer)
for test in "${tests[@]}"; do
  case "$test" in
    test_life* | test_newcomer*) EARSHOT_WORK="$ROOT/tests/.work/packages" tests/desktop/run.sh "$python" -m unittest --verbose "$test" ;;
    *) "$python" -m unittest --verbose "$test" ;;
  esac
done
