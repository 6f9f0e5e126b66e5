"""The resources of a new case and of a patient's message, by docs/fhir-mapping.md."""

import base64
import hashlib
import uuid
from datetime import datetime, timedelta

from teleconsole.gateway.fhir_client import Resource
from teleconsole.gateway.fhir_proxy import MESSAGE_KIND
from teleconsole.gateway.links import Link
from teleconsole.gateway.spool import Upload, WaitingMessage
from teleconsole.gateway.times import fhir_instant
from teleconsole.host import limits
from teleconsole.host.clock import from_ms

OWN = "urn:teleconsole"
SUBMISSION_SYSTEM = f"{OWN}:submission"
THREAD_SYSTEM = f"{OWN}:thread"
INTAKE_SYSTEM = f"{OWN}:intake"
MESSAGE_SYSTEM = f"{OWN}:patient-message"
CHAT_LINE_SYSTEM = f"{OWN}:chat-line"
VISIT_SYSTEM = f"{OWN}:visit"
EVIDENCE_SYSTEM = f"{OWN}:evidence"
BUSINESS_STATUS = f"{OWN}:business-status"
TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
_NUMBER_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"


def case_number(link: Link) -> str:
    """Return the case number of a submission, always the same one: what patient and clinic say on the telephone."""
    digest = hashlib.sha256(b"case " + link.subject_id.encode()).digest()
    return "TC-" + "".join(_NUMBER_LETTERS[byte % 32] for byte in digest[:6])


def reference(resource_type: str, logical_id: str) -> Resource:
    """Return a relative Reference."""
    return {"reference": f"{resource_type}/{logical_id}"}


def identifier(system: str, value: str) -> Resource:
    """Return an Identifier."""
    return {"system": system, "value": value}


def own_id(link: Link, what: str) -> str:
    """Return a UUID that is the same one at each attempt."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{link.subject_id}/{what}"))


def urn(link: Link, what: str) -> str:
    """Return the `fullUrl` of an entry."""
    return f"urn:uuid:{own_id(link, what)}"


def create_once(resource: Resource, system: str, value: str, full_url: str = "") -> Resource:
    """Return a transaction entry that creates a resource unless one with this identifier is there."""
    resource_type = resource["resourceType"]
    request = {"method": "POST", "url": resource_type, "ifNoneExist": f"identifier={system}|{value}"}
    entry: Resource = {"resource": resource, "request": request}
    return {"fullUrl": full_url, **entry} if full_url else entry


def put(resource: Resource, if_match: str = "") -> Resource:
    """Return a transaction entry that writes a resource whose id is known."""
    request = {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}
    if if_match:
        request["ifMatch"] = f'W/"{if_match}"'
    return {"resource": resource, "request": request}


def binary(binary_id: str, content_type: str, content: bytes) -> Resource:
    """Return a Binary."""
    data = base64.b64encode(content).decode()
    return {"resourceType": "Binary", "id": binary_id, "contentType": content_type, "data": data}


def document(link: Link, upload: Upload, binary_id: str, sent_on: bytes, original: bytes) -> Resource:
    """Return the DocumentReference of a file, not yet tied to its case.

    Args:
        link: of the submission.
        upload: the file.
        binary_id: of the Binary with the copy; `<id>-original` has the original when the two differ.
        sent_on: the copy without position.
        original: the bytes as they came.
    """
    contents = [_attachment(upload, binary_id, sent_on)]
    if original != sent_on:
        contents.append(_attachment(upload, f"{binary_id}-original", original))
    patient = reference("Patient", link.patient_id)
    return {
        "resourceType": "DocumentReference",
        "identifier": [identifier(EVIDENCE_SYSTEM, upload.id)],
        "status": "current",
        "type": {"text": upload.kind.capitalize()},
        "category": [{"coding": [{"system": f"{OWN}:evidence-kind", "code": upload.kind}]}],
        "subject": patient,
        "author": [patient],
        "date": fhir_instant(from_ms(upload.added_ms)),
        "content": contents,
    }


def _attachment(upload: Upload, binary_id: str, content: bytes) -> Resource:
    sha1 = hashlib.sha1(content, usedforsecurity=False).digest()  # what R4's Attachment.hash is defined as
    attachment = {
        "contentType": upload.content_type,
        "url": f"Binary/{binary_id}",
        "size": len(content),
        "hash": base64.b64encode(sha1).decode(),
        "title": upload.name,
        "creation": fhir_instant(from_ms(upload.added_ms)),
    }
    return {"attachment": {name: value for name, value in attachment.items() if value != ""}}


def intake(link: Link, canonical: str, items: list[Resource], sent_at: datetime) -> Resource:
    """Return the QuestionnaireResponse.

    It is written under an id of ours: not every server finds a QuestionnaireResponse by its identifier.
    """
    patient = reference("Patient", link.patient_id)
    return {
        "resourceType": "QuestionnaireResponse",
        "id": own_id(link, "intake"),
        "identifier": identifier(INTAKE_SYSTEM, link.subject_id),
        "questionnaire": canonical,
        "status": "completed",
        "subject": patient,
        "author": patient,
        "source": patient,
        "authored": fhir_instant(sent_at),
        "item": items,
    }


def task(link: Link, *, reason: str, priority: str, inputs: list[tuple[str, Resource]], sent_at: datetime) -> Resource:
    """Return the Task of a new case.

    Args:
        link: of the submission; its questionnaire names the case type.
        reason: one line.
        priority: FHIR request-priority.
        inputs: `intake` or `evidence`, and the Reference.
        sent_at: when the patient pressed send.
    """
    due = sent_at + timedelta(seconds=limits.GATEWAY_CASE_DUE_S)
    return {
        "resourceType": "Task",
        "identifier": [identifier(SUBMISSION_SYSTEM, link.subject_id)],
        "groupIdentifier": identifier(f"{OWN}:case-number", case_number(link)),
        "status": "requested",
        "businessStatus": _awaiting_clinician(),
        "intent": "order",
        "priority": priority,
        "code": {
            "coding": [
                {"system": TASK_CODE, "code": "fulfill"},
                {"system": f"{OWN}:case-type", "code": link.questionnaire_id},
            ]
        },
        "description": reason,
        "for": reference("Patient", link.patient_id),
        "requester": reference("Patient", link.patient_id),
        "authoredOn": fhir_instant(sent_at),
        "lastModified": fhir_instant(sent_at),
        "restriction": {"period": {"end": fhir_instant(due)}},
        "input": [
            {"type": {"coding": [{"system": f"{OWN}:input", "code": code}]}, "valueReference": value}
            for code, value in inputs
        ],
    }


def _awaiting_clinician() -> Resource:
    return {"coding": [{"system": BUSINESS_STATUS, "code": "awaiting-clinician"}]}


def touched(case: Resource, at: datetime) -> Resource:
    """Return the Task as it came, with only this changed: somebody has to look at it again.

    A case that is over stays over; the clinician sees the message and decides.
    """
    changed = case | {"lastModified": fhir_instant(at)}
    if case.get("status") not in ("completed", "cancelled", "rejected", "failed", "entered-in-error"):
        changed["businessStatus"] = _awaiting_clinician()
    return changed


def thread_header(link: Link, case: Resource, topic: str, thread_key: str) -> Resource:
    """Return the Communication that heads a case's thread."""
    return {
        "resourceType": "Communication",
        "identifier": [identifier(THREAD_SYSTEM, thread_key)],
        "status": "in-progress",
        "subject": reference("Patient", link.patient_id),
        "basedOn": [case],
        "topic": {"text": topic},
    }


def message(link: Link, waiting: WaitingMessage, case: Resource, header: Resource, *, kind: str) -> Resource:
    """Return a message from the patient.

    Args:
        link: of the submission.
        waiting: what was written.
        case: Reference to the Task.
        header: Reference to the thread's header.
        kind: `message` or `follow-up-answer`.
    """
    patient = reference("Patient", link.patient_id)
    resource: Resource = {
        "resourceType": "Communication",
        "identifier": [identifier(MESSAGE_SYSTEM, waiting.id)],
        "status": "completed",
        "category": [{"coding": [{"system": MESSAGE_KIND, "code": kind}]}],
        "subject": patient,
        "sender": patient,
        "recipient": [reference("Practitioner", link.practitioner_id)],
        "basedOn": [case],
        "partOf": [header],
        "sent": fhir_instant(from_ms(waiting.sent_ms)),
        "payload": [{"contentString": waiting.text}],
    }
    if waiting.in_response_to:
        resource["inResponseTo"] = [reference("Communication", waiting.in_response_to)]
    return resource


def late_message(
    link: Link, waiting: WaitingMessage, case: Resource, header: Resource, encounter: Resource
) -> Resource:
    """Return a message that was written in a visit and arrived after it; known by the id that its chat line has.

    Args:
        link: of the visit.
        waiting: what was written; its id is the item's.
        case: Reference to the Task.
        header: Reference to the thread's header.
        encounter: Reference to the visit, empty when the server does not know it.
    """
    written = message(link, waiting, case, header, kind="message")
    written["identifier"] = [identifier(CHAT_LINE_SYSTEM, waiting.id)]
    return written | ({"encounter": encounter} if encounter else {})


def late_context(case: Resource, encounter: Resource) -> Resource:
    """Return the `context` of a file that was made in a visit and arrived after it."""
    return {"related": [case]} | ({"encounter": [encounter]} if encounter else {})
