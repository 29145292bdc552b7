#!/usr/bin/env bash
# Lint: a file of the C code has fewer than 600 lines. sizes.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/../..}"
find src jfr tools -name '*.[ch]' -exec wc -l {} + |
    awk '$2 != "total" && $1 >= 600 { print "sizes: " $2 " has " $1 " lines"; bad = 1 } END { exit bad }'
