"""Resources that we make, by docs/fhir-mapping.md, and entries of a transaction."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from teleconsole.domain.gaps import gaps_of
from teleconsole.vault.fhir.raw import instant

OWN = "urn:teleconsole"
CHANGE = f"{OWN}:change"
CHAT_LINE = f"{OWN}:chat-line"
VISIT = f"{OWN}:visit"
VISIT_GAP = f"{OWN}:visit-gap"
EVIDENCE = f"{OWN}:evidence"
THREAD = f"{OWN}:thread"
MESSAGE_KIND = f"{OWN}:message-kind"
_CONSULT_NOTE = {"system": "http://loinc.org", "code": "11488-4", "display": "Consult note"}
_VIRTUAL = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR", "display": "virtual"}
_FULFILL = {"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}
_MINUTES = {"system": "http://unitsofmeasure.org", "code": "min", "unit": "min"}

_FILE_TYPES = {"still": "Still", "photo": "Photo", "audio": "Spoken message", "video": "Video message"}

Resource = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where something that we make belongs.

    Attributes:
        task: Reference to the case; a `urn:uuid:` while the same transaction makes it.
        patient_id: of the Patient.
        me: Reference to the clinician, with the name.
        encounter_id: empty outside of a visit.
    """

    task: Resource
    patient_id: str
    me: Resource
    encounter_id: str = ""

    @property
    def patient(self) -> Resource:
        """Reference to the Patient."""
        return reference("Patient", self.patient_id)

    @property
    def encounter(self) -> Resource | None:
        """Reference to the Encounter, None outside of a visit."""
        return reference("Encounter", self.encounter_id) if self.encounter_id else None


def reference(type_: str, id_: str, display: str = "") -> Resource:
    """Return a relative Reference."""
    found: Resource = {"reference": f"{type_}/{id_}"}
    return {**found, "display": display} if display else found


def identifier(system: str, value: str) -> Resource:
    """Return an Identifier."""
    return {"system": system, "value": value}


def coded(system: str, code: str) -> Resource:
    """Return a CodeableConcept of one of our own codes."""
    return {"coding": [{"system": f"{OWN}:{system}", "code": code}]}


def create_once(resource: Resource, system: str, value: str, full_url: str = "") -> Resource:
    """Return a transaction entry that makes a resource unless one with this identifier is there."""
    type_ = resource["resourceType"]
    request = {"method": "POST", "url": type_, "ifNoneExist": f"identifier={system}|{value}"}
    entry: Resource = {"resource": resource, "request": request}
    return {"fullUrl": full_url, **entry} if full_url else entry


def put(type_: str, id_: str, resource: Resource | bytes, version_id: str = "") -> Resource:
    """Return a transaction entry that writes a resource; with a version only over that version."""
    request = {"method": "PUT", "url": f"{type_}/{id_}"}
    if version_id:
        request["ifMatch"] = f'W/"{version_id}"'
    return {"resource": resource, "request": request}


def message(place: Place, header: Resource, *, kind: str, text: str, change_id: str, sent_ms: int) -> Resource:
    """Return a Communication from the clinician to the patient.

    Args:
        place: where it belongs.
        header: Reference to the thread's header.
        kind: code of `urn:teleconsole:message-kind`.
        text: the words.
        change_id: UUID of the change.
        sent_ms: when it was written, by the server's clock.
    """
    return {
        "resourceType": "Communication",
        "identifier": [identifier(CHANGE, change_id)],
        "basedOn": [place.task],
        "partOf": [header],
        "status": "completed",
        "category": [coded("message-kind", kind)],
        "subject": place.patient,
        "sent": instant(sent_ms),
        "recipient": [place.patient],
        "sender": place.me,
        "payload": [{"contentString": text}],
    }


def decision(place: Place, header: Resource, *, outcome: str, text: str, change_id: str, sent_ms: int) -> Resource:
    """Return a Communication that tells a decision."""
    told = message(place, header, kind="decision", text=text, change_id=change_id, sent_ms=sent_ms)
    return {**told, "reasonCode": [coded("decision", outcome)]}


def chat_line(
    place: Place, header: Resource, *, line_id: str, change_id: str, text: str, from_patient: bool, sent_ms: int
) -> Resource:
    """Return a Communication for a line that was written in a visit."""
    line = message(place, header, kind="visit-chat", text=text, change_id=change_id, sent_ms=sent_ms)
    line["identifier"] = [identifier(CHAT_LINE, line_id), identifier(CHANGE, change_id)]
    if from_patient:
        line |= {"sender": place.patient, "recipient": [place.me]}
    if place.encounter is not None:
        line["encounter"] = place.encounter
    return line


def thread_header(place: Place, key: str, topic: str) -> Resource:
    """Return the Communication that heads a case's thread; `key` makes it the only one."""
    header: Resource = {
        "resourceType": "Communication",
        "identifier": [identifier(THREAD, key)],
        "basedOn": [place.task],
        "status": "in-progress",
        "subject": place.patient,
    }
    return {**header, "topic": {"text": topic}} if topic else header


def note(place: Place, *, text: str, change_id: str, at_ms: int, about: str = "") -> Resource:
    """Return a DocumentReference with a note for the record; about "call", it is no consultation note."""
    data = base64.b64encode(text.encode()).decode()
    return {
        "resourceType": "DocumentReference",
        "identifier": [identifier(CHANGE, change_id)],
        "status": "current",
        "docStatus": "final",
        "type": {"text": "How the call went"} if about == "call" else {"coding": [_CONSULT_NOTE]},
        "category": [coded("evidence-kind", "call-report" if about == "call" else "note")],
        "subject": place.patient,
        "date": instant(at_ms),
        "author": [place.me],
        "content": [{"attachment": {"contentType": "text/plain; charset=utf-8", "data": data}}],
        "context": _context(place),
    }


def binary(id_: str, content_type: str, content: bytes) -> Resource:
    """Return a Binary."""
    data = base64.b64encode(content).decode()
    return {"resourceType": "Binary", "id": id_, "contentType": content_type, "data": data}


def evidence(
    place: Place, *, evidence_id: str, kind: str, title: str, content_type: str, size_bytes: int, sha1: str, at_ms: int
) -> Resource:
    """Return a DocumentReference for the file in `Binary/<evidence_id>`; its author is who took or sent it."""
    attachment = {
        "contentType": content_type,
        "url": f"Binary/{evidence_id}",
        "size": size_bytes,
        "hash": sha1,
        "title": title,
        "creation": instant(at_ms),
    }
    return {
        "resourceType": "DocumentReference",
        "identifier": [identifier(EVIDENCE, evidence_id)],
        "status": "current",
        "type": {"text": _FILE_TYPES[kind]},
        "category": [coded("evidence-kind", kind)],
        "subject": place.patient,
        "date": instant(at_ms),
        "author": [place.me if kind == "still" else place.patient],
        "description": title,
        "content": [{"attachment": attachment}],
        "context": _context(place),
    }


def encounter(place: Place, *, visit_id: str, appointment_id: str, reason: str, started_ms: int) -> Resource:
    """Return the Encounter of a visit that began."""
    made: Resource = {
        "resourceType": "Encounter",
        "identifier": [identifier(VISIT, visit_id)],
        "extension": [{"url": f"{OWN}:case", "valueReference": place.task}],
        "status": "in-progress",
        "class": _VIRTUAL,
        "subject": place.patient,
        "participant": [{"individual": place.me}],
        "period": {"start": instant(started_ms)},
    }
    if appointment_id:
        made["appointment"] = [reference("Appointment", appointment_id)]
    if reason:
        made["reasonCode"] = [{"text": reason}]
    return made


def finished(
    *, started_ms: int, ended_ms: int, spans: Sequence[tuple[int, int]], extensions: Sequence[object] = ()
) -> Resource:
    """Return the elements of an Encounter that say that it is over; its length is the time that was connected.

    Args:
        started_ms: begin of the visit.
        ended_ms: its end.
        spans: in which people could talk; what lies between them is stated as gaps.
        extensions: that it has already; they stay.
    """
    connected_ms = sum(max(0, end - start) for start, end in spans) or max(0, ended_ms - started_ms)
    done: Resource = {
        "status": "finished",
        "period": {"start": instant(started_ms), "end": instant(ended_ms)},
        "length": {**_MINUTES, "value": round(connected_ms / 60_000, 2)},
    }
    gaps = [
        {"url": VISIT_GAP, "valuePeriod": {"start": instant(from_ms), "end": instant(to_ms)}}
        for from_ms, to_ms in gaps_of(spans, ended_ms)
    ]
    return {**done, "extension": [*extensions, *gaps]} if gaps else done


def case(place: Place, *, change_id: str, reason: str, authored_ms: int, claim_until_ms: int) -> Resource:
    """Return the Task of a case that a visit makes."""
    return {
        "resourceType": "Task",
        "identifier": [identifier(CHANGE, change_id)],
        "extension": [claim_until(claim_until_ms)],
        "status": "in-progress",
        "businessStatus": coded("business-status", "awaiting-clinician"),
        "intent": "order",
        "priority": "routine",
        "code": {"coding": [_FULFILL, {"system": f"{OWN}:case-type", "code": "general"}]},
        "description": reason or "Video visit",
        "for": place.patient,
        "authoredOn": instant(authored_ms),
        "lastModified": instant(authored_ms),
        "requester": place.me,
        "owner": place.me,
    }


def claim_until(until_ms: int) -> Resource:
    """Return the extension with the end of a claim."""
    return {"url": f"{OWN}:claim-until", "valueDateTime": instant(until_ms)}


def _context(place: Place) -> Resource:
    context: Resource = {"related": [place.task]}
    if place.encounter is not None:
        context["encounter"] = [place.encounter]
    return context
