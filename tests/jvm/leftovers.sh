#!/usr/bin/env bash
# JVM tests: after the end of a recording nothing of the profiler works on in the JVM: no thread, no signal handler, no timer, no open file.
. "$(dirname "$0")/lib.sh"

threads_of_ours() {
    cat /proc/"$PID"/task/*/comm 2>/dev/null | grep -c '^jfrprof'
}

# Whether the process catches SIGPROF (signal 27).
catches_sigprof() {
    local caught
    caught=$(awk '/^SigCgt:/ { print $2 }' /proc/"$PID"/status)
    (((16#$caught >> 26) & 1))
}

timers() {
    grep -c '^ID:' /proc/"$PID"/timers
}

# Descriptors by what they are, sockets and pipes without their numbers, because the JVM's attach listener opens new ones.
descriptors() {
    local fd
    for fd in /proc/"$PID"/fd/*; do
        readlink "$fd"
    done | sed 's/:\[[0-9]*\]//' | sort
}

has_file() {
    descriptors | grep -qF "$1"
}

# Sampling is going on, as far as the kernel knows.
sampling() {
    [ "$(timers)" -gt 0 ] && catches_sigprof && [ "$(threads_of_ours)" -gt 0 ] && has_file "$1"
}

nothing_left() {
    [ "$(timers)" -eq 0 ] && ! catches_sigprof && [ "$(threads_of_ours)" -eq 0 ] && ! has_file "$1"
}

what_is_left() {
    local caught="no SIGPROF handler"
    catches_sigprof && caught="a SIGPROF handler"
    echo "$(timers) timers, $caught, $(threads_of_ours) threads, $(descriptors | wc -l) descriptors"
}

# From the start of the JVM until timeout=.
test_timeout() {
    local test="jvm.jdk$V.nothing is left after timeout=2s" file=$DIR/timeout.jfr
    start timeout "$(agent timeout interval=1ms,timeout=2s)" Idle
    if ! wait_for 30 sampling "$file"; then
        not_ok "$test" "it never samples: $(what_is_left)"
    elif ! wait_for 30 nothing_left "$file"; then
        not_ok "$test" "left: $(what_is_left)"
    elif ! "$J/bin/jfr" summary "$file" >/dev/null 2>&1; then
        not_ok "$test" "the recording is not readable"
    else
        ok "$test" "$(what_is_left)"
    fi
    end_input
    local status=$?
    if [ "$status" -eq 0 ] && says timeout bye; then
        ok "jvm.jdk$V.the JVM runs on after timeout=2s"
    else
        not_ok "jvm.jdk$V.the JVM runs on after timeout=2s" "exit status $status"
    fi
}

command_to_agent() {
    "$J/bin/jcmd" "$PID" JVMTI.agent_load "$AGENT" "\"$1\"" >"$DIR/jcmd.out" 2>&1
}

# Into a JVM that runs already; the state before is the measure. Twice, because the second start must find a clean agent.
test_attach() {
    local test="jvm.jdk$V.attached later" file=$DIR/attach.jfr round before
    start attach -XX:+EnableDynamicAgentLoading Idle
    wait_for 30 says attach ready || note "it did not start"
    # The first jcmd makes the JVM start its attach listener, which stays.
    "$J/bin/jcmd" "$PID" VM.version >/dev/null 2>&1
    before=$(descriptors)
    for round in 1 2; do
        rm -f "$file"
        command_to_agent "start,file=$file,event=ctimer,interval=1ms"
        if ! wait_for 30 sampling "$file"; then
            not_ok "$test starts, round $round" "$(what_is_left); jcmd: $(tail -1 "$DIR/jcmd.out")"
            note_file "$DIR/attach.err" 5
            continue
        fi
        ok "$test starts, round $round" "$(what_is_left)"
        wait_for_samples "$file"
        command_to_agent stop
        if ! wait_for 30 nothing_left "$file"; then
            not_ok "$test stop leaves nothing, round $round" "$(what_is_left)"
        elif ! diff <(echo "$before") <(descriptors) >"$DIR/diff"; then
            not_ok "$test stop leaves nothing, round $round" "other descriptors than before"
            note_file "$DIR/diff"
        else
            ok "$test stop leaves nothing, round $round" "$(what_is_left)"
        fi
        check_facts "$test samples, round $round" attach threads now-and-then 1
    done
    end_input || note "exit status $?"
    if says attach bye; then
        ok "$test the JVM runs on"
    else
        not_ok "$test the JVM runs on"
    fi
}

# Until the file holds samples: a recording can be read while it grows.
wait_for_samples() {
    wait_for 30 has_samples "$1" || note "no samples within 30 s"
}

has_samples() {
    "$J/bin/jfr" summary "$1" 2>/dev/null | grep -qE 'jdk.ExecutionSample +[1-9]'
}

run_tests
