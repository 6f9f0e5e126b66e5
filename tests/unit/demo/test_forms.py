from datetime import UTC, datetime

import pytest

from teleconsole.demo.forms import Form, load_forms
from teleconsole.demo.stories.catalogue import STORIES
from teleconsole.demo.stories.story import Answer, Story
from teleconsole.host import paths

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PATIENT = {"reference": "Patient/p"}
FORMS = load_forms(paths.resources() / "questionnaires")
TYPES = {"group", "display", "boolean", "choice", "text", "string", "date", "integer", "decimal", "quantity"}


def all_items(items: list[dict[str, object]]) -> list[dict[str, object]]:
    found = []
    for item in items:
        found.append(item)
        inner = item.get("item")
        if isinstance(inner, list):
            found += all_items(inner)
    return found


def links(items: list[dict[str, object]]) -> set[object]:
    return {item["linkId"] for item in all_items(items)}


def skin(**answers: Answer) -> dict[str, Answer]:
    return {
        "reason": "A rash",
        "where": ["face"],
        "since": "today",
        "mole": False,
        "spreading": False,
        "itch": "none",
        "pain": False,
        "fever": False,
        "swelling": False,
        **answers,
    }


@pytest.mark.parametrize("name", sorted(FORMS))
def test_questionnaires_keep_to_the_subset_of_their_readme(name: str) -> None:
    form = FORMS[name].resource
    items = all_items(form["item"])
    assert form["url"] == f"urn:teleconsole:questionnaire:{name}"
    assert form["item"][0]["linkId"] == "reason"
    assert {item["type"] for item in items} <= TYPES
    names = [item["linkId"] for item in items]
    assert len(set(names)) == len(names)
    for item in items:
        conditions = item.get("enableWhen", [])
        assert isinstance(conditions, list)
        assert ("enableBehavior" in item) == (len(conditions) > 1)
        place = names.index(item["linkId"])
        for condition in conditions:
            assert condition["operator"] in {"=", "!="}
            assert condition["question"] in names[:place]
        if str(item["linkId"]).startswith(("emergency", "advice")):
            assert item["type"] == "display"


def test_questionnaires_are_of_the_five_case_types() -> None:
    assert set(FORMS) == {"skin", "wound", "blood-pressure", "mood", "general"}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.key)
def test_each_story_answers_what_its_patient_saw(story: Story) -> None:
    response = FORMS[story.case_type].response("r", story.intake, PATIENT, AT)
    assert set(story.intake) <= links(response["item"])
    senders = [line.sender for line in story.thread]
    assert "clinician" in senders
    assert story.thread[-1].outcome in {"advice", "prescription", "visit", "referral", "close"}
    assert [line.kind for line in story.thread].count("follow-up-question") == 1


def test_an_item_is_kept_only_while_its_condition_holds() -> None:
    form = FORMS["skin"]
    shown = form.response("r", skin(where=["leg"], side="left"), PATIENT, AT)
    assert "side" in links(shown["item"])
    with pytest.raises(ValueError, match="side"):
        form.response("r", skin(side="left"), PATIENT, AT)


def test_a_hidden_group_hides_what_is_in_it() -> None:
    with pytest.raises(ValueError, match="mole-bigger"):
        FORMS["skin"].response("r", {**skin(), "mole-bigger": True}, PATIENT, AT)


def test_an_emergency_text_appears_with_its_answer() -> None:
    form = FORMS["mood"]
    texts = {"emergency-thoughts", "emergency-not-safe"}
    worried = next(story for story in STORIES if story.key == "dark-thoughts")
    assert texts <= form.shown(worried.intake, AT)
    calm = next(story for story in STORIES if story.key == "well-and-stopping")
    assert not texts & form.shown(calm.intake, AT)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.key)
def test_no_story_is_less_urgent_than_its_questionnaire_says(story: Story) -> None:
    form = FORMS[story.case_type]
    order = ["routine", "asap", "urgent", "stat"]
    shown = form.shown(story.intake, AT)
    for item in all_items(form.resource["item"]):
        extensions = item.get("extension", [])
        assert isinstance(extensions, list)
        for extension in extensions:
            if extension["url"] == "urn:teleconsole:raises-priority" and item["linkId"] in shown:
                assert order.index(story.priority) >= order.index(extension["valueCode"]), item["linkId"]


def test_a_missing_required_answer_and_a_wrong_code_are_refused() -> None:
    incomplete = skin()
    del incomplete["itch"]
    with pytest.raises(ValueError, match="itch"):
        FORMS["skin"].response("r", incomplete, PATIENT, AT)
    with pytest.raises(ValueError, match="terribly"):
        FORMS["skin"].response("r", skin(itch="terribly"), PATIENT, AT)


def test_the_response_names_the_version_and_the_words_that_were_seen() -> None:
    form: Form = FORMS["skin"]
    response = form.response("r", skin(), PATIENT, AT)
    assert response["questionnaire"] == "urn:teleconsole:questionnaire:skin|1"
    assert response["item"][0] == {
        "linkId": "reason",
        "text": form.resource["item"][0]["text"],
        "answer": [{"valueString": "A rash"}],
    }
