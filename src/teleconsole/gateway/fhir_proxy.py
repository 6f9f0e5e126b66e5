"""What a patient's link may see of the FHIR server: one patient, and of the cases only the link's own."""

import re
from typing import Any

import msgspec

from teleconsole.domain.errors import NotFhir
from teleconsole.gateway.fhir_client import FhirClient, Resource
from teleconsole.host import limits

MESSAGE_KIND = "urn:teleconsole:message-kind"
PATIENT_SEES = frozenset({"message", "follow-up-question", "follow-up-answer", "decision"})
"""Kinds of messages that belong on the patient's page; visit chat was seen in the visit, all else is internal."""

_LOGICAL_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


class ThreadMessage(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One line of the thread as the patient's page gets it.

    Attributes:
        sender: on the wire `from`: `clinician` or `patient`.
        sent: FHIR instant.
        pending: it waits in the spool for the FHIR server.
    """

    id: str
    sender: str = msgspec.field(name="from")
    text: str
    sent: str
    kind: str
    pending: bool = False


class FhirProxy:
    """Reads inside one patient's compartment; everything else does not exist for its callers."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    async def patient(self, patient_id: str) -> Resource | None:
        """Return the Patient.

        Raises:
            Offline, NotFhir, Rejected: the FHIR server did not answer as it should.
        """
        return await self._client.read("Patient", logical_id(patient_id))

    async def birth_date(self, patient_id: str) -> str:
        """Return the patient's date of birth (YYYY-MM-DD), empty when it is not known."""
        patient = await self.patient(patient_id)
        return str((patient or {}).get("birthDate", ""))

    async def first_name(self, patient_id: str) -> str:
        """Return the name to greet the patient with, empty when there is none."""
        patient = await self.patient(patient_id)
        for name in (patient or {}).get("name", []):
            for given in name.get("given", []):
                return str(given)
        return ""

    async def case(self, patient_id: str, case_id: str) -> Resource | None:
        """Return the Task, or None when it is not this patient's."""
        task = await self._client.read("Task", logical_id(case_id))
        if task is None or reference_id(task.get("for"), "Patient") != patient_id:
            return None
        return task

    async def appointment(self, patient_id: str, appointment_id: str) -> Resource | None:
        """Return the Appointment, or None when this patient does not take part in it."""
        appointment = await self._client.read("Appointment", logical_id(appointment_id))
        actors = [part.get("actor") for part in (appointment or {}).get("participant", [])]
        return appointment if any(reference_id(actor, "Patient") == patient_id for actor in actors) else None

    @staticmethod
    def case_of(appointment: Resource) -> str:
        """Return the id of the case that an Appointment belongs to, empty when there is none."""
        tasks = (reference_id(each, "Task") for each in appointment.get("supportingInformation", []))
        return next((task for task in tasks if task), "")

    async def communication(self, patient_id: str, case_id: str, communication_id: str) -> Resource | None:
        """Return a message of the case, or None when it is not one that this patient may see."""
        found = await self._client.read("Communication", logical_id(communication_id))
        return found if found is not None and _is_visible(found, patient_id, case_id) else None

    async def thread(self, patient_id: str, case_id: str) -> list[ThreadMessage]:
        """Return what the patient and the clinician wrote to each other in this case, each once, oldest first.

        Raises:
            Offline, NotFhir, Rejected: the FHIR server did not answer as it should.
        """
        found = await self._client.search(
            "Communication",
            {
                "based-on": f"Task/{logical_id(case_id)}",
                "subject": f"Patient/{logical_id(patient_id)}",
                "_sort": "-_lastUpdated",
                "_count": str(limits.GATEWAY_FHIR_PAGE),
            },
        )
        messages: dict[str, ThreadMessage] = {}
        # Oldest first, so that of two copies of one change (a lost answer, tried again) the first one stays.
        for each in sorted(found, key=lambda one: (str(one.get("sent", "")), str(one.get("id", "")))):
            if _is_visible(each, patient_id, case_id):
                messages.setdefault(_same_thing(each), _message(each))
        return list(messages.values())[-limits.GATEWAY_THREAD_MESSAGES :]


def logical_id(text: str) -> str:
    """Return the text when it is a FHIR logical id.

    Raises:
        NotFhir: it is not, so nothing on the server can have it.
    """
    if not _LOGICAL_ID.fullmatch(text):
        raise NotFhir
    return text


def reference_id(reference: Any, resource_type: str) -> str:
    """Return the logical id in a Reference to that type, relative or absolute; empty when it is another one."""
    value = reference.get("reference", "") if isinstance(reference, dict) else ""
    parts = str(value).split("/_history/")[0].split("/")
    return parts[-1] if len(parts) >= 2 and parts[-2] == resource_type else ""


def message_kind(communication: Resource) -> str:
    """Return our code of what kind of message this is, empty when it has none."""
    for concept in communication.get("category", []):
        for coding in concept.get("coding", []):
            if coding.get("system") == MESSAGE_KIND:
                return str(coding.get("code", ""))
    return ""


def _is_visible(communication: Resource, patient_id: str, case_id: str) -> bool:
    return (
        reference_id(communication.get("subject"), "Patient") == patient_id
        and any(reference_id(task, "Task") == case_id for task in communication.get("basedOn", []))
        and communication.get("status") == "completed"
        and message_kind(communication) in PATIENT_SEES
    )


def _same_thing(communication: Resource) -> str:
    for identifier in communication.get("identifier", []):
        if identifier.get("value"):
            return f"{identifier.get('system')}|{identifier['value']}"
    return str(communication.get("id"))


def _message(communication: Resource) -> ThreadMessage:
    texts = [str(part["contentString"]) for part in communication.get("payload", []) if part.get("contentString")]
    return ThreadMessage(
        id=str(communication.get("id", "")),
        sender="patient" if reference_id(communication.get("sender"), "Patient") else "clinician",
        text="\n".join(texts),
        sent=str(communication.get("sent", "")),
        kind=message_kind(communication),
    )
