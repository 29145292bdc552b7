#!/usr/bin/env bash
# Suite: foreign readers, without the agent. Can the checker itself be trusted (it accepts the JDK's own recording and refuses what it should); do
# all of them read what libjfr writes, with every event and every field; does jfr2flame read the JDK's recordings as the JDK does. The agent's
# recordings are read by all of them at the end of the JVM tests (tests/jvm/readers.sh).
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/interop/lib.sh"
here=$ROOT/tests/interop
dir=$SCRATCH/interop
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS

# own_recording HOME NAME: the demo application, recorded for four seconds by the JDK's own recorder.
own_recording() {
    JAVA_HOME=$1 bash "$ROOT/tools/demo/build.sh" "$dir/demo" &&
        "$1/bin/java" -XX:StartFlightRecording:"filename=$dir/$2.jfr,settings=profile" -jar "$dir/demo/demo.jar" 4
}

# refuses WHAT TEXT ARGUMENT...: the checker fails and says the text.
refuses() {
    local what=$1 text=$2
    shift 2
    if bash "$here/check.sh" "$@" >"$dir/out" 2>&1; then
        not_ok "interop.checker refuses $what" "it passed"
    elif grep -qF -- "$text" "$dir/out"; then
        ok "interop.checker refuses $what"
    else
        not_ok "interop.checker refuses $what" "it failed without saying '$text'"
        note_file "$dir/out" 10
    fi
}

test_checker() {
    local own=$1 name="interop.checker accepts the JDK's own recording"
    if ! jmc_ready; then
        skip_or_fail "$name"
        return
    fi
    check "$name" bash "$here/check.sh" --pages "$here/pages.txt" --expect-rule MethodProfiling --expect-depth 5 \
        --expect-events jdk.ExecutionSample:20 --expect-thread order-worker-1 "$own"
    refuses "a recording that is cut off" "FAIL JMC's parser" "$dir/cut.jfr"
    refuses "a missing event" "FAIL expected jdk.Nonsense" --expect-events jdk.Nonsense "$own"
    refuses "too few events" "FAIL expected jdk.ExecutionSample" --expect-events jdk.ExecutionSample:1000000 "$own"
    refuses "a rule that is not there" "FAIL expected rule Nonsense" --expect-rule Nonsense "$own"
    refuses "another result of a rule" "FAIL expected rule MethodProfiling" --expect-rule MethodProfiling=NA "$own"
    refuses "another top frame" "FAIL expected as the most frequent" --expect-top-frame shop.Main.main "$own"
    refuses "another share" "FAIL share of shop.OrderService.process" --share shop.OrderService.process=50~3 "$own"
    refuses "a missing thread" "FAIL expected a sample of the thread nobody" --expect-thread nobody "$own"
    refuses "too flat stacks" "FAIL expected a stack" --expect-depth 5000 "$own"
    printf 'A Page | jdk.CPULoad | machineTotal:memory\nA Page | jdk.CPULoad | nonsense\n' >"$dir/pages.txt"
    refuses "an attribute of another unit" "jdk.CPULoad.machineTotal:memory is of content type percentage" --pages "$dir/pages.txt" "$own"
    refuses "a missing attribute" "jdk.CPULoad.nonsense is not there" --pages "$dir/pages.txt" "$own"
}

# The collapsed stacks of a recording of the JDK's recorder hold as many samples as jfr counts.
test_jfr2flame() {
    local name="interop.jfr2flame reads the recording of JDK $1" home=$2 own=$3 counted converted
    counted=$("$home/bin/jfr" summary "$own" | awk '$1 ~ /^jdk.(Execution|NativeMethod)Sample$/ { n += $2 } END { print n + 0 }')
    if ! "$JFR2FLAME" "$own" "$dir/own.collapsed" >"$dir/jfr2flame.out" 2>&1; then
        not_ok "$name" "it failed"
        note_file "$dir/jfr2flame.out"
        return
    fi
    converted=$(awk '{ n += $NF } END { print n + 0 }' "$dir/own.collapsed")
    if [ "${counted:-0}" -gt 20 ] && [ "$converted" -eq "$counted" ] && grep -q 'Receipts.text' "$dir/own.collapsed"; then
        ok "$name" "$converted samples"
    else
        not_ok "$name" "$converted samples, jfr counts ${counted:-0}"
    fi
}

# A recording with every event that libjfr can write, and 2,000 samples.
test_synthetic() {
    local file=$dir/synthetic.jfr name="interop.JMC reads a recording with every event of libjfr"
    if ! "$BUILD/tests/support/make_recording" "$file" 2000 >"$dir/out" 2>&1; then
        not_ok "interop.make_recording"
        note_file "$dir/out"
    elif ! jmc_ready; then
        skip_or_fail "$name"
    else
        check "$name" bash "$here/check.sh" --pages "$here/pages.txt" --expect-rule MethodProfiling --expect-events jdk.ExecutionSample:2000 \
            --expect-events jdk.NativeMethodSample --expect-events jdk.DataLoss --expect-events profiler.Statistics "$file"
    fi
}

# The same in three chunks, plain and compressed; and what `lz4 -d` makes of the latter.
test_chunks() {
    local kind file name
    for kind in jfr jfr.lz4; do
        file=$dir/chunks.$kind
        name="interop.JMC reads chunks.$kind of libjfr, three chunks"
        if ! "$BUILD/tests/support/make_recording" "$file" 2000 3 >"$dir/out" 2>&1; then
            not_ok "interop.make_recording $kind"
            note_file "$dir/out"
        elif ! jmc_ready; then
            skip_or_fail "$name"
        else
            check "$name" bash "$here/check.sh" --expect-events jdk.ExecutionSample:6000 --expect-events profiler.Statistics:3 "$file"
        fi
    done
    if command -v lz4 >/dev/null; then
        check "interop.lz4 -d unpacks what libjfr compresses" lz4 -q -d -f "$dir/chunks.jfr.lz4" "$dir/unpacked.jfr"
    else
        skip "interop.lz4 -d unpacks what libjfr compresses" "there is no lz4 command"
    fi
}

# test_jfr VERSION HOME: that JDK reads it, and what the recorders of the others have written up to then.
test_jfr() {
    local file text name
    for file in "$dir"/synthetic.jfr "$dir"/chunks.jfr "$dir"/unpacked.jfr "$dir"/own-*.jfr; do
        [ -e "$file" ] || continue
        name="interop.jfr of JDK $1 reads $(basename "$file")"
        if text=$(jfr_reads "$2" "$file"); then
            ok "$name" "$text events"
        else
            not_ok "$name" "$text"
        fi
    done
}

rm -rf "$dir"
mkdir -p "$dir"
first=""
test_synthetic
test_chunks
while read -r version home <&3; do
    if ! check "interop.JDK $version records with its own recorder" own_recording "$home" "own-$version"; then
        continue
    fi
    if [ -z "$first" ]; then
        first=$dir/own-$version.jfr
        # Cut in its only chunk: JMC must say so and not show half.
        head -c "$(($(stat -c %s "$first") / 2))" "$first" >"$dir/cut.jfr"
        test_checker "$first"
    fi
    test_jfr "$version" "$home"
    test_jfr2flame "$version" "$home" "$dir/own-$version.jfr"
done 3< <(jdks)
finish
