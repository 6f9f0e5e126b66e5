"""The kernel's walls around a process that handles what strangers send, put up for good: Landlock and seccomp.

Each takes a list of what stays possible (files) or what becomes impossible (system calls); who needs which is said
where it is needed (`render.sandbox`, `call.sandbox`). On systems without them the answer says that they do not stand.

See: Documentation/userspace-api/landlock.rst and seccomp_filter.rst of the kernel.
"""

import contextlib
import ctypes
import os
import platform
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LANDLOCK_CREATE, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_VERSION_FLAG, _PATH_BENEATH = 1, 1
_FILE_RIGHTS_BY_ABI = (0, (1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)
_NET_RIGHTS, _NET_ABI = 3, 4
_SCOPES, _SCOPES_ABI = 3, 6
"""No abstract Unix socket and no signal to a process outside."""
_EXECUTE, _READ_FILE, _READ_FOLDER, _WRITE_FILE = 1 << 0, 1 << 2, 1 << 3, 1 << 1
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_READ = _READ_FILE | _READ_FOLDER
_NOT_WRITTEN = _EXECUTE | 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12
"""What is never granted: to start programs, to make devices, sockets, pipes and links."""
_EPERM = 1
_BPF_LOAD, _BPF_EQUAL, _BPF_AT_LEAST, _BPF_RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_NUMBERS = {
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept4": (288, 242),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "open_by_handle_at": (304, 265),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "pidfd_getfd": (438, 438),
}
SOCKETS = frozenset({"socket", "connect", "accept", "bind", "listen", "accept4"})
"""Every call that opens a way to another process or computer."""
POWERS = frozenset(_NUMBERS) - SOCKETS
"""What no process of ours that meets strangers needs: programs, tracing, mounts, keys, the kernel's own machinery."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def forget_privileges() -> None:
    """Never gain privileges again, by no program. Both walls need it.

    Raises:
        OSError: the kernel refused.
        RuntimeError: a second thread runs, which no wall would reach.
    """
    if (threads := sum(1 for _ in Path("/proc/self/task").iterdir())) > 1:
        raise RuntimeError(f"walls go up before threads do; {threads} run")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs was refused")


def close_files(reads: Iterable[Path] = (), writes: Iterable[Path] = (), *, network: bool = False) -> bool:
    """Close the file system but for these places; return whether it is closed.

    Abstract Unix sockets and signals to other programs are closed with it, where the kernel can.

    Args:
        reads: files and folders with all below them that may be read; what is not there is left out.
        writes: as above, that may be written too.
        network: whether TCP stays open. UDP is not Landlock's.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    abi = libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), _LANDLOCK_VERSION_FLAG)
    if abi < 1:
        return False
    handled = _FILE_RIGHTS_BY_ABI[min(abi, len(_FILE_RIGHTS_BY_ABI) - 1)]
    attributes = struct.pack("<Q", handled)
    if abi >= _NET_ABI:
        attributes += struct.pack("<Q", 0 if network else _NET_RIGHTS)
    if abi >= _SCOPES_ABI:
        attributes += struct.pack("<Q", _SCOPES)
    ruleset = libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        for paths, rights in ((reads, _READ), (writes, handled & ~_NOT_WRITTEN)):
            for path in paths:
                _open_place(libc, ruleset, path, handled & rights)
        return bool(libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _open_place(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(place).st_mode):
                rights &= _OF_A_FILE
            rule = struct.pack("<Qi", rights, place)
            if libc.syscall(_LANDLOCK_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0) != 0:
                raise OSError(ctypes.get_errno(), "a place could not be kept open", str(path))
        finally:
            os.close(place)


def forbid_calls(names: Iterable[str]) -> bool:
    """Let these system calls answer EPERM; return whether they do.

    Raises:
        KeyError: a name that has no number here.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURE:
        return False
    column = 0 if machine == "x86_64" else 1
    numbers = sorted(_NUMBERS[name][column] for name in names)
    code = _filter(_ARCHITECTURE[machine], numbers, deny_x32=machine == "x86_64")
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def program_places() -> list[Path]:
    """Return what this program itself is made of: interpreter, libraries, its own package and resources."""
    package = Path(__file__).resolve().parents[1]
    here = [Path(place) for place in (sys.prefix, sys.base_prefix, *sys.path) if place]
    return [*here, package, package.parents[1] / "resources", *map(Path, ("/usr", "/lib", "/lib64", "/etc/ssl"))]


def _filter(architecture: int, forbidden: list[int], *, deny_x32: bool) -> bytes:
    """Return the BPF program: another architecture dies, forbidden calls answer EPERM, all else goes on."""
    step = struct.Struct("<HBBI")
    code = [
        step.pack(_BPF_LOAD, 0, 0, 4),
        step.pack(_BPF_EQUAL, 1, 0, architecture),
        step.pack(_BPF_RETURN, 0, 0, _KILL),
    ]
    code.append(step.pack(_BPF_LOAD, 0, 0, 0))
    if deny_x32:  # the numbers of the x32 interface would pass by the list
        code += [step.pack(_BPF_AT_LEAST, 0, 1, _X32_BIT), step.pack(_BPF_RETURN, 0, 0, _ERRNO | _EPERM)]
    for index, number in enumerate(forbidden):
        code.append(step.pack(_BPF_EQUAL, len(forbidden) - index, 0, number))
    code += [step.pack(_BPF_RETURN, 0, 0, _ALLOW), step.pack(_BPF_RETURN, 0, 0, _ERRNO | _EPERM)]
    return b"".join(code)
