#!/usr/bin/env bash
# Suite: the lints, and the proof that each of them, and the runner itself, can fail.
. "$(dirname "$0")/../lib.sh"
here=$ROOT/tests/lint

# The objects of everything that may run inside a signal handler, of the build BUILD.
signal_objects() {
    find "$BUILD/src/CMakeFiles/jfrprof_signal.dir" -name '*.o' 2>/dev/null | sort | xargs
}

check lint.layers bash "$here/layers.sh" "$ROOT"
# shellcheck disable=SC2046  # a list of words
check lint.sigsafe bash "$here/sigsafe.sh" "$here/sigsafe.allow" $(signal_objects)
check lint.exports bash "$here/exports.sh" "$AGENT"
check lint.arch bash "$here/arch.sh" "$ROOT"
check lint.sizes bash "$here/sizes.sh" "$ROOT"
check lint.format bash "$here/format.sh" "$ROOT"
check lint.paths bash "$here/paths.sh" "$ROOT"
check lint.shellcheck bash "$here/shellcheck.sh" "$ROOT"
for part in lint/selftest support/selftest lint/readme; do
    bash "$ROOT/tests/$part.sh" || FAILED_TESTS=$((FAILED_TESTS + 1))
done
finish
