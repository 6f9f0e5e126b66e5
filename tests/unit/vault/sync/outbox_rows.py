"""Puts intents into the real outbox, as the vault's service does."""

from teleconsole.vault.audit.event import AuditEvent
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import outbox
from teleconsole.vault.store.changes import Payload
from teleconsole.vault.store.queue_rows import bring_up_to_date
from teleconsole.vault.store.store import Store
from teleconsole.vault.store.touched import Touched


async def put_in_outbox(store: Store, case_id: str, payload: Payload) -> str:
    """Adds one intent and returns its UUID."""
    now_ms = store.now_ms()

    def keep(connection: Connection) -> str:
        touched = Touched()
        change_id = outbox.add(connection, case_id, payload, touched, now_ms=now_ms)
        bring_up_to_date(connection, touched)
        return change_id

    return await store.write(AuditEvent("change-made", entity=case_id), keep)
