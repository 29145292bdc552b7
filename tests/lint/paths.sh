#!/usr/bin/env bash
# Lint: no path of somebody's own machine in the tree. paths.sh [ROOT]
# The brackets keep this file from finding itself.
set -eu
cd "${1:-$(dirname "$0")/../..}"
found=$(grep -rnIE '(^|[^[:alnum:]_./*-])(/[w]ork/|/[r]oot/|/tmp/[b]ash_jobs|/tmp/[b]uild-)' . \
    --exclude-dir=.git --exclude-dir='build*' --exclude-dir=node_modules) || exit 0
echo "paths: of one machine only:"
echo "$found"
exit 1
