#!/usr/bin/env bash
# Suite: each lint can fail. A small tree that is fine is made, each lint passes on it; then one fault is planted at a time, and
# the lint must name it.
. "$(dirname "$0")/../lib.sh"
here=$ROOT/tests/lint
work=$(mktemp -d "$SCRATCH/selftest.XXXXXX")
trap 'rm -rf "$work"' EXIT

# A tree on which all lints pass.
fine_tree() {
    rm -rf "${work:?}/t"
    mkdir -p "$work/t/src/base" "$work/t/src/os" "$work/t/jfr" "$work/t/tools/x" "$work/t/tests" "$work/t/.ci"
    cp "$ROOT/.clang-format" "$work/t"
    printf 'base:\nos: base\njfr:\ntools: base jfr\n' >"$work/t/src/LAYERS"
    printf '/* base */\nint base_one(void);\n' >"$work/t/src/base/one.h"
    printf '#include "base/one.h"\n#include <string.h>\n' >"$work/t/src/os/two.h"
    printf '#include "jfr/wire.h"\n#include "own.h"\n' >"$work/t/tools/x/x.c"
    printf '/* own */\n' >"$work/t/tools/x/own.h"
    printf '/* wire */\n' >"$work/t/jfr/wire.h"
    # shellcheck disable=SC2016  # it is to be written as it is
    printf '#!/bin/sh\necho "$1"\n' >"$work/t/fine.sh"
    cp "$work/t/fine.sh" "$work/t/.ci/run"
}

# passes LINT ON_WHAT ARGUMENTS...
passes() {
    local lint=$1 what=$2
    shift 2
    check "lint.$lint passes on $what" bash "$here/$lint.sh" "$@"
}

# finds LINT WHAT TEXT ARGUMENTS...: the lint fails and its output has TEXT.
finds() {
    local lint=$1 what=$2 text=$3
    shift 3
    if bash "$here/$lint.sh" "$@" >"$work/out" 2>&1; then
        not_ok "lint.$lint finds $what" "it passed"
    elif grep -qF -- "$text" "$work/out"; then
        ok "lint.$lint finds $what"
    else
        not_ok "lint.$lint finds $what" "it failed without saying '$text'"
        note_file "$work/out"
    fi
}

# plant FILE TEXT: a fine tree with one more line in that file.
plant() {
    fine_tree
    printf '%s\n' "$2" >>"$work/t/$1"
}

fine_tree
t=$work/t
for lint in layers arch sizes format paths shellcheck; do
    passes "$lint" "a tree that is fine" "$t"
done

plant src/base/one.h '#include "os/two.h"'
finds layers "an include upwards" "layer 'base' must not include 'os'" "$t"
finds layers "files in a circle" "files include each other" "$t"
plant src/os/two.h '#include "one.h"'
finds layers "an include without its folder" '"one.h" lacks its folder' "$t"
plant src/os/two.h '#include "base/three.h"'
finds layers "an include of nothing" '"base/three.h" is not in the tree' "$t"
plant jfr/wire.h '#include "base/one.h"'
finds layers "a profiler header in jfr" "layer 'jfr' must not include 'base'" "$t"
plant tools/x/x.c '#include "os/two.h"'
finds layers "the agent's inside in tools" "layer 'tools' must not include 'os'" "$t"
plant src/LAYERS 'walk: os'
sed -i 's/^base:/base: walk/' "$t/src/LAYERS"
finds layers "layers in a circle" "goes in a circle" "$t"
fine_tree
mkdir "$t/src/new"
finds layers "an unknown folder" "folder 'new' is missing" "$t"

plant src/base/one.h '#if defined(__x86_64__)'
finds arch "an #if on the processor" src/base/one.h "$t"
plant src/os/two.h '#if defined(__x86_64__)'
passes arch "an #if in src/os" "$t"
fine_tree
yes '/* */' | head -n 599 >"$t/jfr/long.c"
passes sizes "a file of 599 lines" "$t"
echo '/* */' >>"$t/jfr/long.c"
finds sizes "a file of 600 lines" "jfr/long.c has 600 lines" "$t"
plant src/base/one.h 'int   base_two( void );'
finds format "bad formatting" "one.h" "$t"
plant src/base/one.h "/* see /ro""ot/notes */"
finds paths "a path of one machine" "src/base/one.h" "$t"
# shellcheck disable=SC2016  # it is to be planted as it is
plant fine.sh 'rm -rf $1/*'
finds shellcheck "an unquoted variable" SC2086 "$t"
# shellcheck disable=SC2016
plant .ci/run 'echo $2'
finds shellcheck "one in .ci/run" SC2086 "$t"

# The signal path: an object that uses what is allowed, one that uses another of the objects, and one that prints.
object() {
    printf '%s\n' "$2" | gcc -O2 -ffreestanding -x c "${@:3}" -c -o "$work/$1.o" -
}
object a '#include <string.h>
void sig_a(char *to, const char *from, unsigned long n) { memcpy(to, from, n); }'
object b 'void sig_a(char *, const char *, unsigned long); void sig_b(char *p) { sig_a(p, p + 9, 9); }'
object c '#include <stdio.h>
void sig_c(int n) { printf("%d samples\n", n); }'
object d 'void *malloc(unsigned long); void *sig_d(void) { return malloc(64); }'
passes sigsafe "allowed symbols" "$here/sigsafe.allow" "$work/a.o" "$work/b.o"
finds sigsafe "a printf" "printf is not on" "$here/sigsafe.allow" "$work/a.o" "$work/c.o"
finds sigsafe "a malloc" "malloc is not on" "$here/sigsafe.allow" "$work/a.o" "$work/d.o"
finds sigsafe "a function of the normal side" "sig_a is not on" "$here/sigsafe.allow" "$work/b.o"
finds sigsafe "that there are no objects" "no objects" "$here/sigsafe.allow"
object lto 'int sig_e(void) { return 5; }' -flto
finds sigsafe "objects without machine code" "no machine code" "$here/sigsafe.allow" "$work/lto.o"

library() {
    printf 'int Agent_OnLoad(void) { return 0; }\nint Agent_OnAttach(void) { return 0; }\nvoid Agent_OnUnload(void) {}\n%s\n' "$2" |
        gcc -shared -fPIC -x c -o "$work/$1.so" -
}
library fine 'static int hidden(void) { return 1; } __attribute__((visibility("hidden"))) int h(void) { return hidden(); }'
library more 'int helper(void) { return 1; }'
passes exports "the three names" "$work/fine.so"
finds exports "a name too many" "helper" "$work/more.so"
finds exports "a missing library" "wanted" "$work/none.so"

readme() {
    printf '%s\n' '# A project' '' "$@" >"$work/README.md"
}
readme '```sh' 'echo fine >said' '```' 'and' '```sh' 'grep fine said' '```'
passes readme "commands that work" "$work/README.md"
readme '```sh' 'ls no-such-file' '```'
finds readme "a command that fails" "no-such-file" "$work/README.md"
readme '```bash' 'echo' '```'
finds readme "a shell block that hides from it" "marked" "$work/README.md"
readme '<!-- test: by=tests/run.sh -->' '```sh' 'no-such-command' '```'
finds readme "a command that the named test does not run" "no-such-command" "$work/README.md"
readme 'no commands'
finds readme "a README without commands" "no sh blocks" "$work/README.md"
finish
