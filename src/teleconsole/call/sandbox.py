"""The walls around the call process: it meets a stranger's packets, so it holds nothing that a stranger wants.

Linux: no file but this program, the computer's sound, cameras and names of hosts, and the drop-box it seals into;
no session bus, no key, no case. The network stays open: it is what this process is for. What is asked for in a
session and lies elsewhere (a file of extra certificates, a file that plays the camera in a test) is named by the
console when it starts this process, in `READS_VARIABLE`; the session bus, to be hidden, in `HIDES_VARIABLE`.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from teleconsole.call.hidden_sockets import hide_sockets
from teleconsole.host.paths import Profile
from teleconsole.host.walls import POWERS, close_files, forbid_calls, forget_privileges, program_places

READS_VARIABLE = "TELECONSOLE_CALL_READS"
"""Paths that this process may read besides its own, joined as in PATH."""
HIDES_VARIABLE = "TELECONSOLE_CALL_HIDES"
"""Paths of sockets that this process must not reach, joined as in PATH."""

_SYSTEM_READS = (
    *("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/host.conf", "/etc/localtime"),
    *("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/alsa", "/etc/asound.conf", "/etc/pulse", "/etc/pipewire"),
    *("/etc/passwd", "/etc/machine-id", "/var/lib/dbus/machine-id", "/etc/ld.so.cache"),
    *("/run/systemd/resolve", "/sys/devices/system/cpu", "/sys/class/video4linux", "/sys/class/sound", "/sys/devices"),
    *("/proc/asound", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/self", "/proc/sys/kernel", "/proc/net"),
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/snd", "/dev/shm", "/dev/media0")  # noqa: S108 -- where sound servers share memory
_VIDEO_DEVICES = 64


def enter_sandbox(profile: Profile, environment: Mapping[str, str] = os.environ) -> str:
    """Put the walls up for good and return their names, joined by "+", "none" where there are none.

    Call it before any thread is started.

    Args:
        profile: whose drop-box may be written, and nothing else of it.
        environment: names the sound server and further places.

    Raises:
        OSError: the kernel refused what every kernel has.
        RuntimeError: a second thread runs already.
    """
    if sys.platform != "linux":
        return "none"
    walls = []
    hides = environment.get(HIDES_VARIABLE, "").split(os.pathsep)
    if hide_sockets(environment.get("XDG_RUNTIME_DIR", ""), [place for place in hides if place]):
        walls.append("namespace")
    forget_privileges()
    if close_files(_reads(environment), _writes(profile, environment), network=True):
        walls.append("landlock")
    if forbid_calls(POWERS):
        walls.append("seccomp")
    return "+".join(walls) or "none"


def _reads(environment: Mapping[str, str]) -> list[Path]:
    named = [Path(place) for place in environment.get(READS_VARIABLE, "").split(os.pathsep) if place]
    named += [Path(environment[name]) for name in ("ALSA_CONFIG_PATH", "PULSE_COOKIE") if environment.get(name)]
    return [*program_places(), *map(Path, _SYSTEM_READS), *_sound_settings(environment), *named]


def _sound_settings(environment: Mapping[str, str]) -> list[Path]:
    home = Path(environment.get("HOME", "/nonexistent"))
    return [home / ".asoundrc", home / ".config" / "pulse", home / ".config" / "alsa", home / ".pulse-cookie"]


def _writes(profile: Profile, environment: Mapping[str, str]) -> list[Path]:
    cameras = [Path(f"/dev/video{number}") for number in range(_VIDEO_DEVICES)]
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    sound = [Path(runtime) / "pulse"] if runtime else []
    return [profile.spool, *map(Path, _DEVICES), *cameras, *sound]
