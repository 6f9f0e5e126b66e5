"""The render process for real: started as a child, fed with good and hostile files."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from tests.unit.render import files

from teleconsole.contracts.render import (
    RENDER,
    Begin,
    Feed,
    Finish,
    Forget,
    MakeThumbnail,
    Opened,
    PageText,
    Pause,
    Pcm,
    Play,
    Position,
    ShowPage,
)
from teleconsole.ipc.child import Child
from teleconsole.ipc.errors import RemoteFailure
from teleconsole.ipc.peer import Peer
from teleconsole.ipc.slot import FrameReader, FrameSlot

CAPACITY_BYTES = 1920 * 1080 * 4


@dataclass
class Render:
    peer: Peer
    reader: FrameReader
    file_id: str = ""

    async def open(self, data: bytes, content_type: str) -> Opened:
        self.file_id = uuid.uuid4().hex
        await self.peer.ask(Begin(self.file_id, content_type, len(data)))
        for start in range(0, len(data), 500_000):
            await self.peer.ask(Feed(self.file_id, data[start : start + 500_000]))
        return await self.peer.ask(Finish(self.file_id), deadline_s=20)

    def pixels(self) -> npt.NDArray[np.uint8]:
        room = bytearray(CAPACITY_BYTES)
        info = self.reader.take(memoryview(room))
        assert info is not None
        flat = np.frombuffer(room, np.uint8)[: info.height_px * info.stride_bytes]
        return flat.reshape(info.height_px, info.stride_bytes // 4, 4)


@pytest.fixture
async def render() -> AsyncIterator[Render]:
    slot = FrameSlot(CAPACITY_BYTES)
    child = Child("render", slots={"picture": slot.argument})
    reader = FrameReader(slot.fd, CAPACITY_BYTES)
    try:
        yield Render(await child.start({}, RENDER), reader)
    finally:
        await child.close()
        reader.close()
        slot.close()


async def test_a_photo_is_drawn_into_the_box_in_its_colours(render: Render) -> None:
    opened = await render.open(files.photo(1200, 600), "image/jpeg")
    assert (opened.kind, opened.width, opened.height) == ("image", 1200, 600)
    shown = await render.peer.ask(ShowPage(render.file_id, 0, 300, 300))
    assert (shown.width, shown.height) == (300, 150)
    picture = render.pixels()
    assert picture[75, 40, 2] > 150 > picture[75, 40, 0]
    assert picture[75, 260, 0] > 150 > picture[75, 260, 2]


async def test_a_photo_is_turned_as_the_camera_says(render: Render) -> None:
    opened = await render.open(files.photo(400, 200, orientation=6), "image/jpeg")
    assert (opened.width, opened.height) == (200, 400)
    shown = await render.peer.ask(ShowPage(render.file_id, 0, 800, 800))
    assert (shown.width, shown.height) == (200, 400)
    assert render.pixels()[20, 100, 2] > 150


async def test_a_thumbnail_travels_in_the_answer(render: Render) -> None:
    await render.open(files.photo(kind="PNG"), "image/png")
    thumbnail = await render.peer.ask(MakeThumbnail(render.file_id, 158, 108))
    assert (thumbnail.width, thumbnail.height) == (144, 108)
    assert len(thumbnail.pixels) == 144 * 108 * 4


async def test_pages_of_a_document_are_drawn_and_read(render: Render) -> None:
    opened = await render.open(files.document(3), "application/pdf")
    assert (opened.kind, opened.page_count) == ("pdf", 3)
    assert "Page 2" in await render.peer.ask(PageText(render.file_id, 1))
    await render.peer.ask(ShowPage(render.file_id, 2, 600, 600))
    page = render.pixels()
    assert page[0, 0, :3].tolist() == [255, 255, 255]
    assert page[..., 0].min() < 60
    with pytest.raises(RemoteFailure, match="no such page"):
        await render.peer.ask(ShowPage(render.file_id, 3, 600, 600))


async def test_a_recording_plays_its_pictures_and_its_sound_to_the_end(render: Render) -> None:
    opened = await render.open(files.recording(), "video/webm;codecs=vp8,opus")
    assert opened.kind == "video"
    assert opened.has_sound
    assert 1300 <= opened.duration_ms <= 1700
    sound = bytearray()
    begins: list[bool] = []
    ended = asyncio.Event()

    def hear(news: Pcm) -> None:
        sound.extend(news.samples)
        begins.append(news.begin)

    render.peer.on_news(Pcm, hear)
    render.peer.on_news(Position, lambda news: ended.set() if news.ended else None)
    before = render.reader.take(memoryview(bytearray(CAPACITY_BYTES)))
    assert before is None
    await render.peer.ask(Play(render.file_id, 0))
    await asyncio.wait_for(ended.wait(), 10)
    samples = np.frombuffer(sound, np.int16)
    assert 1.2 < len(samples) / 48_000 < 1.8
    assert begins[0]
    assert not any(begins[1:])
    power = np.abs(np.fft.rfft(samples[:48_000].astype(float)))
    assert abs(int(power.argmax()) - 440) <= 2
    assert render.pixels().shape == (120, 160, 4)


async def test_playing_stops_where_it_is_paused(render: Render) -> None:
    await render.open(files.recording(6), "video/webm")
    played = asyncio.Event()
    render.peer.on_news(Position, lambda news: played.set() if news.position_ms > 300 else None)
    await render.peer.ask(Play(render.file_id, 0))
    await asyncio.wait_for(played.wait(), 10)
    assert 300 <= await render.peer.ask(Pause(render.file_id)) < 5_900


@pytest.mark.parametrize(
    ("data", "content_type", "words"),
    [
        (files.photo()[:3000], "image/jpeg", "damaged or cut off"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/jpeg", "not a picture"),
        (files.photo(kind="PNG"), "image/jpeg", "not what its sender said"),
        (files.bomb(), "image/png", "too large to open safely"),
        (files.bomb(9_000), "image/png", "too large to open safely"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "image/png", "damaged or cut off"),
        (files.document()[:300], "application/pdf", "damaged or cut off"),
        (files.recording(form="mp4")[:20_000], "video/mp4", "damaged or cut off"),
        (b"\x00\x00\x00\x18ftypisom" + b"\0" * 400, "video/mp4", "damaged or cut off"),
        (b"\x1aE\xdf\xa3" + b"\xff" * 400, "video/webm", "damaged or cut off"),
        (b"MZ" + b"\0" * 100, "image/jpeg", "not a picture"),
    ],
)
async def test_a_bad_file_is_refused_in_one_sentence_and_the_next_one_opens(
    render: Render, data: bytes, content_type: str, words: str
) -> None:
    with pytest.raises(RemoteFailure) as caught:
        await render.open(data, content_type)
    assert caught.value.code == "evidence-refused"
    assert words in str(caught.value)
    assert "original is kept" in str(caught.value)
    assert (await render.open(files.photo(), "image/jpeg")).kind == "image"


async def test_a_file_of_another_length_than_announced_is_refused(render: Render) -> None:
    await render.peer.ask(Begin("a", "image/jpeg", 100))
    with pytest.raises(RemoteFailure, match="longer than"):
        await render.peer.ask(Feed("a", b"x" * 101))
    with pytest.raises(RemoteFailure, match="shorter than"):
        await render.peer.ask(Finish("a"))
    with pytest.raises(RemoteFailure, match="Another file"):
        await render.peer.ask(Finish("b"))


async def test_the_walls_that_stand_are_reported(render: Render) -> None:
    opened = await render.open(files.photo(), "image/jpeg")
    assert opened.sandbox.startswith("limits")


async def test_a_file_that_is_forgotten_is_not_shown_any_more(render: Render) -> None:
    await render.open(files.photo(), "image/jpeg")
    await render.peer.ask(Forget())
    with pytest.raises(RemoteFailure, match="Open this one again"):
        await render.peer.ask(ShowPage(render.file_id, 0, 300, 300))


async def test_pixels_of_a_forgotten_file_are_gone_from_shared_memory() -> None:
    slot = FrameSlot(CAPACITY_BYTES)
    child = Child("render", slots={"picture": slot.argument})
    try:
        render = Render(await child.start({}, RENDER), slot.reader)
        await render.open(files.photo(300, 200), "image/jpeg")
        for side in (300, 200, 100, 50):
            await render.peer.ask(ShowPage(render.file_id, 0, side, side))
        red_bytes = bytes(render.pixels()[5, 5])
        assert red_bytes * 4 in os.pread(slot.fd, 4 * CAPACITY_BYTES, 0)
        await render.peer.ask(Forget())
        assert red_bytes * 4 not in os.pread(slot.fd, 4 * CAPACITY_BYTES, 0)
    finally:
        await child.close()
        slot.close()
