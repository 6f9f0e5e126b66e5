"""Whether the stethoscope mode is on, in an icon and a word: wherever a call is shown."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from teleconsole.console.theme.measures import SPACE_XS_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import IconLabel, Label, Tone
from teleconsole.contracts.call import CallSnapshot
from teleconsole.contracts.sound import StethoscopePhase

_ICON_PX = 14
_STATE: dict[StethoscopePhase, tuple[str, Tone]] = {
    "off": ("", "secondary"),
    "asked": ("Stethoscope: asked", "secondary"),
    "on": ("Stethoscope: on", "good"),
    "plain": ("Stethoscope: plain voice", "warn"),
}


class StethoscopeState(QWidget):
    """Shown while the mode is on."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel(theme, "heart-pulse", "good", _ICON_PX)
        self.word = Label(step="small", weight=600)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_XS_PX)
        row.addWidget(self._icon)
        row.addWidget(self.word)
        self.hide()

    def show_call(self, snapshot: CallSnapshot, *, in_visit: bool) -> None:
        """Show how the mode stands; nothing while it is off or there is no visit."""
        word, tone = _STATE[snapshot.stethoscope_phase if in_visit else "off"]
        self.word.setText(word)
        self.word.set_tone(tone)
        self._icon.set_icon("heart-pulse", tone)
        self.setVisible(bool(word))
