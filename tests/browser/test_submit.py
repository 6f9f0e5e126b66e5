"""The submission page from the link to the receipt, then the thread and the call from a case."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import BrowserContext, Page, expect
from tests.browser.conftest import Watch
from tests.browser.gateway_double import GatewayDouble

from teleconsole.host import paths

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLAYS = """async () => {
  const video = document.querySelector("video[controls]");
  await video.play();
  while (video.currentTime < 0.2) await new Promise((next) => video.requestVideoFrameCallback(next));
}"""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "extension": [
        {"url": "urn:teleconsole:asks-for", "valueCode": kind}
        for kind in ("photo", "video", "document", "blood-pressure", "weight")
    ],
    "item": [
        {"linkId": "reason", "text": "In one line, what is it about?", "type": "string", "required": True},
        {
            "linkId": "skin",
            "text": "Your skin",
            "type": "group",
            "item": [
                {"linkId": "itches", "text": "Does it itch?", "type": "boolean", "required": True},
                {
                    "linkId": "how-much",
                    "text": "How much, from 0 to 10?",
                    "type": "integer",
                    "required": True,
                    "enableWhen": [{"question": "itches", "operator": "=", "answerBoolean": True}],
                    "extension": [
                        {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 0},
                        {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 10},
                    ],
                },
                {"linkId": "breath", "text": "Is it hard to breathe?", "type": "boolean"},
                {
                    "linkId": "emergency-breath",
                    "text": "Call the emergency number now.",
                    "type": "display",
                    "extension": [{"url": "urn:teleconsole:display-kind", "valueCode": "emergency"}],
                    "enableWhen": [{"question": "breath", "operator": "=", "answerBoolean": True}],
                },
                {
                    "linkId": "where",
                    "text": "Where is it?",
                    "type": "choice",
                    "repeats": True,
                    "answerOption": [
                        {"valueCoding": {"system": "s", "code": "arm", "display": "Arm"}},
                        {"valueCoding": {"system": "s", "code": "leg", "display": "Leg"}},
                    ],
                },
                {"linkId": "more", "text": "Anything else?", "type": "text"},
            ],
        },
    ],
}


@pytest.fixture
def questionnaire() -> dict[str, Any]:
    return FORM


async def open_submission(context: BrowserContext, origin: str) -> Page:
    """Open the link and press the button."""
    page = await context.new_page()
    await page.goto(f"{origin}/s#submit-token")
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("heading", name="What is it about?")).to_be_visible()
    return page


async def go_on(page: Page) -> None:
    """Press the button that leads to the next step."""
    await page.get_by_role("button", name="Go on", exact=True).click()


async def answer_all(page: Page) -> None:
    """Fill in the questions."""
    await page.get_by_label("In one line, what is it about?").fill("Spots on my arm")
    await go_on(page)
    await page.get_by_role("group", name="Does it itch?").get_by_label("Yes").check()
    await page.get_by_label("How much, from 0 to 10?").fill("7")
    await page.get_by_label("Arm").check()
    await page.get_by_label("Leg").check()
    await page.get_by_label("Anything else?").fill("Since Sunday.\nIt is worse at night.")
    await go_on(page)


def make_photos(folder: Path, count: int) -> list[Path]:
    """Write photos that differ."""
    photos = []
    for number in range(count):
        photo = folder / f"photo-{number}.jpg"
        Image.effect_noise((1200, 900), 60 + number).convert("RGB").save(photo, quality=92)
        photos.append(photo)
    return photos


async def test_the_whole_way_to_a_receipt(
    context: BrowserContext, origin: str, double: GatewayDouble, watch: Watch, tmp_path: Path
) -> None:
    watch.allowed = ("Failed to load resource",)  # the link is broken on purpose
    double.break_patches = 2
    page = await open_submission(context, origin)
    await answer_all(page)

    photos = make_photos(tmp_path, 3)
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose one I have").click()
    await (await chooser.value).set_files(photos)
    await expect(page.get_by_role("list", name="Your photos").get_by_role("listitem")).to_have_count(3)
    await expect(page.locator(".uploads .done")).to_have_count(3)
    assert len(double.broken) == 2
    assert all(offset > 0 for offset in double.broken)
    await go_on(page)

    await page.get_by_role("button", name="Turn the camera on").click()
    await page.get_by_role("button", name="Start recording").click()
    await expect(page.get_by_text("0:02 of 2:00")).to_be_visible()
    await page.get_by_role("button", name="Stop").click()
    await expect(page.get_by_role("heading", name="Look at your video")).to_be_visible()
    await page.evaluate(PLAYS)
    await page.get_by_role("button", name="Use this video").click()
    await go_on(page)

    document = tmp_path / "letter.pdf"
    document.write_bytes(PDF)
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose a document").click()
    await (await chooser.value).set_files(document)
    await go_on(page)

    await page.get_by_label("Upper number").fill("85")
    await page.get_by_label("Lower number").fill("135")
    await page.get_by_role("button", name="Add this reading").click()
    await expect(page.locator("#m-fault")).to_contain_text("Did you swap them?")
    await page.get_by_label("Upper number").fill("190")
    await page.get_by_label("Lower number").fill("95")
    await expect(page.locator("#m-hint")).to_contain_text("unusual")
    await page.get_by_role("button", name="Add this reading").click()
    await expect(page.get_by_text("190 over 95 mmHg", exact=True)).to_be_visible()
    await go_on(page)
    await page.get_by_label("Weight in kg").fill("71,5")
    await page.get_by_role("button", name="Add this reading").click()
    await go_on(page)

    await expect(page.get_by_role("heading", name="Is all of this right?")).to_be_visible()
    await expect(page.get_by_text("Arm, Leg")).to_be_visible()
    double.server_away = 1
    await page.get_by_role("button", name="Send to the clinic").click()
    await expect(page.get_by_role("heading", name="Kept safe, not there yet")).to_be_visible()
    await expect(page.get_by_text("Receipt R-4711")).to_be_visible(timeout=8_000)

    assert len(double.submissions) == 1
    assert double.answers == {
        "reason": "Spots on my arm",
        "itches": True,
        "how-much": 7,
        "where": ["arm", "leg"],
        "more": "Since Sunday.\nIt is worse at night.",
    }
    sent = {upload.entry["name"]: bytes(upload.data) for upload in double.uploads.values()}
    assert [sent[photo.name] == photo.read_bytes() for photo in photos] == [True, True, True]
    assert sent["letter.pdf"] == PDF
    assert sent["Video message.webm"].startswith(b"\x1a\x45\xdf\xa3")
    assert [(each.get("systolic"), each.get("weightKg")) for each in double.measurements] == [(190, None), (None, 71.5)]


async def test_questions_branch_and_say_what_is_missing(
    context: BrowserContext, origin: str, double: GatewayDouble
) -> None:
    page = await open_submission(context, origin)
    await go_on(page)
    await expect(page.get_by_text("Please answer this question.")).to_be_visible()
    reason = page.get_by_label("In one line, what is it about?")
    await expect(reason).to_be_focused()
    await reason.fill("Spots")
    await go_on(page)
    how_much = page.get_by_label("How much, from 0 to 10?")
    await expect(how_much).to_be_hidden()
    await page.get_by_role("group", name="Does it itch?").get_by_label("Yes").check()
    await how_much.fill("11")
    await go_on(page)
    await expect(page.get_by_text("The biggest is 10.")).to_be_visible()
    await page.get_by_role("group", name="Does it itch?").get_by_label("No").check()
    await expect(how_much).to_be_hidden()
    await page.get_by_role("group", name="Is it hard to breathe?").get_by_label("Yes").check()
    await expect(page.locator("main").get_by_text("Call the emergency number now.")).to_be_visible()
    await go_on(page)
    await expect(page.locator("main").get_by_text("Call the emergency number now.")).to_be_visible()
    await page.reload()  # taken up again at the same step
    await expect(page.get_by_role("heading", name="Show us with photos")).to_be_visible()
    for _ in range(2):
        await page.get_by_role("button", name="Back").click()
    await expect(page.get_by_label("In one line, what is it about?")).to_have_value("Spots")
    assert double.answers == {"reason": "Spots", "itches": False, "breath": True}


async def test_bad_pictures_are_refused_in_words(context: BrowserContext, origin: str, tmp_path: Path) -> None:
    page = await open_submission(context, origin)
    await answer_all(page)
    drawing = tmp_path / "drawing.jpg"
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    huge = tmp_path / "huge.png"
    Image.new("1", (20_000, 20_000)).save(huge)
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose one I have").click()
    await (await chooser.value).set_files([drawing, huge])
    await expect(page.locator("main").get_by_text("drawing.jpg: This picture can't be read.")).to_be_visible()
    await expect(page.locator("main").get_by_text("huge.png: This picture is too big")).to_be_visible()


async def test_replies_come_once_and_a_question_is_answered(
    context: BrowserContext, origin: str, double: GatewayDouble
) -> None:
    double.submissions.append("sent-before")
    page = await context.new_page()
    await page.clock.install()
    await page.goto(f"{origin}/s#submit-token")
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("heading", name="Sent to your clinic")).to_be_visible()
    entry = {"id": "r1", "from": "clinician", "text": "Use the cream.", "sent": "2026-11-01T10:00:00Z", "kind": "reply"}
    double.thread.append(entry)
    double.thread.append(entry | {"id": "q1", "text": "Any fever?", "kind": "follow-up-question"})
    await page.clock.run_for(9_000)
    await expect(page.get_by_role("list", name="Messages").get_by_role("listitem")).to_have_count(2)
    await page.clock.run_for(9_000)
    await page.get_by_label("Your answer").fill("No fever.")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("list", name="Messages").get_by_role("listitem")).to_have_count(3)
    assert [(each["text"], each["inResponseTo"]) for each in double.messages] == [("No fever.", "q1")]
    await expect(page.get_by_label("Write to the clinic")).to_have_value("")


async def test_a_call_from_the_case_leads_to_the_visit(
    context: BrowserContext, origin: str, double: GatewayDouble
) -> None:
    double.submissions.append("sent-before")
    page = await context.new_page()
    await page.goto(f"{origin}/s#submit-token")
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("heading", name="Sent to your clinic")).to_be_visible()
    await double.submit_page_came.wait()
    await double.call_from_case()
    await expect(page.get_by_role("heading", name="Dr Calder is calling you")).to_be_visible()
    await page.get_by_role("button", name="Join the call").click()
    await expect(page.get_by_role("heading", name="Can you see and hear?")).to_be_visible()
    await page.get_by_role("button", name="Yes, it works").click()


@pytest.mark.parametrize("name", ["skin", "wound", "blood-pressure", "mood", "general"])
async def test_every_questionnaire_of_the_product_can_be_shown(
    context: BrowserContext, origin: str, double: GatewayDouble, name: str
) -> None:
    double.questionnaire = json.loads((paths.resources() / "questionnaires" / f"{name}.json").read_text())
    page = await open_submission(context, origin)
    faults = await page.evaluate(
        """async (form) => {
          const { QuestionPage } = await import("/pages/questionnaire_view.js");
          const words = (top) => new QuestionPage(form.item, top, {}, () => {}).element.textContent;
          return form.item.map((top) => words(top).includes("undefined"));
        }""",
        double.questionnaire,
    )
    assert faults == [False] * len(faults)
    assert faults
