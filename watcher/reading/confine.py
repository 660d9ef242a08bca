"""What a reader process gives up once it has started: network, programs, other processes, and everything that writes.

1. Limits: no file grows, no process is begun, few descriptors.
2. A seccomp filter, on Linux for x86-64 and ARM64, refuses (EPERM) the calls that open a connection, run a program,
   touch another process, or change a file. Calls that fit none of these go on working: dictionaries are read after
   the start.
3. Landlock, from Linux 5.13 on, refuses every file that is written, whatever call is used.

None of it needs a privilege, none can be taken back, and where the system has it not the process works all the same.

Source: Linux Documentation/userspace-api/{seccomp_filter,landlock}.rst; numbers of calls from asm/unistd_64.h and
asm-generic/unistd.h.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 38, 22
_FILTER = 2
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446  # the same on all architectures
_LANDLOCK_VERSION = 1
_LANDLOCK_WRITES = 0x1FF3  # all rights of version 1 but reading files and folders: running, writing, making, removing
_LANDLOCK_NET = 3  # bind and connect by TCP
_NET_SINCE = 4

_MOST_DESCRIPTORS = 64
_ALLOW, _REFUSE, _ABSENT = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
_ARGUMENT = 16
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_X32 = 0x40000000  # calls of the third ABI of x86-64 have this bit
_THREAD = 0x00010000  # CLONE_THREAD


@dataclass(frozen=True, slots=True)
class _Calls:
    """The numbers of one architecture; `opens` maps a call to which of its arguments holds the flags."""

    architecture: int
    refused: Sequence[int]
    opens: Mapping[int, int]
    kills: Sequence[int]
    limits: int
    clone: int
    fcntl: int
    ioctl: int


# In the order of: socket calls; programs; other processes; files; the kernel; locks, the clock, and watching files;
# rings and mounts. Both lists name the same calls.
_X86_64 = _Calls(
    0xC000003E,
    [
        *(41, 42, 43, 44, 46, 49, 50, 53, 288, 307),
        *(57, 58, 59, 322),
        *(101, 310, 311, 312, 424, 434, 438, 272, 308, 141, 142, 144, 203, 251, 256, 279, 314, 440, 448),
        *(
            76,
            77,
            82,
            83,
            84,
            85,
            86,
            87,
            88,
            90,
            91,
            92,
            93,
            94,
            132,
            133,
            188,
            189,
            190,
            197,
            198,
            199,
            235,
            258,
            259,
            260,
            261,
        ),
        *(263, 264, 265, 266, 268, 280, 285, 316, 452, 319),
        *(29, 30, 31, 64, 68, 240, 165, 166, 161, 155, 169, 170, 171, 175, 313, 246, 248, 249, 250, 298, 304, 321, 323),
        *(73, 159, 164, 227, 305, 253, 254, 294, 300, 301),
        *(425, 426, 427, 428, 429, 430, 432, 433, 442),
    ],
    {2: 1, 257: 2},
    [62, 200, 234, 129, 297],
    302,
    56,
    72,
    16,
)
_ARM64 = _Calls(
    0xC00000B7,
    [
        *(198, 199, 200, 201, 202, 203, 206, 211, 242, 269),
        *(221, 281),
        *(117, 270, 271, 272, 424, 434, 438, 97, 268, 140, 118, 119, 122, 30, 238, 239, 274, 440, 448),
        *(33, 34, 35, 36, 37, 38, 45, 46, 47, 52, 53, 54, 55, 5, 6, 7, 14, 15, 16, 88, 276, 452, 279),
        *(
            39,
            40,
            41,
            51,
            142,
            161,
            162,
            105,
            273,
            106,
            104,
            194,
            186,
            190,
            180,
            217,
            218,
            219,
            241,
            264,
            265,
            280,
            282,
        ),
        *(32, 171, 170, 112, 266, 26, 27, 262, 263),
        *(425, 426, 427, 428, 429, 430, 432, 433, 442),
    ],
    {56: 2},
    [129, 130, 131, 138, 240],
    261,
    220,
    25,
    29,
)
_MACHINES: Final[Mapping[str, _Calls]] = {"x86_64": _X86_64, "aarch64": _ARM64, "arm64": _ARM64}
_FCNTLS = (0, 1, 2, 3, 4, 1030)
"""What may be asked of a descriptor: its copies and flags. All else sends signals to others (F_SETOWN) or locks files
of others.
"""

_IOCTLS = (0x5401, 0x5421, 0x541B, 0x5450, 0x5451)
"""Is it a terminal, does it wait, how much is there, is it closed for programs. Others type into a terminal or send
signals to others.
"""

_CLONE3, _OPENAT2, _CREAT = 435, 437, 85
"""Their arguments lie where a filter cannot look; libraries fall back to the older calls."""


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine() -> None:
    """Give up what this process never needs again, as far as the system lets it."""
    sys.dont_write_bytecode = True
    for kind, most in _limits():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return
    _restrict_files(libc)
    calls = _MACHINES.get(platform.machine())
    if calls is not None:
        code = _program(calls, os.getpid())
        program = _Program(len(code) // 8, code)
        libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)


def kept_from() -> tuple[str, ...]:
    """Return what this system keeps a confined process from, in words; () = nothing, or it cannot be known."""
    if sys.platform != "linux":
        return ()
    libc = ctypes.CDLL(None, use_errno=True)
    filters = platform.machine() in _MACHINES and _knows_filters(libc)
    files = _landlock_version(libc) > 0
    told = []
    if filters:
        told += ["network", "programs", "other processes"]
    if filters or files:
        told.append("writing files")
    return tuple(told)


def _limits() -> Iterable[tuple[int, int]]:
    yield resource.RLIMIT_FSIZE, 0
    yield resource.RLIMIT_NOFILE, _MOST_DESCRIPTORS
    if hasattr(resource, "RLIMIT_NPROC"):
        yield resource.RLIMIT_NPROC, 0


def _knows_filters(libc: ctypes.CDLL) -> bool:
    # Without a program the kernel says that the address is bad (EFAULT), one without filters that it knows no such
    # thing (EINVAL).
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER, None, 0, 0) != 0) and ctypes.get_errno() == errno.EFAULT


def _landlock_version(libc: ctypes.CDLL) -> int:
    return int(libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(_LANDLOCK_VERSION)))


def _restrict_files(libc: ctypes.CDLL) -> None:
    """Allow nothing of what this rule set handles: no path is added to it."""
    version = _landlock_version(libc)
    if version < 1:
        return
    handled = (
        struct.pack("=QQ", _LANDLOCK_WRITES, _LANDLOCK_NET)
        if version >= _NET_SINCE
        else struct.pack("=Q", _LANDLOCK_WRITES)
    )
    rules = int(libc.syscall(_LANDLOCK_CREATE, handled, ctypes.c_size_t(len(handled)), ctypes.c_uint(0)))
    if rules >= 0:
        libc.syscall(_LANDLOCK_RESTRICT, rules, ctypes.c_uint(0))
        os.close(rules)


def _program(calls: _Calls, pid: int) -> bytes:
    """Return a filter in the machine language of BPF."""
    code = [
        _step(_LOAD, value=_ARCHITECTURE),
        _step(_EQUAL, 1, 0, calls.architecture),
        _step(_RETURN, value=_REFUSE),
        _step(_LOAD, value=_NUMBER),
        _step(_AT_LEAST, 0, 1, _X32),
        _step(_RETURN, value=_REFUSE),
    ]
    for number in calls.refused:
        code += [_step(_EQUAL, 0, 1, number), _step(_RETURN, value=_REFUSE)]
    for number in (_CLONE3, _OPENAT2):
        code += [_step(_EQUAL, 0, 1, number), _step(_RETURN, value=_ABSENT)]
    for number, argument in calls.opens.items():
        code += _on_argument(number, argument, [_step(_ANY_BIT, 0, 1, _WRITES)], _REFUSE, _ALLOW)
    for number in calls.kills:
        code += _on_argument(number, 0, [_step(_EQUAL, 0, 1, pid)], _ALLOW, _REFUSE)
    code += _on_argument(calls.limits, 0, [_step(_EQUAL, 1, 0, 0), _step(_EQUAL, 0, 1, pid)], _ALLOW, _REFUSE)
    for number, asked in ((calls.fcntl, _FCNTLS), (calls.ioctl, _IOCTLS)):
        code += _on_argument(number, 1, _any_of(asked), _ALLOW, _REFUSE)
    code += _on_argument(calls.clone, 0, [_step(_ANY_BIT, 0, 1, _THREAD)], _ALLOW, _REFUSE)
    code.append(_step(_RETURN, value=_ALLOW))
    return b"".join(code)


def _on_argument(number: int, argument: int, test: list[bytes], holds: int, fails: int) -> list[bytes]:
    """Return steps that, for one call, look at an argument: `holds` when the test does, else `fails`."""
    looks = [
        _step(_LOAD, value=_ARGUMENT + 8 * argument),
        *test,
        _step(_RETURN, value=holds),
        _step(_RETURN, value=fails),
    ]
    return [_step(_EQUAL, 0, len(looks), number), *looks]


def _any_of(values: Sequence[int]) -> list[bytes]:
    """Return a test that holds when what was loaded is one of the values; where it does not, one step is left out."""
    left = len(values) - 1
    return [_step(_EQUAL, left - at, 0 if at < left else 1, value) for at, value in enumerate(values)]


def _step(code: int, when: int = 0, otherwise: int = 0, value: int = 0) -> bytes:
    """Return one instruction: struct sock_filter."""
    return struct.pack("=HBBI", code, when, otherwise, value)
