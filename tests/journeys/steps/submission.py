"""The case that J2 and J3 tell of: intake, three photos, a recorded video and a PDF, sent from the browser."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page
from tests.journeys.conftest import OpenBrowser
from tests.journeys.rig import counter, tones
from tests.journeys.steps import patient
from tests.journeys.steps.clinic import Clinic

from teleconsole.host import paths

REASON = "My test result worries me"
STORY = "It says that my potassium is high."
VOICE_HZ = 900
FIRST_PICTURE, PICTURES = 4000, 300


def submit_case(clinic: Clinic, open_browser: OpenBrowser, folder: Path) -> Page:
    """Send the case, and return the patient's page with its receipt."""
    camera = counter.write_mjpeg(folder / "camera.mjpeg", PICTURES, first=FIRST_PICTURE)
    voice = tones.write_wav(folder / "voice.wav", tones.pulsed_tone(VOICE_HZ, 10))
    page = open_browser(camera=camera, microphone=voice).context(phone=True).new_page()
    patient.open_link(page, clinic.submit_link("general").link)
    patient.answer_questions(page, REASON, STORY)
    patient.add_photos(page, _photos(folder))
    patient.record_video(page)
    patient.add_document(page, paths.resources() / "demo" / "documents" / "lab-report.pdf")
    patient.send(page)
    return page


def _photos(folder: Path) -> list[Path]:
    photos = []
    for number in range(3):
        photo = folder / f"photo-{number}.jpg"
        Image.effect_noise((1200, 900), 60 + number).convert("RGB").save(photo, quality=90)
        photos.append(photo)
    return photos
