#!/usr/bin/env bash
# Lint: every command of README.md works. readme.sh [README]
# Its ```sh blocks are run in their order, in one scratch copy of the checkout, each one by `bash -eu`; readme.py says how a block may ask for
# something else. Commands that a test elsewhere runs are only looked up there.
. "$(dirname "$0")/../lib.sh"
here=$ROOT/tests/lint
readme=${1:-$ROOT/README.md}
. "$here/readme_setup.sh"

copy=$(mktemp -d "$SCRATCH/readme.XXXXXX")
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/blocks" "$copy/tree"

# by PATH BLOCK: the test script names every command of the block.
named_by() {
    local script=$ROOT/$1 command
    [ -f "$script" ] || { echo "there is no $1"; return 1; }
    while read -r command; do
        case $command in '' | '#'*) continue ;; esac
        grep -qF -- "${command%% *}" "$script" || { echo "$1 does not run: $command"; return 1; }
    done <"$2"
}

# Runs a block: in the scratch tree, after its setup, in a shell of its own.
run_block() (
    local base=$1
    cd "$copy/tree" || return 1
    if [ -f "$base.setup" ]; then
        "setup_$(cat "$base.setup")" || return 1
    fi
    timeout 300 bash -eu -o pipefail "$base.sh"
)

if [ ! -f "$readme" ]; then
    not_ok lint.readme "there is no README.md"
    finish
fi
if ! python3 "$here/readme.py" "$readme" "$copy/blocks" 2>"$copy/fault"; then
    not_ok lint.readme "$(cat "$copy/fault")"
    finish
fi
tar -C "$ROOT" --exclude=./.git --exclude='./build*' -cf - . | tar -C "$copy/tree" -xf -

for block in "$copy"/blocks/*.sh; do
    base=${block%.sh}
    [ -f "$block" ] || { not_ok lint.readme "README.md has no sh blocks"; break; }
    name="lint.readme.$(basename "$base") README.md:$(cat "$base.line")"
    if [ -f "$base.by" ]; then
        check "$name" named_by "$(cat "$base.by")" "$block"
    else
        check "$name" run_block "$base"
    fi
done
finish
