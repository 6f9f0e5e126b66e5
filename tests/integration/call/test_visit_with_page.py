"""The call process and the real patient's page in a real Chromium, over the real gateway, at 360p15."""

import hashlib
import io
import re
from pathlib import Path

from PIL import Image
from playwright.async_api import expect
from tests.integration.call.chromium import chromium
from tests.integration.call.clinic_call import clinic_call
from tests.integration.call.real_page import KEEP_PEERS, numbers_in, open_waiting_room
from tests.integration.call.waiting import until
from tests.journeys.rig import counter
from tests.journeys.rig.net import Net
from tests.journeys.rig.tones import pulsed_tone, write_wav

from teleconsole.contracts.call import CaptureStill, ChatChanged, HangUp, ItemSealed, SendChat
from teleconsole.contracts.dropbox import ChatItem, PhotoItem

PICTURE_CODECS = ["VP8/90000", "rtx/90000", "red/90000", "rtx/90000", "ulpfec/90000"]


async def test_page_pictures_words_chat_reload_and_end(net: Net, tmp_path: Path) -> None:
    camera = counter.write_mjpeg(tmp_path / "camera.mjpeg", 300)
    microphone = write_wav(tmp_path / "voice.wav", pulsed_tone(440, 6))
    flags = (f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={microphone}")
    async with clinic_call(tmp_path) as call, chromium(*flags, frames_per_s=15) as browser:
        page = await open_waiting_room(browser, call.link, KEEP_PEERS)
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        video = (await page.evaluate("peers.at(-1).localDescription.sdp")).partition("m=video")[2]
        assert re.findall(r"a=rtpmap:\d+ (\S+)", video) == PICTURE_CODECS
        await until(lambda: call.remote.look() >= 8, "8 numbers in the patient's picture")
        assert len(await numbers_in(page, 8)) >= 8

        await page.get_by_text("Safety code", exact=True).click()
        assert len(call.snapshot.safety_words) == 4
        await expect(page.locator(".safety")).to_have_text(" · ".join(call.snapshot.safety_words))
        assert call.snapshot.patient_camera_on
        await until(lambda: call.stats and call.stats[-1].stats.audio_level_in > 0.005, "the patient's tone is heard")

        line_id = await call.peer.ask(SendChat("Since when?"))

        def acknowledged() -> bool:
            return any(c.item_id == line_id and c.state == "acknowledged" for c in call.of(ChatChanged))

        await until(acknowledged, "the page has our line")
        await call.peer.ask(CaptureStill())

        await page.reload()
        before = len(call.remote.numbers)
        await until(lambda: call.remote.look() > before + 5, "the picture goes on after a reload", within_s=15)
        assert call.snapshot.phase == "connected"
        await page.get_by_role("button", name="Chat").click()
        await page.get_by_role("textbox", name="Write a message").fill("Since Monday.")
        await page.keyboard.press("Enter")
        await until(lambda: any(c.from_patient for c in call.of(ChatChanged)), "the patient's line")
        picture = tmp_path / "spots.jpg"
        Image.effect_noise((900, 700), 80).convert("RGB").save(picture, quality=95)
        async with page.expect_file_chooser() as chooser:
            await page.get_by_role("button", name="Send a photo").click()
        await (await chooser.value).set_files(picture)
        await page.get_by_role("button", name="Send this photo").click()
        await until(lambda: any(news.kind == "photo" for news in call.of(ItemSealed)), "the photo is sealed")
        await call.peer.ask(HangUp())
        (photo,) = [item.body for item in call.items() if isinstance(item.body, PhotoItem)]
        assert photo.sha256 == hashlib.sha256(photo.data).hexdigest()
        assert Image.open(io.BytesIO(photo.data)).size == (900, 700)
        lines = {body.text for item in call.items() if isinstance(body := item.body, ChatItem)}
        assert lines == {"Since when?", "Since Monday."}


async def test_page_call_process_killed_the_visit_goes_on_in_its_successor(net: Net, tmp_path: Path) -> None:
    async with clinic_call(tmp_path) as call, chromium(frames_per_s=15) as browser:
        page = await open_waiting_room(browser, call.link)
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        assert len(await numbers_in(page, 4)) >= 4
        await call.restart()
        await call.start()
        await call.until_connected()
        assert len(await numbers_in(page, 4)) >= 4
