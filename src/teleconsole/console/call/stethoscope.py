"""The stethoscope mode on the screen: begun and ended in the devices' box."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_S_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import Label
from teleconsole.contracts.call import CallSnapshot
from teleconsole.contracts.sound import StethoscopeSide

_OFF_WORDS = "For heart and lung sounds: one microphone is sent as it is, without echo and noise suppression."


class StethoscopeChoice(QWidget):
    """Two buttons, for the patient's microphone and for one's own; each says what a press does.

    Signals:
        chosen: the side whose microphone is wanted as it is, "" = of none.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side: StethoscopeSide = ""
        self.patient = Button(theme, "Listen to the patient", icon="heart-pulse", keycap="H")
        self.own = Button(theme, "Send from here", icon="mic")
        self.words = Label(_OFF_WORDS, step="small", tone="secondary", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(SPACE_L_PX)
        row.addWidget(self.patient)
        row.addWidget(self.own)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S_PX)
        column.addLayout(row)
        column.addWidget(self.words)
        self.patient.clicked.connect(lambda: self.chosen.emit(other_side("patient", self._side)))
        self.own.clicked.connect(lambda: self.chosen.emit(other_side("own", self._side)))
        self.show_call(None)

    def show_call(self, snapshot: CallSnapshot | None) -> None:
        """Show how the mode stands; None = not known yet."""
        self._side = snapshot.stethoscope if snapshot is not None else ""
        listens, sends = self._side == "patient", self._side == "own"
        self.patient.set_text("Stop listening" if listens else "Listen to the patient")
        self.patient.set_name("Stethoscope: stop listening" if listens else "Stethoscope: listen to the patient")
        self.own.set_text("Stop sending" if sends else "Send from here")
        self.own.set_name("Stethoscope: stop sending" if sends else "Stethoscope: send from here")
        self.patient.set_tone("accent" if listens else "")
        self.own.set_tone("accent" if sends else "")
        can_begin = snapshot is not None and snapshot.phase == "connected"
        self.patient.setEnabled(can_begin or listens)
        self.own.setEnabled(can_begin or sends)
        self.words.setText((snapshot.stethoscope_words if snapshot is not None else "") or _OFF_WORDS)


def other_side(pressed: StethoscopeSide, now: StethoscopeSide) -> StethoscopeSide:
    """Return what is wanted when the control of a side is pressed: that side, or none when it is on."""
    return "" if pressed == now else pressed
