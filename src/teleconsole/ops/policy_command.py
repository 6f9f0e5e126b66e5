"""`teleconsole policy`: checks a policy file before it is rolled out, or shows the policy that holds."""

import argparse
import sys
from pathlib import Path

import msgspec

from teleconsole.host.policy import LoadedPolicy, load_policy, read_policy

_EXAMPLE = """example:
  teleconsole policy check policy.json
  teleconsole policy show
"""


def main(argv: list[str]) -> int:
    """Check or show; return 0 when the policy is valid.

    Raises:
        PolicyError: it is not; the sentence names the place.
    """
    parser = argparse.ArgumentParser(
        prog="teleconsole policy",
        description="Checks a policy file, or shows the policy that holds on this computer.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("check", help="is this file a valid policy?")
    check.add_argument("file", type=Path)
    verbs.add_parser("show", help="the policy that holds, as JSON, and where it comes from")
    try:
        options = parser.parse_args(argv)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    if options.verb == "check":
        read_policy(options.file)
        sys.stdout.write(f"{options.file} is a valid policy.\n")
        return 0
    sys.stdout.write(_as_text(load_policy()))
    return 0


def _as_text(loaded: LoadedPolicy) -> str:
    body = {"source": loaded.source, "managed": loaded.managed, "policy": loaded.policy}
    return msgspec.json.format(msgspec.json.encode(body)).decode() + "\n"
