"""Draws every pane in its states and three themes, over fakes of the other processes, as PNG files.

    python -m tests.screenshots.make                 each pane in three themes at 1440 x 900, into docs/screenshots
    python -m tests.screenshots.make FOLDER --all    also 1280 x 800 and 1920 x 1080, scale 1 and 2
    python -m tests.screenshots.make FOLDER --text-scale 150 --theme light

Everything that is shown is made up.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import qasync
from PIL import Image, ImageFilter
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from tests.console import made_up
from tests.console.fakes import FakeCall, FakeRender, FakeVault

from teleconsole.console.case.vitals_chart import VitalsChart
from teleconsole.console.console import Console, Ports, Surroundings
from teleconsole.contracts.call import CallStats, StatsChanged, WaitingPatientCard, WaitingRoomChanged
from teleconsole.contracts.render import MakeThumbnail, Shown, ShowPage, Thumbnail
from teleconsole.contracts.vault import VaultStateName
from teleconsole.host.clock import from_ms
from teleconsole.host.policy import LoadedPolicy, Policy
from teleconsole.host.settings import Settings, ThemeChoice

THEMES: tuple[ThemeChoice, ...] = ("light", "dark", "high-contrast")
MOST_BYTES = 200_000
ROOT = Path(__file__).parents[2]
PICTURES = ("drawn-rash-forearm.jpg", "drawn-ring-leg.jpg", "drawn-eczema-elbow.jpg", "drawn-psoriasis-knee.jpg")
COLORS = 24
"""Of one photo: the grain of skin makes a PNG large and says nothing here."""
REPLY = "Thank you for the picture. Please stop the tablet and show me the left shin again by video at 16:00."


class StillClock:
    """Stands still."""

    def now(self) -> datetime:
        return from_ms(made_up.NOW_MS).astimezone(UTC)


class PictureRender(FakeRender):
    """Shows the made-up pictures of the demo clinic in place of patients' files."""

    def __init__(self) -> None:
        super().__init__()
        self.handlers[MakeThumbnail] = self._small
        self.handlers[ShowPage] = self._show
        self._shown: QImage | None = None
        self._number = 0

    def frame(self, slot: str, newer_than: int) -> tuple[int, QImage] | None:
        return (self._number, self._shown) if self._shown is not None and self._number != newer_than else None

    def _picture(self, file_id: str, width: int, height: int) -> QImage:
        number = sum(file_id.removeprefix("thumbnail-").removeprefix("file-").encode())
        return photo(PICTURES[number % len(PICTURES)], width, height)

    def _small(self, ask: MakeThumbnail) -> Thumbnail:
        picture = self._picture(ask.file_id, ask.max_width, ask.max_height)
        return Thumbnail(picture.width(), picture.height(), bytes(picture.constBits()))

    def _show(self, ask: ShowPage) -> Shown:
        self._shown = self._picture(ask.file_id, ask.max_width, ask.max_height)
        self._number += 1
        return Shown(self._shown.width(), self._shown.height(), self._number)


class PictureCall(FakeCall):
    """Shows a made-up arm as the patient's video and a drawn figure as the clinician's own."""

    def frame(self, slot: str, newer_than: int) -> tuple[int, QImage] | None:
        if self.snapshot.phase != "connected" or newer_than:
            return None
        return 1, photo("drawn-rash-forearm.jpg", 1280, 720) if slot == "remote" else figure(320, 240)


def photo(name: str, width: int, height: int) -> QImage:
    """A made-up picture of the demo clinic as large as fits, without grain and in few colours."""
    with Image.open(ROOT / "resources" / "demo" / "pictures" / name) as file:
        picture = file.convert("RGB").resize((320, 320 * file.height // file.width)).filter(ImageFilter.MedianFilter(7))
    scale = min(width / picture.width, height / picture.height)
    size = (round(picture.width * scale), round(picture.height * scale))
    flat = picture.resize(size, Image.Resampling.BICUBIC).quantize(COLORS, dither=Image.Dither.NONE).convert("RGBX")
    image = QImage(flat.tobytes(), *size, QImage.Format.Format_RGBX8888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def figure(width: int, height: int) -> QImage:
    """Head and shoulders of nobody."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#8FA3B5"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#2F4B63"))
    painter.drawEllipse(QRectF(width * 0.2, height * 0.66, width * 0.6, height * 0.8))
    painter.setBrush(QColor("#C99B7B"))
    painter.drawEllipse(QPointF(width / 2, height * 0.42), width * 0.13, height * 0.23)
    painter.end()
    return image


class Studio:
    """One console over fakes, in one theme and size."""

    def __init__(self, app: QApplication, kept: Settings, size: tuple[int, int], state: VaultStateName) -> None:
        self.vault, self.call, self.render = FakeVault(state=state), PictureCall(), PictureRender()
        around = Surroundings(StillClock(), LoadedPolicy(Policy()), kept, "0.1.0", lambda kept: None)
        self.console = Console(app, Ports(self.vault, self.call, self.render), around)
        self.console.window.resize(*size)
        self.console.window.show()
        self.vault.restart()

    async def settle(self) -> None:
        """Let everything come to rest."""
        await asyncio.sleep(0.45)
        for _ in range(100):
            if self._has_its_place():
                break
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.1)

    def _has_its_place(self) -> bool:
        charts = self.console.window.findChildren(VitalsChart)
        return all(chart.height() == chart.sizeHint().height() for chart in charts if chart.isVisible())

    async def open_case(self, case_id: str = "case-1") -> None:
        self.console.open_case(case_id)
        await self.console.cases.case.opened()
        await self.settle()
        await self.settle()

    def write(self, text: str) -> None:
        self.console.actions["case.reply"].trigger()
        editor = self.console.cases.case.composer.findChild(QPlainTextEdit)
        assert isinstance(editor, QPlainTextEdit)
        editor.setPlainText(text)

    async def close(self) -> None:
        console = self.console
        for pane in (*console.window.panes.values(), console.cases.queue, console.cases.case):
            pane.scope.cancel()
        console.scope.cancel()
        await asyncio.sleep(0)
        console.window.hide()
        for thing in (console.window, console.idle, console.theme, console):
            thing.deleteLater()
        await asyncio.sleep(0.02)


async def cases(studio: Studio) -> None:
    await studio.open_case()


async def cases_offline(studio: Studio) -> None:
    partial = [
        msgspec.structs.replace(row, completeness="partial", evidence_here=2, evidence_total=3) if number == 1 else row
        for number, row in enumerate(studio.vault.rows)
    ]
    studio.vault.rows = partial
    detail = studio.vault.details["case-1"]
    timeline = tuple(
        msgspec.structs.replace(
            entry,
            evidence=tuple(
                msgspec.structs.replace(item, here_bytes=0, size_bytes=2_100_000) if number == 2 else item
                for number, item in enumerate(entry.evidence)
            ),
        )
        for entry in detail.timeline
    )
    studio.vault.details["case-1"] = msgspec.structs.replace(detail, timeline=timeline)
    await studio.open_case()
    studio.write(REPLY)
    studio.console.actions["case.send"].trigger()
    await studio.settle()
    studio.vault.set_status(phase="offline", synced_ms=made_up.NOW_MS - 1_620_000)
    await studio.settle()
    studio.console.cases.case.timeline.verticalScrollBar().setValue(10_000)


async def cases_writing(studio: Studio) -> None:
    await studio.open_case()
    studio.write(REPLY)
    await asyncio.sleep(0.8)


async def cases_conflict(studio: Studio) -> None:
    await studio.open_case()
    detail = studio.vault.details["case-1"]
    theirs = msgspec.structs.replace(
        detail.timeline[1], entry_id="theirs", author="Dr Jonas Rahm", from_patient=False,
        at_ms=made_up.NOW_MS - 720_000,
        text="Thank you for the picture. Please take half of the tablet from tomorrow. A nurse will phone you.",
    )  # fmt: skip
    studio.vault.details["case-1"] = msgspec.structs.replace(detail, timeline=(*detail.timeline, theirs))
    studio.write(REPLY)
    studio.console.actions["case.send"].trigger()
    await studio.settle()
    change = studio.vault.changes[0].change_id
    studio.vault.set_change(change, state="conflict", problem="Jonas Rahm answered in the meantime. Both are safe.")
    studio.vault.set_status(phase="idle")
    await studio.settle()
    studio.console.cases.case.timeline.compared.emit(change)
    await studio.settle()


async def cases_no_match(studio: Studio) -> None:
    studio.console.actions["search"].trigger()
    field = studio.console.cases.queue.tools.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText("zzz")
    await studio.settle()


async def viewer(studio: Studio) -> None:
    await studio.open_case()
    studio.console.actions["case.look"].trigger()
    await studio.settle()


async def today(studio: Studio) -> None:
    cards = [
        WaitingPatientCard("visit-11", "waiting", "ok", made_up.NOW_MS - 360_000, True, ""),
        WaitingPatientCard("visit-12", "waiting", "no-camera", made_up.NOW_MS - 120_000, True, ""),
        WaitingPatientCard("visit-13", "checking", "unchecked", made_up.NOW_MS - 30_000, False, ""),
    ]
    studio.call.change(gateway="connected")
    studio.call.tell(WaitingRoomChanged(tuple(cards)))
    studio.console.actions["go.today"].trigger()
    await studio.settle()


async def call(studio: Studio) -> None:
    studio.console.visits.call_case("case-2")
    await studio.settle()
    studio.call.change(
        phase="connected", quality="good", started_ms=made_up.NOW_MS - 848_000,
        safety_words=("harbour", "violet", "seven", "candle"),
    )  # fmt: skip
    studio.call.tell(StatsChanged(CallStats(at_ms=made_up.NOW_MS, received_fps=30, frame_width=1280, frame_height=720)))
    await studio.settle()


async def call_picture(studio: Studio) -> None:
    await call(studio)
    why = "Smaller picture: the connection is slow, and the voice comes first."
    studio.call.change(step="360p", step_cause="slow", step_why=why, quality="poor")
    studio.console.actions["call.step"].trigger()
    await studio.settle()


async def to_send(studio: Studio) -> None:
    for case_id in ("case-1", "case-2"):
        await studio.open_case(case_id)
        studio.write(REPLY)
        studio.console.actions["case.send"].trigger()
        await studio.settle()
    studio.vault.set_change("change-1", state="refused", problem="The server refused this: the case is closed.")
    studio.console.actions["go.to-send"].trigger()
    await studio.settle()


async def settings(studio: Studio) -> None:
    studio.console.actions["go.settings"].trigger()
    await studio.settle()


async def locked(studio: Studio) -> None:
    await call(studio)
    studio.console.actions["lock"].trigger()
    await studio.settle()


async def first_run(studio: Studio) -> None:
    await studio.settle()


async def shortcuts(studio: Studio) -> None:
    studio.console.actions["shortcuts"].trigger()
    await studio.settle()


SCENES: dict[str, Callable[[Studio], Awaitable[None]]] = {
    "today": today,
    "cases": cases,
    "cases-offline": cases_offline,
    "cases-writing": cases_writing,
    "cases-conflict": cases_conflict,
    "cases-no-match": cases_no_match,
    "viewer": viewer,
    "call": call,
    "call-picture": call_picture,
    "to-send": to_send,
    "settings": settings,
    "locked": locked,
    "first-run": first_run,
    "shortcuts": shortcuts,
}
EVERY_THEME = frozenset({"today", "cases", "call", "viewer", "to-send", "settings", "locked"})


def grab(widget: QWidget, scale: float) -> QPixmap:
    """The window's picture; at scale 2 with twice the pixels."""
    picture = QPixmap(widget.size() * scale)
    picture.setDevicePixelRatio(scale)
    widget.render(picture, QPoint(0, 0))
    return picture


def save(picture: QPixmap, file: Path) -> None:
    """Write a small PNG: a screen has few colours."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    image = Image.open(io.BytesIO(bytes(buffer.data().data()))).convert("RGB")
    image.save(file, optimize=True)
    if file.stat().st_size > MOST_BYTES:
        image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, optimize=True)


async def draw(app: QApplication, options: argparse.Namespace) -> None:
    """Draw what was asked for."""
    sizes = [(1440, 900)] if not options.all else [(1280, 800), (1440, 900), (1920, 1080)]
    for size in sizes:
        for theme in options.theme or THEMES:
            for name, scene in SCENES.items():
                if options.scene and name not in options.scene:
                    continue
                if theme != "light" and not options.all and not options.scene and name not in EVERY_THEME:
                    continue
                kept = Settings(theme=theme, text_scale_percent=options.text_scale)
                studio = Studio(app, kept, size, "new" if name == "first-run" else "open")
                await studio.settle()
                await scene(studio)
                window = app.activeModalWidget() or studio.console.window
                for scale in (1, 2) if options.all else (1,):
                    extra = f"-{size[0]}x{size[1]}@{scale}" if options.all else ""
                    save(grab(window, scale), options.folder / f"{name}-{theme}{extra}.png")
                await studio.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Draw; return 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs/screenshots"))
    parser.add_argument("--all", action="store_true", help="all sizes and scales")
    parser.add_argument("--text-scale", type=int, default=100, choices=(80, 100, 125, 150, 200))
    parser.add_argument("--scene", action="append", choices=sorted(SCENES))
    parser.add_argument("--theme", action="append", choices=THEMES)
    options = parser.parse_args(argv)
    options.folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["TZ"] = "UTC"
    time.tzset()
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    QCursor.setPos(0, 5_000)  # nothing lies under the mouse
    with qasync.QEventLoop(app) as loop:
        loop.run_until_complete(draw(app, options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
