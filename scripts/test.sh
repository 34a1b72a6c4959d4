#!/usr/bin/env bash
# Everything: what check.sh does, then the simulator against the official SDKs, one fault of the
# comparison, then the real app on a real desktop, then the packages.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"
must "what building and testing need" scripts/setup.sh test
common_steps
must "programs" cargo build --locked --workspace --quiet
export EARSHOT_BUILT=1
step "simulator against the official SDKs" scripts/sdk-test.sh
step "the comparison, one fault of it" scripts/compare.sh --brief
packages=
if have dpkg-deb && have rpmbuild; then packages=yes; fi
# The guide is followed once: with the packages where there are any.
step "the app on a desktop" env ${packages:+EARSHOT_GUIDE_LATER=1} scripts/desktop-test.sh
step "how fast the desktop program is, roughly" scripts/bench-desktop.sh --brief
if [ -n "$packages" ]; then
  step "the packages: installed, upgraded, removed, and the guide followed with them" scripts/package-test.sh
else
  skip "the packages" "there is no dpkg-deb or no rpmbuild here"
fi
verdict
