#!/usr/bin/env bash
# Installs what is missing, builds, runs all tests.
#   tests/run.sh                 everything
#   tests/run.sh SUITE...        only these: build lint unit sanitize stress fuzz page interop jvm
#   tests/run.sh --install-only  only makes the machine ready
# The last line is "N passed, N failed, N skipped"; the exit status is 0 when nothing failed. A skip names its reason; with CI=true
# it counts as a failure unless the machine really can't. How a suite speaks: tests/lib.sh.
. "$(dirname "$0")/lib.sh"

# Each suite and its command, in this order; `build` comes first because the others need what it makes.
suite_command() {
    case $1 in
        build) echo "$ROOT/tests/build.sh" ;;
        sanitize) echo "$ROOT/tests/unit/run.sh asan" ;;
        unit | lint | stress | fuzz | page | interop | jvm) echo "$ROOT/tests/$1/run.sh" ;;
        *) return 1 ;;
    esac
}
ALL_SUITES="build lint unit sanitize stress fuzz page interop jvm"

# Runs one suite, shows its lines and adds them to the results file. A suite that dies or says nothing has failed.
run_suite() {
    local suite=$1 lines=$SCRATCH/$1.lines start=$SECONDS status command
    command=$(suite_command "$suite")
    echo "== $suite"
    # shellcheck disable=SC2086  # the command may carry an argument
    bash $command </dev/null 2>&1 | as_in_ci | tee "$lines"
    status=${PIPESTATUS[0]}
    if ! grep -qE '^(ok|not ok|skip) ' "$lines"; then
        echo "not ok $suite (no test was run, exit status $status)" | tee -a "$lines"
    elif [ "$status" -ne 0 ] && ! grep -q '^not ok ' "$lines"; then
        echo "not ok $suite (the suite ended with exit status $status)" | tee -a "$lines"
    fi
    cat "$lines" >>"$RESULTS"
    echo "# $suite: $((SECONDS - start)) s"
}

# In CI a skip is a failure, unless the machine can't.
as_in_ci() {
    if [ "${CI:-}" = true ]; then
        sed -u '/^skip [^#]*# cannot: /!s/^skip \([^#]*\)# \(.*\)/not ok \1(skipped, in CI: \2)/'
    else
        cat
    fi
}

count() {
    grep -cE "^$1 " "$RESULTS"
}

main() {
    local suite failed
    if [ "${1:-}" = --install-only ]; then
        exec bash "$ROOT/tests/install.sh"
    fi
    for suite in "$@"; do
        if ! suite_command "$suite" >/dev/null; then
            echo "tests/run.sh: no suite '$suite'; there are: $ALL_SUITES" >&2
            exit 2
        fi
    done
    bash "$ROOT/tests/install.sh" || exit 1

    RESULTS=$SCRATCH/results
    : >"$RESULTS"
    # shellcheck disable=SC2086  # a list of words
    [ $# -gt 0 ] || set -- $ALL_SUITES
    for suite in "$@"; do
        run_suite "$suite"
    done

    if grep -q '^not ok ' "$RESULTS"; then
        echo "== failed"
        grep '^not ok ' "$RESULTS"
    fi
    failed=$(count 'not ok')
    echo "$(count ok) passed, $failed failed, $(count skip) skipped"
    [ "$failed" -eq 0 ]
}

main "$@"
