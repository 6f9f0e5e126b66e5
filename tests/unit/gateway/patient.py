"""A patient who fills in a submission: answers, files with real bytes, and the requests of the page."""

import hashlib
import io
import uuid
from dataclasses import dataclass
from typing import Any

from PIL import Image
from tests.unit.gateway.clinic import Browser, Json

ANSWERS: Json = {
    "reason": "Canary itch on my arm",
    "where": ["arm"],
    "side": "left",
    "since": "days",
    "had-before": False,
    "mole": False,
    "spreading": False,
    "itch": "lot",
    "pain": False,
    "fever": False,
    "swelling": False,
}


def photo(width_px: int = 64, *, position: bool = False) -> bytes:
    """Return a JPEG, with a position in its Exif when asked for."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2026:11:24 10:00:00"
    if position:
        exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 33.0), 3: "E", 4: (8.0, 32.0, 11.0)})
    stream = io.BytesIO()
    Image.effect_noise((width_px, width_px), 50).convert("RGB").save(stream, "JPEG", exif=exif, quality=90)
    return stream.getvalue()


@dataclass
class Patient:
    """The submission page in one browser."""

    browser: Browser

    async def announce(self, content: bytes, **fields: Any) -> tuple[int, Json]:
        form = {
            "kind": "photo",
            "name": "arm.jpg",
            "contentType": "image/jpeg",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        } | fields
        return await self.browser.ask("POST", "/patient/uploads", form)

    async def append(self, upload_id: str, offset: int, content: bytes) -> tuple[int, Json]:
        url = f"{self.browser.base_url}/patient/uploads/{upload_id}"
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        async with self.browser.http.patch(url, data=io.BytesIO(content), headers=headers) as response:
            return response.status, await response.json()

    async def offset(self, upload_id: str) -> int:
        async with self.browser.http.head(f"{self.browser.base_url}/patient/uploads/{upload_id}") as response:
            return int(response.headers["Upload-Offset"])

    async def upload(self, content: bytes, **fields: Any) -> str:
        status, body = await self.announce(content, **fields)
        assert status == 201, body
        status, done = await self.append(body["id"], body["offset"], content[body["offset"] :])
        assert (status, done) == (200, {"offset": len(content)})
        return str(body["id"])

    async def answer(self, **changed: Any) -> tuple[int, Json]:
        return await self.browser.ask("PUT", "/patient/submission/answers", ANSWERS | changed)

    async def send(self, send_id: str | None = None) -> tuple[int, Json]:
        return await self.browser.ask("POST", "/patient/submission", {"id": send_id or str(uuid.uuid4())})

    async def message(self, text: str, **fields: Any) -> tuple[int, Json]:
        return await self.browser.ask("POST", "/patient/messages", {"id": str(uuid.uuid4()), "text": text} | fields)

    async def state(self) -> Json:
        status, body = await self.browser.ask("GET", "/patient/submission")
        assert status == 200, body
        return body
