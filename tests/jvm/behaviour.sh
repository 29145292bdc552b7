#!/usr/bin/env bash
# JVM tests: the host doesn't notice. However a JVM ends, its exit status and output are those without the agent.
. "$(dirname "$0")/lib.sh"

# ends HOW [COMMAND...]: Exits HOW without and with the agent; the command makes it end when it doesn't by itself.
ends() {
    local how=$1 test="jvm.jdk$V.ends by $1 as without the agent" plain with
    shift
    run_to_end "ends-$how-plain" "$how" "$@"
    plain=$?
    run_to_end "ends-$how" "$how" "$@" "$(agent "ends-$how")"
    with=$?
    if [ "$plain" -ne "$with" ]; then
        not_ok "$test" "exit status $with, not $plain"
    elif ! diff "$DIR/ends-$how-plain.out" "$DIR/ends-$how.out" >"$DIR/diff"; then
        not_ok "$test" "another stdout"
        note_file "$DIR/diff"
    elif ! diff "$DIR/ends-$how-plain.err" <(their_lines "ends-$how") >"$DIR/diff"; then
        not_ok "$test" "another stderr"
        note_file "$DIR/diff"
    elif ! "$J/bin/jfr" summary "$DIR/ends-$how.jfr" >/dev/null 2>&1; then
        not_ok "$test" "the recording is not readable"
    else
        ok "$test" "exit status $with"
    fi
}

# run_to_end NAME HOW [AGENT]: a JVM that waits for it is ended by SIGTERM.
run_to_end() {
    local name=$1 how=$2
    shift 2
    if [ "$how" != signal ]; then
        run "$name" "$@" Exits "$how"
        return
    fi
    start "$name" "$@" Exits "$how"
    wait_for 30 grep -q "going to end" "$DIR/$name.out" || note "it did not start"
    kill -TERM "$PID"
    end_input
}

test_return() { ends return; }
test_exit() { ends exit; }
test_uncaught() { ends uncaught; }
test_exit_in_a_thread() { ends thread; }
test_uncaught_in_a_thread() { ends daemon; }
test_halt() { ends halt; }
test_signal() { ends signal; }

run_tests
