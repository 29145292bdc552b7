#!/usr/bin/env bash
# Suite: the four builds. tests/build.sh [gcc] [clang] [asan] [tsan]; all of them when none is named.
#   gcc    build/        RelWithDebInfo: what users get, and what the JVM tests load
#   clang  build-clang/  another compiler's warnings
#   asan   build-asan/   AddressSanitizer and UndefinedBehaviorSanitizer, for whatever runs without a JVM
#   tsan   build-tsan/   ThreadSanitizer, for the stress tests
# A warning is an error in all of them.
. "$(dirname "$0")/lib.sh"

TARGET=all
# build NAME DIRECTORY COMPILER [CMAKE ARGUMENT...]: the target TARGET.
build() {
    local name=$1 dir=$2 compiler=$3 log=$SCRATCH/build-$1.log start=$SECONDS
    shift 3
    if cmake -S "$ROOT" -B "$dir" -G Ninja -DCMAKE_C_COMPILER="$compiler" -DCMAKE_C_FLAGS=-Werror \
        "$@" >"$log" 2>&1 && cmake --build "$dir" --target "$TARGET" >>"$log" 2>&1; then
        ok "build.$name" "without a warning, $((SECONDS - start)) s"
    else
        not_ok "build.$name"
        note_file "$log"
    fi
}

for name in ${*:-gcc clang asan tsan}; do
    case $name in
        gcc) build gcc "$BUILD" gcc ;;
        clang) build clang "$BUILD_CLANG" clang-14 ;;
        asan) build asan "$BUILD_ASAN" clang-14 -DSANITIZE=address,undefined ;;
        tsan) TARGET=tests/stress/all build tsan "$BUILD_TSAN" clang-14 -DSANITIZE=thread ;;
        *) not_ok "build.$name" "there is no such build" ;;
    esac
done
finish
