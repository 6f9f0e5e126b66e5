"""What the console asks of the render process: one untrusted file at a time, pixels and sound out.

The file comes in slices; a picture or page goes out by the slot `picture` (BGRA, full resolution within its capacity),
a thumbnail inside the answer. Raises everywhere: evidence-refused with one sentence.
"""

from typing import Literal

import msgspec

from teleconsole.contracts.wire import Ask, Contract, Done, News

MediaKind = Literal["image", "video", "audio", "pdf"]


class Opened(msgspec.Struct, frozen=True):
    """What the file is, by its own bytes."""

    kind: MediaKind
    content_type: str
    width: int = 0
    height: int = 0
    page_count: int = 0
    duration_ms: int = 0
    has_sound: bool = False
    sandbox: str = ""  # the level reached, for doctor and the log


class Begin(Ask[Done], frozen=True):
    """A new file; whatever was open is dropped. `content_type` as declared: it must fit the bytes."""

    file_id: str
    content_type: str
    size_bytes: int


class Feed(Ask[Done], frozen=True):
    """The next slice, at most 512 KiB."""

    file_id: str
    data: bytes


class Finish(Ask[Opened], frozen=True):
    """All bytes are there: look at the file."""

    file_id: str


class Thumbnail(msgspec.Struct, frozen=True):
    """BGRA pixels of `stride_bytes` = 4 * width."""

    width: int
    height: int
    pixels: bytes


class MakeThumbnail(Ask[Thumbnail], frozen=True):
    """A small picture of the file (first frame, first page), fitting into the box; box at most 480 x 480."""

    file_id: str
    max_width: int
    max_height: int


class Shown(msgspec.Struct, frozen=True):
    """What lies in the slot now."""

    width: int
    height: int
    frame_number: int


class ShowPage(Ask[Shown], frozen=True):
    """Draw an image (page 0) or a PDF page into the slot, not larger than the box."""

    file_id: str
    page: int
    max_width: int
    max_height: int


class PageText(Ask[str], frozen=True):
    """The text of a PDF page, for search and screen readers; at most 200,000 characters."""

    file_id: str
    page: int


class Play(Ask[Done], frozen=True):
    """Play a video or sound from a position; frames by the slot, sound by `Pcm`, until `Pause` or its end."""

    file_id: str
    from_ms: int


class Pause(Ask[int], frozen=True):
    """Stop; answers the position in ms."""

    file_id: str


class Forget(Ask[Done], frozen=True):
    """Drop whatever is open: the screen was locked or the viewer closed."""


class Pcm(News, frozen=True):
    """Sound to play now: mono 48 kHz signed 16-bit."""

    file_id: str
    samples: bytes
    begin: bool = False


class Position(News, frozen=True):
    """Where playing is."""

    file_id: str
    position_ms: int
    ended: bool = False


RENDER = Contract(
    "render",
    asks=(Begin, Feed, Finish, MakeThumbnail, ShowPage, PageText, Play, Pause, Forget),
    news=(Pcm, Position),
)
