"""Hides the desktop's Unix sockets from this process: the session bus, the keyring, the screen, other agents.

Landlock closes files and abstract sockets; to connect to a socket that has a path it cannot forbid (before its
tenth version). So this process gets its own view of the file system, where those paths are empty. Where the kernel
or the system's policy gives no view of its own, the answer says so.

See: user_namespaces(7), mount_namespaces(7).
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_NEW_MOUNTS, _NEW_USERS = 0x00020000, 0x10000000
_RECURSIVE, _PRIVATE, _BIND, _NO_SET_ID, _NO_DEVICES, _NO_PROGRAMS = 1 << 14, 1 << 18, 1 << 12, 1 << 1, 1 << 2, 1 << 3
_EMPTY = b"tmpfs"
_SYSTEM = ("/run/dbus", "/tmp/.X11-unix", "/run/cups", "/run/docker.sock", "/run/systemd/private")  # noqa: S108 -- X's own place
_SOUND = ("pulse", "pipewire-0", "pipewire-0-manager")


def hide_sockets(runtime: str, further: Iterable[str] = ()) -> bool:
    """Give this process its own view of the file system without them; return whether it has one.

    Call it before any thread is started.

    Args:
        runtime: XDG_RUNTIME_DIR, of which sound alone stays; empty = there is none.
        further: paths of sockets to hide besides.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if not _own_view(libc):
        return False
    hidden = all(_hide(libc, Path(place)) for place in (*_SYSTEM, *further) if place)
    return hidden and (not runtime or _keep_only_sound(libc, Path(runtime)))


def _own_view(libc: ctypes.CDLL) -> bool:
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_MOUNTS) != 0:
        if libc.unshare(_NEW_USERS | _NEW_MOUNTS) != 0:
            return False
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return bool(libc.mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None) == 0)


def _hide(libc: ctypes.CDLL, place: Path) -> bool:
    if not place.exists():
        return True
    path = os.fsencode(place)
    if place.is_dir():
        return bool(libc.mount(_EMPTY, path, _EMPTY, _NO_SET_ID | _NO_DEVICES | _NO_PROGRAMS, b"size=4k,mode=755") == 0)
    return bool(libc.mount(b"/dev/null", path, None, _BIND, None) == 0)


def _keep_only_sound(libc: ctypes.CDLL, runtime: Path) -> bool:
    kept = [(name, os.open(runtime / name, os.O_PATH)) for name in _SOUND if (runtime / name).exists()]
    try:
        if not _hide(libc, runtime):
            return False
        return all(_bring_back(libc, runtime / name, place) for name, place in kept)
    finally:
        for _, place in kept:
            os.close(place)


def _bring_back(libc: ctypes.CDLL, place: Path, opened: int) -> bool:
    source = f"/proc/self/fd/{opened}"
    if Path(source).is_dir():
        place.mkdir()
    else:
        place.touch()
    return bool(libc.mount(source.encode(), os.fsencode(place), None, _BIND | _RECURSIVE, None) == 0)
