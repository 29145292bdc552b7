#!/usr/bin/env bash
# Lint: the agent exports the three functions that the JVM calls and nothing else, so that no name of ours can meet one of the host's.
# exports.sh LIBRARY
set -eu
got=$(nm -D --defined-only "$1" | awk '{ print $3 }' | sort | xargs)
want="Agent_OnAttach Agent_OnLoad Agent_OnUnload"
[ "$got" = "$want" ] && exit 0
echo "exports: $1 exports '$got', wanted '$want'"
exit 1
