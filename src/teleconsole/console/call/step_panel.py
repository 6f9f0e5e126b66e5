"""How much is sent: as the link allows, or no more than the clinician wants; by mouse, keyboard and screen reader."""

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPoint, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QFrame, QVBoxLayout, QWidget

from teleconsole.console.call.step_row import StepRow
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_S_PX, SPACE_XS_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import Label
from teleconsole.contracts.call import CallSnapshot
from teleconsole.contracts.signal import LadderStep

Choice = LadderStep | Literal[""]

CHOICES: tuple[tuple[Choice, str, str], ...] = (
    ("", "Automatic", "As the connection allows"),
    ("720p", "Picture large", "Up to 1280 by 720"),
    ("360p", "Picture smaller", "Up to 640 by 360"),
    ("180p", "Picture small", "Up to 320 by 180"),
    ("audio-only", "Voice only", "No picture"),
    ("voice-and-stills", "Voice and stills", "A still every few seconds"),
    ("case", "Messages only", "Chat goes into the case"),
)
"""Choice, title and hint, from the top down. Each is the most that is sent; a weak link may still take it lower."""

TITLES: dict[Choice, str] = {choice: title for choice, title, _ in CHOICES}

_MOVES = frozenset({QEvent.Type.Move, QEvent.Type.Resize})
_CLOSERS = frozenset({QEvent.Type.Hide, QEvent.Type.EnabledChange})


class StepPanel(QFrame):
    """Lies in the stage's lower left corner, across from oneself, so that the patient's face stays free.

    It is no window of its own: a screen reader finds it in the call. It closes when something is chosen, when the
    keyboard goes elsewhere, and when its button cannot be pressed any more.

    Args:
        opener: its button; the keyboard goes back there.
        stage: what it lies over; gets the keyboard when the button is gone.
        parent: holds both.

    Signals:
        opened: it is shown.
        chosen: the step, "" = automatic.
    """

    opened = Signal()
    chosen = Signal(str)

    def __init__(self, theme: Theme, opener: QAbstractButton, stage: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.setAccessibleName("Picture of the call")
        self._opener, self._stage, self._holder = opener, stage, parent
        self._following = False
        self._lay_out(theme)
        self.hide()
        opener.clicked.connect(self.toggle)
        opener.installEventFilter(self)
        stage.installEventFilter(self)
        theme.changed.connect(self._place)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus_changed)

    def _lay_out(self, theme: Theme) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_S_PX, SPACE_M_PX, SPACE_S_PX, SPACE_S_PX)
        column.setSpacing(SPACE_XS_PX)
        head = Label("How much is sent", step="small", tone="secondary")
        head.setContentsMargins(SPACE_M_PX, 0, SPACE_M_PX, SPACE_XS_PX)
        column.addWidget(head)
        self._rows: dict[str, StepRow] = {}
        for choice, title, hint in CHOICES:
            row = StepRow(theme, title, self)
            row.show_hint(hint)
            row.setChecked(not choice)
            row.moved.connect(self._go_on)
            row.clicked.connect(self.close_panel)
            # toggled and not clicked: a screen reader toggles, and a click does so too
            row.toggled.connect(lambda on, choice=choice: self._on_toggled(choice, on=on))
            column.addWidget(row)
            self._rows[choice] = row

    def toggle(self) -> None:
        """Open it with the keyboard at what holds, or close it."""
        if self.close_panel():
            return
        self._place()
        self.show()
        self.raise_()
        next(row for row in self._rows.values() if row.isChecked()).setFocus()
        self._opener.setDown(True)
        self.opened.emit()

    def close_panel(self) -> bool:
        """Close it; return whether it was open. The keyboard, if it was in here, goes back to the button."""
        if self.isHidden():
            return False
        if self.isAncestorOf(self.window().focusWidget()):
            (self._opener if self._is_pressable() else self._stage).setFocus()
        self.hide()
        return True

    def show_visit(self, snapshot: CallSnapshot) -> None:
        """Mark what holds, and say there what is sent now where that is something else."""
        self._following = True
        self._rows[snapshot.chosen_step].setChecked(True)
        self._following = False
        for choice, _, hint in CHOICES:
            self._rows[choice].show_hint(hint)
        if snapshot.step != snapshot.chosen_step:
            words = f"Now: {TITLES[snapshot.step].lower()}"
            self._rows[snapshot.chosen_step].show_hint(words, why=snapshot.step_why)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the stage's corner; close with the button."""
        if self.isHidden():
            return False
        if watched is self._stage and event.type() in _MOVES:
            self._place()
        elif watched is self._opener and event.type() in _CLOSERS and not self._is_pressable():
            self.close_panel()
        return False

    def hideEvent(self, event: QHideEvent) -> None:
        """Hidden with the pane it is closed: it does not come back with it."""
        super().hideEvent(event)
        self._opener.setDown(False)
        if not self.isHidden():
            self.hide()

    def _is_pressable(self) -> bool:
        return self._opener.isEnabled() and not self._opener.isHidden()

    def _place(self) -> None:
        self.resize(self.sizeHint())
        corner = self._stage.mapTo(self._holder, self._stage.rect().bottomLeft())
        top = corner.y() + 1 - SPACE_L_PX - self.height()
        self.move(QPoint(corner.x() + SPACE_L_PX, max(0, top)))

    def _go_on(self, by: int) -> None:
        rows = list(self._rows.values())
        here = next(index for index, row in enumerate(rows) if row is self.sender())
        rows[(here + by) % len(rows)].setFocus()

    def _on_toggled(self, choice: Choice, *, on: bool) -> None:
        if on and not self._following:
            self.chosen.emit(choice)
            self.close_panel()

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """Close when the keyboard goes elsewhere in this window; another window's turn is no reason."""
        if self.isHidden() or new is None or new.window() is not self.window():
            return
        if new is not self._opener and not self.isAncestorOf(new):
            self.hide()
