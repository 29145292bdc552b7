#!/usr/bin/env bash
# JVM tests: kill -9 in the middle of a recording costs at most the last flush interval. Whenever it comes, the file opens in jfr and JMC.
. "$(dirname "$0")/lib.sh"

at_least() {
    [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -gt "$2" ]
}

milliseconds() {
    echo $(($(date +%s%N) / 1000000))
}

past() {
    [ "$(milliseconds)" -ge "$1" ]
}

# killed_after MILLISECONDS: since the file appeared. The moments are many and odd on purpose: it must hold at any.
killed_after() {
    local name=killed-$1 test="jvm.jdk$V.killed $1 ms after the file appeared" since count
    start "$name" "$(agent "$name" interval=1ms,flush=200ms)" -jar "$CLASSES/demo/demo.jar" 60
    if ! wait_for 30 at_least "$DIR/$name.jfr" 0; then
        not_ok "$test" "no file"
    fi
    since=$(milliseconds)
    wait_for 10 past $((since + $1))
    kill -KILL "$PID"
    end_input
    if ! "$J/bin/jfr" summary "$DIR/$name.jfr" >"$DIR/$name.summary" 2>&1; then
        not_ok "$test" "jfr: $(tail -1 "$DIR/$name.summary")"
        return
    fi
    count=$(awk '$1 == "jdk.ExecutionSample" { print $2 }' "$DIR/$name.summary")
    # Of the time before the last flush at least half the samples of one busy thread, one each 4 to 5 ms, must be there.
    if [ "${count:-0}" -ge $((($1 - 400) / 10)) ]; then
        ok "$test" "${count:-0} samples, $(stat -c %s "$DIR/$name.jfr") bytes"
    else
        not_ok "$test" "only ${count:-0} samples"
    fi
}

test_killed() {
    local moment
    for moment in 0 37 203 419 811 1307 2111; do
        killed_after "$moment"
    done
}

run_tests
