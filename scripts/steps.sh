# Sourced by check.sh and test.sh: named steps with their time, all of them run even if one fails, one verdict at the end.
# shellcheck shell=bash

passed=0
failed=()

# step NAME COMMAND…
step() {
  local name="$1" start=$SECONDS
  shift
  printf '\n=== %s\n' "$name"
  if "$@" </dev/null; then
    passed=$((passed + 1))
    printf '\n=== %s: done in %d s\n' "$name" $((SECONDS - start))
  else
    failed+=("$name")
    printf '\n=== %s: FAILED after %d s\n' "$name" $((SECONDS - start))
  fi
}

# must NAME COMMAND…: a step without which the others make no sense.
must() {
  step "$@"
  [ "${#failed[@]}" -eq 0 ] || verdict
}

skip() { printf '\n=== %s: skipped, %s\n' "$1" "$2"; }

in_ui() { (cd ui && npm run --silent "$@"); }

# Tests of the workspace: with nextest where it is installed (it runs them side by side), else with cargo itself.
rust_tests() {
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked --workspace --no-fail-fast && cargo test --locked --workspace --doc --quiet
  else
    cargo test --locked --workspace --no-fail-fast
  fi
}

lint_scripts() {
  if have shellcheck; then
    shellcheck -x scripts/*.sh .ci/run tests/desktop/*.sh src-tauri/packaging/*.sh
  else
    note "shellcheck is not installed: the scripts were not read"
  fi
}

licences() {
  if cargo deny --version >/dev/null 2>&1; then
    cargo deny --locked check licenses bans sources
  else
    note "cargo-deny is not installed (cargo install --locked cargo-deny): declared licences and sources are read instead"
    python3 scripts/licences.py
  fi
}

# Known holes in npm packages that go into the program. A registry that does not answer is said, and fails nothing.
npm_audit() {
  local answer status=0
  answer="$(cd ui && npm audit --omit=dev --audit-level=high --fetch-retries=0 --fetch-timeout=15000 2>&1)" || status=$?
  case "$answer" in
    *"audit endpoint returned an error"* | *ENOTFOUND* | *ECONNREFUSED* | *EAI_AGAIN* | *ETIMEDOUT* | *ENOAUDIT* | *"network"*)
      note "the npm registry does not answer audits from here: npm packages were not checked"
      ;;
    *)
      printf '%s\n' "$answer"
      return "$status"
      ;;
  esac
}

# The page, the format and the lints: what check and test have in common.
common_steps() {
  step "format of the Rust sources" cargo fmt --all --check
  step "scripts" lint_scripts
  step "licences of the dependencies" licences
  step "known holes in npm packages" npm_audit
  step "page: format and lints" in_ui lint
  step "page: types" in_ui check
  step "page: tests" in_ui test
  must "page: build" scripts/ui.sh
  step "page: size" in_ui size
  step "lints (clippy)" cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
  step "tests of the workspace" rust_tests
}

verdict() {
  local name
  printf '\n'
  for name in "${failed[@]}"; do printf 'failed: %s\n' "$name"; done
  printf 'after %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
  printf 'steps: %d passed, %d failed\n' "$passed" "${#failed[@]}"
  [ "${#failed[@]}" -eq 0 ]
  exit
}
