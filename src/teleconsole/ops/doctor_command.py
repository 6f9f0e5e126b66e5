"""`teleconsole doctor`: what works on this computer and what does not, in words or JSON."""

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from teleconsole.domain.errors import PolicyError
from teleconsole.host.policy import LoadedPolicy, load_policy
from teleconsole.ops.doctor import Check, examine


def main(argv: list[str]) -> int:
    """Print the findings; return 0 when all is well, else 1."""
    parser = argparse.ArgumentParser(
        prog="teleconsole doctor",
        description="Checks vault, keyring, devices, server, clock and policy.",
        epilog="example:\n  teleconsole doctor --json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="a policy file, unless IT has installed one")
    try:
        options = parser.parse_args(argv)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    policy: LoadedPolicy | None = None
    problem = ""
    try:
        policy = load_policy(options.policy)
    except PolicyError as error:
        problem = error.sentence
    checks = asyncio.run(examine(policy, problem))
    well = all(check.ok for check in checks)
    if options.json:
        sys.stdout.write(msgspec.json.encode({"ok": well, "checks": checks}).decode() + "\n")
    else:
        sys.stdout.write(_in_words(checks))
    return 0 if well else 1


def _in_words(checks: list[Check]) -> str:
    lines = [f"{'well    ' if check.ok else 'NOT WELL'}  {check.name:<9} {check.sentence}" for check in checks]
    return "\n".join(lines) + "\n"
