"""Takes server truth in: the received bytes as they are, and the typed rows made from them."""

import re
from collections.abc import Iterable

from teleconsole.host.limits import VAULT_QUARANTINE_BYTES, VAULT_QUARANTINE_ROWS, VAULT_RESOURCE_BYTES
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import fhir_read as fhir
from teleconsole.vault.store.fhir_read import Node
from teleconsole.vault.store.project_case import (
    project_appointment,
    project_patient,
    project_practitioner,
    project_task,
    remove_task,
)
from teleconsole.vault.store.project_clinical import (
    project_communication,
    project_document,
    project_encounter,
    project_intake,
    project_observation,
    project_safety,
    remove_document,
)
from teleconsole.vault.store.sync_port import ReceivedResource
from teleconsole.vault.store.touched import Touched

_ID = re.compile(r"^[A-Za-z0-9\-.]{1,64}$")
_TYPE = re.compile(r"^[A-Z][A-Za-z]{1,63}$")
_ROWS = {
    "Communication": ("message", "message_id"),
    "Observation": ("measurement", "observation_id"),
    "QuestionnaireResponse": ("intake", "intake_id"),
    "Appointment": ("appointment", "appointment_id"),
    "Encounter": ("encounter", "encounter_id"),
    "Patient": ("patient", "patient_id"),
    "Practitioner": ("practitioner", "practitioner_id"),
}


def take_in(
    connection: Connection,
    resources: Iterable[ReceivedResource],
    touched: Touched,
    *,
    now_ms: int,
    source: str,
    force: bool = False,
) -> tuple[int, int]:
    """Keep resources as truth and fill their rows; what cannot be read goes to the poison tray.

    Args:
        connection: inside the caller's transaction.
        resources: in the server's order.
        touched: filled.
        now_ms: for the tray.
        source: of what is set aside.
        force: an answer to our own write: the newest there is.

    Returns:
        How many changed, how many were set aside.
    """
    changed = refused = 0
    for resource in resources:
        problem = _problem(resource)
        if not problem and not _is_news(connection, resource, force=force):
            continue
        content: dict[str, Node] = {}
        if not problem and not resource.deleted:
            try:
                content = fhir.decode(resource.raw)
            except ValueError as error:
                problem = str(error)
            else:
                problem = _mismatch(resource, content)
        if problem:
            refused += 1
            set_aside(connection, source, f"{resource.type}/{resource.id}", resource.raw, problem, now_ms)
            continue
        changed += 1
        _keep(connection, resource, touched, now_ms)
        _project(connection, resource, content, touched)
    return changed, refused


def set_aside(connection: Connection, source: str, url: str, raw: bytes, error: str, now_ms: int) -> None:
    """Put something into the poison tray; the same again counts up, the oldest beyond the bound go."""
    connection.execute(
        "INSERT INTO quarantine (source, url, raw, error, seen_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (source, url) DO UPDATE SET raw = excluded.raw, error = excluded.error,"
        " seen_ms = excluded.seen_ms, count = count + 1",
        (source[:200], url[:500], raw[:VAULT_QUARANTINE_BYTES], error[:500], now_ms),
    )
    connection.execute(
        "DELETE FROM quarantine WHERE quarantine_no <= (SELECT max(quarantine_no) FROM quarantine) - ?",
        (VAULT_QUARANTINE_ROWS,),
    )


def _problem(resource: ReceivedResource) -> str:
    if not _TYPE.match(resource.type) or not _ID.match(resource.id):
        return "its type or id is not one of FHIR"
    if len(resource.raw) > VAULT_RESOURCE_BYTES:
        return "it is too large"
    return ""


def _mismatch(resource: ReceivedResource, content: dict[str, Node]) -> str:
    if fhir.text(content, "resourceType") != resource.type or fhir.text(content, "id") != resource.id:
        return "its content is of another type or id"
    return ""


def _is_news(connection: Connection, resource: ReceivedResource, *, force: bool) -> bool:
    row = connection.execute(
        "SELECT version_id, last_updated_ms, deleted FROM resource WHERE type = ? AND id = ?",
        (resource.type, resource.id),
    ).fetchone()
    if row is None:
        return True
    version_id, last_updated_ms, deleted = row
    if version_id == resource.version_id and version_id and bool(deleted) == resource.deleted:
        return False
    if force or not resource.last_updated_ms:
        return True
    return bool(resource.last_updated_ms >= last_updated_ms)


def _keep(connection: Connection, resource: ReceivedResource, touched: Touched, now_ms: int) -> None:
    connection.execute(
        "INSERT INTO resource VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (type, id) DO UPDATE SET"
        " version_id = excluded.version_id, last_updated_ms = excluded.last_updated_ms, raw = excluded.raw,"
        " deleted = excluded.deleted, received_ms = excluded.received_ms",
        (
            resource.type,
            resource.id,
            resource.version_id,
            resource.last_updated_ms,
            b"" if resource.deleted else resource.raw,
            int(resource.deleted),
            now_ms,
        ),
    )
    for (case_id,) in connection.execute(
        "SELECT case_id FROM case_input WHERE type = ? AND id = ?", (resource.type, resource.id)
    ).fetchall():
        touched.case(case_id)  # an input has arrived: the manifest of its case is smaller now


def _project(connection: Connection, resource: ReceivedResource, content: dict[str, Node], touched: Touched) -> None:
    id_ = resource.id
    if resource.deleted:
        _remove(connection, resource, touched)
        return
    match resource.type:
        case "Task":
            project_task(connection, content, id_, resource.version_id, touched)
        case "Communication":
            project_communication(connection, content, id_, touched)
        case "DocumentReference":
            project_document(connection, content, id_, touched)
        case "Observation":
            project_observation(connection, content, id_, touched)
        case "QuestionnaireResponse":
            project_intake(connection, content, id_, touched)
        case "Appointment":
            project_appointment(connection, content, id_, touched)
        case "Encounter":
            project_encounter(connection, content, id_, touched)
        case "Patient":
            project_patient(connection, content, id_, touched)
        case "Practitioner":
            project_practitioner(connection, content, id_, touched)
        case "AllergyIntolerance" | "MedicationStatement" | "Condition" as type_:
            project_safety(connection, type_, content, id_, touched)
        case _:
            pass  # kept as truth; nothing on the screen is made from it


def _remove(connection: Connection, resource: ReceivedResource, touched: Touched) -> None:
    """The server says that it is gone: its rows go, the tombstone stays as truth."""
    match resource.type:
        case "Task":
            remove_task(connection, resource.id, touched)
        case "DocumentReference":
            remove_document(connection, resource.id, touched)
        case "AllergyIntolerance" | "MedicationStatement" | "Condition":
            connection.execute("DELETE FROM safety_item WHERE type = ? AND id = ?", (resource.type, resource.id))
        case type_ if type_ in _ROWS:
            table, key = _ROWS[type_]
            names = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            column = "case_id" if "case_id" in names else "patient_id" if "patient_id" in names else "''"
            rows = connection.execute(
                f"DELETE FROM {table} WHERE {key} = ? RETURNING {column}",  # noqa: S608 -- own names
                (resource.id,),
            ).fetchall()
            for (owner,) in rows:
                if column == "case_id":
                    touched.case(owner, words=True)
                elif owner:
                    touched.patients.add(owner)
            touched.appointments |= type_ == "Appointment"
        case _:
            pass
