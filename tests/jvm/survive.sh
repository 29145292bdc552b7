#!/usr/bin/env bash
# JVM tests: a JVM lives through being sampled. Workloads that are hard on stack walking, the collectors, the ways to compile; sampled as often as the
# kernel can. Same stdout and exit status as ever, and most stacks are readable.
. "$(dirname "$0")/lib.sh"

# survives NAME ARGUMENT...: runs it with the agent; at most 5 % of the samples may fail in these.
survives() {
    local name=$1 status test=jvm.jdk$V.survives.$1
    shift
    run "$name" "$(agent "$name" interval=100us)" "$@"
    status=$?
    if [ "$status" -ne 0 ]; then
        not_ok "$test" "exit status $status"
        note_file "$DIR/$name.err"
        return
    fi
    check_facts "$test" "$name" failed 5
}

test_exceptions() { survives exceptions Exceptions 2; }
test_natives() { survives natives Natives 2; }
test_javac() { survives javac JavacLoad 4; }
test_interpreter() { survives interpreter -Xint JavacLoad 3; }
test_c1() { survives c1 -XX:TieredStopAtLevel=1 JavacLoad 3; }
test_c2_only() { survives c2 -XX:-TieredCompilation JavacLoad 3; }
test_serial() { survives serial -Xmx64m -XX:+UseSerialGC Garbage 2; }
test_parallel() { survives parallel -Xmx64m -XX:+UseParallelGC Garbage 2; }
test_g1() { survives g1 -Xmx64m -XX:+UseG1GC Garbage 2; }
test_z() { survives z -Xmx128m -XX:+UseZGC Garbage 2; }
test_plain_pointers() { survives plain-pointers -XX:-UseCompressedOops -XX:+UseParallelGC JavacLoad 3; }

run_tests
