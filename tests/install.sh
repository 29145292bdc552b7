#!/usr/bin/env bash
# Makes a Debian or Ubuntu machine ready for the tests: installs what is missing and says what. Nothing is done when nothing is
# missing. Works as root and with sudo, and stops with one line where it can't go on.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tools/packages.sh"

# Package, and what shows that its content is there already without it (a command, or a file).
NEEDED="
gcc:gcc
libc6-dev:/usr/include/stdio.h
cmake:cmake
ninja-build:ninja
pkg-config:pkg-config
check:/usr/include/check.h
liblz4-dev:/usr/include/lz4frame.h
binutils:nm
clang-14:clang-14
libclang-rt-14-dev:/usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.asan-*.a
llvm-14:llvm-symbolizer-14
clang-format-14:clang-format-14
shellcheck:shellcheck
python3:python3
procps:ps
lz4:lz4
maven:mvn
nodejs:node
npm:npm
"

missing=$(packages_missing "$NEEDED")
if [ -z "$(first_jdk)" ]; then
    packages_update
    missing="$missing $(packages_jdk)"
fi
packages_browser >/dev/null || missing="$missing chromium"
packages_install "tests/run.sh" "$missing"
