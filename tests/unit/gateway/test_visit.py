"""The way of a patient through a visit, over real sockets."""

from tests.unit.gateway.clinic import BIRTH_DATE, TestClinic


async def test_visit_from_link_to_end(clinic: TestClinic) -> None:
    visit_id, link = await clinic.visit()
    clinician = await clinic.signal()
    await clinician.until("clinician-welcome", practitionerId="dr-moss")
    room = await clinician.until("waiting-room")
    assert [(card["visitId"], card["stage"]) for card in room["patients"]] == [(visit_id, "expected")]
    async with clinic.browser() as browser:
        status, session = await browser.open(link)
        assert (status, session["visitId"], session["firstName"]) == (200, visit_id, "Ida")
        page = await browser.signal()
        welcome = await page.until("patient-welcome")
        assert (welcome["stage"], welcome["clinicianState"]) == ("checking", "available")
        await page.send("device-report", result="ok")
        await page.send("enter-waiting-room", consented=True)
        while True:
            card = (await clinician.until("waiting-room"))["patients"][0]
            if card["stage"] == "waiting":
                break
        assert card["devices"] == "ok" and card["consented"] and card["sinceMs"] > 0 and card["caseId"] == "t1"
        await clinician.send("message-waiting", visitId=visit_id, messageId="message-1", text="Two more minutes")
        line = await page.until("waiting-message")
        assert line["text"] == "Two more minutes"
        await page.send("delivered", visitId=visit_id, messageId="message-1")
        await clinician.until("delivered", messageId="message-1")
        await clinician.send("admit", visitId=visit_id)
        admitted = await page.until("admitted")
        assert admitted["iceServers"][0]["username"].endswith(f":{visit_id}")
        await clinician.until("admitted", visitId=visit_id)
        await clinician.send("offer", visitId=visit_id, generation=1, sdp="v=0", commitment="aa")
        assert (await page.until("offer"))["sdp"] == "v=0"
        await page.send("answer", visitId=visit_id, generation=1, sdp="v=0 answer", nonce="bb")
        assert (await clinician.until("answer"))["nonce"] == "bb"
        await page.send("candidate", visitId=visit_id, generation=1, candidate="")
        await clinician.until("candidate")
        await clinician.send("end-visit", visitId=visit_id)
        assert (await page.until("visit-ended"))["reason"] == "ended-by-clinician"
        await page.close()
    async with clinic.browser() as other:
        assert await other.open(link) == (401, {"problem": "birth-date-needed"})
        assert (await other.open(link, "1980-03-01"))[1] == {"problem": "birth-date-wrong"}
        assert (await other.open(link, BIRTH_DATE))[0] == 200
    await clinician.close()
