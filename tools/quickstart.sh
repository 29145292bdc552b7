#!/usr/bin/env bash
# From a fresh Debian or Ubuntu to a flame graph: installs what is missing, builds, records the demo application for about ten seconds, and leaves
# app.jfr and app.html in the current directory. May be run again at any time. Root, or a user with sudo where something is missing.
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build
here=$PWD
seconds=10
# shellcheck source=tools/packages.sh
. "$root/tools/packages.sh"

# Package, and what shows that its content is there already without it.
NEEDED="
gcc:gcc
libc6-dev:/usr/include/stdio.h
cmake:cmake
ninja-build:ninja
pkg-config:pkg-config
liblz4-dev:/usr/include/lz4frame.h
"

stop() {
    echo "quickstart: $*" >&2
    exit 1
}

# step "WHAT" LOG COMMAND...: says what, keeps the command's output in the log, and stops with its last words when it fails.
step() {
    local what=$1 log=$2
    shift 2
    echo "== $what"
    "$@" >"$log" 2>&1 && return
    tail -n 20 "$log" >&2
    stop "$what: failed; the whole output is in $log"
}

# The bin folder of a JDK (not only a JRE) that can record: JAVA_HOME's, that of the javac on the path, any under /usr/lib/jvm; 17 or later.
jdk_bin() {
    local bin version
    for bin in ${JAVA_HOME:+"$JAVA_HOME/bin"} "$(dirname "$(readlink -f "$(command -v javac)")")" /usr/lib/jvm/*/bin; do
        if [ -x "$bin/javac" ] && [ -e "$bin/../include/jvmti.h" ]; then
            version=$("$bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
            [ "${version:-0}" -ge 17 ] && echo "$bin" && return
        fi
    done
}

install_missing() {
    local missing
    missing=$(packages_missing "$NEEDED")
    if [ -z "$(jdk_bin)" ]; then
        packages_update
        missing="$missing $(packages_jdk)"
    fi
    packages_install quickstart "$missing" || exit 1
}

compile() {
    cmake -S "$root" -B "$build" -G Ninja -DBUILD_TESTING=OFF && cmake --build "$build" --target jfrprof --target jfr2flame
}

record() {
    "$JAVA_HOME/bin/java" "-agentpath:$build/src/libjfrprof.so=start,file=$here/app.jfr" \
        -jar "$build/demo/demo.jar" "$seconds"
}

main() {
    local log=$build/quickstart
    [ $# -eq 0 ] || stop "takes no arguments"
    [ -w "$here" ] || stop "can't write app.jfr and app.html into $here: go to a folder of your own first"
    install_missing
    JAVA_HOME=$(dirname "$(jdk_bin)")
    export JAVA_HOME
    mkdir -p "$build" || stop "can't write into $root"

    step "building the profiler and the converter" "$log-build.log" compile
    step "building the demo application" "$log-demo.log" bash "$root/tools/demo/build.sh" "$build/demo"
    echo "== recording the demo application for $seconds seconds"
    record || stop "the demo application ended with exit status $?"
    [ -s "$here/app.jfr" ] || stop "no recording: see the lines of jfrprof above"
    step "making the flame graph" "$log-html.log" "$build/tools/jfr2flame/jfr2flame" "$here/app.jfr" "$here/app.html"
    cat <<END

Done. $here now has
  app.jfr    the recording: open it in JDK Mission Control or IntelliJ, or try: jfr summary app.jfr
  app.html   the flame graph: open it in any browser, no network needed

What to look for: the demo is slow in three places on purpose; $root/tools/demo/README.md names them.
Your own program:
  java -agentpath:$build/src/libjfrprof.so=start,file=mine.jfr -jar your.jar
  $build/tools/jfr2flame/jfr2flame mine.jfr mine.html
END
}

main "$@"
