"""Reads a QuestionnaireResponse into questions and answers in words; answers that raise an alarm are marked."""

import functools
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from teleconsole.contracts.cases import Answer
from teleconsole.host.paths import resources
from teleconsole.vault.store import fhir_read as fhir
from teleconsole.vault.store.fhir_read import OWN, Node

_MAX_ANSWERS = 500
_DEPTH = 8
_CANONICAL = re.compile(r"^urn:teleconsole:questionnaire:([a-z][a-z0-9-]{0,40})(\||$)")


def read_answers(response: dict[str, Node]) -> list[Answer]:
    """Return every answered item, in order, at most 500."""
    found = _CANONICAL.match(fhir.text(response, "questionnaire"))
    alarms = alarming_answers(found.group(1)) if found else frozenset()
    return [answer for answer, _ in zip(_walk(response, "", alarms, 0), range(_MAX_ANSWERS), strict=False)]


def _walk(node: Node, group: str, alarms: frozenset[tuple[str, str]], depth: int) -> Iterator[Answer]:
    if depth > _DEPTH:
        return
    for item in fhir.objects(node, "item"):
        question, link = fhir.text(item, "text"), fhir.text(item, "linkId")
        values = [_value(answer) for answer in fhir.objects(item, "answer")]
        shown = [words for words, _ in values if words]
        if shown:
            yield Answer(question or link, ", ".join(shown), any((link, code) in alarms for _, code in values), group)
        yield from _walk(item, group if shown else question, alarms, depth + 1)
        for answer in fhir.objects(item, "answer"):
            yield from _walk(answer, group, alarms, depth + 1)


def _value(answer: dict[str, Node]) -> tuple[str, str]:
    """Return an answer in words, and as a condition of a questionnaire compares it."""
    for name, value in answer.items():
        match name:
            case "valueBoolean" if isinstance(value, bool):
                return ("yes" if value else "no"), str(value).lower()
            case "valueCoding":
                return fhir.text(value, "display") or fhir.text(value, "code"), fhir.text(value, "code")
            case "valueQuantity":
                number = fhir.number(value, "value")
                unit = fhir.text(value, "unit") or fhir.text(value, "code")
                return ("" if number is None else f"{number:g} {unit}".strip()), ""
            case "valueInteger" | "valueDecimal":
                number = fhir.number(value)
                return ("" if number is None else f"{number:g}"), ("" if number is None else f"{number:g}")
            case "valueString" | "valueDate" | "valueDateTime" | "valueTime" | "valueUri" if isinstance(value, str):
                return fhir.text(value).strip(), ""
            case _:
                continue
    return "", ""


@functools.lru_cache(maxsize=64)
def alarming_answers(questionnaire: str) -> frozenset[tuple[str, str]]:
    """Return (linkId, answer) pairs that make one of our own questionnaires raise the priority."""
    file = resources() / "questionnaires" / f"{questionnaire}.json"
    if not file.is_file():
        return frozenset()
    return frozenset(_conditions(msgspec.json.decode(file.read_bytes())))


def _conditions(node: Any) -> Iterator[tuple[str, str]]:
    for item in fhir.objects(node, "item"):
        if fhir.extension(item, OWN + "raises-priority"):
            for condition in fhir.objects(item, "enableWhen"):
                if fhir.text(condition, "operator") == "=":
                    value = condition.get("answerBoolean")
                    answer = (
                        str(value).lower() if isinstance(value, bool) else fhir.text(condition, "answerCoding", "code")
                    )
                    yield fhir.text(condition, "question"), answer
        yield from _conditions(item)
