#!/usr/bin/env bash
# JVM tests: what can't be done is said in one line. Wrong options and files that can't be written: the JVM runs on with its own stdout and exit
# status, stderr has exactly one line more, and no file is left.
. "$(dirname "$0")/lib.sh"

# refused WHAT OPTIONS TEXT...: the line has each of the texts.
refused() {
    local test="jvm.jdk$V.refused: $1" options=$2 status text
    shift 2
    rm -rf "$DIR/refused" "$DIR/jfrprof-"*.jfr
    mkdir "$DIR/refused"
    echo "not a folder" >"$DIR/a-file"
    (cd "$DIR/refused" && run refused "-agentpath:$AGENT=$options" Exits exit)
    status=$?
    for text in "$@"; do
        grep -qF -- "$text" "$DIR/refused.err" || { not_ok "$test" "the line does not name '$text'"; note_file "$DIR/refused.err"; return; }
    done
    if [ "$status" -ne 3 ]; then
        not_ok "$test" "exit status $status, not 3"
    elif ! printf 'going to end by exit\nshutdown hook\n' | diff - "$DIR/refused.out" >"$DIR/diff"; then
        not_ok "$test" "another stdout"
    elif [ "$(our_lines refused | wc -l)" -ne 1 ] || [ "$(their_lines refused)" != "a line of its own" ]; then
        not_ok "$test" "not exactly one line more on stderr"
        note_file "$DIR/refused.err"
    elif [ -n "$(ls -A "$DIR/refused")" ]; then
        not_ok "$test" "left behind: $(ls -A "$DIR/refused")"
    else
        ok "$test" "$(our_lines refused | cut -c1-160)"
        return
    fi
    note_file "$DIR/refused.err" 5
}

test_unknown_option() { refused "an unknown option" "start,file=x.jfr,intervall=1ms" intervall interval=; }
test_unknown_command() { refused "an unknown command" "begin-it,file=x.jfr" begin-it start; }
test_two_commands() { refused "two commands" "start,stop,file=x.jfr" stop; }
test_bad_interval() { refused "an interval that is no time" "start,file=x.jfr,interval=fast" interval fast ms; }
test_tiny_interval() { refused "an interval that is too short" "start,file=x.jfr,interval=1ns" interval 1ns; }
test_bad_event() { refused "an unknown event" "start,file=x.jfr,event=nonsense" event nonsense ctimer; }
test_bad_timeout() { refused "a bad timeout" "start,file=x.jfr,timeout=-1s" timeout -1s; }
test_bad_flush() { refused "a bad flush time" "start,file=x.jfr,flush=often" flush often; }
test_bad_log_level() { refused "a bad log level" "start,file=x.jfr,loglevel=loud" loglevel loud; }
test_missing_folder() { refused "a folder that is missing" "start,file=no-such-folder/x.jfr" no-such-folder/x.jfr "No such file or directory"; }
test_folder_as_file() { refused "a folder in place of the file" "start,file=/proc" /proc; }
test_file_as_folder() { refused "a file in place of a folder" "start,file=$DIR/a-file/x.jfr" "$DIR/a-file/x.jfr" "Not a directory"; }
test_unwritable() { refused "a path that can't be written" "start,file=/proc/x.jfr" /proc/x.jfr; }
test_empty_name() { refused "no file name" "start,file=" file; }
test_bad_pattern() { refused "a bad pattern in the name" "start,file=x-%q.jfr" "x-%q.jfr" %p; }

# As a user who may not write there. Root may write everywhere, so root becomes nobody.
test_no_permission() {
    local test="jvm.jdk$V.refused: no permission" lines
    if [ "$(id -u)" -ne 0 ]; then
        mkdir -p "$DIR/locked" && chmod 500 "$DIR/locked"
        refused "no permission" "start,file=$DIR/locked/x.jfr" "$DIR/locked/x.jfr" "Permission denied"
        return
    fi
    # nobody must be able to reach the agent and the classes.
    rm -rf /tmp/jfrprof-permission
    mkdir -p /tmp/jfrprof-permission/locked
    cp -r "$AGENT" "$CLASSES" /tmp/jfrprof-permission
    chmod -R a+rX /tmp/jfrprof-permission
    setpriv --reuid=65534 --regid=65534 --clear-groups "$J/bin/java" \
        -agentpath:/tmp/jfrprof-permission/libjfrprof.so=start,file=/tmp/jfrprof-permission/locked/x.jfr \
        -cp "/tmp/jfrprof-permission/$(basename "$CLASSES")" HelloWorld >"$DIR/refused.out" 2>"$DIR/refused.err"
    lines=$(our_lines refused)
    if says refused "Hello, world" && [ "$(echo "$lines" | wc -l)" -eq 1 ] &&
        [[ $lines == */locked/x.jfr*"Permission denied"* ]] && [ -z "$(ls -A /tmp/jfrprof-permission/locked)" ]; then
        ok "$test" "${lines:0:160}"
    else
        not_ok "$test"
        note_file "$DIR/refused.err"
    fi
    rm -rf /tmp/jfrprof-permission
}

run_tests
