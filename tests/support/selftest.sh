#!/usr/bin/env bash
# Suite: the runner can fail. tests/run.sh and tests/lib.sh are copied beside suites made up for this, and what the runner makes of them is
# looked at: its last line, its exit status.
. "$(dirname "$0")/../lib.sh"
work=$(mktemp -d "$SCRATCH/runner.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset SCRATCH
mkdir -p "$work/tests/unit" "$work/tests/lint"
cp "$ROOT/tests/run.sh" "$ROOT/tests/lib.sh" "$work/tests"
echo 'exit 0' >"$work/tests/install.sh"

# suite NAME TEXT: a suite of this text.
suite() {
    # shellcheck disable=SC2016  # it is to be written as it is
    printf '. "$(dirname "$0")/../lib.sh"\n%s\n' "$2" >"$work/tests/$1/run.sh"
}

# ends WHAT LAST_LINE STATUS [CI]: the runner's end, with the suites unit and lint.
ends() {
    local status last
    CI=${4:-} bash "$work/tests/run.sh" unit lint >"$work/out" 2>&1
    status=$?
    last=$(tail -1 "$work/out")
    if [ "$last" = "$2" ] && [ "$status" -eq "$3" ]; then
        ok "runner: $1"
    else
        not_ok "runner: $1" "it ends with '$last' and exit status $status"
        note_file "$work/out"
    fi
}

fine='ok a "3 checks"; ok b; finish'
suite unit "$fine"
suite lint 'ok c; finish'
ends "all fine" "3 passed, 0 failed, 0 skipped" 0
suite lint 'ok c; not_ok d "a reason"; finish'
ends "a failed test" "3 passed, 1 failed, 0 skipped" 1
suite lint 'check d false; finish'
ends "a failed command" "2 passed, 1 failed, 0 skipped" 1
suite lint 'skip d "no network"; finish'
ends "a skip" "2 passed, 0 failed, 1 skipped" 0
ends "a skip in CI" "2 passed, 1 failed, 0 skipped" 1 true
suite lint 'cannot d "no second JDK"; finish'
ends "what the machine can't, in CI" "2 passed, 0 failed, 1 skipped" 0 true
suite lint 'finish'
ends "a suite without a test" "2 passed, 1 failed, 0 skipped" 1
suite lint 'ok c; exit 3'
ends "a suite that dies" "3 passed, 1 failed, 0 skipped" 1
# shellcheck disable=SC2016  # it is to be written as it is
suite lint 'ok c; kill -KILL $$'
ends "a suite that is killed" "3 passed, 1 failed, 0 skipped" 1
# shellcheck disable=SC2016
suite lint 'wait_for 1 false && ok c || not_ok c; wait_for 5 test -e "$0" && ok d; finish'
ends "waiting in vain and not" "3 passed, 1 failed, 0 skipped" 1
echo 'exit 1' >"$work/tests/install.sh"
ends "an installation that fails" "" 1
finish
