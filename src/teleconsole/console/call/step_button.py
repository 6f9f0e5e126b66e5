"""How much is sent: as the link allows, or no more than the clinician wants; by mouse, keyboard and screen reader."""

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from teleconsole.console.theme.measures import BUTTON_TALL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.contracts.signal import LadderStep

Choice = LadderStep | Literal[""]

CHOICES: tuple[tuple[Choice, str], ...] = (
    ("", "Automatic"),
    ("720p", "Picture large"),
    ("360p", "Picture smaller"),
    ("180p", "Picture small"),
    ("audio-only", "Voice only"),
    ("voice-and-stills", "Voice and stills"),
    ("case", "Messages only"),
)
"""From the top down. Each is the most that is sent; a weak link may still take it lower."""


class StepButton(Button):
    """Opens a menu with the choices, the one that holds is checked.

    Signals:
        chosen: the step, "" = automatic.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", icon="signal", height_px=BUTTON_TALL_PX, name="Picture: Automatic", parent=parent)
        self._menu = QMenu(self)
        self._menu.setAccessibleName("Picture of the call")
        self._menu.setToolTipsVisible(True)
        self._entries: dict[str, QAction] = {}
        group = QActionGroup(self._menu)
        for choice, title in CHOICES:
            action = self._menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(not choice)
            action.setData(choice)
            group.addAction(action)
            self._entries[choice] = action
        group.triggered.connect(lambda action: self.chosen.emit(action.data()))
        self.clicked.connect(self.open_menu)

    def open_menu(self) -> None:
        """Show the choices; the keyboard begins at the one that holds."""
        checked = next(action for action in self._entries.values() if action.isChecked())
        self._menu.popup(self.mapToGlobal(self.rect().topLeft()), checked)
        self._menu.setActiveAction(checked)

    def close_menu(self) -> None:
        """Close the choices: the call is over."""
        self._menu.close()

    def show_choice(self, choice: Choice) -> None:
        """Check what holds, and say it."""
        self._entries[choice].setChecked(True)
        words = f"Picture: {self._entries[choice].text()}"
        self.set_name(words)
        self.setToolTip(f"{words} (P)")
        self.set_tone("" if not choice else "accent")
