#!/usr/bin/env bash
# jfr2flame as a command: exit status, messages, files. flame_command.sh JFR2FLAME TESTDATA; prints what is wrong, exit status 0 or 1.
set -u
tool=$1
testdata=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

# expect STATUS TEXT ARGUMENT...: the exit status, and a text in what is said on stderr ('' = nothing at all is said).
expect() {
    local status=$1 text=$2 got
    shift 2
    "$tool" "$@" >"$dir/stdout" 2>"$dir/stderr" </dev/null
    got=$?
    if [ $got -ne "$status" ]; then
        wrong "$* exits with $got, not $status"
    elif [ -z "$text" ] && [ -s "$dir/stderr" ]; then
        wrong "$* says something"
    elif [ -n "$text" ] && ! grep -qF -- "$text" "$dir/stderr"; then
        wrong "$* doesn't say '$text'"
    fi
}

wrong() {
    bad=1
    echo "wrong: $1"
    sed 's/^/    /' "$dir/stderr"
}

holds() {
    local what=$1
    shift
    "$@" || wrong "$what"
}

jfr=$dir/app.jfr
cp "$testdata/jdk17.jfr" "$jfr"

expect 0 '414 samples: 315 jdk.ExecutionSample, 99 jdk.NativeMethodSample' "$jfr"
holds "app.html next to app.jfr" grep -q '^<!doctype html>' "$dir/app.html"
expect 0 '' -o - "$jfr"
holds "collapsed stacks on standard output" grep -q '^Workload.main;Workload.work.* [0-9]*$' "$dir/stdout"
expect 0 '828 samples' "$jfr" "$jfr" "$dir/two.collapsed"
expect 0 '' --help
holds "--help on standard output" grep -q -- --minwidth "$dir/stdout"
expect 0 '' --version
holds "--version on standard output" grep -q '^jfr2flame [0-9]' "$dir/stdout"

expect 2 'no recording given'
expect 2 'unrecognized option' --nonsense "$jfr"
expect 2 "must end with .html" -o "$dir/app.svg" "$jfr"

expect 1 "$dir/none.jfr: can't open it: No such file or directory" "$dir/none.jfr"
expect 1 'not a regular file' "$dir"
: >"$dir/empty.jfr"
expect 1 'the file is empty' "$dir/empty.jfr"
echo 'just a text' >"$dir/text.jfr"
expect 1 'not a JFR recording' "$dir/text.jfr"
gzip -c "$jfr" >"$dir/gz.jfr"
expect 1 'compressed with gzip, which is not supported yet' "$dir/gz.jfr"
head -c 40 "$jfr" >"$dir/header.jfr"
expect 1 'half a chunk header' "$dir/header.jfr"
holds "no page of what can't be read" test ! -e "$dir/header.html"

# Cut in the middle: the first half's samples have no constants, but they are there, and the loss is told.
head -c 125000 "$jfr" >"$dir/cut.jfr"
expect 0 "cut.jfr: warning: cut short: 125000 of $(wc -c <"$jfr") bytes" "$dir/cut.jfr" "$dir/cut.txt"
holds "samples of a cut recording" test -s "$dir/cut.txt"
{ cat "$jfr"; echo garbage; } >"$dir/garbage.jfr"
expect 0 'warning: half a chunk header' "$dir/garbage.jfr" "$dir/garbage.txt"
expect 0 '' -o - "$jfr"
holds "nothing lost before the garbage" cmp -s "$dir/stdout" "$dir/garbage.txt"

# Samples of types we don't know: no samples.
LC_ALL=C sed 's/jdk\.ExecutionSample/jdk.ExecutionSomple/; s/jdk\.NativeMethodSample/jdk.NativeMethodSomple/' "$jfr" >"$dir/other.jfr"
expect 1 'no CPU samples in it (jdk.ExecutionSample, jdk.NativeMethodSample, jdk.CPUTimeSample). It holds 446 events' "$dir/other.jfr"
holds "what there is instead" grep -q '^ *315  jdk.ExecutionSomple$' "$dir/stderr"
holds "no page without samples" test ! -e "$dir/other.html"

expect 1 "can't write $dir/no/such/app.html: No such file or directory" -o "$dir/no/such/app.html" "$jfr"
if [ -w /dev/full ]; then
    ln -s /dev/full "$dir/full.html"
    expect 1 "can't write $dir/full.html: No space left on device" -o "$dir/full.html" "$jfr"
    holds "a device is not removed" test -e /dev/full
fi
exit $bad
