"""The call while the screen is locked: how long, how well, microphone, camera, End; no name, no picture."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from teleconsole.console.ports import CallPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.console.theme.measures import BUTTON_TALL_PX, SPACE_L_PX, SPACE_M_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import ElidedLabel, IconLabel, Label, Tone
from teleconsole.console.widgets.stethoscope_state import StethoscopeState
from teleconsole.console.words import duration
from teleconsole.contracts.call import CallChanged, CallSnapshot, HangUp, Quality, SetCamera, SetMicrophone

IN_CALL = frozenset({"admitting", "connecting", "connected", "reconnecting"})
QUALITY_WORDS: dict[Quality, tuple[str, Tone]] = {
    "unknown": ("", "secondary"),
    "good": ("Good", "good"),
    "fair": ("Fair", "secondary"),
    "poor": ("Weak", "warn"),
    "lost": ("Interrupted", "danger"),
}


class CallBar(QFrame):
    """64 px; hidden while there is no call."""

    def __init__(self, theme: Theme, call: CallPort, now_ms: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._call = call
        self._now_ms = now_ms
        self._snapshot: CallSnapshot | None = None
        self.setProperty("kind", "surface")
        self.setAccessibleName("Call bar")
        self.setFixedHeight(64)
        self._scope = TaskScope(self, self._on_error)
        self._time = Label(title="In call", step="name")
        self._quality = Label(title="Quality", weight=500)
        self.stethoscope = StethoscopeState(theme)
        self._note = ElidedLabel("They hear and see you. Name and picture are hidden while locked.", tone="secondary")
        self._microphone = Button(theme, "Mic on", icon="mic", height_px=BUTTON_TALL_PX)
        self._camera = Button(theme, "Camera on", icon="video", height_px=BUTTON_TALL_PX)
        self._end = Button(theme, "End", icon="phone-off", kind="danger", height_px=BUTTON_TALL_PX, name="End the call")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_XL_PX, 0, SPACE_XL_PX, 0)
        row.setSpacing(SPACE_L_PX)
        row.addWidget(IconLabel(theme, "video", "good", 20))
        row.addWidget(Label("Your call goes on", weight=600))
        row.addWidget(Label("in call", step="small", tone="secondary"))
        row.addWidget(self._time)
        row.addWidget(self._quality)
        row.addWidget(self.stethoscope)
        row.addWidget(self._note, 1)
        row.setSpacing(SPACE_M_PX)
        for button in (self._microphone, self._camera, self._end):
            row.addWidget(button)
        self._microphone.clicked.connect(self._on_microphone)
        self._camera.clicked.connect(self._on_camera)
        self._end.clicked.connect(lambda: self._scope.start(self._hang_up()))
        call.on_news(CallChanged, lambda news: self.show_call(news.snapshot))
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._show_time)
        self.hide()

    @property
    def snapshot(self) -> CallSnapshot | None:
        """The call as it was told last; None before anything was told."""
        return self._snapshot

    def show_call(self, snapshot: CallSnapshot) -> None:
        """Show how the call stands; hide when there is none."""
        self._snapshot = snapshot
        active = snapshot.phase in IN_CALL
        self.setVisible(active)
        if not active:
            self._tick.stop()
            return
        self._tick.start()
        self._show_time()
        words, tone = QUALITY_WORDS[snapshot.quality]
        self._quality.setText(words)
        self._quality.set_tone(tone)
        self.stethoscope.show_call(snapshot, in_visit=True)
        microphone, camera = snapshot.microphone_on, snapshot.camera_on
        self._microphone.set_text("Mic on" if microphone else "Mic off", icon="mic" if microphone else "mic-off")
        self._camera.set_text("Camera on" if camera else "Camera off", icon="video" if camera else "video-off")

    def _show_time(self) -> None:
        started_ms = self._snapshot.started_ms if self._snapshot is not None else 0
        self._time.setText(duration(max(0, self._now_ms() - started_ms) // 1000) if started_ms else "00:00")

    def _on_microphone(self) -> None:
        if self._snapshot is not None:
            self._scope.start(self._set(SetMicrophone(not self._snapshot.microphone_on)))

    def _on_camera(self) -> None:
        if self._snapshot is not None:
            self._scope.start(self._set(SetCamera(not self._snapshot.camera_on)))

    async def _set(self, ask: SetMicrophone | SetCamera) -> None:
        await self._call.ask(ask)

    async def _hang_up(self) -> None:
        await self._call.ask(HangUp())

    def _on_error(self, sentence: str) -> None:
        self._note.setText(sentence)
