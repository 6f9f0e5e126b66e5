"""The timeline: what was said, sent and done, oldest first, with the days between and a line before what is new."""

import asyncio
import time
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from teleconsole.console.case.entry import EntryView
from teleconsole.console.case.thumbnails import Thumbnails
from teleconsole.console.pauses import single_shot
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import Hairline, Label, Tone
from teleconsole.console.words import day, local, moment
from teleconsole.contracts.cases import CaseDetail, TimelineEntry

_SLICE_S = 0.006
"""Building goes on in the next turn of the loop after so long, so that the window never stalls."""

_SETTLE_MS = 400
"""Layout is done when the height has stayed the same for so long."""


@dataclass(frozen=True)
class _Line:
    """A day or "new since" between entries."""

    words: str
    tone: Tone


class _Divider(QFrame):
    def __init__(self, line: _Line, edge_px: int) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(edge_px, 0, edge_px, SPACE_M_PX - 4)
        row.addWidget(Label(line.words, step="small", tone=line.tone, weight=500 if line.tone == "accent" else 400))
        row.addWidget(Hairline(), 1, Qt.AlignmentFlag.AlignVCenter)


class Timeline(QScrollArea):
    """Shows the entries of one case; those that did not change are kept as they are.

    Signals: as `EntryView`.
    """

    evidence_opened = Signal(str)
    taken_back = Signal(str, bool)
    tried_again = Signal(str)
    compared = Signal(str)

    def __init__(
        self, theme: Theme, thumbnails: Thumbnails, *, narrow: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._narrow = narrow
        self._thumbnails = thumbnails
        self._online = True
        self._case_id = ""
        self._shown: dict[TimelineEntry | _Line, QWidget] = {}
        self.setAccessibleName("Timeline")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._page = QFrame(self)
        self._page.setProperty("kind", "surface")
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(0, SPACE_M_PX, 0, SPACE_M_PX)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setWidget(self._page)
        self._settled = single_shot(self, _SETTLE_MS)
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        self.verticalScrollBar().sliderPressed.connect(self._settled.stop)

    @property
    def entries(self) -> list[EntryView]:
        """The entries as they stand on the screen."""
        items = [self._column.itemAt(number) for number in range(self._column.count())]
        views = [item.widget() for item in items if item is not None]
        return [view for view in views if isinstance(view, EntryView)]

    def set_online(self, *, online: bool) -> None:
        """Say when what waits goes out."""
        self._online = online
        for entry in self.entries:
            entry.set_online(online=online)

    def clear(self) -> None:
        """Take everything off."""
        for view in self._shown.values():
            self._column.removeWidget(view)
            view.deleteLater()
        self._shown.clear()
        self._case_id = ""

    async def show_case(self, detail: CaseDetail, now_ms: int) -> None:
        """Show a case; the scroll stays when it is the same one, else the newest entry comes into view."""
        same = detail.row.case_id == self._case_id
        if not same:
            self._thumbnails.forget_waiting()
            self.clear()
            self._case_id = detail.row.case_id
        at_end = self.verticalScrollBar().value() >= self.verticalScrollBar().maximum() - 4
        wanted = _lines(detail, now_ms)
        for key in [key for key in self._shown if key not in wanted]:
            view = self._shown.pop(key)
            self._column.removeWidget(view)
            view.deleteLater()
        began_s = time.monotonic()
        for place, key in enumerate(wanted):
            if key not in self._shown:
                self._shown[key] = self._make(key)
                self._column.insertWidget(place, self._shown[key])
            if time.monotonic() - began_s > _SLICE_S:
                await asyncio.sleep(0)
                began_s = time.monotonic()
        self._order_for_readers(wanted)
        if at_end or not same:
            self._settled.start()
            self._scroll_to_new()

    def _order_for_readers(self, wanted: list[TimelineEntry | _Line]) -> None:
        """Bring the entries into the order that is shown: a screen reader goes by the order of the children."""
        for key in wanted:
            if key in self._shown:
                self._shown[key].raise_()

    def _on_range_changed(self) -> None:
        """The entries take their places over some turns of the loop: what is new stays in view until they have."""
        if self._settled.isActive():
            self._settled.start()
            self._scroll_to_new()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """From now on the person scrolls."""
        self._settled.stop()
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """From now on the person scrolls."""
        self._settled.stop()
        super().keyPressEvent(event)

    def _scroll_to_new(self) -> None:
        unread = next((view for view in self.entries if view.entry.unread), None)
        if unread is not None:
            self.ensureWidgetVisible(unread, 0, SPACE_XL_PX)
        else:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _make(self, key: TimelineEntry | _Line) -> QWidget:
        if isinstance(key, _Line):
            return _Divider(key, SPACE_L_PX if self._narrow else SPACE_XL_PX)
        view = EntryView(self._theme, key, self._thumbnails, online=self._online, narrow=self._narrow)
        view.evidence_opened.connect(self.evidence_opened)
        view.taken_back.connect(self.taken_back)
        view.tried_again.connect(self.tried_again)
        view.compared.connect(self.compared)
        return view


def _lines(detail: CaseDetail, now_ms: int) -> list[TimelineEntry | _Line]:
    """Return entries with a line before each day and before what came since the case was looked at."""
    lines: list[TimelineEntry | _Line] = []
    date, told_new = None, False
    for entry in detail.timeline:
        if local(entry.at_ms).date() != date:
            date = local(entry.at_ms).date()
            lines.append(_Line(day(entry.at_ms, now_ms), "secondary"))
        if entry.unread and not told_new:
            told_new = True
            since = f" since you looked at {moment(detail.looked_at_ms, now_ms)}" if detail.looked_at_ms else ""
            lines.append(_Line(f"New{since}", "accent"))
        lines.append(entry)
    return lines
