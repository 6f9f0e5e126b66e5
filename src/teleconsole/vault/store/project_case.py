"""Fills the rows of cases, patients, people and appointments from server truth."""

from teleconsole.contracts.cases import CaseType, Priority
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import fhir_read as fhir
from teleconsole.vault.store.fhir_read import OWN, Node
from teleconsole.vault.store.touched import Touched

PRIORITIES: tuple[Priority, ...] = ("stat", "urgent", "asap", "routine")
CASE_TYPES: tuple[CaseType, ...] = ("skin", "wound", "blood-pressure", "mood", "general")
_INTERPRETER = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"


def project_task(connection: Connection, task: dict[str, Node], id_: str, version_id: str, touched: Touched) -> None:
    """A Task is a case."""
    touched.case(id_, words=True)
    if fhir.text(task, "status") == "entered-in-error":
        remove_task(connection, id_, touched)
        return
    case_type = fhir.code(task, OWN + "case-type", "code")
    priority = fhir.text(task, "priority")
    values = {
        "case_id": id_,
        "patient_id": fhir.reference_to("Patient", task, "for"),
        "case_number": fhir.text(task, "groupIdentifier", "value"),
        "reason": fhir.text(task, "description") or fhir.concept_text(task, "code"),
        "case_type": case_type if case_type in CASE_TYPES else "general",
        "priority_rank": PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES) - 1,
        "status": fhir.text(task, "status") or "requested",
        "business_status": fhir.code(task, OWN + "business-status", "businessStatus"),
        "due_ms": fhir.time_ms(task, "restriction", "period", "end"),
        "authored_ms": fhir.time_ms(task, "authoredOn") or fhir.time_ms(task, "meta", "lastUpdated"),
        "owner_id": fhir.reference_to("Practitioner", task, "owner"),
        "owner_name": fhir.text(task, "owner", "display"),
        "claim_until_ms": fhir.time_ms(fhir.extension(task, OWN + "claim-until"), "valueDateTime"),
        "version_id": version_id,
    }
    upsert(connection, "case_", "case_id", values)
    if values["owner_id"] and not values["owner_name"]:
        connection.execute(
            "UPDATE case_ SET owner_name = coalesce((SELECT name FROM practitioner WHERE practitioner_id = ?), '')"
            " WHERE case_id = ?",
            (values["owner_id"], id_),
        )
    _project_inputs(connection, task, id_)


def remove_task(connection: Connection, id_: str, touched: Touched) -> None:
    """The case is gone from the server; drafts and unsent changes stay."""
    connection.execute("DELETE FROM case_words WHERE rowid = (SELECT case_no FROM case_ WHERE case_id = ?)", (id_,))
    connection.execute("DELETE FROM case_ WHERE case_id = ?", (id_,))
    connection.execute("DELETE FROM case_input WHERE case_id = ?", (id_,))
    touched.case(id_)


def _project_inputs(connection: Connection, task: dict[str, Node], id_: str) -> None:
    inputs = {fhir.reference(one, "valueReference") for one in fhir.objects(task, "input")} - {("", "")}
    connection.execute("DELETE FROM case_input WHERE case_id = ?", (id_,))
    connection.executemany(
        "INSERT INTO case_input VALUES (?, ?, ?)", [(id_, type_, input_id) for type_, input_id in inputs]
    )
    connection.executemany(
        "UPDATE evidence SET case_id = ? WHERE document_id = ? AND case_id = ''",
        [(id_, input_id) for type_, input_id in inputs if type_ == "DocumentReference"],
    )


def project_patient(connection: Connection, patient: dict[str, Node], id_: str, touched: Touched) -> None:
    """A Patient, with the language to speak and whether an interpreter is needed."""
    touched.patients.add(id_)
    mrn = next(
        (fhir.text(one, "value") for one in fhir.objects(patient, "identifier") if _is_mrn(one)),
        fhir.identifier(patient, OWN + "mrn"),
    )
    telecom = list(fhir.objects(patient, "telecom"))
    spoken = list(fhir.objects(patient, "communication"))
    preferred = next((one for one in spoken if one.get("preferred") is True), spoken[0] if spoken else {})
    values = {
        "patient_id": id_,
        "name": fhir.human_name(patient),
        "gender": fhir.text(patient, "gender"),
        "birth_date": fhir.text(patient, "birthDate"),
        "mrn": mrn,
        "phone": next((fhir.text(one, "value") for one in telecom if fhir.text(one, "system") == "phone"), ""),
        "language": fhir.concept_text(preferred, "language"),
        "interpreter": int(fhir.extension(patient, _INTERPRETER).get("valueBoolean") is True),
    }
    upsert(connection, "patient", "patient_id", values)


def project_practitioner(connection: Connection, person: dict[str, Node], id_: str, touched: Touched) -> None:
    """A colleague's name, for claims and messages that carry none."""
    name = fhir.human_name(person)
    upsert(connection, "practitioner", "practitioner_id", {"practitioner_id": id_, "name": name})
    for (case_id,) in connection.execute(
        "SELECT case_id FROM case_ WHERE owner_id = ? AND owner_name = ''", (id_,)
    ).fetchall():
        connection.execute("UPDATE case_ SET owner_name = ? WHERE case_id = ?", (name, case_id))
        touched.case(case_id)


def project_appointment(connection: Connection, appointment: dict[str, Node], id_: str, touched: Touched) -> None:
    """An Appointment; its visit id is the same as in its link."""
    touched.appointments = True
    actors = [fhir.reference(one, "actor") for one in fhir.objects(appointment, "participant")]
    start_ms = fhir.time_ms(appointment, "start")
    minutes = fhir.number(appointment, "minutesDuration") or 0
    values = {
        "appointment_id": id_,
        "visit_id": fhir.identifier(appointment, OWN + "visit"),
        "patient_id": next((actor for type_, actor in actors if type_ == "Patient"), ""),
        "practitioner_id": next((actor for type_, actor in actors if type_ == "Practitioner"), ""),
        "start_ms": start_ms,
        "end_ms": fhir.time_ms(appointment, "end") or start_ms + int(minutes * 60_000),
        "status": fhir.text(appointment, "status"),
        "reason": fhir.text(appointment, "description") or fhir.concept_text(appointment, "reasonCode"),
        "case_id": next(iter(fhir.references_to("Task", appointment, "supportingInformation")), ""),
    }
    upsert(connection, "appointment", "appointment_id", values)


def _is_mrn(one: Node) -> bool:
    return fhir.text(one, "system") == OWN + "mrn" or any(
        fhir.text(coding, "code") == "MR" for coding in fhir.objects(one, "type", "coding")
    )


def upsert(connection: Connection, table: str, key: str, values: dict[str, object]) -> None:
    """Insert a row, or change the columns named; the others keep what they have. Names come from this program."""
    names = list(values)
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name != key)
    connection.execute(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 -- own names
        f" ON CONFLICT ({key}) DO UPDATE SET {changes}",
        tuple(values.values()),
    )
