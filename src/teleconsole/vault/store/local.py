"""What belongs to this computer alone: drafts, read marks, the account, in SQL."""

import msgspec

from teleconsole.contracts.cases import Draft
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store.touched import Touched

_ACCOUNT = "account"
_GENERATION = "header-generation"


class Account(msgspec.Struct, frozen=True):
    """Who is signed in, and the token that renews access; lies in the encrypted database alone."""

    practitioner_id: str
    name: str
    clinic: str
    gateway_url: str
    fhir_base: str
    refresh_token: str

    def __repr__(self) -> str:
        """Show no token."""
        return f"<Account {self.practitioner_id}>"


def read_account(connection: Connection) -> Account | None:
    """Return who is signed in."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (_ACCOUNT,)).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Account)


def keep_account(connection: Connection, account: Account) -> None:
    """Remember who is signed in."""
    value = msgspec.json.encode(account).decode()
    connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (_ACCOUNT, value))


def swap_generation(connection: Connection, generation: int) -> int:
    """Remember the key header's generation and return the one that was remembered; it never goes down."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (_GENERATION,)).fetchone()
    before = int(row[0]) if row else 0
    value = str(max(before, generation))
    connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (_GENERATION, value))
    return before


def save_draft(connection: Connection, case_id: str, draft: Draft, touched: Touched) -> None:
    """Keep a draft in place of the one before; empty text removes it."""
    if draft.text:
        connection.execute(
            "INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?)", (case_id, draft.kind, draft.text, draft.saved_ms)
        )
    else:
        connection.execute("DELETE FROM draft WHERE case_id = ? AND kind = ?", (case_id, draft.kind))
    touched.case(case_id)


def draft_text(connection: Connection, case_id: str, kind: str) -> str:
    """Return the text of a draft, empty when there is none."""
    row = connection.execute("SELECT text FROM draft WHERE case_id = ? AND kind = ?", (case_id, kind)).fetchone()
    return str(row[0]) if row else ""


def mark_read(connection: Connection, case_id: str, entry_ids: list[str], now_ms: int, touched: Touched) -> None:
    """Set entries of a case read, and remember when it was looked at."""
    connection.executemany(
        "INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", [(case_id, entry_id, now_ms) for entry_id in entry_ids]
    )
    connection.execute("INSERT OR REPLACE INTO looked VALUES (?, ?)", (case_id, now_ms))
    touched.case(case_id)
