"""Reads one case whole: the patient, the timeline with unsent changes in it, the drafts."""

from teleconsole.contracts.cases import CaseDetail, Draft, PatientHeader, SafetyItem
from teleconsole.domain.errors import StoreError
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import outbox
from teleconsole.vault.store.queue_read import Reader, age_years, one_row
from teleconsole.vault.store.timeline import read_timeline
from teleconsole.vault.store.vitals_read import read_vitals

_KINDS = {"AllergyIntolerance": "allergies", "MedicationStatement": "medicines", "Condition": "problems"}


def read_case(connection: Connection, case_id: str, reader: Reader) -> CaseDetail:
    """Return a case as it stands here now.

    Args:
        connection: reads alone.
        case_id: also one that it had before the server knew it.
        reader: who looks.

    Raises:
        StoreError: no such case.
    """
    case_id = outbox.current_id(connection, case_id)
    row = one_row(connection, case_id, reader)
    if row is None:
        raise StoreError("This case is not on this computer any more. What you wrote for it is under To send.")
    number, until_ms, visit_id = connection.execute(
        "SELECT case_number, claim_until_ms, visit_id FROM case_ WHERE case_id = ?", (case_id,)
    ).fetchone()
    looked = connection.execute("SELECT at_ms FROM looked WHERE case_id = ?", (case_id,)).fetchone()
    vitals = read_vitals(connection, row.patient_id)
    return CaseDetail(
        row=row,
        patient=read_patient(connection, row.patient_id, reader.now_ms),
        timeline=read_timeline(connection, case_id, row.patient_id, reader, vitals),
        drafts=tuple(read_drafts(connection, case_id)),
        claimed_until_ms=until_ms if row.claim in ("mine", "other") else 0,
        case_number=number,
        looked_at_ms=looked[0] if looked else 0,
        visit_id=visit_id,
    )


def read_drafts(connection: Connection, case_id: str) -> list[Draft]:
    """Return the texts that were begun for a case."""
    rows = connection.execute("SELECT kind, text, saved_ms FROM draft WHERE case_id = ?", (case_id,)).fetchall()
    return [Draft(*row) for row in rows]


def read_patient(connection: Connection, patient_id: str, now_ms: int) -> PatientHeader:
    """Return the header of a patient; empty words where nothing is known yet."""
    row = connection.execute(
        "SELECT name, gender, birth_date, mrn, phone, language, interpreter, read_at_ms FROM patient"
        " WHERE patient_id = ?",
        (patient_id,),
    ).fetchone() or ("", "", "", "", "", "", 0, 0)
    name, gender, birth_date, mrn, phone, language, interpreter, read_at_ms = row
    items: dict[str, list[SafetyItem]] = {name: [] for name in _KINDS.values()}
    for type_, words, detail, severe in connection.execute(
        "SELECT type, text, detail, severe FROM safety_item WHERE patient_id = ? ORDER BY severe DESC, text",
        (patient_id,),
    ):
        items[_KINDS[type_]].append(SafetyItem(words, detail, bool(severe)))
    flags = (SafetyItem("Interpreter needed", language),) if interpreter else ()
    return PatientHeader(
        patient_id=patient_id,
        name=name,
        gender=gender,
        birth_date=birth_date,
        age_years=age_years(birth_date, now_ms),
        mrn=mrn,
        phone=phone,
        language=language,
        interpreter=bool(interpreter),
        allergies=tuple(items["allergies"]),
        medicines=tuple(items["medicines"]),
        problems=tuple(items["problems"]),
        flags=flags,
        read_at_ms=read_at_ms,
    )
