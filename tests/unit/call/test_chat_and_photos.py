"""Chat and photos over a pair of fakes: sealed before sent, acknowledged after sealed, repeated until acknowledged."""

import hashlib
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from PIL import Image
from tests.unit.call.opening import open_items
from tests.unit.gateway.patient import photo

from teleconsole.call.dropbox import DropBoxWriter
from teleconsole.call.webrtc.channel import Channel
from teleconsole.call.webrtc.chat import Chat
from teleconsole.call.webrtc.photos import PhotoIntake
from teleconsole.contracts.call import ChatChanged, ItemSealed
from teleconsole.contracts.channel import ChatAck, ChatLine, PhotoEnd, PhotoStart
from teleconsole.contracts.dropbox import ChatItem, PhotoItem
from teleconsole.contracts.signal import Pong
from teleconsole.contracts.wire import News
from teleconsole.domain.errors import CallError

VISIT = "visit-0001"


class Line:
    """The patient's end: keeps frames, can be cut, and knows what lay in the drop-box when each frame came."""

    def __init__(self, folder: Path) -> None:
        self.key = X25519PrivateKey.generate()
        self.drop_box = DropBoxWriter(VISIT, folder, self.key.public_key().public_bytes_raw())
        self.open = True
        self.frames: list[msgspec.Struct] = []
        self.sealed_then: list[int] = []
        self.news: list[News] = []
        self._folder = folder

    def send(self, frame: msgspec.Struct) -> bool:
        if self.open:
            self.frames.append(frame)
            self.sealed_then.append(len(self.items()))
        return self.open

    def move_away(self) -> None:
        self._folder.rename(self._folder.with_name("away"))

    def move_back(self) -> None:
        self._folder.with_name("away").rename(self._folder)

    def items(self) -> list[Any]:
        return [item.body for item in open_items(self._folder, self.key, VISIT)]

    def states(self) -> list[str]:
        return [news.state for news in self.news if isinstance(news, ChatChanged)]


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


@pytest.fixture
def chat(line: Line) -> Chat:
    return Chat(VISIT, line.drop_box, line.send, line.news.append)


async def test_write_seals_before_it_sends(line: Line, chat: Chat) -> None:
    line_id = await chat.write("  Since when? ")
    (frame,) = line.frames
    assert isinstance(frame, ChatLine)
    assert (frame.id, frame.text) == (line_id, "Since when?")
    assert line.sealed_then == [1]
    assert line.states() == ["sealed", "sent"]
    chat.acknowledged(ChatAck(line_id))
    chat.acknowledged(ChatAck(line_id))
    assert line.states() == ["sealed", "sent", "acknowledged"]


async def test_write_without_a_channel_goes_out_on_the_next_one_until_acknowledged(line: Line, chat: Chat) -> None:
    line.open = False
    first = await chat.write("one")
    second = await chat.write("two")
    assert line.states() == ["sealed", "sealed"]
    line.open = True
    chat.repeat()
    chat.acknowledged(ChatAck(first))
    chat.repeat()
    assert [frame.id for frame in line.frames if isinstance(frame, ChatLine)] == [first, second, second]
    assert len(line.items()) == 2


async def test_received_is_acknowledged_after_it_is_sealed_and_kept_once(line: Line, chat: Chat) -> None:
    frame = ChatLine(id="../line-0001", text="It itches.", sent_ms=1)
    await chat.received(frame)
    await chat.received(frame)
    assert line.frames == [ChatAck("../line-0001"), ChatAck("../line-0001")]
    assert line.sealed_then == [1, 1]
    (item,) = line.items()
    assert isinstance(item, ChatItem)
    assert (item.from_patient, item.text) == (True, "It itches.")
    assert len([news for news in line.news if isinstance(news, ItemSealed)]) == 1


async def test_received_that_cannot_be_sealed_is_not_acknowledged(line: Line, chat: Chat) -> None:
    line.move_away()
    with pytest.raises(CallError):
        await chat.received(ChatLine(id="line-0001", text="It itches.", sent_ms=1))
    assert not line.frames
    line.move_back()
    await chat.received(ChatLine(id="line-0001", text="It itches.", sent_ms=1))
    assert line.frames == [ChatAck("line-0001")]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 2001])
async def test_write_refuses_what_is_no_line(line: Line, chat: Chat, text: str) -> None:
    with pytest.raises(CallError):
        await chat.write(text)
    assert not line.frames


def photo_intake(line: Line) -> PhotoIntake:
    return PhotoIntake(VISIT, line.drop_box, line.send, line.news.append)


async def test_photo_whole_is_sealed_then_acknowledged(line: Line) -> None:
    data = bytes(range(256)) * 200
    photos = photo_intake(line)
    photos.begin(PhotoStart("photo-0001", "image/jpeg", len(data)))
    for at in range(0, len(data), 16384):
        photos.take(data[at : at + 16384])
    await photos.end(PhotoEnd("photo-0001", hashlib.sha256(data).hexdigest()))
    assert line.frames == [ChatAck("photo-0001")]
    (item,) = line.items()
    assert isinstance(item, PhotoItem)
    assert (item.data, item.content_type) == (data, "image/jpeg")


async def test_photo_is_sealed_without_the_place_where_it_was_taken(line: Line) -> None:
    data = photo(position=True)
    photos = photo_intake(line)
    photos.begin(PhotoStart("photo-0001", "image/jpeg", len(data)))
    photos.take(data)
    await photos.end(PhotoEnd("photo-0001", hashlib.sha256(data).hexdigest()))
    assert line.frames == [ChatAck("photo-0001")]
    (item,) = line.items()
    assert isinstance(item, PhotoItem)
    assert item.sha256 == hashlib.sha256(item.data).hexdigest()
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(item.data))
    assert before.getexif().get_ifd(0x8825)
    assert not after.getexif().get_ifd(0x8825)
    assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("wrong", ["hash", "short", "long", "other id", "no start"])
async def test_photo_that_does_not_fit_is_neither_kept_nor_acknowledged(line: Line, wrong: str) -> None:
    data = b"x" * 1000
    photos = photo_intake(line)
    if wrong != "no start":
        photos.begin(PhotoStart("photo-0001", "image/png", len(data)))
    photos.take(data[:-1] if wrong == "short" else data + b"y" if wrong == "long" else data)
    digest = "0" * 64 if wrong == "hash" else hashlib.sha256(data).hexdigest()
    await photos.end(PhotoEnd("photo-9999" if wrong == "other id" else "photo-0001", digest))
    assert not line.frames
    assert not line.items()


async def test_messages_that_make_no_sense_are_counted_and_the_next_is_taken(line: Line) -> None:
    sender: Any = object()  # what a message came on is only compared
    channel = Channel(VISIT, line.drop_box, line.send, line.news.append, lambda _: None)
    nonsense = ("", "{", "\ud800", '{"type":"from-the-future"}', '{"type":"ping","x":' + "[" * 20_000, "[" * 20_000)
    for message in nonsense:
        channel.take(sender, message)
    channel.take(sender, '{"type":"ping","n":7}')
    await channel.finish()
    assert channel.ignored == len(nonsense)
    assert line.frames == [Pong(7)]
