"""The viewer over fakes: what is shown, what is said, the way back, and that nothing is left behind."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from teleconsole.console.case.viewer import Viewer
from teleconsole.contracts import render
from teleconsole.contracts.call import PlayPcm
from teleconsole.contracts.cases import ReadEvidence
from teleconsole.contracts.vault import EvidenceArrived
from teleconsole.contracts.wire import Ask, Done
from teleconsole.host.limits import EVIDENCE_SLICE_BYTES, IPC_ASK_S
from teleconsole.ipc.errors import PeerLost, RemoteFailure
from tests.console.conftest import Desk, until


class Slot:
    """What render draws: a picture in the box, numbered."""

    def __init__(self, desk: Desk) -> None:
        self.number = 0
        self.image = QImage(1, 1, QImage.Format.Format_RGB32)
        self.opened = render.Opened("image", "image/jpeg", 1280, 960, 1)
        desk.render.handlers[render.Finish] = lambda ask: self.opened
        desk.render.handlers[render.ShowPage] = self.draw
        desk.render.newest = self.frame

    def draw(self, ask: render.ShowPage) -> render.Shown:
        opened = self.opened
        scale = min(1.0, ask.max_width / opened.width, ask.max_height / opened.height)
        self.put(int(opened.width * scale), int(opened.height * scale))
        return render.Shown(self.image.width(), self.image.height(), self.number)

    def put(self, width: int, height: int) -> None:
        self.number += 1
        self.image = QImage(width, height, QImage.Format.Format_RGB32)
        self.image.fill(QColor(200, 120, 100))

    def frame(self, slot: str, newer_than: int) -> tuple[int, QImage] | None:
        assert slot == "picture"
        return (self.number, self.image) if self.number and self.number != newer_than else None


def viewer(desk: Desk) -> Viewer:
    return desk.console.cases.viewer


def width(desk: Desk) -> int:
    """Of the picture that is shown, in its own pixels."""
    image = viewer(desk).picture.image
    return image.width() if image is not None else 0


async def look(desk: Desk, name: str = "Photo 1: Left shin, coin") -> Slot:
    """Open a file of the first case."""
    slot = Slot(desk)
    await desk.open_case()
    desk.press(name)
    await until(lambda: viewer(desk).isVisible(), "the viewer is shown")
    return slot


async def shown(desk: Desk, name: str) -> None:
    await until(lambda: name in desk.names(), f"{name} is shown")


async def test_a_photo_says_what_it_is_and_the_arrows_go_through_all_files(desk: Desk) -> None:
    await look(desk)
    await shown(desk, "Picture: 1 of 4, Left shin, coin, 1280 by 960")
    names = desk.names()
    assert {
        "Close the viewer", "Next file", "Zoom in", "Zoom out", "Fit", "File: 1 of 4", "Kind: Photo", "Taken 11:32",
        "Size: 1280 \u00d7 960, 1 kB", "Original kept unchanged", "File 2: Photo, Left calf",
    } <= names  # fmt: skip
    assert not desk.named("Previous file").isEnabled()
    QTest.keyClick(QApplication.focusWidget() or viewer(desk), Qt.Key.Key_Right)
    await shown(desk, "Picture: 2 of 4, Left calf, 1280 by 960")
    desk.press("Previous file")
    await shown(desk, "Picture: 1 of 4, Left shin, coin, 1280 by 960")
    desk.press("File 3: Photo, Right ankle")
    await shown(desk, "Picture: 3 of 4, Right ankle, 1280 by 960")


async def test_escape_goes_back_to_where_the_keyboard_was(desk: Desk) -> None:
    await look(desk)
    await shown(desk, "Picture: 1 of 4, Left shin, coin, 1280 by 960")
    QTest.keyClick(QApplication.focusWidget() or viewer(desk), Qt.Key.Key_Escape)
    await until(lambda: not viewer(desk).isVisible(), "the viewer is left")
    assert desk.console.cases.case.isVisible()
    assert desk.named("Photo 1: Left shin, coin").hasFocus()
    await until(lambda: desk.render.of(render.Forget), "render dropped the file")


async def test_a_picture_is_enlarged_moved_and_fitted_again(desk: Desk) -> None:
    await look(desk)
    await shown(desk, "Picture: 1 of 4, Left shin, coin, 1280 by 960")
    picture = viewer(desk).picture
    fitted = picture.percent
    assert picture.rect().toRectF().contains(picture.area())
    for _ in range(6):
        desk.press("Zoom in")
    assert picture.percent > fitted * 3
    assert f"Zoom: {picture.percent} %" in desk.names()
    await until(lambda: picture.image is not None and picture.image.width() == 1280, "all its pixels are there")
    before = picture.area().topLeft()
    QTest.keyClick(picture, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert picture.area().topLeft() - before == QPointF(-64, 0)
    picture.move_by(QPointF(100_000, 100_000))
    assert picture.area().topLeft() == QPointF(0, 0)
    desk.press("Fit")
    assert picture.is_fitted
    assert picture.percent == fitted


async def test_the_point_under_the_pointer_stays_when_it_is_enlarged(desk: Desk) -> None:
    await look(desk)
    await shown(desk, "Picture: 1 of 4, Left shin, coin, 1280 by 960")
    picture = viewer(desk).picture
    picture.zoom(4)
    at = QPointF(picture.width() / 2 + 90, picture.height() / 2 - 40)
    before = (at - picture.area().topLeft()) / picture.scale()
    picture.zoom(2, at)
    after = (at - picture.area().topLeft()) / picture.scale()
    assert (before - after).manhattanLength() < 0.01


async def test_a_file_is_handed_over_in_slices(desk: Desk) -> None:
    slot = Slot(desk)
    size_bytes = 2 * EVIDENCE_SLICE_BYTES + 100
    change(desk, size_bytes=size_bytes, here_bytes=size_bytes)
    desk.vault.handlers[ReadEvidence] = lambda ask: b"x" * min(ask.length_bytes, size_bytes - ask.offset_bytes)
    await desk.open_case()
    desk.render.asked.clear()
    desk.press("Photo 1: Left shin, coin")
    await until(lambda: slot.number, "it is drawn")
    fed = [len(ask.data) for ask in desk.render.of(render.Feed) if ask.file_id == "viewer-case-1-photo-0"]
    assert fed == [EVIDENCE_SLICE_BYTES, EVIDENCE_SLICE_BYTES, 100]


def change(desk: Desk, **changes: object) -> None:
    """Change the first photo of the first case."""
    detail = desk.vault.details["case-1"]
    timeline = tuple(
        msgspec.structs.replace(
            entry,
            evidence=tuple(
                msgspec.structs.replace(item, **changes) if item.evidence_id == "case-1-photo-0" else item
                for item in entry.evidence
            ),
        )
        for entry in detail.timeline
    )
    desk.vault.details["case-1"] = msgspec.structs.replace(detail, timeline=timeline)


async def test_a_file_that_has_not_arrived_says_so_and_opens_by_itself(desk: Desk) -> None:
    change(desk, here_bytes=400)
    slot = await look(desk, "Photo 1: Left shin, coin, not here yet")
    words = "File: This file is still arriving: 1 kB of 1 kB are here, and it opens by itself when it is whole."
    assert words in desk.names()
    assert not slot.number
    change(desk, here_bytes=1_000)
    desk.vault.tell(EvidenceArrived("case-1", "case-1-photo-0", 1_000, 1_000))
    await shown(desk, "Picture: 1 of 4, Left shin, coin, 1280 by 960")


async def test_a_file_that_is_refused_says_why_and_may_be_opened_again(desk: Desk) -> None:
    await desk.open_case()
    why = "This picture is damaged or cut off. The original is kept."
    Slot(desk)
    desk.render.failures[render.Finish] = RemoteFailure("evidence-refused", why)
    desk.press("Photo 1: Left shin, coin")
    await shown(desk, f"File: {why}")
    desk.press("Open again")
    await shown(desk, "Picture: 1 of 4, Left shin, coin, 1280 by 960")


async def test_a_lost_render_process_is_one_sentence(desk: Desk) -> None:
    await desk.open_case()
    Slot(desk)
    desk.render.failures[render.Begin] = PeerLost("The part that shows files")
    desk.press("Photo 1: Left shin, coin")
    await shown(desk, "Open again")
    assert viewer(desk).state.words == PeerLost("The part that shows files").sentence


async def test_opening_that_takes_long_shows_how_far_it_is_and_can_be_cancelled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = Slot(desk)
    size_bytes = 4 * EVIDENCE_SLICE_BYTES
    change(desk, size_bytes=size_bytes, here_bytes=size_bytes)
    desk.vault.handlers[ReadEvidence] = lambda ask: b"x" * min(ask.length_bytes, size_bytes - ask.offset_bytes)
    await desk.open_case()
    go_on = asyncio.Event()
    ask_now = desk.vault.ask

    async def ask_slowly(ask: Ask[Any], *, deadline_s: float = IPC_ASK_S) -> Any:
        if isinstance(ask, ReadEvidence) and ask.offset_bytes:
            await go_on.wait()
        return await ask_now(ask, deadline_s=deadline_s)

    monkeypatch.setattr(desk.vault, "ask", ask_slowly)
    desk.press("Photo 1: Left shin, coin")
    await shown(desk, "File: Opening, 524 kB of 2.1 MB")
    assert "Opening: 25 percent" in desk.names()
    desk.press("Cancel opening")
    await shown(desk, "File: Not opened. The original is kept on this computer.")
    go_on.set()
    desk.press("Open again")
    await shown(desk, "Picture: 1 of 4, Left shin, coin, 1280 by 960")
    assert slot.number


async def play(desk: Desk) -> Slot:
    slot = Slot(desk)
    slot.opened = render.Opened("video", "video/webm", 640, 480, 1, 38_000, has_sound=True)
    desk.render.handlers[render.Pause] = lambda ask: 3_400
    await desk.open_case()
    desk.press("Video 4: presses on ankle")
    await shown(desk, "Video: 4 of 4, presses on ankle, 640 by 480")
    return slot


async def test_a_video_plays_with_its_sound_pauses_and_goes_on(desk: Desk) -> None:
    slot = await play(desk)
    desk.press("Play")
    await until(lambda: desk.render.of(render.Play), "it plays")
    await shown(desk, "Pause")
    file_id = desk.render.of(render.Play)[0].file_id
    desk.render.tell(render.Pcm(file_id, b"\1\0" * 480, begin=True))
    desk.render.tell(render.Pcm(file_id, b"\2\0" * 480))
    desk.render.tell(render.Position(file_id, 3_000))
    slot.put(320, 240)
    await until(lambda: width(desk) == 320, "a frame")
    await until(lambda: len(desk.call.of(PlayPcm)) == 2, "its sound is played")
    assert [(ask.samples[:1], ask.begin) for ask in desk.call.of(PlayPcm)] == [(b"\1", True), (b"\2", False)]
    await shown(desk, "Position: 0:03 of 0:38")
    desk.press("Pause")
    await shown(desk, "Play")
    assert desk.call.of(PlayPcm)[-1] == PlayPcm(b"", begin=True, end=True)
    desk.press("Play")
    await until(lambda: len(desk.render.of(render.Play)) == 2, "it goes on")
    assert desk.render.of(render.Play)[1].from_ms == 3_400


async def test_at_its_end_a_video_stops_and_begins_anew(desk: Desk) -> None:
    await play(desk)
    desk.press("Play")
    await until(lambda: desk.render.of(render.Play), "it plays")
    await shown(desk, "Pause")
    desk.render.tell(render.Position(desk.render.of(render.Play)[0].file_id, 38_000, ended=True))
    await shown(desk, "Play")
    await shown(desk, "Position: 0:38 of 0:38")
    desk.press("Play")
    await until(lambda: len(desk.render.of(render.Play)) == 2, "it plays again")
    assert desk.render.of(render.Play)[1].from_ms == 0


async def test_a_place_that_is_chosen_while_paused_shows_its_picture_without_a_sound(desk: Desk) -> None:
    slot = await play(desk)

    def play_one(ask: render.Play) -> Done:
        slot.put(100 + ask.from_ms // 1000, 75)
        desk.render.tell(render.Pcm(ask.file_id, b"\1\0" * 480, begin=True))
        return Done()

    desk.render.handlers[render.Play] = play_one
    viewer(desk).player.slider.setFocus()
    QTest.keyClick(viewer(desk).player.slider, Qt.Key.Key_Right)
    await until(lambda: width(desk) == 105, "peeked")
    await until(lambda: desk.render.of(render.Pause), "it is paused")
    await shown(desk, "Position: 0:05 of 0:38")
    assert not desk.call.of(PlayPcm)
    assert "Video: 4 of 4, presses on ankle, 640 by 480" in desk.names()


async def test_a_video_without_a_loudspeaker_says_so_and_plays_on(desk: Desk) -> None:
    await play(desk)
    desk.call.failures[PlayPcm] = RemoteFailure("device-unavailable", "There is no loudspeaker.")
    desk.press("Play")
    await shown(desk, "Pause")
    await until(lambda: desk.render.of(render.Play), "it plays")
    desk.render.tell(render.Pcm(desk.render.of(render.Play)[0].file_id, b"\1\0" * 480, begin=True))
    await shown(desk, "No sound. There is no loudspeaker.")
    assert "Pause" in desk.names()


async def test_a_thumbnail_waits_while_a_video_plays(desk: Desk) -> None:
    await play(desk)
    desk.press("Play")
    await until(lambda: desk.render.of(render.Play), "it plays")
    case = desk.console.cases.case
    case.thumbnails.clear()
    got: list[object] = []
    case.thumbnails.ask(case.evidence()[0], lambda picture, problem: got.append(picture))
    begun = len(desk.render.of(render.Begin))
    await asyncio.sleep(0)
    assert len(desk.render.of(render.Begin)) == begun
    desk.press("Pause")
    await until(lambda: got, "the thumbnail is there")
    desk.press("Play")
    await until(lambda: len(desk.render.of(render.Play)) == 2, "the video was handed over again and plays")
    assert desk.render.of(render.Begin)[-1].file_id.startswith("viewer-")


async def test_the_pages_of_a_document_are_turned_and_read(desk: Desk) -> None:
    slot = Slot(desk)
    slot.opened = render.Opened("pdf", "application/pdf", 595, 842, page_count=3)
    desk.render.handlers[render.PageText] = lambda ask: f"Letter, page {ask.page + 1}"
    await desk.open_case()
    desk.press("Photo 1: Left shin, coin")
    await shown(desk, "Page 1 of 3")
    await until(lambda: viewer(desk).picture.accessibleDescription() == "Letter, page 1", "its text is there")
    desk.press("Next page")
    await shown(desk, "Document: 1 of 4, Left shin, coin, page 2 of 3")
    await until(lambda: viewer(desk).picture.accessibleDescription() == "Letter, page 2", "its text is there")
    QTest.keyClick(viewer(desk).picture, Qt.Key.Key_PageDown)
    await shown(desk, "Page 3 of 3")
    assert not desk.named("Next page").isEnabled()


async def test_space_presses_the_button_that_has_the_focus(desk: Desk) -> None:
    await look(desk)
    await shown(desk, "Picture: 1 of 4, Left shin, coin, 1280 by 960")
    close = desk.named("Close the viewer")
    close.setFocus()
    QTest.keyClick(close, Qt.Key.Key_Space)
    await until(lambda: not viewer(desk).isVisible(), "the viewer is left")


async def test_a_lock_drops_everything(desk: Desk) -> None:
    slot = await play(desk)
    desk.press("Play")
    await until(lambda: desk.render.of(render.Play), "it plays")
    await shown(desk, "Pause")
    desk.console.actions["lock"].trigger()
    await until(lambda: desk.render.of(render.Forget), "render dropped the file")
    slot.put(64, 64)
    await viewer(desk).scope.settle()
    shown_now = viewer(desk)
    assert shown_now.picture.image is None
    assert shown_now.item is None
    assert not shown_now.film.buttons
    assert not shown_now.playback.is_playing
    assert desk.render.of(render.Pause)


async def test_a_file_beside_the_video_is_left_to_the_call(desk: Desk) -> None:
    Slot(desk)
    console = desk.console
    console.window.show_pane("call")
    console.beside.evidence_opened.emit(desk.vault.details["case-1"], "case-1-photo-1")
    await shown(desk, "Picture: 2 of 4, Left calf, 1280 by 960")
    desk.press("Close the viewer")
    await until(lambda: console.window.pane_name == "call", "the call is in front")
    assert not viewer(desk).isVisible()
    console.window.show_pane("cases")
    assert console.cases.queue.isVisible()


async def test_a_drawing_that_waits_is_given_up_for_the_next_file(desk: Desk) -> None:
    await look(desk)
    await shown(desk, "Picture: 1 of 4, Left shin, coin, 1280 by 960")
    begun = len(desk.render.of(render.Begin))
    for _ in range(6):
        viewer(desk).picture.zoom(1)
    desk.console.actions["viewer.next"].trigger()
    desk.console.actions["viewer.next"].trigger()
    await shown(desk, "Picture: 3 of 4, Right ankle, 1280 by 960")
    await viewer(desk).scope.settle()
    assert [ask.file_id for ask in desk.render.of(render.Begin)[begun:]] == ["viewer-case-1-photo-2"]
