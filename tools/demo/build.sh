#!/usr/bin/env bash
# Compiles the demo application: build.sh [DIRECTORY] leaves DIRECTORY/demo.jar (default: build/demo of the checkout).
# Takes the JDK of JAVA_HOME, else the javac on the path. RELEASE=N makes classes that a JVM of version N can load.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../../build/demo}
bin=${JAVA_HOME:+$JAVA_HOME/bin/}

mkdir -p "$out"
rm -rf "$out/classes"
mkdir "$out/classes"
find "$here/src" -name '*.java' | sort >"$out/sources"
"${bin}javac" -g -nowarn -encoding UTF-8 ${RELEASE:+--release "$RELEASE"} -Xlint:-options -d "$out/classes" "@$out/sources"
"${bin}jar" cfe "$out/demo.jar" shop.Main -C "$out/classes" .
