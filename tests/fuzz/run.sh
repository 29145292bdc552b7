#!/usr/bin/env bash
# Suite: the fuzzers' corpora replayed as ordinary tests, under AddressSanitizer and UndefinedBehaviorSanitizer.
. "$(dirname "$0")/../lib.sh"

run_ctest "$BUILD_ASAN" '^fuzz\.' asan.
finish
