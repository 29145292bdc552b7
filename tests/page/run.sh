#!/usr/bin/env bash
# Suite: the flame graph page in a real browser. Installs what is missing (Chromium, node, the npm packages of package-lock.json).
# BROWSER=PATH takes another Chromium.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tools/packages.sh"
here=$ROOT/tests/page
dir=$SCRATCH/page

# Chromium, node and playwright-core; a line that says what can't be had.
prepare() {
    local missing=
    have node || missing="$missing nodejs"
    have npm || missing="$missing npm"
    [ -n "${BROWSER:-$(packages_browser)}" ] || missing="$missing chromium"
    packages_install tests/page/run.sh "$missing" || return 1
    if ! [ -e "$here/node_modules/playwright-core" ]; then
        echo "# installing playwright-core"
        npm --prefix "$here" ci --no-audit --no-fund --silent || return 1
    fi
}

if ! prepare; then
    not_ok page.prepare "the browser or the npm packages can't be installed"
    echo "# passed=0 failed=1 skipped=0"
    finish
fi
rm -rf "$dir"
mkdir -p "$dir"
BROWSER=${BROWSER:-$(packages_browser)} JFR2FLAME=$JFR2FLAME PAGE_DIR=$dir node "$here/page_test.mjs"
