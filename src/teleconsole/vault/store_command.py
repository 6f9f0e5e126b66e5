"""`teleconsole store`: checks, copies and puts back the encrypted cases of a profile."""

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from teleconsole.domain.errors import ProfileInUse
from teleconsole.vault.at_the_terminal import LOCK_HELD, add_profile_options, chosen_profile, opened_store
from teleconsole.vault.audit.event import AuditEvent
from teleconsole.vault.door import at_the_door
from teleconsole.vault.store.backup import copy_profile, restore_profile
from teleconsole.vault.store.check import StoreFindings, check_store
from teleconsole.vault.store.profile_lock import ProfileLock

_EXAMPLE = """example:
  teleconsole store check --json
  teleconsole store backup /media/stick/cases-monday
  teleconsole store restore /media/stick/cases-monday --profile ~/new-profile
"""


def main(argv: list[str]) -> int:
    """Check, copy or put back; return 0 when all is well, 1 when not, 2 when the app has the profile open.

    Raises:
        StoreError, KeyringError: the sentence says what is safe.
    """
    try:
        options = _parser().parse_args(argv)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    try:
        if options.verb == "restore":
            return _restore(options)
        return asyncio.run(_check(options) if options.verb == "check" else _backup(options))
    except ProfileInUse as error:
        sys.stderr.write(f"teleconsole: {error.sentence}\n")
        return LOCK_HELD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="teleconsole store",
        description="Checks, copies and puts back the encrypted cases of a profile. The app has to be closed.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("check", help="looks at every page, table and file")
    check.add_argument("--json", action="store_true", help="as JSON")
    backup = verbs.add_parser("backup", help="copies everything, as encrypted as it is")
    restore = verbs.add_parser("restore", help="puts a copy into a profile without cases")
    for verb in (backup, restore):
        verb.add_argument("folder", type=Path)
    for verb in (check, backup, restore):
        add_profile_options(verb)
    return parser


async def _check(options: argparse.Namespace) -> int:
    profile = chosen_profile(options)
    async with opened_store(profile, passphrase_stdin=options.passphrase_stdin) as (store, keys):
        await store.settle()
        findings = await store.read(lambda connection: check_store(connection, profile.evidence))
        report = await store.verify_audit(keys.anchor)
    if options.json:
        audit = {"size": report.size, "problem": report.problem}
        body = {"ok": findings.ok and report.ok, "store": findings, "audit": audit}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(body)).decode() + "\n")
    else:
        sys.stdout.write(_in_words(findings) + (f"The audit log: {report.problem}.\n" if report.problem else ""))
    return 0 if findings.ok and report.ok else 1


def _in_words(findings: StoreFindings) -> str:
    if findings.ok:
        return f"All is well: {findings.cases} cases, {findings.files_read} files.\n"
    counts = (
        (len(findings.pages), "damaged pages"),
        (len(findings.tables), "problems of tables"),
        (findings.queue_differences, "rows of the queue that are not in step"),
        (len(findings.files), "files that cannot be read back"),
    )
    found = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"Something is wrong: {found}. Nothing was changed; keep this folder and ask IT.\n"


async def _backup(options: argparse.Namespace) -> int:
    profile = chosen_profile(options)
    async with opened_store(profile, passphrase_stdin=options.passphrase_stdin) as (store, _):
        await store.write(AuditEvent("backed-up"), lambda _: None)
        await store.settle()
        count = await asyncio.to_thread(copy_profile, profile, options.folder.expanduser().absolute())
    sys.stdout.write(f"{count} files were copied to {options.folder}. They open with the same passphrase.\n")
    return 0


def _restore(options: argparse.Namespace) -> int:
    profile = chosen_profile(options)
    with at_the_door():
        profile.make()
    with ProfileLock(profile.lock):
        count = restore_profile(options.folder.expanduser().absolute(), profile)
    sys.stdout.write(f"{count} files were put back. Start teleconsole and unlock with the passphrase.\n")
    return 0
