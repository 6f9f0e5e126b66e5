"""The pane Call: the patient, oneself, the controls, and beside them the case, the chat and the notes."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.call.chat import ChatView
from teleconsole.console.call.controls import Controls
from teleconsole.console.call.devices import DevicesBox
from teleconsole.console.call.head import CallHead, NoticeLine, head_and_notice
from teleconsole.console.call.notes import NotesView
from teleconsole.console.call.stage import Stage
from teleconsole.console.call.step_panel import StepPanel
from teleconsole.console.call.stethoscope import other_side
from teleconsole.console.call.tabs import TabRow
from teleconsole.console.pane import Pane
from teleconsole.console.ports import CallPort, VaultPort
from teleconsole.console.theme.theme import Theme
from teleconsole.console.visits import Visits
from teleconsole.console.widgets.label import Hairline
from teleconsole.console.widgets.placeholder import EmptyState
from teleconsole.console.words import clock_time
from teleconsole.contracts.call import CaptureStill, SendChat, SetCamera, SetMicrophone, SetStep, StatsChanged
from teleconsole.contracts.sound import LevelsChanged, SetStethoscope, TryDevices
from teleconsole.host.limits import UNLOCK_S

_SIDE_PX = 384
_SIDE_NARROW_PX = 320
_WIDE_FROM_PX = 1_200


class CaseBeside(Protocol):
    """The case of the visit, shown beside the video."""

    def open(self, case_id: str) -> None:
        """Show this case."""

    def clear(self) -> None:
        """Forget it."""


class CallPane(Pane):
    """Shows the visit that goes on, or says that there is none.

    Signals:
        devices_chosen: camera, microphone and loudspeaker that work from now on.

    Args:
        visits: the state of the visit.
        case_widget: shows the visit's case; it is also a `CaseBeside`.
    """

    devices_chosen = Signal(str, str, str)

    def __init__(
        self,
        theme: Theme,
        actions: Actions,
        vault: VaultPort,
        call: CallPort,
        visits: Visits,
        case_beside: CaseBeside,
        case_widget: QWidget,
        now_ms: Callable[[], int],
    ) -> None:
        super().__init__(theme, "Call pane")
        self._call = call
        self._visits = visits
        self._actions = actions
        self._case_beside = case_beside
        self._now_ms = now_ms
        self._case_shown = ""
        self._seen_lines = 0
        self._devices: DevicesBox | None = None
        self._devices_in_visit = False
        self.head, self.notice = CallHead(theme), NoticeLine(theme)
        self.stage = Stage(theme, call)
        self.controls = Controls(theme, actions, visits)
        self.tabs = TabRow(theme)
        self.chat = ChatView(theme)
        self.notes = NotesView(theme, vault, self.scope)
        self._right = QFrame()
        self._side = QStackedWidget()
        self._empty = EmptyState(theme, "video", "No call", "Admit a patient under Today, or call from a case.")
        self._whole = QStackedWidget()
        self._lay_out(case_widget)
        self._tick = QTimer(self)
        self._tick.setInterval(1_000)
        self._tick.timeout.connect(self._on_tick)
        actions.give(self, "Call")
        self._connect()
        self._follow()

    async def save(self) -> None:
        """Keep the note that is being written."""
        await self.notes.save()

    def clear(self) -> None:
        """Forget everything of the patient; the call goes on."""
        super().clear()
        self.notes.clear()
        self.chat.clear()
        self.stage.clear()
        self._case_beside.clear()
        self._case_shown = ""
        self._seen_lines = 0
        self.controls.still_words.setText("")
        self.steps.close_panel()
        self._close_devices()

    def shown(self) -> None:
        """Read how the call stands."""
        self._follow()

    def open_tab(self, index: int) -> None:
        """Show 0 the case, 1 the chat, 2 the notes."""
        self._side.setCurrentIndex(index)
        self.tabs.show_tab(index)
        if index == 1:
            self._seen_lines = len(self._visits.lines)
            self.chat.field.setFocus()
        elif index == 2:
            self.notes.field.setFocus()
        self._show_chat_count()

    def _lay_out(self, case_widget: QWidget) -> None:
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(head_and_notice(self.head, self.notice))
        left.addWidget(self.stage, 1)
        left.addWidget(Hairline())  # in high contrast nothing else parts them
        left.addWidget(self.controls)
        for view in (case_widget, self.chat, self.notes):
            self._side.addWidget(view)
        self._right.setProperty("kind", "surface")
        self._right.setFixedWidth(_SIDE_PX)
        column = QVBoxLayout(self._right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(Hairline())
        column.addWidget(self._side, 1)
        visit = QWidget()
        row = QHBoxLayout(visit)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(Hairline(Qt.Orientation.Vertical))
        row.addWidget(self._right)
        self._whole.addWidget(self._empty)
        self._whole.addWidget(visit)
        self.steps = StepPanel(self.theme, self.controls.step, self.stage, visit)
        self.body.addWidget(self._whole)

    def _connect(self) -> None:
        actions, visits = self._actions, self._visits
        actions["call.microphone"].triggered.connect(
            lambda: self.scope.latest("microphone", self._set(SetMicrophone(not visits.snapshot.microphone_on)))
        )
        actions["call.camera"].triggered.connect(
            lambda: self.scope.latest("camera", self._set(SetCamera(not visits.snapshot.camera_on)))
        )
        actions["call.step"].triggered.connect(self.steps.toggle)
        self.steps.opened.connect(self._close_devices)
        self.steps.chosen.connect(lambda step: self.scope.latest("step", self._set(SetStep(step))))
        actions["call.still"].triggered.connect(lambda: self.scope.start(self._take_still()))
        actions["call.chat"].triggered.connect(lambda: self.open_tab(1))
        actions["call.note"].triggered.connect(lambda: self.open_tab(2))
        actions["call.stethoscope"].triggered.connect(
            lambda: self.scope.latest(
                "stethoscope", self._set(SetStethoscope(other_side("patient", visits.snapshot.stethoscope)))
            )
        )
        actions["call.devices"].triggered.connect(self._open_devices)
        actions["call.end"].triggered.connect(self.controls.press_end)
        actions["call.stage"].triggered.connect(self._go_back)
        self.controls.end_wanted.connect(lambda: self.scope.start(self._end()))
        self.controls.close_wanted.connect(lambda: self.scope.start(self._close()))
        self.tabs.chosen.connect(self.open_tab)
        self.chat.sent.connect(lambda text: self.scope.start(self._send(text)))
        visits.visit_changed.connect(self._follow)
        visits.chat_changed.connect(self._on_chat)
        self._call.on_news(StatsChanged, lambda news: self.head.show_stats(news.stats))
        self._call.on_news(LevelsChanged, self._on_levels)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the picture the room in a narrow window."""
        super().resizeEvent(event)
        self._right.setFixedWidth(_SIDE_PX if self.width() >= _WIDE_FROM_PX else _SIDE_NARROW_PX)

    def _follow(self) -> None:
        """Show the visit as it stands."""
        visits, snapshot = self._visits, self._visits.snapshot
        shown, active = visits.is_shown, visits.in_visit
        self._whole.setCurrentIndex(1 if shown else 0)
        for action_id in ("microphone", "camera", "step"):
            self._actions[f"call.{action_id}"].setEnabled(active)
        for action_id in ("chat", "note", "end", "stage"):
            self._actions[f"call.{action_id}"].setEnabled(shown)
        self._actions["call.still"].setEnabled(snapshot.phase == "connected")
        can_listen = snapshot.phase == "connected" or snapshot.stethoscope == "patient"
        self._actions["call.stethoscope"].setEnabled(active and can_listen)
        self.head.show_visit(visits, self._now_ms())
        self.notice.show_visit(visits)
        self.controls.show_visit()
        if visits.is_over and self.chat.field.hasFocus():
            self.controls.end.setFocus()
        self.chat.allow(allowed=active)
        self.stage.show_visit(snapshot, is_over=visits.is_over)
        self.steps.show_visit(snapshot)
        if active:
            self._tick.start()
        else:
            self._tick.stop()
        if active != self._devices_in_visit:
            self._close_devices()
        if not shown:
            self.stage.clear()
            self.controls.still_words.setText("")
        elif visits.patient is not None:
            self._show_case(visits.patient.case_id, visits.patient.visit_id)

    def _show_case(self, case_id: str, visit_id: str) -> None:
        self.notes.show_visit(case_id, visit_id)
        if case_id != self._case_shown:
            self._case_shown = case_id
            self._case_beside.open(case_id)

    def _on_tick(self) -> None:
        self.head.show_time(self._visits.snapshot, self._now_ms())
        self.stage.show_age()

    def _on_chat(self) -> None:
        self.chat.show_lines(self._visits.lines)
        if self._side.currentIndex() == 1 or not self._visits.lines:
            self._seen_lines = len(self._visits.lines)
        self._show_chat_count()

    def _show_chat_count(self) -> None:
        self.tabs.tabs[1].set_count(max(0, len(self._visits.lines) - self._seen_lines))

    def _on_levels(self, news: LevelsChanged) -> None:
        self.controls.show_levels(news)
        if news.speaks_muted != self.notice.speaks_muted:
            self.notice.speaks_muted = news.speaks_muted
            self.notice.show_visit(self._visits)

    def _go_back(self) -> None:
        """Close what lies over the picture, else give the keyboard to the picture."""
        if not self.steps.close_panel():
            self.stage.setFocus()

    def _open_devices(self) -> None:
        self.steps.close_panel()
        if self._devices is None:
            self._devices_in_visit = self._visits.in_visit
            self._devices = DevicesBox(self.theme, self._call, self.window(), in_visit=self._devices_in_visit)
            self._devices.chosen.connect(self.devices_chosen)
            self._devices.finished.connect(self._on_devices_closed)
        self._devices.show()
        self._devices.raise_()
        self._devices.activateWindow()

    def _close_devices(self) -> None:
        if self._devices is not None:
            self._devices.close()

    def _on_devices_closed(self) -> None:
        self._devices = None
        if not self._devices_in_visit:
            self.scope.start(self._set(TryDevices(on=False)))

    async def _end(self) -> None:
        """Write the note first, so that it stands in the record with the visit; the visit ends in any case."""
        try:
            await self.notes.finish()
        finally:
            self._visits.hang_up()

    async def _close(self) -> None:
        await self.notes.finish()
        self._visits.leave()

    async def _set(self, ask: SetMicrophone | SetCamera | SetStep | SetStethoscope | TryDevices) -> None:
        await self._call.ask(ask)

    async def _send(self, text: str) -> None:
        try:
            await self._call.ask(SendChat(text))
        except BaseException:
            self.chat.give_back(text)
            raise

    async def _take_still(self) -> None:
        words = self.controls.still_words
        words.setText("Saving the still")
        try:
            still = await self._call.ask(CaptureStill(), deadline_s=UNLOCK_S)
        except BaseException:
            words.setText("")
            raise
        words.setText(f"Still saved {clock_time(still.taken_ms)}")
        words.setToolTip(f"{still.width} by {still.height}, SHA-256 {still.sha256}")
