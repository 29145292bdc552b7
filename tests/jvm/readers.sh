#!/usr/bin/env bash
# JVM tests, the last: every recording that the others left is read by jfr of each JDK (summary, print, metadata) and by JDK Mission Control's parser,
# with all its rules; the pages have their events.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/interop/lib.sh"

CHECKER=$ROOT/tests/interop/check.sh
PAGES=$ROOT/tests/interop/pages.txt

test_jfr() {
    local file text files=0 events=0 bad=0
    for file in "$JVM_DIR"/jdk*/*.jfr; do
        [ -e "$file" ] || continue
        if text=$(jfr_reads "$J" "$file"); then
            files=$((files + 1))
            events=$((events + text))
        else
            not_ok "jvm.jdk$V.jfr reads $(basename "$(dirname "$file")")/$(basename "$file")" "$text"
            bad=$((bad + 1))
        fi
    done
    [ "$bad" -gt 0 ] && return
    if [ "$files" -gt 0 ]; then
        ok "jvm.jdk$V.jfr reads every recording" "$files files, $events events"
    else
        not_ok "jvm.jdk$V.jfr reads every recording" "there are none"
    fi
}

# The collapsed stacks of our own reader hold as many samples as jfr counts.
test_jfr2flame() {
    local file counted converted files=0 samples=0 test="jvm.jdk$V.jfr2flame reads every recording"
    for file in "$DIR"/*.jfr; do
        [ -e "$file" ] || continue
        counted=$("$J/bin/jfr" summary "$file" 2>/dev/null | awk '$1 == "jdk.ExecutionSample" { print $2 }')
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
