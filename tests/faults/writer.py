"""A store that writes until it is killed; each act that was acknowledged is told on standard output."""

import asyncio
import hashlib
import sys
from pathlib import Path

from tests.unit.vault.made_up import Opened, document, message, opened, patient, task

from teleconsole.contracts.cases import Draft
from teleconsole.vault.audit.event import AuditEvent
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import local, outbox
from teleconsole.vault.store.changes import ReplyPayload
from teleconsole.vault.store.queue_rows import bring_up_to_date
from teleconsole.vault.store.touched import Touched


def content(number: int) -> bytes:
    """Return a file of 100 to 400 KB that tells its number."""
    return hashlib.sha256(str(number).encode()).digest() * (3_200 * (1 + number % 4))


async def act(vault: Opened, number: int) -> None:
    """Do everything that has to be whole: truth, a file, an intent with its draft."""
    case_id = f"t{number}"
    data = content(number)
    pulled = [
        patient(),
        task(case_id),
        message(f"m{number}", "words", case_id=case_id),
        document(f"d{number}", size=len(data), case_id=case_id),
    ]
    await vault.pull(*pulled)
    say("truth", number)
    await vault.sync.begin_blob(f"d{number}", "e")
    for offset in range(0, len(data), 70_000):
        await vault.sync.append_blob(f"d{number}", data[offset : offset + 70_000])
    if await vault.sync.finish_blob(f"d{number}"):
        say("file", number)

    def write(connection: Connection) -> None:
        touched = Touched()
        outbox.add(connection, case_id, ReplyPayload(f"reply {number}"), touched, now_ms=number)
        local.save_draft(connection, case_id, Draft("note", f"draft {number}", number), touched)
        bring_up_to_date(connection, touched)

    await vault.store.write(AuditEvent("change-made", case_id=case_id), write)
    say("reply", number)


def say(what: str, number: int) -> None:
    """Acknowledge, so that nothing stays in a buffer of this process."""
    sys.stdout.write(f"{what} {number}\n")
    sys.stdout.flush()


async def main(folder: Path, first: int) -> None:
    """Write without end."""
    async with opened(folder) as vault:
        say("open", first)
        number = first
        while True:
            await act(vault, number)
            number += 1


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
