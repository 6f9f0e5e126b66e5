"""Chooses what this start of the program is: a child process, or a command of a person."""

import importlib
import sys
from collections.abc import Sequence

from teleconsole.ipc.child_args import is_child, parse_child_args
from teleconsole.ipc.guard import guard_process

CHILDREN = ("vault", "call", "render")


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for and return the exit status.

    Args:
        argv: without the program; by default those of the process.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if is_child(arguments):
        return run_child(arguments)
    sys.stderr.write("teleconsole: this start asks for nothing that is known.\n")
    return 2


def run_child(argv: Sequence[str]) -> int:
    """Run one of the child processes.

    The service is loaded by name, so that no child ever loads another's stack.

    Returns:
        2 when there is no such child, or its arguments are not those that the program itself writes.
    """
    try:
        args = parse_child_args(argv)
    except ValueError:
        args = None
    if args is None or args.name not in CHILDREN:
        sys.stderr.write("teleconsole: a child process is started by the program itself.\n")
        return 2
    guard_process(args.parent_pid)
    service = importlib.import_module(f"teleconsole.{args.name}.service")
    status: int = service.main(args)
    return status
