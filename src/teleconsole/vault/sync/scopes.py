"""What is pulled: cases and appointments by a walk each, and of their patients everything that a case shows."""

import msgspec

from teleconsole.vault.store.effects import CLOSED_STATUSES
from teleconsole.vault.sync.walk import Search

OPEN_STATUSES = ("requested", "received", "accepted", "in-progress", "on-hold", "ready", "draft")

OPEN_CASES = Search("Task", (("status", ",".join(OPEN_STATUSES)),))
CLOSED_CASES = Search("Task", (("status", ",".join(CLOSED_STATUSES)),))
STAFF = Search("Practitioner")

DEPENDENTS = (
    Search("AllergyIntolerance"),
    Search("MedicationStatement"),
    Search("Condition"),
    Search("DocumentReference"),
    Search("Communication"),
    Search("Observation", (("category", "vital-signs"),)),
    Search("Encounter"),
    Search("Appointment"),
)
"""Found by their search parameter `patient`. What is needed for safety comes first."""

ANSWERS = Search("QuestionnaireResponse")
"""Read by the ids that cases name: not every server finds them by patient."""

PATIENTS = Search("Patient")
CAN_BE_DELETED = ("Task", "Communication", "DocumentReference", "Appointment")


def my_appointments(practitioner_id: str) -> Search:
    """Return the search for the appointments of a clinician."""
    return Search("Appointment", (("practitioner", f"Practitioner/{practitioner_id}"),))


class _Reference(msgspec.Struct, frozen=True):
    reference: str = ""


class _Participant(msgspec.Struct, frozen=True):
    actor: _Reference = _Reference()


class _About(msgspec.Struct, frozen=True, rename="camel"):
    resource_type: str = ""
    id: str = ""
    subject: _Reference = _Reference()
    patient: _Reference = _Reference()
    for_: _Reference = msgspec.field(default=_Reference(), name="for")
    participant: tuple[_Participant, ...] = ()


_ABOUT = msgspec.json.Decoder(_About)


def people_of(raw: bytes) -> frozenset[str]:
    """Return `Patient/<id>` and `Practitioner/<id>` of all that a resource is about; the Patient itself included."""
    try:
        about = _ABOUT.decode(raw)
    except msgspec.DecodeError:
        return frozenset()
    named = [about.subject, about.patient, about.for_, *(each.actor for each in about.participant)]
    people = {"/".join(each.reference.split("/_history/")[0].split("/")[-2:]) for each in named if each.reference}
    if about.resource_type == "Patient":
        people.add(f"Patient/{about.id}")
    return frozenset(people)


def patients_of(raw: bytes) -> frozenset[str]:
    """Return the ids of the Patients that a resource is about."""
    return frozenset(each.removeprefix("Patient/") for each in people_of(raw) if each.startswith("Patient/"))
