#!/usr/bin/env bash
# JVM tests, the last: every recording that the others left is read by jfr of each JDK (summary, print, metadata) and by JDK Mission Control's parser,
# with all its rules; the pages have their events.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/interop/ready.sh"

CHECKER=$ROOT/tests/interop/check.sh
PAGES=$ROOT/tests/interop/pages.txt

# jfr_reads FILE: summary, print and metadata succeed and agree.
jfr_reads() {
    local file=$1 printed counted
    "$J/bin/jfr" summary "$file" >"$DIR/summary" 2>&1 || { tail -1 "$DIR/summary"; return 1; }
    "$J/bin/jfr" metadata "$file" >"$DIR/metadata" 2>&1 || { tail -1 "$DIR/metadata"; return 1; }
    "$J/bin/jfr" print --events jdk.ExecutionSample,profiler.Statistics "$file" >"$DIR/print" 2>&1 || { tail -1 "$DIR/print"; return 1; }
    counted=$(awk '$1 == "jdk.ExecutionSample" || $1 == "profiler.Statistics" { n += $2 } END { print n + 0 }' "$DIR/summary")
    printed=$(grep -cE '^(jdk.ExecutionSample|profiler.Statistics) ' "$DIR/print")
    [ "$counted" -eq "$printed" ] || { echo "summary counts $counted events, print has $printed"; return 1; }
    echo "$counted"
}

test_jfr() {
    local file text files=0 events=0 bad=0
    for file in "$JVM_DIR"/jdk*/*.jfr; do
        [ -e "$file" ] || continue
        if text=$(jfr_reads "$file"); then
            files=$((files + 1))
            events=$((events + text))
        else
            not_ok "jvm.jdk$V.jfr reads $(basename "$(dirname "$file")")/$(basename "$file")" "$text"
            bad=$((bad + 1))
        fi
    done
    [ "$bad" -gt 0 ] && return
    if [ "$files" -gt 0 ]; then
        ok "jvm.jdk$V.jfr reads every recording" "$files files, $events samples and statistics"
    else
        not_ok "jvm.jdk$V.jfr reads every recording" "there are none"
    fi
}

# Once for each JDK that recorded, in one go: the checker takes many files.
test_jmc() {
    local test="jvm.jdk$V.JMC reads every recording and no rule throws" log=$DIR/jmc.log
    if ! jmc_ready; then
        skip_or_fail "$test"
        return
    fi
    if bash "$CHECKER" "$DIR"/*.jfr >"$log" 2>&1; then
        ok "$test" "$(grep -c '^recording ' "$log") recordings, $(grep -c ' 0 threw$' "$log") without a throwing rule"
    else
        not_ok "$test"
        grep -E '^recording|FAIL|Exception' "$log" | grep -B1 -E 'FAIL|Exception' | sed 's/^/#   /'
    fi
}

test_pages() {
    local test="jvm.jdk$V.JMC's pages have their events" log=$DIR/pages.log
    if ! jmc_ready; then
        skip_or_fail "$test"
        return
    fi
    if bash "$CHECKER" --pages "$PAGES" --expect-rule MethodProfiling --expect-rule DebugNonSafepoints --expect-rule CompareCpu \
        --expect-rule PID1Rule --expect-rule FewSampledThreads --expect-events jdk.ExecutionSample:500 --expect-events profiler.Statistics \
        --expect-thread order-worker-1 "$DIR/demo.jfr" >"$log" 2>&1; then
        ok "$test" "$(grep -c '  page ' "$log") events; $(sed -n 's/^  \(rules .*\)/\1/p' "$log")"
    else
        not_ok "$test"
        grep -E 'FAIL|Exception' "$log" | sed 's/^/#   /'
    fi
}

run_tests
