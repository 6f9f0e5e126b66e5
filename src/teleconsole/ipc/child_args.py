"""The command line of a child process. It carries numbers and names of slots, never a secret, never PHI.

`--child=NAME --parent=PID --fd-in=N --fd-out=N [--slot=NAME:FD:CAPACITY_BYTES ...] [anything else]`
Kept apart from the commands of a person (and from argparse), so that a child starts fast and loads nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SlotArg:
    """One frame slot that a child was given: the descriptor and the size of one frame's room."""

    fd: int
    capacity_bytes: int


@dataclass(frozen=True)
class ChildArgs:
    """What a child was started with.

    Attributes:
        name: which child.
        fd_in: descriptor to read from.
        fd_out: descriptor to write to; the same as `fd_in` when it is a socket.
        parent_pid: the process that started it.
        slots: by name.
        extra: all other arguments, in order.
    """

    name: str
    fd_in: int
    fd_out: int
    parent_pid: int
    slots: dict[str, SlotArg] = field(default_factory=dict)
    extra: tuple[str, ...] = ()

    def argv(self) -> list[str]:
        """Return the arguments that parse to this."""
        return [
            f"--child={self.name}",
            f"--parent={self.parent_pid}",
            f"--fd-in={self.fd_in}",
            f"--fd-out={self.fd_out}",
            *(f"--slot={name}:{slot.fd}:{slot.capacity_bytes}" for name, slot in self.slots.items()),
            *self.extra,
        ]


def is_child(argv: Sequence[str]) -> bool:
    """Tell whether these arguments (without the program) start a child."""
    return bool(argv) and argv[0].startswith("--child=")


def parse_child_args(argv: Sequence[str]) -> ChildArgs:
    """Return a child's arguments.

    Args:
        argv: without the program.

    Raises:
        ValueError: something is missing or not a number.
    """
    values: dict[str, str] = {}
    slots: dict[str, SlotArg] = {}
    extra = []
    for argument in argv:
        key, equals, value = argument.partition("=")
        if key == "--slot":
            name, fd, capacity_bytes = value.split(":")
            slots[name] = SlotArg(int(fd), int(capacity_bytes))
        elif key in ("--child", "--parent", "--fd-in", "--fd-out") and equals:
            values[key] = value
        else:
            extra.append(argument)
    if missing := {"--child", "--parent", "--fd-in", "--fd-out"} - values.keys():
        raise ValueError(f"a child process is started by the program itself: {', '.join(sorted(missing))} missing")
    return ChildArgs(
        name=values["--child"],
        fd_in=int(values["--fd-in"]),
        fd_out=int(values["--fd-out"]),
        parent_pid=int(values["--parent"]),
        slots=slots,
        extra=tuple(extra),
    )
