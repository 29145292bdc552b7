#!/usr/bin/env bash
# Builds the checker that reads recordings with JDK Mission Control's parser and rules: build/interop/{classes,lib}. Nothing is done when it is up to
# date. Takes the libraries from Maven's cache, else from Maven Central. Exit status 3: they can't be had.
. "$(dirname "$0")/../lib.sh"
out=$BUILD/interop
stamp=$out/built
log=$SCRATCH/interop-build.log

if [ -e "$stamp" ] && [ -z "$(find "$ROOT/tests/interop" -newer "$stamp" \( -name '*.java' -o -name pom.xml \))" ]; then
    exit 0
fi
mkdir -p "$out"
JAVA_HOME=$(first_jdk)
export JAVA_HOME
build() {
    mvn -B -q "$@" -f "$ROOT/tests/interop/pom.xml" -Dout="$out" compile >"$log" 2>&1 </dev/null
}
if build -o || build; then
    touch "$stamp"
    exit 0
fi
cat "$log"
grep -qE 'Could not (transfer|resolve|find)|Unknown host|UnresolvableModel|PluginResolution' "$log" && exit 3
exit 1
