"""The controls under the stage: microphone, camera, still, devices, and at the right, alone, the end."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.call.step_button import StepButton
from teleconsole.console.theme.measures import BUTTON_TALL_PX, SPACE_L_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.visits import IN_VISIT, Visits
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import Label
from teleconsole.console.widgets.level_meter import LevelMeter
from teleconsole.contracts.sound import LevelsChanged

_CONFIRM_MS = 5_000
_METER_PX = 64


class Controls(QFrame):
    """Buttons of 44 px; each does what its action does.

    The first press of End asks, in the place of the button and without a dialog, the second one ends. When the patient
    has left, there is nothing to ask: the same button closes the visit.

    Signals:
        end_wanted: End was pressed twice.
        close_wanted: the visit that the patient left is to be closed.
    """

    end_wanted = Signal()
    close_wanted = Signal()

    def __init__(self, theme: Theme, actions: Actions, visits: Visits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "surface")
        self._visits = visits
        self._confirming = False
        tall = BUTTON_TALL_PX
        self.microphone = Button(theme, "Mic on", icon="mic", keycap="M", height_px=tall)
        self.camera = Button(theme, "Camera on", icon="video", keycap="V", height_px=tall)
        self.still = Button(theme, "Still", icon="camera", keycap="S", height_px=tall, name="Take a still")
        self.microphone_level, self.heard_level = LevelMeter("Microphone level"), LevelMeter("Loudspeaker level")
        self.devices = Button(theme, "Devices", icon="headphones", height_px=tall)
        self.step = StepButton(theme)
        self.still_words = Label(title="Still", tone="good", wrap=True)
        self.end = Button(theme, "End", icon="phone-off", kind="danger", height_px=tall, name="End the call")
        self.stay = Button(theme, "Stay in the call", height_px=tall)
        self.stay.hide()
        self._unconfirm = QTimer(self)
        self._unconfirm.setSingleShot(True)
        self._unconfirm.setInterval(_CONFIRM_MS)
        self._unconfirm.timeout.connect(lambda: self.ask_end(asking=False))
        self._lay_out()
        for button, action_id in (
            (self.microphone, "call.microphone"),
            (self.camera, "call.camera"),
            (self.still, "call.still"),
            (self.devices, "call.devices"),
            (self.end, "call.end"),
        ):
            button.clicked.connect(actions[action_id].trigger)
        self.stay.clicked.connect(lambda: self.ask_end(asking=False))

    def show_visit(self) -> None:
        """Show what can be done now."""
        visits, snapshot = self._visits, self._visits.snapshot
        microphone, camera = snapshot.microphone_on, snapshot.camera_on
        self.microphone.set_text("Mic on" if microphone else "Mic off", icon="mic" if microphone else "mic-off")
        self.camera.set_text("Camera on" if camera else "Camera off", icon="video" if camera else "video-off")
        if visits.is_over and any(button.hasFocus() for button in (self.microphone, self.camera, self.still)):
            self.end.setFocus()  # else the keyboard would go to the next part of the window
        self.step.show_choice(snapshot.chosen_step)
        for button in (self.microphone, self.camera, self.step, self.devices):
            button.setEnabled(visits.in_visit)
        self.still.setEnabled(snapshot.phase == "connected")
        if not visits.in_visit:
            self.ask_end(asking=False)

    def press_end(self) -> None:
        """Ask, end, or close: what End means now."""
        if self._visits.is_over:
            self.close_wanted.emit()
        elif self._visits.snapshot.phase in IN_VISIT:
            asked = self._confirming
            self.ask_end(asking=not asked)
            if asked:
                self.end_wanted.emit()

    def ask_end(self, *, asking: bool) -> None:
        """Ask whether to end the call for both, for five seconds, or ask no more."""
        self._confirming = asking
        if self._visits.is_over:
            words, name = "Close", "Close the visit"
        else:
            words, name = ("End for both", "End the call for both") if asking else ("End", "End the call")
        self.end.set_text(words)
        self.end.set_name(name)
        self.stay.setVisible(asking)
        for button in (self.step, self.devices):
            button.setVisible(not asking)  # room for the question, also in a narrow window
        if asking:
            self._unconfirm.start()
        else:
            self._unconfirm.stop()

    def show_levels(self, news: LevelsChanged) -> None:
        """Show how loud oneself and the other side are."""
        self.microphone_level.show_level(news.microphone)
        self.heard_level.show_level(news.speaker)

    def _levels(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SPACE_S_PX)
        column.addStretch(1)
        for meter in (self.microphone_level, self.heard_level):
            meter.setFixedWidth(_METER_PX)
            column.addWidget(meter)
        column.addStretch(1)
        return column

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_XL_PX, SPACE_L_PX, SPACE_XL_PX, SPACE_L_PX)
        row.setSpacing(SPACE_S_PX)
        for widget in (self.microphone, self.camera, self.still, self.step, self.devices):
            row.addWidget(widget)
        row.addLayout(self._levels())
        row.addWidget(self.still_words, 1)
        row.addWidget(self.stay)
        row.addWidget(self.end)
