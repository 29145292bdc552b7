#!/usr/bin/env bash
# Lint: shellcheck has nothing to say about the shell scripts. shellcheck.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/../..}"
{
    find . -name build\* -prune -o -name .git -prune -o -name '*.sh' -print0
    find .ci -type f -print0 2>/dev/null
} | xargs -0 -r shellcheck -x -S style -e SC1091
