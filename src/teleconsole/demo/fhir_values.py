"""Small FHIR R4 values as JSON objects, and the names of our systems (docs/fhir-mapping.md)."""

from datetime import UTC, datetime
from typing import Any, TypeAlias

Resource: TypeAlias = dict[str, Any]
"""A FHIR resource or a part of one, as JSON."""

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
OWN = "urn:teleconsole"


def reference(resource_type: str, resource_id: str, display: str = "") -> Resource:
    """A relative reference, with the words for a person when given."""
    value: Resource = {"reference": f"{resource_type}/{resource_id}"}
    if display:
        value["display"] = display
    return value


def reference_to(resource: Resource, display: str = "") -> Resource:
    """A relative reference to a whole resource."""
    return reference(resource["resourceType"], resource["id"], display)


def coding(system: str, code: str, display: str = "") -> Resource:
    """A Coding."""
    value: Resource = {"system": system, "code": code}
    if display:
        value["display"] = display
    return value


def concept(system: str, code: str, display: str = "") -> Resource:
    """A CodeableConcept of one coding; `display` is its text too."""
    value: Resource = {"coding": [coding(system, code, display)]}
    if display:
        value["text"] = display
    return value


def identifier(system: str, value: str) -> Resource:
    """An Identifier of one of our systems: `system` is the part after `urn:teleconsole:`."""
    return {"system": f"{OWN}:{system}", "value": value}


def quantity(value: float, unit: str, code: str) -> Resource:
    """A Quantity in UCUM."""
    return {"value": value, "unit": unit, "system": UCUM, "code": code}


def date_time(at: datetime) -> str:
    """A FHIR instant in UTC, to the second.

    Args:
        at: aware.
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
