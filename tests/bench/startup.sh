#!/usr/bin/env bash
# Benchmark: how much longer a Hello World takes with the agent recording. tests/bench/startup.sh [RUNS]
# Alternating runs, plain · agent · plain again, RUNS (40) rounds after a warm-up, for each JDK from 17 on (JDKS="home…" overrides); then a quarter
# as many rounds plain · JDK's recorder, apart because it leaves work for the system behind. Prints the medians of the wall-clock times and the
# differences to the plain run. The second plain run shows what this machine's noise is.
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

with_agent() {
    timed plain
    timed agent "-agentpath:$AGENT=start,file=$dir/h.jfr,${AGENT_OPTIONS:-interval=1ms}"
    timed plain-again
}

with_jdk_recorder() {
    timed plain
    timed jdk-recorder "-XX:StartFlightRecording:filename=$dir/h.jfr"
}

# rounds N FUNCTION VARIANT...: two rounds to warm up, N that count, and the medians of the variants; the first is what the others are compared with.
rounds() {
    local n=$1 one_round=$2 i variant base
    shift 2
    for ((i = -2; i < n; i++)); do
        [ "$i" -eq 0 ] && rm -f "${@/#/$dir/}"
        "$one_round"
    done
    base=$(median "$dir/$1")
    for variant in "$@"; do
        awk -v v="$variant" -v m="$(median "$dir/$variant")" -v p="$base" -v j="$version" -v n="$n" \
            'BEGIN { printf "JDK %s  %-12s  median %7.1f ms  difference %+7.1f ms  (%d runs)\n", j, v, m, m - p, n }'
    done
}

# median FILE: of a column of microseconds, in milliseconds.
median() {
    sort -n "$1" | awk '{ v[NR] = $1 } END { printf "%.1f", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2000 }'
}

[ -e "$AGENT" ] || { echo "startup: there is no $AGENT; tests/build.sh gcc makes it" >&2; exit 1; }
while read -r version home <&3; do
    rm -rf "$dir/classes"
    "$home/bin/javac" -d "$dir/classes" "$ROOT/tests/jvm/workloads/HelloWorld.java" || exit 1
    rounds "$runs" with_agent plain agent plain-again
    rounds "$((runs / 4 + 1))" with_jdk_recorder plain jdk-recorder
    rm -f "$dir/h.jfr"
done 3< <(jdks)
