# shellcheck shell=bash
# Shared by the JVM tests; to be sourced. Each test script defines test_* functions and ends with `run_tests`, which calls them
# for each JDK: V is its version, J its home, CLASSES the workloads compiled by it, DIR a folder for what the test leaves. Recordings in
# DIR (*.jfr) are read by all readers afterwards (readers.sh).
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

JVM_DIR=$SCRATCH/jvm
# What a host's environment could add to a JVM's options or output.
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS

# run_tests: all test_* functions of the script, in their order, for each JDK.
run_tests() {
    local tests test count=0
    tests=$(declare -F | awk '{ print $3 }' | grep '^test_' | while read -r test; do
        echo "$(grep -n "^$test()" "$0" | cut -d: -f1) $test"
    done | sort -n | cut -d' ' -f2)
    if [ ! -e "$AGENT" ]; then
        not_ok "jvm.$(basename "$0" .sh)" "there is no $AGENT"
        finish
    fi
    while read -r V J <&3; do
        count=$((count + 1))
        DIR=$JVM_DIR/jdk$V
        CLASSES=$JVM_DIR/classes$V
        mkdir -p "$DIR"
        if ! compile_workloads; then
            not_ok "jvm.jdk$V.compile"
            continue
        fi
        for test in $tests; do
            "$test"
        done
    done 3< <(jdks)
    [ "$count" -gt 0 ] || cannot "jvm.$(basename "$0" .sh)" "there is no JDK of version 17 or later"
    finish
}

# Once per JDK and change of the sources.
compile_workloads() {
    local sources=$ROOT/tests/jvm/workloads
    if [ -e "$CLASSES/done" ] && [ -z "$(find "$sources" "$ROOT/tools/demo" -newer "$CLASSES/done" -name '*.java')" ]; then
        return 0
    fi
    rm -rf "$CLASSES"
    mkdir -p "$CLASSES"
    "$J/bin/javac" -g -encoding UTF-8 -d "$CLASSES" "$sources"/*.java &&
        JAVA_HOME=$J bash "$ROOT/tools/demo/build.sh" "$CLASSES/demo" &&
        touch "$CLASSES/done"
}

# agent NAME [OPTIONS]: the JVM option that records into DIR/NAME.jfr, which is removed first. OPTIONS default to interval=1ms.
agent() {
    rm -f "$DIR/$1.jfr"
    echo "-agentpath:$AGENT=start,file=$DIR/$1.jfr,event=ctimer,${2:-interval=1ms}"
}

# run NAME ARGUMENT...: java with these arguments to its end, at most two minutes; stdout in DIR/NAME.out, stderr in DIR/NAME.err.
# The result is its exit status.
run() {
    local name=$1
    shift
    timeout -s KILL 120 "$J/bin/java" -cp "$CLASSES" "$@" >"$DIR/$name.out" 2>"$DIR/$name.err" </dev/null 3<&-
}

# start NAME ARGUMENT...: java in the background, its standard input held open by descriptor 9; its process id in PID.
start() {
    local name=$1
    shift
    rm -f "$DIR/$name.in"
    mkfifo "$DIR/$name.in"
    : >"$DIR/$name.out"
    "$J/bin/java" -cp "$CLASSES" "$@" >"$DIR/$name.out" 2>"$DIR/$name.err" <"$DIR/$name.in" 3<&- 9<&- &
    PID=$!
    exec 9>"$DIR/$name.in"
}

# end_input: the end of the standard input of what `start` has started; waits for its end, at most a minute. The result is its exit status.
end_input() {
    exec 9>&-
    {
        # bash says on stderr when what it has started was killed.
        wait_for 60 ended || kill -KILL "$PID"
        wait "$PID"
    } 2>/dev/null
}

ended() {
    [ ! -e "/proc/$PID" ] || grep -q '^State:[[:space:]]*Z' "/proc/$PID/status"
}

# says NAME TEXT: the standard output of NAME has this line.
says() {
    grep -qxF -- "$2" "$DIR/$1.out"
}

# our_lines NAME, their_lines NAME: the lines of stderr that are the agent's, and the others.
our_lines() {
    grep '^jfrprof: ' "$DIR/$1.err"
}

their_lines() {
    grep -v '^jfrprof: ' "$DIR/$1.err"
}

# facts NAME COMMAND [ARGUMENT...]: recording.py on the recording NAME, read by this JDK.
facts() {
    local name=$1 command=$2
    shift 2
    python3 "$ROOT/tests/jvm/recording.py" "$J/bin/jfr" "$command" "$DIR/$name.jfr" "$@"
}

# check_facts TEST NAME COMMAND [ARGUMENT...]: one test by recording.py, whose one line of figures becomes the result's.
check_facts() {
    local test=$1 text
    shift
    if text=$(facts "$@" 2>&1); then
        ok "$test" "$text"
    else
        not_ok "$test" "$text"
    fi
}
