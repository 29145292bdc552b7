#!/usr/bin/env bash
# Lint: shellcheck has nothing to say about the shell scripts. shellcheck.sh [ROOT]
# Not asked: whether a function is ever called (SC2317; many are called by name), and sourced files it can't follow (SC1091).
set -eu
cd "${1:-$(dirname "$0")/../..}"
{
    find . -name build\* -prune -o -name .git -prune -o -name '*.sh' -print0
    find .ci -type f -print0 2>/dev/null
} | xargs -0 -r shellcheck -x -S style -e SC1091,SC2317
