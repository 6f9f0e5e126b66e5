"""The viewer: one file of a case as large as the window allows, and the way to all the others."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSizeF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QSlider, QStackedWidget

from teleconsole.console.actions import Actions
from teleconsole.console.case.evidence import KINDS
from teleconsole.console.case.render_turn import RenderTurn
from teleconsole.console.case.thumbnails import Thumbnails
from teleconsole.console.case.viewer_bars import PageBar, PlayerBar, minutes
from teleconsole.console.case.viewer_facts import FactsLine
from teleconsole.console.case.viewer_file import ViewerFile
from teleconsole.console.case.viewer_film import FilmStrip
from teleconsole.console.case.viewer_head import ViewerHead
from teleconsole.console.case.viewer_picture import PictureView
from teleconsole.console.case.viewer_playback import Playback
from teleconsole.console.case.viewer_sound import ViewerSound
from teleconsole.console.case.viewer_state import ViewerState
from teleconsole.console.errors import report
from teleconsole.console.pane import Pane
from teleconsole.console.pauses import single_shot
from teleconsole.console.ports import CallPort, RenderPort, VaultPort
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import Hairline
from teleconsole.console.words import size
from teleconsole.contracts.cases import CaseDetail, EvidenceItem, OpenCase
from teleconsole.contracts.render import Opened
from teleconsole.contracts.vault import CasesChanged, EvidenceArrived
from teleconsole.domain.errors import TeleconsoleError

_PROGRESS_AFTER_MS = 300
_NEWS_PAUSE_MS = 100
_CSS_PX_PER_POINT = 96 / 72
_PAGE_DENSEST = 3.0
"""Render draws pages at up to 288 dots an inch; at 100 % there are 96."""
_WORDS: dict[str, str] = {"image": "Picture", "video": "Video", "audio": "Sound", "pdf": "Document"}
_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right)


class Viewer(Pane):
    """Shows the files of a case one by one; keeps nothing once it is left.

    Args:
        thumbnails: of the case; the film strip shares their pictures.
        turn: of all who use render.

    Signals:
        left: the person wants to go back to the case.
    """

    left = Signal()

    def __init__(
        self, theme: Theme, actions: Actions, vault: VaultPort, render: RenderPort, call: CallPort,
        thumbnails: Thumbnails, turn: RenderTurn, now_ms: Callable[[], int],
    ) -> None:  # fmt: skip
        super().__init__(theme, "Viewer")
        self._actions = actions
        self._vault = vault
        self._now_ms = now_ms
        self._detail: CaseDetail | None = None
        self._items: list[EvidenceItem] = []
        self._index = -1
        self._page = 0
        self._here_bytes = 0
        self.file = ViewerFile(vault, render, turn)
        self.head = ViewerHead(theme, actions)
        self.picture = PictureView(theme)
        self.state = ViewerState(theme)
        self.player = PlayerBar(theme, actions)
        self.pages = PageBar(theme, actions)
        self.facts = FactsLine(theme)
        self.film = FilmStrip(theme, thumbnails.beside(self.scope))
        sound = ViewerSound(call, self.scope, self.player.say_sound)
        self.playback = Playback(render, self.file, self.picture, sound, self.player, self.scope, self)
        self._stage = QStackedWidget()
        self._late = single_shot(self, _PROGRESS_AFTER_MS)
        self._news = single_shot(self, _NEWS_PAUSE_MS)
        self._lay_out()
        self._connect()
        actions.give(self, "Viewer")
        self._forget_shown()

    @property
    def item(self) -> EvidenceItem | None:
        """The file that is shown."""
        return self._items[self._index] if 0 <= self._index < len(self._items) else None

    def open(self, detail: CaseDetail, evidence_id: str) -> None:
        """Show a file of a case, and the way to its other files."""
        self.banner.hide()
        self._take(detail)
        ids = [item.evidence_id for item in self._items]
        self._go(ids.index(evidence_id) if evidence_id in ids else 0)
        self.picture.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Forget the file and go back."""
        self.clear()
        self.left.emit()

    def clear(self) -> None:
        """Forget the case and its pictures, here and in the render process."""
        super().clear()
        self._forget_shown()
        self._detail, self._items, self._index = None, [], -1
        self.film.clear()
        self.head.clear()
        self.facts.clear()
        self.state.clear()
        self.scope.start(self.file.forget())

    def event(self, event: QEvent) -> bool:
        """Leave Space to a button that has the focus, and the arrow keys to a slider; else they go to other files."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            focus = QApplication.focusWidget()
            for_button = isinstance(focus, QAbstractButton) and event.key() == Qt.Key.Key_Space
            if for_button or (isinstance(focus, QSlider) and event.key() in _ARROWS):
                event.accept()
                return True
        return super().event(event)

    def _lay_out(self) -> None:
        self._stage.addWidget(self.state)
        self._stage.addWidget(self.picture)
        self.body.addWidget(self.head)
        self.body.addWidget(Hairline())
        self.body.addWidget(self._stage, 1)
        for part in (self.player, self.pages, Hairline(), self.facts, Hairline(), self.film):
            self.body.addWidget(part)

    def _connect(self) -> None:
        actions = self._actions
        actions["viewer.next"].triggered.connect(lambda: self._go(self._index + 1))
        actions["viewer.previous"].triggered.connect(lambda: self._go(self._index - 1))
        actions["viewer.zoom-in"].triggered.connect(lambda: self.picture.zoom(1))
        actions["viewer.zoom-out"].triggered.connect(lambda: self.picture.zoom(-1))
        actions["viewer.fit"].triggered.connect(self.picture.fit)
        actions["viewer.play"].triggered.connect(self.playback.toggle)
        actions["viewer.next-page"].triggered.connect(lambda: self._turn_to(self._page + 1))
        actions["viewer.previous-page"].triggered.connect(lambda: self._turn_to(self._page - 1))
        actions["viewer.close"].triggered.connect(self.leave)
        self.film.chosen.connect(self._go)
        self.state.cancelled.connect(self._on_cancelled)
        self.state.again.connect(lambda: self._go(self._index))
        self.picture.zoomed.connect(self._follow_zoom)
        self.picture.more_wanted.connect(self._on_more_wanted)
        self._late.timeout.connect(self._show_progress)
        self._news.timeout.connect(lambda: self.scope.latest("news", self._read_again()))
        self._vault.on_news(CasesChanged, self._on_cases_changed)
        self._vault.on_news(EvidenceArrived, self._on_evidence_arrived)

    # --- which file -------------------------------------------------------------------------------------------------

    def _take(self, detail: CaseDetail) -> None:
        self._detail = detail
        items = [item for entry in detail.timeline for item in entry.evidence]
        if items != self._items:
            self._items = items
            self.film.show_items(items)

    def _go(self, index: int) -> None:
        """Show the file of that index; nothing beyond the ends."""
        if self._detail is None or not 0 <= index < len(self._items):
            return
        self._forget_shown()
        self._index = index
        item = self._items[index]
        self.head.show_item(item, self._detail.patient, index, len(self._items))
        self.facts.show_item(item, self._now_ms())
        self.film.mark(index)
        self._actions["viewer.next"].setEnabled(index + 1 < len(self._items))
        self._actions["viewer.previous"].setEnabled(index > 0)
        missing = _why_missing(item)
        if missing:
            self._say("download" if not item.problem else "triangle-alert", missing, tone="warn")
        else:
            self._here_bytes = 0
            self.state.clear()
            self._late.start()
            self.scope.latest("open", self._open(item))

    def _forget_shown(self) -> None:
        """Nothing is shown: stop what plays, drop the pixels."""
        self._late.stop()
        for key in ("open", "page"):
            self.scope.stop(key)  # a drawing of the file before must not come into this one
        self.playback.stop()
        self.picture.clear()
        self.picture.setAccessibleDescription("")
        self._page = 0
        self._stage.setCurrentWidget(self.state)
        self.player.hide()
        self.pages.hide()
        self.head.show_zoom(None)
        for action_id in ("zoom-in", "zoom-out", "fit", "play", "next-page", "previous-page"):
            self._actions[f"viewer.{action_id}"].setEnabled(False)

    # --- opening ----------------------------------------------------------------------------------------------------

    async def _open(self, item: EvidenceItem) -> None:
        try:
            opened = await self.file.open(item, self._on_progress)
            await self._show(item, opened)
        except TeleconsoleError as error:
            self._late.stop()
            self._say("triangle-alert", report(error), tone="warn", again=True)
        finally:
            self._late.stop()

    async def _show(self, item: EvidenceItem, opened: Opened) -> None:
        self.facts.show_item(item, self._now_ms(), opened)
        if opened.kind in ("video", "audio"):
            self.playback.begin(opened)
            self._actions["viewer.play"].setEnabled(True)
            self.player.show()
        if opened.kind == "audio":
            self._say("audio-lines", f"Sound recording, {minutes(opened.duration_ms)}")
            return
        per_unit = _CSS_PX_PER_POINT if opened.kind == "pdf" else 1.0
        natural = QSizeF(opened.width, opened.height) * per_unit
        self.picture.begin(natural, _PAGE_DENSEST if opened.kind == "pdf" else 1.0)
        focus = QApplication.focusWidget()
        had_focus = focus is None or self.state.isAncestorOf(focus)  # what hides lets the focus fall anywhere
        await self._draw(*self.picture.wanted_px())
        self._stage.setCurrentWidget(self.picture)
        if had_focus:
            self.picture.setFocus(Qt.FocusReason.OtherFocusReason)
        if opened.kind == "pdf":
            self.pages.show()
            await self._read_page()
        self._follow_zoom()

    async def _draw(self, width: int, height: int) -> None:
        image = await self.file.picture(self._page, width, height)
        if image is not None:
            self.picture.show_image(image)
        self._tell()

    async def _read_page(self) -> None:
        opened = self.file.opened
        if opened is None:
            return
        self.pages.show_page(self._page, opened.page_count)
        self._actions["viewer.next-page"].setEnabled(self._page + 1 < opened.page_count)
        self._actions["viewer.previous-page"].setEnabled(self._page > 0)
        text = await self.file.text(self._page)
        self.picture.setAccessibleDescription(text or "This page has no text: it may be a scan.")

    def _turn_to(self, page: int) -> None:
        opened = self.file.opened
        if opened is not None and 0 <= page < opened.page_count:
            self._page = page
            self.scope.latest("page", self._show_page())

    async def _show_page(self) -> None:
        await self._draw(*self.picture.wanted_px())
        await self._read_page()

    # --- what is said -----------------------------------------------------------------------------------------------

    def _say(self, icon: str, sentence: str, *, tone: str = "secondary", again: bool = False) -> None:
        self._stage.setCurrentWidget(self.state)
        self.state.say(icon, sentence, tone=tone, again=again)

    def _tell(self) -> None:
        """Give the picture its accessible name, such as "Picture: 1 of 4, Left shin, 1280 by 960"."""
        item, opened = self.item, self.file.opened
        if item is None or opened is None:
            return
        words = [f"{self._index + 1} of {len(self._items)}", item.title or KINDS[item.kind]]
        if opened.kind == "pdf":
            words.append(f"page {self._page + 1} of {opened.page_count}")
        else:
            words.append(f"{opened.width} by {opened.height}")
        self.picture.setAccessibleName(f"{_WORDS[opened.kind]}: {', '.join(words)}")
        if opened.kind == "image":
            self.picture.setAccessibleDescription("Shift and the arrow keys move the picture once it is enlarged.")

    def _follow_zoom(self) -> None:
        opened = self.file.opened
        if opened is None or self.picture.image is None or opened.kind not in ("image", "pdf"):
            return
        self.head.show_zoom(self.picture.percent)
        self._actions["viewer.zoom-in"].setEnabled(True)
        for action_id in ("zoom-out", "fit"):
            self._actions[f"viewer.{action_id}"].setEnabled(not self.picture.is_fitted)

    def _on_more_wanted(self, width: int, height: int) -> None:
        if self.file.opened is not None and not self.playback.is_playing:
            self.scope.latest("page", self._draw(width, height))

    def _on_progress(self, here_bytes: int) -> None:
        self._here_bytes = here_bytes
        if self.state.words:
            self._show_progress()

    def _show_progress(self) -> None:
        if self.item is not None:
            self.state.show_progress(self._here_bytes, self.item.size_bytes)

    def _on_cancelled(self) -> None:
        self._forget_shown()
        self._say("image", "Not opened. The original is kept on this computer.", again=True)

    # --- what changes meanwhile -------------------------------------------------------------------------------------

    def _on_cases_changed(self, news: CasesChanged) -> None:
        if self._detail is not None and (not news.case_ids or self._detail.row.case_id in news.case_ids):
            self._news.start()

    def _on_evidence_arrived(self, news: EvidenceArrived) -> None:
        if self._detail is not None and news.case_id == self._detail.row.case_id:
            self._news.start()

    async def _read_again(self) -> None:
        """Follow the case: a file may have arrived, and others may have come."""
        if self._detail is None:
            return
        before = self.item
        detail = await self._vault.ask(OpenCase(self._detail.row.case_id, mark_read=False))
        self._take(detail)
        ids = [item.evidence_id for item in self._items]
        if before is None or before.evidence_id not in ids:
            self.leave()
            return
        self._index = ids.index(before.evidence_id)
        if self._items[self._index] != before:
            self._go(self._index)
            return
        self.film.mark(self._index)
        self.head.show_item(before, detail.patient, self._index, len(self._items))
        self._actions["viewer.next"].setEnabled(self._index + 1 < len(self._items))
        self._actions["viewer.previous"].setEnabled(self._index > 0)
        self._tell()


def _why_missing(item: EvidenceItem) -> str:
    """Return one sentence, empty when the whole file is here and may be opened."""
    if item.problem:
        return item.problem
    if item.here_bytes >= item.size_bytes:
        return ""
    if item.here_bytes:
        here, whole = size(item.here_bytes), size(item.size_bytes)
        return f"This file is still arriving: {here} of {whole} are here, and it opens by itself when it is whole."
    return f"This file, {size(item.size_bytes)}, is not here yet; it comes with the network and opens by itself."
