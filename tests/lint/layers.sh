#!/usr/bin/env bash
# Lint: who includes whom. layers.sh [ROOT]
# Each folder of src/, jfr/ and tools/ includes only what src/LAYERS allows it; includes carry their folder's name
# ("walk/walk.h"), only tools may include a neighbour without it; neither folders nor files include each other in a circle.
set -eu
root=${1:-$(dirname "$0")/../..}
cd "$root"
edges=$(mktemp)
trap 'rm -f "$edges"' EXIT
bad=0

fault() {
    echo "layers: $*"
    bad=1
}

# module FILE: the layer that a file of the tree belongs to.
module() {
    case $1 in
        src/*/*) echo "$1" | cut -d/ -f2 ;;
        jfr/*) echo jfr ;;
        tools/*) echo tools ;;
    esac
}

# resolve FILE INCLUDE: the file that the include means, nothing when there is none in the tree.
resolve() {
    local candidate
    for candidate in "$2" "src/$2" "tools/$2" "$(dirname "$1")/$2"; do
        [ -e "$candidate" ] && echo "$candidate" && return
    done
    echo ""
}

check_include() {
    local file=$1 include=$2 from to target
    from=$(module "$file")
    target=$(resolve "$file" "$include")
    case $include in
        */*) ;;
        *) [ "$from" = tools ] || fault "$file: \"$include\" lacks its folder" ;;
    esac
    if [ -z "$target" ]; then
        fault "$file: \"$include\" is not in the tree"
        return
    fi
    echo "$file $target" >>"$edges"
    to=$(module "$target")
    [ "$to" = "$from" ] && return
    case " $(sed -n "s/^$from://p" src/LAYERS) " in
        *" $to "*) ;;
        *) fault "$file: layer '$from' must not include '$to' ($include)" ;;
    esac
}

for dir in src/*/ jfr/ tools/; do
    layer=$(basename "$dir")
    grep -q "^$layer:" src/LAYERS || fault "folder '$layer' is missing in src/LAYERS"
done
sed -n 's/^\([a-z]*\): *\(.*\)/\1 \2/p' src/LAYERS | awk '{ for (i = 2; i <= NF; i++) print $1, $i }' |
    tsort >/dev/null 2>"$edges" || { fault "src/LAYERS goes in a circle:"; cat "$edges"; }
: >"$edges"

while read -r file include; do
    check_include "$file" "$include"
done < <(find src jfr tools -name '*.[ch]' -exec \
    sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/;t show;d;:show;F;p' {} + | paste -d' ' - -)

tsort "$edges" >/dev/null 2>"$edges.circles" || { fault "files include each other:"; cat "$edges.circles"; }
rm -f "$edges.circles"
exit $bad
