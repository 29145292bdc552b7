# shellcheck shell=bash
# Is the checker there? To be sourced after lib.sh.

# jmc_ready: builds it when need be; when that fails, skip_or_fail TEST says why.
jmc_ready() {
    bash "$ROOT/tests/interop/build.sh" >"$SCRATCH/interop-build.out" 2>&1
    JMC_STATUS=$?
    return $JMC_STATUS
}

skip_or_fail() {
    if [ "$JMC_STATUS" -eq 3 ]; then
        skip "$1" "JMC's libraries are not in Maven's cache and Maven Central can't be reached"
    else
        not_ok "$1" "the checker can't be built"
        note_file "$SCRATCH/interop-build.out"
    fi
}
