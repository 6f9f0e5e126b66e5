"""Visits and appointments in SQL: who, which case, the keys of the drop-box, the times."""

import uuid
from typing import Any

import msgspec

from teleconsole.contracts.visits import AppointmentRow, VisitPatient
from teleconsole.domain.errors import StoreError
from teleconsole.domain.gaps import Span, closed
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import outbox
from teleconsole.vault.store.changes import VisitBegan, VisitEnded
from teleconsole.vault.store.touched import Touched

_NAMESPACE = uuid.UUID("5e0f4d7e-2c3a-4b8e-9a44-0d2a6f0c9b11")
_CASE_DUE_MS = 3 * 86_400_000
_SPANS = msgspec.json.Decoder(list[Span])


class VisitRow(msgspec.Struct, frozen=True):
    """A visit as it is known here; `private_key` opens its drop-box, empty before it began."""

    visit_id: str
    patient_id: str
    case_id: str
    appointment_id: str
    reason: str
    started_ms: int
    ended_ms: int
    spans: tuple[Span, ...]
    private_key: bytes

    def __repr__(self) -> str:
        """Show no key."""
        return f"<VisitRow {self.visit_id}>"


def list_appointments(connection: Connection, from_ms: int, to_ms: int) -> tuple[AppointmentRow, ...]:
    """Return appointments that start in a span, in order."""
    rows = connection.execute(
        "SELECT a.appointment_id, a.visit_id, a.patient_id, coalesce(p.name, ''), coalesce(p.birth_date, ''),"
        " a.start_ms, a.end_ms, a.status, a.reason, coalesce(nullif(v.case_id, ''), a.case_id) AS case_id,"
        " coalesce(nullif(v.case_id, ''), a.case_id) <> '' FROM appointment a"
        " LEFT JOIN patient p ON p.patient_id = a.patient_id"
        " LEFT JOIN visit v ON v.visit_id = a.visit_id AND a.visit_id <> ''"
        " WHERE a.start_ms >= ? AND a.start_ms < ? AND a.status NOT IN ('cancelled', 'entered-in-error')"
        " ORDER BY a.start_ms, a.appointment_id LIMIT 500",
        (from_ms, to_ms),
    ).fetchall()
    return tuple(_appointment(row) for row in rows)


def _appointment(row: Any) -> AppointmentRow:
    *columns, has_case = row
    return AppointmentRow(*columns, has_case=bool(has_case))  # type: ignore[misc]  # mypy takes the star for all


def find_visit(connection: Connection, visit_id: str) -> VisitRow:
    """Return a visit that was prepared or begun here, or that an appointment announces.

    Raises:
        StoreError: unknown.
    """
    row = connection.execute(
        "SELECT visit_id, patient_id, case_id, appointment_id, reason, started_ms, ended_ms, spans, private_key"
        " FROM visit WHERE visit_id = ?",
        (visit_id,),
    ).fetchone()
    if row is not None:
        return _row(row)
    row = connection.execute(
        "SELECT patient_id, case_id, appointment_id, reason FROM appointment WHERE visit_id = ? AND visit_id <> ''",
        (visit_id,),
    ).fetchone()
    if row is None:
        raise StoreError("This visit is not known on this computer yet. Sync, then try again.")
    patient_id, case_id, appointment_id, reason = row
    return VisitRow(visit_id, patient_id, case_id, appointment_id, reason, 0, 0, (), b"")


def _row(row: Any) -> VisitRow:
    visit_id, patient_id, case_id, appointment_id, reason, started_ms, ended_ms, spans, key = row
    return VisitRow(
        visit_id,
        patient_id,
        case_id,
        appointment_id,
        reason,
        started_ms,
        ended_ms,
        tuple(_SPANS.decode(spans)),
        bytes(key or b""),
    )


def visit_patient(connection: Connection, visit: VisitRow) -> VisitPatient:
    """Return who a visit is with.

    Raises:
        StoreError: the visit came before its patient did (a first sync is on its way); nobody is let in unnamed.
    """
    row = connection.execute(
        "SELECT name, birth_date FROM patient WHERE patient_id = ?", (visit.patient_id,)
    ).fetchone()
    if row is None:
        raise StoreError("The patient of this visit is not known on this computer yet. Sync, then try again.")
    name, birth_date = row
    return VisitPatient(visit.visit_id, visit.patient_id, name, birth_date, visit.reason, visit.case_id)


def keep_visit(connection: Connection, visit: VisitRow) -> None:
    """Write a visit's row."""
    connection.execute(
        "INSERT OR REPLACE INTO visit (visit_id, patient_id, case_id, appointment_id, reason, started_ms, ended_ms,"
        " spans, private_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            visit.visit_id,
            visit.patient_id,
            visit.case_id,
            visit.appointment_id,
            visit.reason,
            visit.started_ms,
            visit.ended_ms,
            msgspec.json.encode(visit.spans).decode(),
            visit.private_key,
        ),
    )


def begin(
    connection: Connection, visit: VisitRow, *, started_ms: int, private_key: bytes, touched: Touched, now_ms: int
) -> VisitRow:
    """Begin a visit, once: its change goes into the outbox, a case is made where there is none."""
    if visit.started_ms:
        return visit
    case_id = outbox.current_id(connection, visit.case_id)
    makes_case = not _has_case(connection, case_id)
    if makes_case:
        case_id = _make_case(connection, visit, started_ms)
    begun = msgspec.structs.replace(visit, case_id=case_id, started_ms=started_ms, private_key=private_key)
    keep_visit(connection, begun)
    connection.execute("UPDATE case_ SET visit_id = ? WHERE case_id = ?", (visit.visit_id, case_id))
    payload = VisitBegan(visit.visit_id, visit.appointment_id, visit.reason, started_ms, makes_case)
    outbox.add(connection, case_id, payload, touched, now_ms=now_ms)
    touched.case(case_id, words=True)
    return begun


def end(connection: Connection, visit: VisitRow, *, ended_ms: int, touched: Touched, now_ms: int) -> str:
    """End a visit and return its change; the same end again is the same change.

    Raises:
        StoreError: it never began.
    """
    if not visit.started_ms:
        raise StoreError("This visit has not begun, so there is nothing to end.")
    change_id = str(uuid.uuid5(_NAMESPACE, f"{visit.visit_id}|{visit.started_ms}|{ended_ms}"))
    if visit.ended_ms == ended_ms:
        return change_id
    spans = closed(visit.spans, ended_ms)
    keep_visit(connection, msgspec.structs.replace(visit, ended_ms=ended_ms, spans=spans))
    connection.execute("UPDATE case_ SET visit_id = '' WHERE case_id = ?", (visit.case_id,))
    payload = VisitEnded(visit.visit_id, visit.appointment_id, visit.started_ms, ended_ms, spans)
    return outbox.add(connection, visit.case_id, payload, touched, now_ms=now_ms, change_id=change_id)


def add_span(visit: VisitRow, from_ms: int, to_ms: int) -> VisitRow:
    """Return the visit with a time in which it was connected; an end takes the place of its begin."""
    spans = [span for span in visit.spans if span[0] != from_ms]
    return msgspec.structs.replace(visit, spans=tuple(sorted([*spans, (from_ms, to_ms)])))


def _has_case(connection: Connection, case_id: str) -> bool:
    return connection.execute("SELECT 1 FROM case_ WHERE case_id = ?", (case_id,)).fetchone() is not None


def _make_case(connection: Connection, visit: VisitRow, started_ms: int) -> str:
    case_id = str(uuid.uuid4())
    connection.execute(
        "INSERT INTO case_ (case_id, patient_id, case_number, reason, case_type, priority_rank, status,"
        " business_status, due_ms, authored_ms, owner_id, owner_name, claim_until_ms, version_id, is_local)"
        " VALUES (?, ?, '', ?, 'general', 3, 'in-progress', 'awaiting-clinician', ?, ?, '', '', 0, '', 1)",
        (case_id, visit.patient_id, visit.reason or "Video visit", started_ms + _CASE_DUE_MS, started_ms),
    )
    return case_id
