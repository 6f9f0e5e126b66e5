#!/bin/sh
# Installs the system packages that teleconsole needs on Debian 12, by apt; quick when they are there already.
#
# Usage: packaging/linux/system-packages.sh [--check] run|test...
#   run      what the app and the demo clinic need at run time
#   test     run, and what the tests and the screenshots need besides
#   --check  install nothing; list what is missing and end with 1 if anything is
#
# Example: packaging/linux/system-packages.sh test
# Needs root or sudo only if something is missing. Ends with 0 when all is installed, 1 when it can't be, 2 on wrong usage;
# where there is no apt it only names the packages, and ends with 0 (--check: 1).
set -eu

# Qt's xcb and Wayland platforms: what the PySide6 wheel links and does not bring (ldd of its plugins; the others of
# these come as dependencies).
QT="libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4
libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1
libwayland-client0 libwayland-cursor0 libwayland-egl1"
# PortAudio (the sounddevice wheel for Linux brings none) and its way to PulseAudio or PipeWire.
SOUND="libportaudio2 libasound2-plugins"
# The keyring that keeps the vault's key, and the session bus by which it is asked.
KEYRING="dbus gnome-keyring"
# The typeface that the screens are drawn for, and one that has what it lacks.
FONTS="fonts-inter fonts-dejavu-core"
RUN="$QT $SOUND $KEYRING $FONTS ca-certificates"

# A screen, a window manager and the accessibility bus, by which the journeys drive the app.
SCREEN="xvfb openbox at-spi2-core xdotool x11-utils"
# Sound without hardware, the patient's browsers (libatomic1: Playwright's node links it), and a network of the tests'
# own (nsenter and setpriv: util-linux), with a relay for the calls.
AROUND="pulseaudio pulseaudio-utils chromium firefox-esr libatomic1 iproute2 util-linux coturn"
TEST="$RUN $SCREEN $AROUND"

usage() {
    sed -n '3,11s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

# Prints those of the named packages that are not installed.
missing() {
    installed=$(dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii *//p') || true
    for package in "$@"; do
        printf '%s\n' "$installed" | grep -qxF "$package" || printf '%s ' "$package"
    done
}

# Runs a command as root: directly, or through sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

check_only=no
if [ "${1:-}" = --check ]; then
    check_only=yes
    shift
fi
[ $# -ge 1 ] || usage
wanted=
for set in "$@"; do
    case $set in
        run) wanted="$wanted $RUN" ;;
        test) wanted="$wanted $TEST" ;;
        *) usage ;;
    esac
done
wanted=$(printf '%s\n' $wanted | sort -u)

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This system has no apt; it has to have the counterparts of these Debian packages: $(echo $wanted | tr '\n' ' ')" >&2
    [ "$check_only" = no ] || exit 1
    exit 0
fi

# $wanted is a list of words on purpose.
# shellcheck disable=SC2086
lacking=$(missing $wanted)
[ -n "$lacking" ] || exit 0
if [ "$check_only" = yes ]; then
    echo "Missing: $lacking" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "These packages are missing, and installing them needs root or sudo: $lacking" >&2
    exit 1
fi

echo "Installing system packages: $lacking"
export DEBIAN_FRONTEND=noninteractive
# A lock that another apt holds is waited for; lists that are days old name files that the mirrors no longer have.
as_root apt-get -q -o DPkg::Lock::Timeout=300 update
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $lacking

# shellcheck disable=SC2086
lacking=$(missing $wanted)
if [ -n "$lacking" ]; then
    echo "apt ended well, but these packages are still missing: $lacking" >&2
    exit 1
fi
