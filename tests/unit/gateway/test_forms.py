"""Answers against their Questionnaire: types, branching, required items, bounds, priority."""

import json
from typing import Any

import pytest
from tests.unit.gateway.patient import ANSWERS

from teleconsole.gateway.forms import FilledForm
from teleconsole.gateway.problems import Refused
from teleconsole.host import paths

FOLDER = paths.resources() / "questionnaires"
SKIN = json.loads((FOLDER / "skin.json").read_text())
BY_TYPE: dict[str, Any] = {
    "item": [
        {"linkId": "whole", "type": "integer", "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 0},
            {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 10}]},
        {"linkId": "day", "type": "date"},
        {"linkId": "short", "type": "string", "maxLength": 5},
        {"linkId": "yes", "type": "boolean"},
        {"linkId": "warm", "type": "quantity", "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
             "valueCoding": {"system": "http://unitsofmeasure.org", "code": "Cel", "display": "°C"}}]},
        {"linkId": "shown-if", "type": "string", "required": True, "enableWhen": [
            {"question": "whole", "operator": "!=", "answerInteger": 3}]},
    ]
}  # fmt: skip


def items(questionnaire: Any, answers: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def walk(level: list[Any]) -> None:
        for item in level:
            if "answer" in item:
                found[item["linkId"]] = item["answer"]
            walk(item.get("item", []))

    walk(FilledForm(questionnaire, answers).items)
    return found


def refused(questionnaire: Any, answers: dict[str, Any]) -> object:
    with pytest.raises(Refused) as refusal:
        FilledForm(questionnaire, answers)
    return refusal.value.details["linkIds"]


def test_codes_come_with_the_words_that_were_seen() -> None:
    found = items(SKIN, ANSWERS)
    assert found["where"] == [
        {"valueCoding": {"system": "urn:teleconsole:answer", "code": "arm", "display": "Arm or hand"}}
    ]
    assert FilledForm(SKIN, ANSWERS).items[0]["text"].startswith("In one short line")


def test_hidden_answers_are_left_out() -> None:
    found = items(SKIN, ANSWERS | {"where": ["face"], "had-before-what": "hidden", "spreading-speed": "hours"})
    assert not {"side", "had-before-what", "spreading-speed"} & set(found)


def test_priority_rises_only_while_the_warning_is_shown() -> None:
    glass = {"spreading-speed": "hours", "fade": "stay"}
    assert FilledForm(SKIN, ANSWERS | glass).priority == "routine"
    assert FilledForm(SKIN, ANSWERS | glass | {"spreading": True}).priority == "stat"


def test_numbers_dates_and_units() -> None:
    assert items(BY_TYPE, {"whole": 3, "day": "2026-02-28", "yes": True, "warm": 38.5}) == {
        "whole": [{"valueInteger": 3}],
        "day": [{"valueDate": "2026-02-28"}],
        "yes": [{"valueBoolean": True}],
        "warm": [
            {"valueQuantity": {"value": 38.5, "unit": "°C", "system": "http://unitsofmeasure.org", "code": "Cel"}}
        ],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"whole": 11}, {"whole": -1}, {"whole": 2.5}, {"whole": True}, {"whole": "3"}, {"whole": [3]},
        {"day": "2026-02-30"}, {"day": "20260228"}, {"day": 5}, {"short": "longer"}, {"short": 5}, {"yes": "yes"},
        {"warm": float("inf")}, {"unknown": 1},
    ],
)  # fmt: skip
def test_answers_of_the_wrong_kind_are_named(wrong: dict[str, Any]) -> None:
    assert refused(BY_TYPE, {"whole": 3} | wrong) == sorted(wrong)


def test_required_only_while_shown() -> None:
    assert refused(BY_TYPE, {"whole": 4}) == ["shown-if"]
    assert refused(BY_TYPE, {"whole": 4, "shown-if": " \x00"}) == ["shown-if"]
    assert items(BY_TYPE, {}) == {}


@pytest.mark.parametrize("name", ["skin", "wound", "blood-pressure", "mood", "general"])
def test_every_questionnaire_asks_for_its_reason(name: str) -> None:
    assert "reason" in str(refused(json.loads((FOLDER / f"{name}.json").read_text()), {}))
