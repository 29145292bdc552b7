# shellcheck shell=bash
# Installing Debian packages, for tools/quickstart.sh and tests/install.sh; to be sourced.

# packages_missing "PACKAGE:PROOF ...": the packages whose proof (a command, or a file pattern that starts with /) isn't there.
packages_missing() {
    local entry proof
    for entry in $1; do
        proof=${entry#*:}
        case $proof in
            /*) compgen -G "$proof" >/dev/null ;;
            *) command -v "$proof" >/dev/null 2>&1 ;;
        esac || printf '%s ' "${entry%%:*}"
    done
}

# The package of a JDK that the profiler supports: 17 where there is one, else the distribution's own. After packages_update.
packages_jdk() {
    if apt-cache show openjdk-17-jdk-headless >/dev/null 2>&1; then
        echo openjdk-17-jdk-headless
    else
        echo default-jdk-headless
    fi
}

# The command of a Chromium that can take pictures of pages.
packages_browser() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
}

# packages_as_root COMMAND...: as root already, or by sudo.
packages_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Fetches the package lists, once in the life of a script. Its failure shows when the installation fails.
packages_update() {
    if [ -z "${PACKAGES_UPDATED:-}" ]; then
        packages_as_root apt-get update -qq >/dev/null 2>&1
        PACKAGES_UPDATED=1
    fi
}

# packages_install WHO "PACKAGE ...": installs them; nothing when there are none. Failure: one line that says what to do.
packages_install() {
    local who=$1 packages log
    packages=$(echo "$2" | xargs)
    [ -n "$packages" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "$who: this is not Debian or Ubuntu: install the equivalents of: $packages" >&2
        return 1
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
        echo "$who: needs root or sudo to install: $packages" >&2
        return 1
    fi
    echo "installing: $packages"
    log=$(mktemp)
    packages_update
    # shellcheck disable=SC2086  # a list of words
    if packages_as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends $packages >"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    echo "$who: apt-get can't install $packages: $(grep -m1 '^E:' "$log") (whole log: $log)" >&2
    return 1
}
