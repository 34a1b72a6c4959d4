#!/usr/bin/env bash
# The developer's loop: format, lints, and every test that needs neither a desktop nor the official SDKs.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"
must "what building needs" scripts/setup.sh app
common_steps
verdict
