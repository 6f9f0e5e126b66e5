"""`teleconsole audit`: proves that the audit log is whole, and exports it."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

import msgspec

from teleconsole.domain.errors import ProfileInUse, StoreError
from teleconsole.vault.at_the_terminal import LOCK_HELD, add_profile_options, chosen_profile, opened_store
from teleconsole.vault.door import at_the_door
from teleconsole.vault.sqlcipher import Connection

_EXAMPLE = """example:
  teleconsole audit verify --json
  teleconsole audit export audit.jsonl
"""


def main(argv: list[str]) -> int:
    """Verify or export; return 0 when the log is whole, 1 when not, 2 when the app has the profile open.

    Raises:
        StoreError, KeyringError: the sentence says what is safe.
    """
    try:
        options = _parser().parse_args(argv)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    try:
        return asyncio.run(_verify(options) if options.verb == "verify" else _export(options))
    except ProfileInUse as error:
        sys.stderr.write(f"teleconsole: {error.sentence}\n")
        return LOCK_HELD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="teleconsole audit",
        description="Proves that the audit log of a profile is whole, or exports it. It holds ids alone.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verify = verbs.add_parser("verify", help="is the log whole and unchanged?")
    verify.add_argument("--json", action="store_true", help="as JSON")
    export = verbs.add_parser("export", help="writes every event as one line of JSON")
    export.add_argument("file", type=Path, help="does not exist yet")
    for verb in (verify, export):
        add_profile_options(verb)
    return parser


async def _verify(options: argparse.Namespace) -> int:
    async with opened_store(chosen_profile(options), passphrase_stdin=options.passphrase_stdin) as (store, keys):
        report = await store.verify_audit(keys.anchor)
    if options.json:
        body = {"ok": report.ok, "size": report.size, "problem": report.problem, "firstBad": report.first_bad}
        sys.stdout.write(msgspec.json.encode(body).decode() + "\n")
    elif report.ok:
        sys.stdout.write(f"The audit log is whole: {report.size} events.\n")
    else:
        sys.stdout.write(f"The audit log is not whole: {report.problem} (event {report.first_bad}).\n")
    return 0 if report.ok else 1


async def _export(options: argparse.Namespace) -> int:
    file: Path = options.file.expanduser().absolute()
    async with opened_store(chosen_profile(options), passphrase_stdin=options.passphrase_stdin) as (store, _):
        count = await store.read(lambda connection: _write(connection, file))
    sys.stdout.write(f"{count} events were written to {options.file}.\n")
    return 0


def _write(connection: Connection, file: Path) -> int:
    count = 0
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise StoreError(f"{file} is there already. Name a file that does not exist yet.") from error
    with at_the_door(), os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        for number, event, hash_ in connection.execute("SELECT number, event, hash FROM audit_event ORDER BY number"):
            handle.write(f'{{"number":{number},"hash":"{bytes(hash_).hex()}","record":{event}}}\n')
            count += 1
        handle.flush()
        os.fsync(handle.fileno())
    return count
