#!/usr/bin/env bash
# Lint: the C code is formatted as .clang-format says. format.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/../..}"
find src jfr tools tests -name '*.[ch]' -print0 | xargs -0 -r clang-format-14 --dry-run -Werror
