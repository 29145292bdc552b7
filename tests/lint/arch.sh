#!/usr/bin/env bash
# Lint: what depends on the processor or the operating system is in src/os; nobody else asks with #if. arch.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/../..}"
found=$(grep -rnE '^[[:space:]]*#[[:space:]]*(el)?if.*(__x86_64__|__i386__|__aarch64__|__arm__|__riscv|__linux__|__APPLE__|_WIN32)' \
    src jfr tools --include='*.[ch]' | grep -v '^src/os/') || exit 0
echo "arch: #if on the machine outside of src/os:"
echo "$found"
exit 1
