"""Patients of the made-up clinic."""

from datetime import date, datetime

from teleconsole.demo.dice import Dice
from teleconsole.demo.fhir_values import Resource, concept, identifier, reference_to
from teleconsole.demo.names import LANGUAGES, Person

_INTERPRETER = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
_KNOWN_BIRTHDAYS = {"Amira Haddad": date(1992, 3, 12), "Ben Ode": date(1965, 5, 2)}
_STREETS = ("Mill Lane", "Station Road", "Chapel Street", "Orchard Close", "Harbour View", "Church Walk", "Quarry Hill")


def birth_date(person: Person, ages: tuple[int, int], dice: Dice, now: datetime) -> date:
    """A birthday that makes the person as old as the story needs on the day of `now`."""
    if person.name in _KNOWN_BIRTHDAYS:
        return _KNOWN_BIRTHDAYS[person.name]
    age = dice.between(*ages, "age", person.name)
    month, day = dice.between(1, 12, "month", person.name), dice.between(1, 28, "day", person.name)
    had_birthday = (month, day) <= (now.month, now.day)
    return date(now.year - age - (0 if had_birthday else 1), month, day)


def patient(person: Person, number: int, born: date, organization: Resource, dice: Dice) -> Resource:
    """The Patient of that person.

    Args:
        person: name, gender, language.
        number: place in the clinic's list; gives the MRN and the telephone number.
        born: birthday.
        organization: reference to the clinic.
        dice: gives id and address.
    """
    key = (person.name, number)
    resource: Resource = {
        "resourceType": "Patient",
        "id": dice.id("Patient", *key),
        "identifier": [
            {
                **identifier("mrn", f"HL{100200 + number * 37:06d}"),
                "use": "usual",
                "type": concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MR"),
            }
        ],
        "active": True,
        "name": [{"use": "official", "text": person.name, "family": person.family, "given": [person.given]}],
        # 07700 900000 to 900999 is kept free for stories
        "telecom": [{"system": "phone", "value": f"+44 7700 {900000 + number % 1000}", "use": "mobile"}],
        "gender": person.gender,
        "birthDate": born.isoformat(),
        "address": [
            {
                "use": "home",
                "line": [f"{dice.between(1, 88, 'house', *key)} {dice.pick(_STREETS, 'street', *key)}"],
                "city": "Ashcombe",
                "country": "GB",
            }
        ],
        "communication": [
            {"language": concept("urn:ietf:bcp:47", person.language, LANGUAGES[person.language]), "preferred": True}
        ],
        "managingOrganization": organization,
    }
    if person.interpreter:
        resource["extension"] = [{"url": _INTERPRETER, "valueBoolean": True}]
    return resource


def patient_reference(resource: Resource) -> Resource:
    """A reference with the patient's name."""
    return reference_to(resource, resource["name"][0]["text"])
