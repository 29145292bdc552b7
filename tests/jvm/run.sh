#!/usr/bin/env bash
# Suite: the agent in real JVMs, of every JDK from 17 on that is on this machine (JDKS="home home…" overrides).
. "$(dirname "$0")/lib.sh"

note "JDKs: $(jdks | tr '\n' ' ')"
rm -f "$JVM_DIR"/jdk*/*.jfr
for part in profile survive behaviour options leftovers kill readers; do
    bash "$ROOT/tests/jvm/$part.sh" || FAILED_TESTS=$((FAILED_TESTS + 1))
done
finish
