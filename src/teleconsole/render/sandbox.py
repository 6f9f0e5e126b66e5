"""The walls around this process: no files, no network, no other program, bounded memory and processor time.

Linux: Landlock (no file can be opened, no TCP) and a seccomp filter (no sockets, no programs, no
tracing), both for good.
Elsewhere only the resource limits hold; the level that was reached is reported with each opened file.

See: Documentation/userspace-api/landlock.rst and seccomp_filter.rst of the kernel.
"""

import ctypes
import os
import platform
import struct
import sys

from teleconsole.host.limits import RENDER_CPU_S, RENDER_MEMORY_BYTES

if sys.platform != "win32":
    import resource

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
_LANDLOCK_VERSION_FLAG = 1
_FILE_RIGHTS_BY_ABI = (0, (1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)
_NET_RIGHTS = 3
_EPERM = 1
_BPF_LOAD, _BPF_EQUAL, _BPF_RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# socket, connect, accept, bind, listen, accept4, execve, execveat, ptrace, process_vm_readv, process_vm_writev,
# open_by_handle_at, mount, unshare, setns, keyctl, add_key, request_key, bpf, userfaultfd, perf_event_open,
# io_uring_setup, pidfd_getfd
_FORBIDDEN = {
    "x86_64": (
        41,
        42,
        43,
        49,
        50,
        288,
        59,
        322,
        101,
        310,
        311,
        304,
        165,
        272,
        308,
        250,
        248,
        249,
        321,
        323,
        298,
        425,
        438,
    ),
    "aarch64": (
        198,
        203,
        202,
        200,
        201,
        242,
        221,
        281,
        117,
        270,
        271,
        265,
        40,
        97,
        268,
        219,
        217,
        218,
        280,
        282,
        241,
        425,
        438,
    ),
}
_X32_BIT = 0x40000000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def enter_sandbox() -> str:
    """Put the walls up for good and return their names, joined by "+"; call it before any thread is started."""
    walls = []
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_AS, (RENDER_MEMORY_BYTES, RENDER_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (RENDER_CPU_S, RENDER_CPU_S))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        walls.append("limits")
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "no_new_privs was refused")
        if _enter_landlock(libc):
            walls.append("landlock")
        if _enter_seccomp(libc):
            walls.append("seccomp")
    return "+".join(walls) or "none"


def _enter_landlock(libc: ctypes.CDLL) -> bool:
    abi = libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), _LANDLOCK_VERSION_FLAG)
    if abi < 1:
        return False
    rights = struct.pack("<Q", _FILE_RIGHTS_BY_ABI[min(abi, 5)]) + (struct.pack("<Q", _NET_RIGHTS) if abi >= 4 else b"")
    ruleset = libc.syscall(_LANDLOCK_CREATE, rights, ctypes.c_size_t(len(rights)), 0)
    if ruleset < 0:
        return False
    try:
        # A set without a single rule: whatever it handles is denied everywhere
        return bool(libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _enter_seccomp(libc: ctypes.CDLL) -> bool:
    machine = platform.machine()
    if machine not in _ARCHITECTURE:
        return False
    code = _filter(_ARCHITECTURE[machine], _FORBIDDEN[machine], deny_x32=machine == "x86_64")
    program = _Program(len(code) // 8, code)
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter(architecture: int, forbidden: tuple[int, ...], *, deny_x32: bool) -> bytes:
    """Return the BPF program: another architecture dies, forbidden calls answer EPERM, all else goes on."""
    step = struct.Struct("<HBBI")
    code = [
        step.pack(_BPF_LOAD, 0, 0, 4),
        step.pack(_BPF_EQUAL, 1, 0, architecture),
        step.pack(_BPF_RETURN, 0, 0, _KILL),
    ]
    code.append(step.pack(_BPF_LOAD, 0, 0, 0))
    if deny_x32:
        # jge: the numbers of the x32 interface would pass by the list
        code += [step.pack(0x35, 0, 1, _X32_BIT), step.pack(_BPF_RETURN, 0, 0, _ERRNO | _EPERM)]
    for index, number in enumerate(forbidden):
        code.append(step.pack(_BPF_EQUAL, len(forbidden) - index, 0, number))
    code += [step.pack(_BPF_RETURN, 0, 0, _ALLOW), step.pack(_BPF_RETURN, 0, 0, _ERRNO | _EPERM)]
    return b"".join(code)
