"""The pane Call: the patient, oneself, the controls, and beside them the case, the chat and the notes."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.call.chat import ChatView
from teleconsole.console.call.devices import DevicesBox
from teleconsole.console.call.head import CallHead, NoticeLine, head_and_notice
from teleconsole.console.call.notes import NotesView
from teleconsole.console.call.stage import Stage
from teleconsole.console.pane import Pane
from teleconsole.console.ports import CallPort, VaultPort
from teleconsole.console.theme.measures import BUTTON_TALL_PX, SPACE_L_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.visits import IN_VISIT, Visits
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import Hairline, Label
from teleconsole.console.widgets.placeholder import EmptyState
from teleconsole.console.words import clock_time
from teleconsole.contracts.call import CaptureStill, SendChat, SetCamera, SetMicrophone, StatsChanged
from teleconsole.host.limits import UNLOCK_S

_SIDE_PX = 384
_CONFIRM_MS = 5_000


class CaseBeside(Protocol):
    """The case of the visit, shown beside the video."""

    def open(self, case_id: str) -> None:
        """Show this case."""

    def clear(self) -> None:
        """Forget it."""


class CallPane(Pane):
    """Shows the visit that goes on, or says that there is none.

    Args:
        visits: the state of the visit.
        case_widget: shows the visit's case; it is also a `CaseBeside`.
    """

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
        self._confirming = False
        self.head, self.notice = CallHead(theme), NoticeLine(theme)
        self.stage = Stage(theme, call)
        self.chat = ChatView(theme)
        self.notes = NotesView(theme, vault, self.scope)
        self.still_words = Label(title="Still", tone="good")
        self._side = QStackedWidget()
        self._empty = EmptyState(theme, "video", "No call", "Admit a patient under Today, or call from a case.")
        self._whole = QStackedWidget()
        self._tabs: list[Button] = []
        self._lay_out(case_widget)
        self._tick = QTimer(self)
        self._tick.setInterval(1_000)
        self._tick.timeout.connect(self._on_tick)
        self._unconfirm = QTimer(self)
        self._unconfirm.setSingleShot(True)
        self._unconfirm.setInterval(_CONFIRM_MS)
        self._unconfirm.timeout.connect(lambda: self._ask_end(asking=False))
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
        self.chat.show_lines([])
        self.stage.clear()
        self._case_beside.clear()
        self._case_shown = ""
        self.still_words.setText("")

    def shown(self) -> None:
        """Read how the call stands."""
        self._follow()

    def open_tab(self, index: int) -> None:
        """Show 0 the case, 1 the chat, 2 the notes."""
        self._side.setCurrentIndex(index)
        for number, tab in enumerate(self._tabs):
            tab.set_kind("primary" if number == index else "quiet")
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
        left.addWidget(self._controls())
        for view in (case_widget, self.chat, self.notes):
            self._side.addWidget(view)
        right = QFrame()
        right.setProperty("kind", "surface")
        right.setFixedWidth(_SIDE_PX)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tab_row())
        column.addWidget(Hairline())
        column.addWidget(self._side, 1)
        visit = QWidget()
        row = QHBoxLayout(visit)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(Hairline(Qt.Orientation.Vertical))
        row.addWidget(right)
        self._whole.addWidget(self._empty)
        self._whole.addWidget(visit)
        self.body.addWidget(self._whole)

    def _tab_row(self) -> QFrame:
        frame = QFrame()
        frame.setFixedHeight(56)
        row = QHBoxLayout(frame)
        row.setContentsMargins(SPACE_L_PX, 0, SPACE_L_PX, 0)
        row.setSpacing(SPACE_S_PX)
        for index, (word, name) in enumerate((("Case", "Case tab"), ("Chat", "Chat tab"), ("Notes", "Notes tab"))):
            tab = Button(self.theme, word, kind="primary" if index == 0 else "quiet", name=name)
            tab.clicked.connect(lambda _=False, index=index: self.open_tab(index))
            self._tabs.append(tab)
            row.addWidget(tab)
        row.addStretch(1)
        return frame

    def _controls(self) -> QFrame:
        theme, tall = self.theme, BUTTON_TALL_PX
        frame = QFrame()
        frame.setProperty("kind", "surface")
        row = QHBoxLayout(frame)
        row.setContentsMargins(SPACE_XL_PX, SPACE_L_PX, SPACE_XL_PX, SPACE_L_PX)
        row.setSpacing(SPACE_S_PX)
        self.microphone = Button(theme, "Mic on", icon="mic", keycap="M", height_px=tall)
        self.camera = Button(theme, "Camera on", icon="video", keycap="V", height_px=tall)
        self.still = Button(theme, "Still", icon="camera", keycap="S", height_px=tall, name="Take a still")
        devices = Button(theme, "Devices", icon="headphones", height_px=tall)
        self.end = Button(theme, "End", icon="phone-off", kind="danger", height_px=tall, name="End the call")
        self.stay = Button(theme, "Stay in the call", height_px=tall)
        self.stay.hide()
        for button, action_id in (
            (self.microphone, "call.microphone"),
            (self.camera, "call.camera"),
            (self.still, "call.still"),
            (devices, "call.devices"),
            (self.end, "call.end"),
        ):
            button.clicked.connect(self._actions[action_id].trigger)
        self.stay.clicked.connect(lambda: self._ask_end(asking=False))
        for widget in (self.microphone, self.camera, self.still, devices, self.still_words):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.stay)
        row.addWidget(self.end)
        return frame

    def _connect(self) -> None:
        actions, visits = self._actions, self._visits
        actions["call.microphone"].triggered.connect(
            lambda: self.scope.latest("microphone", self._set(SetMicrophone(not visits.snapshot.microphone_on)))
        )
        actions["call.camera"].triggered.connect(
            lambda: self.scope.latest("camera", self._set(SetCamera(not visits.snapshot.camera_on)))
        )
        actions["call.still"].triggered.connect(lambda: self.scope.start(self._take_still()))
        actions["call.chat"].triggered.connect(lambda: self.open_tab(1))
        actions["call.note"].triggered.connect(lambda: self.open_tab(2))
        actions["call.devices"].triggered.connect(lambda: DevicesBox(self._call, self).open())
        actions["call.end"].triggered.connect(self._on_end)
        self.chat.sent.connect(lambda text: self.scope.start(self._send(text)))
        visits.visit_changed.connect(self._follow)
        visits.chat_changed.connect(self._on_chat)
        self._call.on_news(StatsChanged, lambda news: self.head.show_stats(news.stats))

    def _follow(self) -> None:
        """Show the visit as it stands."""
        visits, snapshot = self._visits, self._visits.snapshot
        active = visits.in_visit
        self._whole.setCurrentIndex(1 if active else 0)
        for action_id in ("microphone", "camera", "chat", "note", "devices", "end"):
            self._actions[f"call.{action_id}"].setEnabled(active)
        self._actions["call.still"].setEnabled(snapshot.phase == "connected")
        self.still.setEnabled(snapshot.phase == "connected")
        self.head.show_visit(visits, self._now_ms())
        self.notice.show_visit(visits)
        microphone, camera = snapshot.microphone_on, snapshot.camera_on
        self.microphone.set_text("Mic on" if microphone else "Mic off", icon="mic" if microphone else "mic-off")
        self.camera.set_text("Camera on" if camera else "Camera off", icon="video" if camera else "video-off")
        self.stage.own.say("Starting your camera" if camera else "Your camera is off")
        if not camera:
            self.stage.own.clear()
        self.stage.remote.say("No picture yet" if snapshot.patient_camera_on else "The patient's camera is off")
        if not active:
            self._tick.stop()
            self.stage.clear()
            self.still_words.setText("")
            self._ask_end(asking=False)
            return
        self._tick.start()
        patient = visits.patient
        if patient is not None:
            self.notes.show_visit(patient.case_id, patient.visit_id)
            if patient.case_id != self._case_shown:
                self._case_shown = patient.case_id
                self._case_beside.open(patient.case_id)

    def _on_tick(self) -> None:
        self.head.show_time(self._visits.snapshot, self._now_ms())

    def _on_chat(self) -> None:
        self.chat.show_lines(self._visits.lines)
        if self._side.currentIndex() == 1:
            self._seen_lines = len(self._visits.lines)
        self._show_chat_count()

    def _show_chat_count(self) -> None:
        new = max(0, len(self._visits.lines) - self._seen_lines)
        self._tabs[1].setText(f"Chat · {new} new" if new else "Chat")
        self._tabs[1].updateGeometry()

    def _on_end(self) -> None:
        """The first press asks, the second ends: in the place of the button, without a dialog."""
        if self._visits.snapshot.phase not in IN_VISIT:
            return
        if not self._confirming:
            self._ask_end(asking=True)
            return
        self._ask_end(asking=False)
        self.scope.start(self._end())

    def _ask_end(self, *, asking: bool) -> None:
        self._confirming = asking
        self.end.set_text("End for both" if asking else "End")
        self.end.set_name("End the call for both" if asking else "End the call")
        self.stay.setVisible(asking)
        if asking:
            self._unconfirm.start()
        else:
            self._unconfirm.stop()

    async def _end(self) -> None:
        await self.notes.finish()
        self._visits.hang_up()

    async def _set(self, ask: SetMicrophone | SetCamera) -> None:
        await self._call.ask(ask)

    async def _send(self, text: str) -> None:
        await self._call.ask(SendChat(text))

    async def _take_still(self) -> None:
        self.still_words.setText("Saving the still")
        try:
            still = await self._call.ask(CaptureStill(), deadline_s=UNLOCK_S)
        except BaseException:
            self.still_words.setText("")
            raise
        self.still_words.setText(f"Still saved {clock_time(still.taken_ms)}, {still.width} by {still.height}")
