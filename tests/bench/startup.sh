#!/usr/bin/env bash
# Benchmark: how much longer a Hello World takes with the agent recording. tests/bench/startup.sh [RUNS]
# Alternating runs, plain · plain again · agent · the JDK's recorder, RUNS (40) rounds after a warm-up, for each JDK from 17 on (JDKS="home…"
# overrides). Prints the medians of the wall-clock times and the differences to the plain run. The second plain run shows what this machine's noise is.
# JVM_OPTIONS are given to every run (for example -Xshare:off); AGENT_OPTIONS to the agent (interval=1ms).
. "$(dirname "$0")/../lib.sh"

runs=${1:-40}
dir=$SCRATCH/startup
mkdir -p "$dir"
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS

# timed VARIANT ARGUMENT...: one run; its microseconds are added to the file of the variant.
timed() {
    local variant=$1 before after
    shift
    rm -f "$dir/h.jfr"
    before=${EPOCHREALTIME/[.,]/}
    # shellcheck disable=SC2086  # options, split into words
    "$home/bin/java" ${JVM_OPTIONS:-} "$@" -cp "$dir/classes" HelloWorld >"$dir/out" 2>"$dir/err" || {
        echo "startup: $variant: exit status $?: $(tail -1 "$dir/err")" >&2
        exit 1
    }
    after=${EPOCHREALTIME/[.,]/}
    echo $((after - before)) >>"$dir/$variant"
}

one_round() {
    timed plain
    timed plain-again
    timed agent "-agentpath:$AGENT=start,file=$dir/h.jfr,${AGENT_OPTIONS:-interval=1ms}"
    timed jdk-recorder "-XX:StartFlightRecording:filename=$dir/h.jfr"
}

# median FILE: of a column of microseconds, in milliseconds.
median() {
    sort -n "$1" | awk '{ v[NR] = $1 } END { printf "%.1f", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2000 }'
}

[ -e "$AGENT" ] || { echo "startup: there is no $AGENT; tests/build.sh gcc makes it" >&2; exit 1; }
while read -r version home <&3; do
    rm -rf "$dir/classes"
    "$home/bin/javac" -d "$dir/classes" "$ROOT/tests/jvm/workloads/HelloWorld.java" || exit 1
    for ((i = -2; i < runs; i++)); do
        [ $i -eq 0 ] && rm -f "$dir"/{plain,plain-again,agent,jdk-recorder}
        one_round
    done
    for variant in plain plain-again agent jdk-recorder; do
        awk -v v="$variant" -v m="$(median "$dir/$variant")" -v p="$(median "$dir/plain")" -v j="$version" -v n="$runs" \
            'BEGIN { printf "JDK %s  %-12s  median %7.1f ms  difference %+7.1f ms  (%d runs)\n", j, v, m, m - p, n }'
    done
    rm -f "$dir/h.jfr"
done 3< <(jdks)
