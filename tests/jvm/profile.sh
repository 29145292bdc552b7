#!/usr/bin/env bash
# JVM tests: what is recorded is right. CPU shares, inlined frames, deep stacks, threads, the demo application.
. "$(dirname "$0")/lib.sh"

# Shares that ThreadMXBean measures, within 3 points, at 2,000 samples at least. A thread's CPU timer fires at most once per kernel tick: 4 ms where
# HZ is 250, so 20 s of CPU time give about 5,000 samples, of which one standard deviation is 0.7 points.
test_shares() {
    local name=jvm.jdk$V.shares
    run shares "$(agent shares)" Shares 20 || { not_ok "$name" "exit status $?"; note_file "$DIR/shares.err"; return; }
    check_facts "$name within 3 points at 2000 samples" shares shares "$DIR/shares.out" 3 2000
    check_facts "$name printed at stop as recorded" shares printed "$DIR/shares.err"
}

test_inlining() {
    # Without CompileCommand the compilers inline these too, but that is their choice.
    run inlining "$(agent inlining)" -XX:CompileCommand=quiet -XX:CompileCommand=inline,Inlining.* Inlining 3
    check_facts "jvm.jdk$V.inlined frames have their lines and types" inlining inlined "$ROOT/tests/jvm/workloads/Inlining.java"
}

test_deep() {
    run deep "$(agent deep)" Deep 500 400
    check_facts "jvm.jdk$V.a stack of 500 frames is whole" deep deep Deep.down 500
}

# Forty threads of 60 ms CPU time each, two at a time; the main thread keeps its name.
test_threads() {
    run threads "$(agent threads)" Threads 40 60
    check_facts "jvm.jdk$V.threads that come and go are named" threads threads 'visitor-\d+' 40
    check_facts "jvm.jdk$V.the main thread is called main" threads threads main 1
}

test_demo() {
    local name=jvm.jdk$V.demo
    run demo "$(agent demo)" -jar "$CLASSES/demo/demo.jar" 10 || { not_ok "$name" "exit status $?"; note_file "$DIR/demo.err"; return; }
    check_facts "$name fewer than 2 % failed, by cause" demo failed 2
    check_facts "$name the causes are printed at stop" demo printed "$DIR/demo.err"
    check_facts "$name workers are named" demo threads 'order-worker-\d' 3
    our_lines demo | sed 's/^/# /'
}

run_tests
