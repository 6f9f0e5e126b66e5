"""The viewer over the real render process: real files, real pixels, real sound."""

from __future__ import annotations

import contextlib
import mmap
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest_asyncio
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.case.render_turn import RenderTurn
from teleconsole.console.case.thumbnails import Thumbnails
from teleconsole.console.case.viewer import Viewer
from teleconsole.console.remote import RemotePort
from teleconsole.console.task_scope import TaskScope
from teleconsole.console.theme.theme import Theme
from teleconsole.contracts.call import PlayPcm
from teleconsole.contracts.cases import CaseDetail, EvidenceItem, EvidenceKind, ReadEvidence
from teleconsole.contracts.render import RENDER, ShowPage
from teleconsole.host.limits import PICTURE_SLOT_BYTES
from teleconsole.ipc.errors import RemoteFailure
from tests.console import made_up
from tests.console.conftest import until
from tests.console.fakes import FakeCall, FakeVault
from tests.unit.render import files


@dataclass
class Table:
    """A viewer on its own, with real files of a made-up case."""

    viewer: Viewer
    detail: CaseDetail
    render: RemotePort
    call: FakeCall
    lost: list[str]

    def open(self, number: int) -> None:
        items = [item for entry in self.detail.timeline for item in entry.evidence]
        self.viewer.open(self.detail, items[number].evidence_id)

    async def named(self, start: str) -> None:
        await until(lambda: self.viewer.picture.accessibleName().startswith(start), start, within_s=20)

    def width(self) -> int:
        image = self.viewer.picture.image
        return image.width() if image is not None else 0

    def color(self, across: float, down: float = 0.5) -> QColor:
        image = self.viewer.picture.image
        assert image is not None
        return image.pixelColor(int(image.width() * across), int(image.height() * down))


_FILES: tuple[tuple[EvidenceKind, str, bytes], ...] = (
    ("photo", "image/jpeg", files.photo(1600, 1200)),
    ("video", "video/webm;codecs=vp8,opus", files.recording(1.5)),
    ("document", "application/pdf", files.document(3)),
    ("photo", "image/jpeg", files.photo(640, 480)[:4_000]),
)


@pytest_asyncio.fixture
async def table(qapp: QApplication) -> AsyncIterator[Table]:
    """The real render process starts with the first file."""
    vault, call = FakeVault(count=1), FakeCall()
    items = tuple(
        EvidenceItem(f"file-{number}", kind, f"title {number}", content_type, len(data), len(data), made_up.NOW_MS)
        for number, (kind, content_type, data) in enumerate(_FILES)
    )
    vault.handlers[ReadEvidence] = lambda ask: _FILES[int(ask.evidence_id[-1])][2][
        ask.offset_bytes : ask.offset_bytes + ask.length_bytes
    ]
    detail = next(iter(vault.details.values()))
    entry = msgspec.structs.replace(detail.timeline[0], evidence=items)
    detail = msgspec.structs.replace(detail, timeline=(entry,))
    lost: list[str] = []
    render = RemotePort(
        RENDER, title="The part that shows files", on_lost=lost.append, slots={"picture": PICTURE_SLOT_BYTES}, lazy=True
    )
    theme = Theme(qapp)
    owner = QWidget()
    turn = RenderTurn(render)
    thumbnails = Thumbnails(vault, render, TaskScope(owner, lost.append), turn)
    viewer = Viewer(theme, Actions(theme), vault, render, call, thumbnails, turn, lambda: made_up.NOW_MS)
    owner.resize(1100, 800)
    viewer.setParent(owner)
    viewer.setGeometry(owner.rect())
    owner.show()
    yield Table(viewer, detail, render, call, lost)
    viewer.clear()
    await viewer.scope.settle()
    owner.hide()
    await render.stop()
    assert lost == []
    for thing in (owner, theme):
        thing.deleteLater()


async def test_real_files_are_shown_one_after_the_other_while_thumbnails_are_made(table: Table) -> None:
    viewer = table.viewer
    table.open(0)
    await table.named("Picture: 1 of 4, title 0, 1600 by 1200")
    assert table.color(0.2).red() > 150 > table.color(0.2).blue()
    assert table.color(0.8).blue() > 150 > table.color(0.8).red()
    for _ in range(8):
        viewer.picture.zoom(1)
    await until(lambda: table.width() == 1600, "all its pixels are there")
    table.open(2)
    await table.named("Document: 3 of 4, title 2, page 1 of 3")
    await until(lambda: "Page 1" in viewer.picture.accessibleDescription(), "its text")
    assert table.color(0.01, 0.01) == QColor(255, 255, 255)
    viewer.film.buttons[3].click()
    await until(lambda: viewer.state.words.endswith("The original is kept."), "it is refused in one sentence")
    assert viewer.picture.image is None


async def test_a_real_recording_plays_to_its_end_with_its_sound_and_a_lock_drops_it(table: Table) -> None:
    viewer = table.viewer
    table.open(1)
    await table.named("Video: 2 of 4, title 1, 160 by 120")
    viewer.playback.toggle()
    await until(lambda: viewer.playback.is_playing, "it plays")
    await until(lambda: not viewer.playback.is_playing, "it ended", within_s=20)
    assert viewer.file.opened is not None
    assert viewer.playback.position_ms == viewer.file.opened.duration_ms
    await until(lambda: table.call.of(PlayPcm), "it was heard")
    heard = sum(len(ask.samples) for ask in table.call.of(PlayPcm)) / 2 / 48_000
    assert 1.0 < heard < 2.0
    viewer.playback.seek(1_000)
    await until(lambda: not viewer.playback.is_playing, "the picture of that place was shown", within_s=20)
    viewer.clear()
    await viewer.scope.settle()
    try:
        await table.render.ask(ShowPage("viewer-file-1", 0, 10, 10))
    except RemoteFailure as error:
        assert error.code == "evidence-refused"
    else:
        raise AssertionError("render still had the file")


async def test_what_a_render_process_drew_does_not_outlive_it_in_shared_memory(table: Table) -> None:
    table.open(0)
    await table.named("Picture: 1 of 4")
    await until(lambda: not table.viewer.film.is_waiting, "all small pictures are there", within_s=20)
    assert drawn_bytes(), "there are pixels"
    pid = table.render.pid
    assert pid is not None
    table.render.on_restarted(lambda: left.append(drawn_bytes()))
    left: list[int] = []
    os.kill(pid, signal.SIGKILL)
    await until(lambda: left, "it lives again", within_s=20)
    table.lost.clear()
    assert left[0] == 0


def drawn_bytes() -> int:
    """Bytes of shared memory beyond the header that this process holds and that have pixels in them."""
    total = 0
    for fd in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if "memfd:teleconsole-slot" in str(fd.readlink()):
                total += max(0, fd.stat().st_blocks * 512 - mmap.PAGESIZE)
    return total


async def test_a_file_is_shown_again_after_the_render_process_died(table: Table) -> None:
    table.open(0)
    await table.named("Picture: 1 of 4")
    await until(lambda: not table.viewer.film.is_waiting, "all small pictures are there", within_s=20)
    pid = table.render.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: table.lost, "the loss is told")
    await until(lambda: table.render.is_up and table.render.pid != pid, "it lives again", within_s=20)
    table.lost.clear()
    for _ in range(8):
        table.viewer.picture.zoom(1)
    await until(lambda: table.width() == 1600, "it was handed over again and drawn", within_s=20)
