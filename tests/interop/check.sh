#!/usr/bin/env bash
# check.sh [expectation...] FILE...: reads recordings as JDK Mission Control does (interop.Check). build.sh comes first.
. "$(dirname "$0")/../lib.sh"
exec "$(first_jdk)/bin/java" -Xmx2g -cp "$BUILD/interop/classes:$BUILD/interop/lib/*" interop.Check "$@"
