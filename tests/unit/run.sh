#!/usr/bin/env bash
# Suite: the unit tests, in the gcc build; with "asan", in the AddressSanitizer and UndefinedBehaviorSanitizer build.
. "$(dirname "$0")/../lib.sh"

case ${1:-} in
    '') run_ctest "$BUILD" '^unit\.' '' ;;
    asan) run_ctest "$BUILD_ASAN" '^unit\.' asan. ;;
esac
finish
