"""What truly lies on the FHIR server, asked directly and not through any part under test."""

from __future__ import annotations

import base64
import urllib.parse
from typing import Any

import httpx2

Resource = dict[str, Any]

REPLY_WITHIN_S = 15.0
MESSAGE_KIND = "urn:teleconsole:message-kind"
EVIDENCE_KIND = "urn:teleconsole:evidence-kind"
VISIT = "urn:teleconsole:visit"
CASE = "urn:teleconsole:case"


class Fhir:
    """A FHIR server by its base address."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._headers = {"Accept": "application/fhir+json"}

    def get(self, path: str) -> Resource:
        """One answer; `path` is relative to the base, e.g. "Patient/p1"."""
        url = f"{self.base}/{path}"
        with httpx2.Client(trust_env=False, timeout=REPLY_WITHIN_S, headers=self._headers) as client:
            answer = client.get(url).raise_for_status()
        return dict(answer.json())

    def search(self, kind: str, **parameters: str) -> list[Resource]:
        """All resources that match, over all pages; `_` in a parameter's name stands for `-`, except in front."""
        names = {name[0] + name[1:].replace("_", "-"): value for name, value in parameters.items()}
        bundle = self.get(f"{kind}?{urllib.parse.urlencode({'_count': '200', **names})}")
        found = [entry["resource"] for entry in bundle.get("entry", [])]
        while next_page := next((link["url"] for link in bundle.get("link", []) if link["relation"] == "next"), ""):
            bundle = self.get(next_page.removeprefix(f"{self.base}/"))
            found += [entry["resource"] for entry in bundle.get("entry", [])]
        return found

    def binary(self, reference: str) -> bytes:
        """The bytes of a Binary by its reference."""
        return base64.b64decode(self.get(reference)["data"])

    def patient_name(self, patient_id: str) -> str:
        """First and last name as the screen shows them."""
        name = self.get(f"Patient/{patient_id}")["name"][0]
        return " ".join([*name.get("given", []), name["family"]])

    def tasks(self, patient_id: str) -> list[Resource]:
        """The cases of a patient."""
        return self.search("Task", patient=f"Patient/{patient_id}")

    def messages(self, case_id: str, kind: str) -> list[str]:
        """The texts of a case's messages of this kind, in order of sending."""
        found = [
            each
            for each in self.search("Communication", based_on=f"Task/{case_id}")
            if has_code(each.get("category", []), MESSAGE_KIND, kind)
        ]
        found.sort(key=lambda each: str(each.get("sent", "")))
        return [part["contentString"] for each in found for part in each.get("payload", [])]

    def evidence(self, case_id: str, kind: str) -> list[Resource]:
        """The case's DocumentReferences of this kind."""
        return [
            each
            for each in self.search("DocumentReference", related=f"Task/{case_id}")
            if has_code(each.get("category", []), EVIDENCE_KIND, kind)
        ]

    def encounters(self, patient_id: str) -> list[Resource]:
        """The patient's visits."""
        return self.search("Encounter", patient=f"Patient/{patient_id}")

    def visit(self, patient_id: str, visit_id: str) -> Resource | None:
        """The Encounter of a visit, or None."""
        return next((each for each in self.encounters(patient_id) if identifier(each, VISIT) == visit_id), None)


def case_of(encounter: Resource) -> str:
    """The id of the case that a visit belongs to."""
    (reference,) = [each["valueReference"]["reference"] for each in encounter["extension"] if each["url"] == CASE]
    return str(reference).removeprefix("Task/")


def identifier(resource: Resource, system: str) -> str:
    """The value of the identifier of this system, or ""."""
    return next((str(each["value"]) for each in resource.get("identifier", []) if each.get("system") == system), "")


def has_code(concepts: list[Resource], system: str, code: str) -> bool:
    """Whether one of the concepts holds this code."""
    return any(
        coding.get("system") == system and coding.get("code") == code
        for concept in concepts
        for coding in concept.get("coding", [])
    )
