"""The Hollow Lane Clinic: its organisation and its three clinicians."""

from dataclasses import dataclass

from teleconsole.demo.dice import Dice
from teleconsole.demo.fhir_values import Resource, identifier, reference_to

CLINIC_NAME = "Hollow Lane Clinic"


@dataclass(frozen=True, slots=True)
class Clinician:
    """Someone who works there.

    Attributes:
        code: their number in the clinic.
        prefix: title.
        given: first name.
        family: last name.
        gender: FHIR.
        role: for the screen.
    """

    code: str
    prefix: str
    given: str
    family: str
    gender: str
    role: str

    @property
    def name(self) -> str:
        """Title, first and last name."""
        return f"{self.prefix} {self.given} {self.family}"


CLINICIANS = (
    Clinician("HLC-101", "Dr", "Ruth", "Calder", "female", "General practitioner"),
    Clinician("HLC-102", "Dr", "Tomasz", "Wilk", "male", "Dermatologist"),
    Clinician("HLC-103", "Sr", "Ngozi", "Eze", "female", "Wound care nurse"),
)
"""The first one is signed in at the demo's console."""


def organization(dice: Dice) -> Resource:
    """The clinic."""
    return {
        "resourceType": "Organization",
        "id": dice.id("Organization"),
        "identifier": [identifier("organization", "HLC")],
        "active": True,
        "name": CLINIC_NAME,
        "telecom": [{"system": "phone", "value": "+44 1632 960100", "use": "work"}],
        "address": [{"line": ["4 Hollow Lane"], "city": "Ashcombe", "country": "GB"}],
    }


def practitioner(clinician: Clinician, dice: Dice) -> Resource:
    """One clinician."""
    return {
        "resourceType": "Practitioner",
        "id": dice.id("Practitioner", clinician.code),
        "identifier": [identifier("clinician", clinician.code)],
        "active": True,
        "name": [
            {
                "use": "official",
                "text": clinician.name,
                "family": clinician.family,
                "given": [clinician.given],
                "prefix": [clinician.prefix],
            }
        ],
        "gender": clinician.gender,
        "qualification": [{"code": {"text": clinician.role}}],
    }


def staff(dice: Dice) -> tuple[list[Resource], list[Resource]]:
    """The Practitioners, and a reference with the name to each, in the order of `CLINICIANS`."""
    people = [practitioner(clinician, dice) for clinician in CLINICIANS]
    return people, [reference_to(person, person["name"][0]["text"]) for person in people]
