#!/usr/bin/env bash
# Suite: the structures that threads and signal handlers share, under real threads and real signals: as users get them, and
# under ThreadSanitizer.
. "$(dirname "$0")/../lib.sh"

# ThreadSanitizer of clang 14 refuses to start on kernels that place memory with more than 28 random bits. Without randomization it
# starts everywhere; where switching that off is forbidden (some containers), it is tried as it is.
if [ -z "${UNRANDOMIZED:-}" ] && setarch "$(uname -m)" -R bash -c : 2>/dev/null; then
    UNRANDOMIZED=1 exec setarch "$(uname -m)" -R bash "$0"
fi

run_ctest "$BUILD" '^stress\.' ''
run_ctest "$BUILD_TSAN" '^stress\.' tsan.
finish
