"""Chooses what this start of the program is: a child process, a command of a person, or the app itself."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from teleconsole.domain.errors import TeleconsoleError
from teleconsole.host.call_log import set_up_call_log
from teleconsole.host.display import has_display
from teleconsole.host.logs import set_up_logging
from teleconsole.host.paths import PROFILE_VARIABLE, Profile, default_profile
from teleconsole.host.policy import load_policy
from teleconsole.ipc.child_args import is_child, parse_child_args
from teleconsole.ipc.guard import guard_process

CHILDREN = ("vault", "call", "render")


class Command(NamedTuple):
    """A command of a person: where its `main(argv) -> int` stands, and what it does in one line."""

    module: str
    summary: str


COMMANDS = {
    "demo": Command("teleconsole.demo.command", "a made-up clinic on this machine, and the app"),
    "gateway": Command("teleconsole.gateway.command", "the clinic's side: patient pages, links, signalling"),
    "doctor": Command("teleconsole.ops.doctor_command", "checks what the app needs, in words or JSON"),
    "policy": Command("teleconsole.ops.policy_command", "checks or shows the policy that holds"),
    "sync": Command("teleconsole.ops.sync_command", "one round of sync without the window"),
    "store": Command("teleconsole.vault.store_command", "checks, copies or puts back the encrypted cases"),
    "audit": Command("teleconsole.vault.audit_command", "proves that the audit log is whole, or exports it"),
    "peer": Command("teleconsole.call.peer_command", "joins a visit link without a screen, for tests and support"),
}
_USAGE_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for and return the exit status: 0 fine, 1 failed, 2 wrong use.

    Args:
        argv: without the program; by default those of the process.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if is_child(arguments):
        return run_child(arguments)
    try:
        if arguments and arguments[0] in COMMANDS:
            return _run_command(arguments[0], arguments[1:])
        return _run_app(arguments)
    except TeleconsoleError as error:
        sys.stderr.write(f"teleconsole: {error.sentence}\n")
        return 1
    except KeyboardInterrupt:
        return 1


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
        return _USAGE_ERROR
    guard_process(args.parent_pid)
    service = importlib.import_module(f"teleconsole.{args.name}.service")
    status: int = service.main(args)
    return status


def _run_command(name: str, arguments: list[str]) -> int:
    command = importlib.import_module(COMMANDS[name].module)
    status: int = command.main(arguments)
    return status


def _run_app(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="teleconsole",
        description="A console for clinicians: live visits and an encrypted offline case queue.",
        epilog=_commands_as_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--profile", type=Path, metavar="DIR", help="the folder of this clinician's cases")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="a policy file, unless IT has installed one")
    parser.add_argument("--version", action="version", version=f"teleconsole {metadata.version('teleconsole')}")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else _USAGE_ERROR
    if options.profile is not None:
        # the children read it from there, as the environment says where a profile is in tests and kiosks
        os.environ[PROFILE_VARIABLE] = str(options.profile.expanduser().absolute())
    return _start_console(default_profile(), options.policy)


def _start_console(profile: Profile, policy_file: Path | None) -> int:
    policy = load_policy(policy_file)
    if not has_display():
        sys.stderr.write("teleconsole: there is no display here to show the window on.\n")
        return 1
    os.umask(0o077)
    try:
        profile.make()
        set_up_logging(profile.logs, "console")
        set_up_call_log(profile.logs)
    except OSError as error:
        sys.stderr.write(f"teleconsole: The profile folder {profile.folder} cannot be written ({error.strerror}).\n")
        return 1
    application = importlib.import_module("teleconsole.console.application")
    status: int = application.main(profile, policy)
    return status


def _commands_as_text() -> str:
    lines = [f"  {name:<9} {command.summary}" for name, command in COMMANDS.items()]
    return "commands (each has --help):\n" + "\n".join(lines) + "\n\nexample:\n  teleconsole --profile ~/cases"
