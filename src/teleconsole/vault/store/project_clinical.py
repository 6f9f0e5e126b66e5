"""Fills the rows of messages, files, notes, measurements, intakes, visits and safety items from server truth."""

import base64
import binascii

import msgspec

from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import fhir_read as fhir
from teleconsole.vault.store.fhir_read import OWN, Node
from teleconsole.vault.store.intake_answers import read_answers
from teleconsole.vault.store.project_case import upsert
from teleconsole.vault.store.touched import Touched

MESSAGE_KINDS = ("message", "follow-up-question", "follow-up-answer", "decision", "visit-chat")
EVIDENCE_KINDS = ("photo", "video", "document", "still", "audio")
LOINC = "http://loinc.org"
_NOTE = "11488-4"
_PRESSURE, _SYSTOLIC, _DIASTOLIC = "85354-9", "8480-6", "8462-4"
_CODES = {
    _PRESSURE: "blood-pressure",
    "8867-4": "heart-rate",
    "29463-7": "weight",
    "8310-5": "temperature",
    "59408-5": "oxygen-saturation",
}
_INACTIVE = ("inactive", "resolved", "remission", "entered-in-error", "stopped", "completed", "not-taken", "refuted")


def project_communication(connection: Connection, message: dict[str, Node], id_: str, touched: Touched) -> None:
    """A message of a case's thread; the thread's header (no payload) has no row."""
    words = "\n".join(filter(None, (fhir.text(part, "contentString") for part in fhir.objects(message, "payload"))))
    case_id = next(iter(fhir.references_to("Task", message, "basedOn")), "")
    touched.case(case_id, words=True)
    if not words or not case_id or fhir.text(message, "status") in ("entered-in-error", "not-done"):
        connection.execute("DELETE FROM message WHERE message_id = ?", (id_,))
        return
    kind = fhir.code(message, OWN + "message-kind", "category")
    sender_type, sender_id = fhir.reference(message, "sender")
    values = {
        "message_id": id_,
        "case_id": case_id,
        "patient_id": fhir.reference_to("Patient", message, "subject"),
        "kind": kind if kind in MESSAGE_KINDS else "message",
        "from_patient": int(sender_type == "Patient"),
        "sender_id": sender_id,
        "sender_name": fhir.text(message, "sender", "display"),
        "text": words,
        "sent_ms": fhir.time_ms(message, "sent") or fhir.time_ms(message, "meta", "lastUpdated"),
        "change_id": fhir.identifier(message, OWN + "change") or fhir.identifier(message, OWN + "chat-line"),
        "encounter_id": fhir.reference_to("Encounter", message, "encounter"),
        "outcome": fhir.code(message, OWN + "decision", "reasonCode"),
    }
    upsert(connection, "message", "message_id", values)


def project_document(connection: Connection, document: dict[str, Node], id_: str, touched: Touched) -> None:
    """A DocumentReference is a note or evidence."""
    kind = fhir.code(document, OWN + "evidence-kind", "category")
    if fhir.text(document, "status") == "entered-in-error":
        remove_document(connection, id_, touched)
    elif kind in ("note", "call-report") or (not kind and fhir.code(document, LOINC, "type") == _NOTE):
        _project_note(connection, document, id_, touched)
    else:
        _project_evidence(connection, document, id_, kind, touched)


def remove_document(connection: Connection, id_: str, touched: Touched) -> None:
    """The document is gone from the server; the sealed file is swept at the next start."""
    for table, column in (("evidence", "document_id"), ("note", "note_id")):
        rows = connection.execute(
            f"DELETE FROM {table} WHERE {column} = ? RETURNING case_id",  # noqa: S608 -- own names
            (id_,),
        ).fetchall()
        for (case_id,) in rows:
            touched.case(case_id)


def _project_note(connection: Connection, document: dict[str, Node], id_: str, touched: Touched) -> None:
    case_id = next(iter(fhir.references_to("Task", document, "context", "related")), "")
    values = {
        "note_id": id_,
        "case_id": case_id,
        "encounter_id": next(iter(fhir.references_to("Encounter", document, "context", "encounter")), ""),
        "author_id": next(iter(fhir.references_to("Practitioner", document, "author")), ""),
        "author_name": fhir.text(document, "author", 0, "display"),
        "text": _base64(fhir.text(document, "content", 0, "attachment", "data")).decode("utf-8", "replace"),
        "at_ms": fhir.time_ms(document, "date"),
        "change_id": fhir.identifier(document, OWN + "change"),
    }
    upsert(connection, "note", "note_id", values)
    touched.case(case_id)


def _project_evidence(connection: Connection, document: dict[str, Node], id_: str, kind: str, touched: Touched) -> None:
    attachment = fhir.at(document, "content", 0, "attachment")
    content_type = fhir.text(attachment, "contentType")
    case_id = next(iter(fhir.references_to("Task", document, "context", "related")), "") or _case_of(connection, id_)
    evidence_id = _evidence_id(connection, fhir.identifier(document, OWN + "evidence"), id_)
    values = {
        "evidence_id": evidence_id,
        "document_id": id_,
        "case_id": case_id,
        "patient_id": fhir.reference_to("Patient", document, "subject"),
        "encounter_id": next(iter(fhir.references_to("Encounter", document, "context", "encounter")), ""),
        "kind": kind if kind in EVIDENCE_KINDS else _kind_of(content_type),
        "title": fhir.text(document, "description")
        or fhir.text(attachment, "title")
        or fhir.concept_text(document, "type"),
        "content_type": content_type,
        "size_bytes": max(0, int(fhir.number(attachment, "size") or 0)),
        "url": fhir.text(attachment, "url"),
        "sha1_base64": fhir.text(attachment, "hash"),
        "taken_ms": fhir.time_ms(attachment, "creation") or fhir.time_ms(document, "date"),
        "from_patient": int(fhir.reference(document, "author", 0)[0] == "Patient"),
    }
    before = connection.execute("SELECT case_id, url FROM evidence WHERE evidence_id = ?", (evidence_id,)).fetchone()
    upsert(connection, "evidence", "evidence_id", values)
    _prepare_blob(connection, evidence_id, attachment, old_url=before[1] if before else None)
    touched.case(case_id)
    if before:
        touched.case(before[0])


def _prepare_blob(connection: Connection, evidence_id: str, attachment: Node, *, old_url: str | None) -> None:
    """A file that is not here is to be fetched; one whose address changed is another file."""
    url, data = fhir.text(attachment, "url"), fhir.text(attachment, "data")
    if data and not url:
        content = _base64(data)
        connection.execute(
            "INSERT INTO blob (evidence_id, state, here_bytes, size_bytes, inline) VALUES (?, 'here', ?, ?, ?)"
            " ON CONFLICT (evidence_id) DO NOTHING",
            (evidence_id, len(content), len(content), content),
        )
        return
    if old_url and old_url != url:
        connection.execute("DELETE FROM blob WHERE evidence_id = ?", (evidence_id,))
    connection.execute(
        "INSERT INTO blob (evidence_id, state, size_bytes) VALUES (?, 'missing', ?)"
        " ON CONFLICT (evidence_id) DO NOTHING",
        (evidence_id, max(0, int(fhir.number(attachment, "size") or 0))),
    )


def _evidence_id(connection: Connection, chosen: str, document_id: str) -> str:
    """Return the UUID that the file was given where it arose, unless another document has it already."""
    if not chosen:
        return document_id
    row = connection.execute("SELECT document_id FROM evidence WHERE evidence_id = ?", (chosen,)).fetchone()
    return chosen if row is None or row[0] in ("", document_id) else document_id


def _case_of(connection: Connection, document_id: str) -> str:
    row = connection.execute(
        "SELECT case_id FROM case_input WHERE type = 'DocumentReference' AND id = ?", (document_id,)
    ).fetchone()
    return str(row[0]) if row else ""


def _kind_of(content_type: str) -> str:
    kind = {"image": "photo", "video": "video", "audio": "audio"}
    return kind.get(content_type.partition("/")[0], "document")


def project_observation(connection: Connection, observation: dict[str, Node], id_: str, touched: Touched) -> None:
    """A measurement of a kind that we show; all others are kept as truth alone."""
    patient_id = fhir.reference_to("Patient", observation, "subject")
    touched.patients.add(patient_id)
    code = _CODES.get(fhir.code(observation, LOINC, "code"), "")
    value, second = fhir.number(observation, "valueQuantity", "value"), 0.0
    unit = fhir.text(observation, "valueQuantity", "unit") or fhir.text(observation, "valueQuantity", "code")
    if code == "blood-pressure":
        parts = {fhir.code(one, LOINC, "code"): one for one in fhir.objects(observation, "component")}
        value = fhir.number(parts.get(_SYSTOLIC), "valueQuantity", "value")
        second = fhir.number(parts.get(_DIASTOLIC), "valueQuantity", "value") or 0.0
        unit = "mmHg"
    if not code or value is None or fhir.text(observation, "status") in ("entered-in-error", "cancelled"):
        connection.execute("DELETE FROM measurement WHERE observation_id = ?", (id_,))
        return
    values = {
        "observation_id": id_,
        "patient_id": patient_id,
        "code": code,
        "at_ms": fhir.time_ms(observation, "effectiveDateTime") or fhir.time_ms(observation, "effectiveInstant"),
        "value": value,
        "second": second,
        "unit": unit,
    }
    upsert(connection, "measurement", "observation_id", values)


def project_intake(connection: Connection, response: dict[str, Node], id_: str, touched: Touched) -> None:
    """A QuestionnaireResponse: questions in the words that the patient saw, with the answers."""
    values = {
        "intake_id": id_,
        "patient_id": fhir.reference_to("Patient", response, "subject"),
        "authored_ms": fhir.time_ms(response, "authored"),
        "questionnaire": fhir.text(response, "questionnaire"),
        "answers": msgspec.json.encode(read_answers(response)).decode(),
    }
    upsert(connection, "intake", "intake_id", values)
    for (case_id,) in connection.execute(
        "SELECT case_id FROM case_input WHERE type = 'QuestionnaireResponse' AND id = ?", (id_,)
    ).fetchall():
        touched.case(case_id)


def project_encounter(connection: Connection, encounter: dict[str, Node], id_: str, touched: Touched) -> None:
    """A visit as the server has it."""
    case_id = fhir.reference_to("Task", fhir.extension(encounter, OWN + "case"), "valueReference")
    values = {
        "encounter_id": id_,
        "visit_id": fhir.identifier(encounter, OWN + "visit"),
        "patient_id": fhir.reference_to("Patient", encounter, "subject"),
        "case_id": case_id,
        "status": fhir.text(encounter, "status"),
        "start_ms": fhir.time_ms(encounter, "period", "start"),
        "end_ms": fhir.time_ms(encounter, "period", "end"),
        "practitioner_id": fhir.reference_to("Practitioner", encounter, "participant", 0, "individual"),
    }
    upsert(connection, "encounter", "encounter_id", values)
    touched.case(case_id)


def project_safety(connection: Connection, type_: str, item: dict[str, Node], id_: str, touched: Touched) -> None:
    """An allergy, medicine or problem that holds now; one that does not has no row."""
    states = {fhir.text(item, "status"), *_codes(item, "clinicalStatus"), *_codes(item, "verificationStatus")}
    patient_id = fhir.reference_to("Patient", item, "patient" if type_ == "AllergyIntolerance" else "subject")
    touched.patients.add(patient_id)
    if states.intersection(_INACTIVE):
        connection.execute("DELETE FROM safety_item WHERE type = ? AND id = ?", (type_, id_))
        return
    match type_:
        case "AllergyIntolerance":
            words, detail = fhir.concept_text(item, "code"), fhir.concept_text(item, "reaction", 0, "manifestation")
        case "MedicationStatement":
            words, detail = fhir.concept_text(item, "medicationCodeableConcept"), fhir.text(item, "dosage", 0, "text")
        case _:
            onset = fhir.text(item, "onsetDateTime")[:4]
            words, detail = fhir.concept_text(item, "code"), f"since {onset}" if onset else ""
    severe = type_ == "AllergyIntolerance" and fhir.text(item, "criticality") == "high"
    connection.execute(
        "INSERT OR REPLACE INTO safety_item VALUES (?, ?, ?, ?, ?, ?)",
        (type_, id_, patient_id, words, detail, int(severe)),
    )


def _codes(item: dict[str, Node], name: str) -> list[str]:
    return [fhir.text(coding, "code") for coding in fhir.objects(item, name, "coding")]


def _base64(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        return b""
