"""A patient's answers, checked against their Questionnaire, as the items of a QuestionnaireResponse.

The subset of Questionnaire is the one of resources/questionnaires/README.md. Nothing that a browser sent goes on as it
came: each value is taken apart by the type of its item and written anew.
"""

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

from teleconsole.gateway.fhir_client import Resource
from teleconsole.gateway.problems import Refused
from teleconsole.gateway.text import clean
from teleconsole.host import limits

MIN_VALUE = "http://hl7.org/fhir/StructureDefinition/minValue"
MAX_VALUE = "http://hl7.org/fhir/StructureDefinition/maxValue"
UNIT = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit"
RAISES_PRIORITY = "urn:teleconsole:raises-priority"
PRIORITIES = ("routine", "urgent", "asap", "stat")

Values = dict[str, list[Resource]]
"""By linkId the values of `answer[]`, such as `{"valueBoolean": true}`."""


class FilledForm:
    """One Questionnaire with the answers of a patient.

    Args:
        questionnaire: the Questionnaire.
        answers: linkId to value, as docs/signalling.md has them.

    Raises:
        Refused: `answers-invalid` with the linkIds that are unknown, of the wrong type, out of bounds, or missing.
    """

    def __init__(self, questionnaire: Resource, answers: dict[str, Any]) -> None:
        self._items: list[Resource] = questionnaire.get("item", [])
        by_link = {str(item["linkId"]): item for item in _walk(self._items)}
        wrong = [link for link in answers if link not in by_link or by_link[link]["type"] in ("group", "display")]
        misfits: list[str] = []
        self._values: Values = {}
        for link, answer in answers.items():
            if link in wrong or answer is None or answer == "" or answer == []:
                continue
            values = _values(by_link[link], answer)
            if values is None:
                misfits.append(link)
            else:
                self._values[link] = values
        self._shown = self._shown_links()
        wrong += [link for link in misfits if link in self._shown]
        wrong += [
            str(item["linkId"])
            for item in _walk(self._items)
            if item.get("required") and item["linkId"] in self._shown and not self._is_answered(item)
        ]
        if wrong:
            raise Refused(422, "answers-invalid", linkIds=sorted(set(wrong)))

    @property
    def items(self) -> list[Resource]:
        """The items of the QuestionnaireResponse: those that were shown and answered, with the words that were seen."""
        return self._answered(self._items)

    @property
    def priority(self) -> str:
        """The priority that the answers ask for at least."""
        raised = ["routine"]
        for item in _walk(self._items):
            if item["linkId"] in self._shown:
                raised += [str(each.get("valueCode")) for each in _extensions(item, RAISES_PRIORITY)]
        return max((each for each in raised if each in PRIORITIES), key=PRIORITIES.index)

    def text_of(self, link_id: str) -> str:
        """Return the text that was answered to an item that was shown, empty when there is none."""
        values = self._values.get(link_id, []) if link_id in self._shown else []
        return str(values[0].get("valueString", "")) if values else ""

    def _answered(self, items: list[Resource]) -> list[Resource]:
        answered = []
        for item in items:
            if item["linkId"] not in self._shown:
                continue
            kept: Resource = {"linkId": item["linkId"], "text": item.get("text", "")}
            if item["type"] == "group":
                kept["item"] = self._answered(item.get("item", []))
                if kept["item"]:
                    answered.append(kept)
            elif item["linkId"] in self._values:
                answered.append(kept | {"answer": self._values[item["linkId"]]})
        return answered

    def _is_answered(self, item: Resource) -> bool:
        if item["type"] in ("group", "display"):
            return True  # what is required in a group stands at its items
        return item["linkId"] in self._values

    def _shown_links(self) -> frozenset[str]:
        """Return the items whose conditions hold; a hidden question fits none, a hidden group hides all in it."""
        shown: set[str] = set()
        self._show(self._items, shown)
        return frozenset(shown)

    def _show(self, items: list[Resource], shown: set[str]) -> None:
        for item in items:  # conditions look back only, so one walk in order is enough
            conditions = item.get("enableWhen", [])
            holds = [self._holds(condition, shown) for condition in conditions]
            if holds and not (any(holds) if item.get("enableBehavior") == "any" else all(holds)):
                continue
            shown.add(str(item["linkId"]))
            self._show(item.get("item", []), shown)

    def _holds(self, condition: Resource, shown: set[str]) -> bool:
        question = str(condition["question"])
        values = self._values.get(question, []) if question in shown else []
        wants_equal = condition["operator"] == "="
        return any(_same(value, condition) == wants_equal for value in values)


def _walk(items: list[Resource]) -> Iterator[Resource]:
    for item in items:
        yield item
        yield from _walk(item.get("item", []))


def _extensions(item: Resource, url: str) -> list[Resource]:
    return [each for each in item.get("extension", []) if each.get("url") == url]


def _same(value: Resource, condition: Resource) -> bool:
    if "answerCoding" in condition:
        coding, wanted = value.get("valueCoding", {}), condition["answerCoding"]
        return (coding.get("system"), coding.get("code")) == (wanted.get("system"), wanted.get("code"))
    for name in ("Boolean", "Integer", "String", "Date", "Decimal"):
        if f"answer{name}" in condition:
            return bool(value.get(f"value{name}") == condition[f"answer{name}"])
    return False


def _values(item: Resource, answer: Any) -> list[Resource] | None:
    """Return the values of an answer, None when it does not fit its item."""
    parts = answer if isinstance(answer, list) else [answer]
    if isinstance(answer, list) != bool(item.get("repeats")) or len(parts) > limits.GATEWAY_ANSWERS:
        return None
    values: list[Resource] = []
    for part in parts:
        value = _value(item, part)
        if value is None:
            return None
        if value not in values:
            values.append(value)
    return values


def _value(item: Resource, part: Any) -> Resource | None:
    match item["type"]:
        case "boolean":
            return {"valueBoolean": part} if isinstance(part, bool) else None
        case "string" | "text":
            return _text(item, part)
        case "date":
            return _date(part)
        case "choice":
            return _choice(item, part)
        case "integer" | "decimal" | "quantity":
            return _number(item, part)
        case _:
            return None


def _text(item: Resource, part: Any) -> Resource | None:
    if not isinstance(part, str):
        return None
    text = clean(part)
    longest = min(int(item.get("maxLength", limits.GATEWAY_ANSWER_CHARS)), limits.GATEWAY_ANSWER_CHARS)
    return {"valueString": text} if text and len(text) <= longest else None


def _date(part: Any) -> Resource | None:
    try:
        return {"valueDate": date.fromisoformat(part).isoformat()} if len(part) == 10 else None
    except (TypeError, ValueError):
        return None


def _choice(item: Resource, part: Any) -> Resource | None:
    for option in item.get("answerOption", []):
        coding = option.get("valueCoding")
        if coding is not None and coding.get("code") == part:
            return {"valueCoding": {name: coding[name] for name in ("system", "code", "display") if name in coding}}
    return None


def _number(item: Resource, part: Any) -> Resource | None:
    kind = item["type"]
    if isinstance(part, bool) or not isinstance(part, int | float) or not math.isfinite(part):
        return None
    if kind == "integer" and part != int(part):
        return None
    if any(part < least for least in _bounds(item, MIN_VALUE)):
        return None
    if any(part > most for most in _bounds(item, MAX_VALUE)):
        return None
    if kind == "integer":
        return {"valueInteger": int(part)}
    if kind == "decimal":
        return {"valueDecimal": part}
    units = [each.get("valueCoding", {}) for each in _extensions(item, UNIT)]
    unit = units[0] if units else {}
    quantity = {"value": part, "unit": unit.get("display", unit.get("code")), **_unit_code(unit)}
    return {"valueQuantity": {name: value for name, value in quantity.items() if value is not None}}


def _bounds(item: Resource, url: str) -> list[int | float]:
    values = [value for each in _extensions(item, url) for name, value in each.items() if name.startswith("value")]
    return [value for value in values if isinstance(value, int | float)]


def _unit_code(unit: Resource) -> Resource:
    return {name: unit[name] for name in ("system", "code") if name in unit}
