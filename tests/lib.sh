# shellcheck shell=bash
# Shared by all test scripts; to be sourced. Where things are, how a result is said, how to wait, which JDKs there are.
#
# A suite is a script that prints one line per test and exits with the status of `finish`:
#     ok NAME (figures)
#     not ok NAME (what was wrong)
#     skip NAME # reason              could have been run: counts as failed where CI=true
#     skip NAME # cannot: reason      can't be run on this machine, whatever one does
# and may print explanations as lines that start with "# ". tests/run.sh counts these lines.

set -u
# One language and one encoding, whatever the machine's are (a fresh one has none).
export LC_ALL=C.UTF-8

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-$ROOT/build}              # gcc, RelWithDebInfo: what users get
BUILD_CLANG=${BUILD_CLANG:-$ROOT/build-clang}
BUILD_ASAN=${BUILD_ASAN:-$ROOT/build-asan}
BUILD_TSAN=${BUILD_TSAN:-$ROOT/build-tsan}
SCRATCH=${SCRATCH:-$ROOT/build-tests}    # recordings, logs, compiled Java
AGENT=${AGENT:-$BUILD/src/libjfrprof.so}
JFR2FLAME=${JFR2FLAME:-$BUILD/tools/jfr2flame/jfr2flame}
FAILED_TESTS=0

if ! mkdir -p "$SCRATCH" 2>/dev/null; then
    echo "tests: can't write into $ROOT: use a checkout of your own" >&2
    exit 1
fi

# ok NAME [FIGURES], not_ok NAME [WHY], skip NAME REASON, cannot NAME REASON: the result of one test.
ok() {
    echo "ok $1${2:+ ($2)}"
}

not_ok() {
    FAILED_TESTS=$((FAILED_TESTS + 1))
    echo "not ok $1${2:+ ($2)}"
}

skip() {
    echo "skip $1 # $2"
}

cannot() {
    echo "skip $1 # cannot: $2"
}

note() {
    echo "# $*"
}

# The content of a file, at most LINES (40) of it from its end, as notes.
note_file() {
    tail -n "${2:-40}" "$1" | sed 's/^/#   /'
}

# check NAME COMMAND...: ok when the command succeeds; its output is shown only when it fails.
check() {
    local name=$1 log status
    shift
    log=$(mktemp "$SCRATCH/check.XXXXXX")
    "$@" >"$log" 2>&1 </dev/null
    status=$?
    if [ $status -eq 0 ]; then
        ok "$name"
    else
        not_ok "$name" "exit status $status"
        note_file "$log"
    fi
    rm -f "$log"
    return $status
}

# The end of a suite: its exit status.
finish() {
    exit $((FAILED_TESTS > 0))
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# wait_for SECONDS COMMAND...: 0 as soon as the command succeeds, 1 when it has not within that time.
wait_for() {
    local end=$((SECONDS + $1 + 1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        poll
    done
    return 0
}

# Between two looks at a condition. (The wait is on the condition, never on this time.)
poll() {
    read -r -t 0.05 <> <(:)
    return 0
}

# Every JDK of version 17 or later on this machine, one "version home" a line, oldest first. JDKS="home home…" overrides.
# The version is the number before the first dot.
jdks() {
    local home
    for home in ${JDKS:-/usr/lib/jvm/* ${JAVA_HOME:-}}; do
        [ -x "$home/bin/javac" ] && [ -x "$home/bin/jfr" ] && readlink -f "$home"
    done | sort -u | while read -r home; do
        echo "$(jdk_version "$home") $home"
    done | awk -v all="${JDKS:+1}" 'all || $1 >= 17' | sort -n
}

jdk_version() {
    sed -n 's/^JAVA_VERSION="\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' "$1/release"
}

# The home of the oldest JDK of jdks: it reads recordings, runs the checker and compiles.
first_jdk() {
    jdks | awk 'NR == 1 { print $2 }'
}

# run_ctest BUILD_DIR REGEX PREFIX: runs the matching ctest tests, one line each, named PREFIX + the test's name.
run_ctest() {
    local xml log
    xml=$(mktemp "$SCRATCH/ctest.XXXXXX.xml")
    log=$xml.log
    ctest --test-dir "$1" -R "$2" -j2 --timeout 300 --output-junit "$xml" >"$log" 2>&1
    if ! python3 "$ROOT/tests/support/ctest_lines.py" "$xml" "$3"; then
        FAILED_TESTS=$((FAILED_TESTS + 1))
        [ -s "$xml" ] || note_file "$log"
    fi
    rm -f "$xml" "$log"
}
