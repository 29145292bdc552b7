# shellcheck shell=bash
# Shared by the tests that use foreign readers; to be sourced after ../lib.sh.

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

# jfr_reads HOME FILE: that JDK's summary and print succeed and agree on the number of events. Prints it, or what is wrong.
jfr_reads() {
    local jfr=$1/bin/jfr file=$2 out counted printed
    out=$(mktemp "$SCRATCH/jfr.XXXXXX")
    "$jfr" summary "$file" >"$out" 2>&1 || { jfr_fault summary "$out"; return 1; }
    # The chunks' own two events are counted, and not printed.
    counted=$(awk '/^ [a-zA-Z]+\.[a-zA-Z.]+ +[0-9]+ +[0-9]+ *$/ && tolower($1) !~ "^jdk.(checkpoint|metadata)$" { n += $2 }
        END { print n + 0 }' "$out")
    "$jfr" print --stack-depth 5000 "$file" >"$out" 2>&1 || { jfr_fault print "$out"; return 1; }
    printed=$(grep -cE '^[a-zA-Z]+\.[a-zA-Z.]+ \{$' "$out")
    rm -f "$out"
    [ "$counted" -eq "$printed" ] || { echo "summary counts $counted events, print has $printed"; return 1; }
    echo "$counted"
}

jfr_fault() {
    echo "jfr $1: $(tail -n 1 "$2")"
    rm -f "$2"
}
