#!/usr/bin/env bash
# JVM tests, the last: every recording that the others left is read by jfr, by our own reader, and by JDK Mission Control's parser with all its
# rules; the pages have their events.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/interop/lib.sh"

CHECKER=$ROOT/tests/interop/check.sh
PAGES=$ROOT/tests/interop/pages.txt

# The recordings made on the JDK, and of the others' the demo application.
test_jfr() {
    local file text files=0 events=0 test="jvm.jdk$V.jfr reads every recording"
    for file in "$DIR"/*.jfr "$JVM_DIR"/jdk*/demo.jfr; do
        [ -e "$file" ] || continue
        if ! text=$(jfr_reads "$J" "$file"); then
            not_ok "$test" "$(basename "$(dirname "$file")")/$(basename "$file"): $text"
            return
        fi
        files=$((files + 1))
        events=$((events + text))
    done
    if [ "$files" -gt 0 ]; then
        ok "$test" "$files files, $events events"
    else
        not_ok "$test" "there are none"
    fi
    check "jvm.jdk$V.jfr prints the demo's metadata" "$J/bin/jfr" metadata "$DIR/demo.jfr"
    check "jvm.jdk$V.jfr prints the demo as JSON" bash -c "'$J/bin/jfr' print --json '$DIR/demo.jfr' | python3 -m json.tool"
}

# The collapsed stacks of our own reader hold as many samples as jfr counts.
test_jfr2flame() {
    local file counted converted files=0 samples=0 test="jvm.jdk$V.jfr2flame reads every recording"
    for file in "$DIR"/*.jfr; do
        [ -e "$file" ] || continue
        counted=$("$J/bin/jfr" summary "$file" 2>/dev/null | awk '$1 ~ /^jdk.(Execution|NativeMethod)Sample$/ { n += $2 } END { print n + 0 }')
        converted=$("$JFR2FLAME" -o - "$file" 2>"$DIR/jfr2flame.err" | awk '{ n += $NF } END { print n + 0 }')
        if [ "${counted:-0}" -ne "$converted" ]; then
            not_ok "$test" "$(basename "$file"): $converted samples, jfr counts ${counted:-0}"
            note_file "$DIR/jfr2flame.err" 5
            return
        fi
        files=$((files + 1))
        samples=$((samples + converted))
    done
    if [ "$samples" -gt 0 ]; then
        ok "$test" "$files files, $samples samples"
    else
        not_ok "$test" "there are no samples"
    fi
}

# show_failures LOG: each failure once, how often, and one of the recordings.
show_failures() {
    awk '/^recording / { file = $2 } /FAIL|Exception/ { n[$0]++; where[$0] = file }
        END { for (f in n) printf "#   %d of the recordings, as %s: %s\n", n[f], where[f], f }' "$1"
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
        show_failures "$log"
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
        show_failures "$log"
    fi
}

run_tests
