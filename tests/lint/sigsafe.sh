#!/usr/bin/env bash
# Lint: the signal path calls nothing that isn't async-signal-safe. sigsafe.sh ALLOW OBJECT...
# What the objects leave undefined must be on the allow list. Objects made for link-time optimization are refused: what their
# machine code will call isn't known yet.
set -eu
allow=$1
shift
objects=$(printf '%s\n' "$@" | tr ';' '\n')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ -n "$objects" ] || { echo "sigsafe: no objects to look at"; exit 1; }
# shellcheck disable=SC2086  # a list of words
{
    if ! readelf -SW $objects >"$work/sections" || grep -q '\.gnu\.lto_' "$work/sections"; then
        echo "sigsafe: the objects hold no machine code (made for LTO?)"
        exit 1
    fi
    nm -u $objects | awk '$1 == "U" { print $2 }' | sort -u >"$work/undefined"
    nm --defined-only $objects | awk 'NF == 3 { print $3 }' | sort -u >"$work/defined"
}
# What the sanitizers and the coverage tools put in is theirs to answer for.
grep -vE '^__(asan|tsan|ubsan|msan|sanitizer|sancov|gcov)' "$work/undefined" >"$work/used" || :
sed 's/#.*//;/^[[:space:]]*$/d' "$allow" | sort -u >"$work/allowed"
sort -u "$work/defined" "$work/allowed" >"$work/fine"
bad=$(comm -23 "$work/used" "$work/fine")
[ -z "$bad" ] && exit 0
for symbol in $bad; do
    # shellcheck disable=SC2086  # a list of words
    users=$(nm -A -u $objects | awk -v s="$symbol" '$NF == s { sub(":.*", "", $1); n = split($1, p, "/"); print p[n] }' | xargs)
    echo "sigsafe: $symbol is not on $allow; used by $users"
done
exit 1
