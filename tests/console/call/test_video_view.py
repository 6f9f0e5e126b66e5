"""The moving picture: the newest frame only, whole, and forgotten when it is to be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from teleconsole.console.call.stage import Stage
from teleconsole.console.call.video_view import VideoView
from teleconsole.console.theme.theme import Theme
from tests.console.conftest import until
from tests.console.fakes import FakeCall


class Frames(FakeCall):
    """Frames of one colour; remembers what was asked for and forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.image: QImage | None = None
        self.asked_for: list[int] = []
        self.forgotten: list[str] = []

    def put(self, color: str, width: int = 64, height: int = 36) -> None:
        """The newest frame."""
        self.number += 1
        self.image = QImage(width, height, QImage.Format.Format_RGB32)
        self.image.fill(QColor(color))

    def frame(self, slot: str, newer_than: int) -> tuple[int, QImage] | None:
        self.asked_for.append(newer_than)
        return (self.number, self.image) if self.image is not None and self.number != newer_than else None

    def forget(self, slot: str) -> None:
        self.forgotten.append(slot)
        self.image = None


@pytest.fixture
def frames() -> Frames:
    """A source of frames."""
    return Frames()


@pytest.fixture
def view(qapp: QApplication, frames: Frames) -> Iterator[VideoView]:
    """A view of 400 by 400, shown."""
    made = VideoView(Theme(qapp), frames, "remote", "Patient's video", "No picture yet")
    made.resize(400, 400)
    made.show()
    yield made
    made.hide()
    made.deleteLater()


def colors(view: VideoView) -> list[str]:
    """Colours from the top to the bottom in the middle, each once."""
    seen: list[str] = []
    picture = view.grab().toImage()
    for y in range(2, picture.height() - 2):
        name = picture.pixelColor(picture.width() // 2, y).name()
        if not seen or seen[-1] != name:
            seen.append(name)
    return seen


async def test_words_stand_where_no_picture_is_and_its_size_where_one_is(view: VideoView, frames: Frames) -> None:
    assert view.accessibleName() == "Patient's video: No picture yet"
    view.say("The patient's camera is off")
    assert view.accessibleName() == "Patient's video: The patient's camera is off"
    frames.put("#ff0000", 1280, 720)
    await until(lambda: view.frames_shown == 1, "it is shown")
    assert view.accessibleName() == "Patient's video: 1280 by 720"


async def test_only_the_newest_frame_is_shown_and_each_once(view: VideoView, frames: Frames) -> None:
    for color in ("#ff0000", "#00ff00", "#0000ff"):
        frames.put(color)
    await until(lambda: frames.number in frames.asked_for, "it asks for what is newer than the newest")
    assert view.frames_shown == 1
    assert "#0000ff" in colors(view)
    assert not {"#ff0000", "#00ff00"} & set(colors(view))


@pytest.mark.parametrize(("width", "height"), [(160, 90), (90, 160), (100, 100)])
async def test_a_picture_is_whole_and_keeps_its_proportions(
    view: VideoView, frames: Frames, width: int, height: int
) -> None:
    frames.put("#ff0000", width, height)
    await until(lambda: view.frames_shown == 1, "it is shown")
    picture = view.grab().toImage()
    red = [
        (x, y)
        for x in range(0, 400, 4)
        for y in range(0, 400, 4)
        if picture.pixelColor(x, y).red() > 200
    ]  # fmt: skip
    across = max(x for x, _ in red) - min(x for x, _ in red) + 4
    down = max(y for _, y in red) - min(y for _, y in red) + 4
    assert across / down == pytest.approx(width / height, rel=0.05)
    assert max(across, down) == 400


async def test_a_picture_that_stands_still_for_want_of_a_connection_is_dimmed(view: VideoView, frames: Frames) -> None:
    frames.put("#ffffff")
    await until(lambda: view.frames_shown == 1, "it is shown")
    assert "#ffffff" in colors(view)
    view.hold(on=True)
    assert all(QColor(each).lightness() < 128 for each in colors(view))
    view.hold(on=False)
    assert "#ffffff" in colors(view)


async def test_a_hidden_view_rests(qapp: QApplication, view: VideoView, frames: Frames) -> None:
    await until(lambda: frames.asked_for, "it looks while it is shown")
    view.hide()
    frames.asked_for.clear()
    frames.put("#ff0000")
    other = VideoView(Theme(qapp), frames, "remote", "Second", "-")
    other.show()
    await until(lambda: other.frames_shown == 1, "another view shows it")
    assert view.frames_shown == 0
    other.hide()
    other.deleteLater()


async def test_clear_forgets_the_picture_here_and_in_shared_memory(view: VideoView, frames: Frames) -> None:
    frames.put("#ff0000")
    await until(lambda: view.frames_shown == 1, "it is shown")
    view.clear()
    assert frames.forgotten == ["remote"]
    assert "#ff0000" not in colors(view)
    assert view.accessibleName() == "Patient's video: No picture yet"


def test_oneself_covers_at_most_a_sixteenth_of_the_patient(qapp: QApplication, frames: Frames) -> None:
    stage = Stage(Theme(qapp), frames)
    for width, height in ((992, 690), (640, 480), (320, 240)):
        stage.resize(width, height)
        stage.show()
        assert stage.remote.geometry() == stage.rect()
        assert stage.rect().contains(stage.own.geometry())
        assert stage.own.width() * stage.own.height() * 16 <= width * height
        stage.hide()
    stage.deleteLater()
