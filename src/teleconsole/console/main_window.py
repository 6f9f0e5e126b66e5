"""The window: rail, panes, status line; or the screen of the session over everything."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.pane import Pane
from teleconsole.console.rail import Rail
from teleconsole.console.status_line import StatusLine
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.banner import Banner
from teleconsole.console.widgets.focus_ring import FocusRing

_FIRST_SIZE = (1440, 900)
_SMALLEST_SIZE = (960, 600)


class MainWindow(QMainWindow):
    """Holds the panes by name and shows one of them. Its title never names a patient.

    Args:
        theme: colours and fonts.
        actions: the intentions; those of "Everywhere" work in the whole window.
        session: shown instead of the panes while nobody has unlocked.

    Signals:
        close_wanted: the person closed the window.
    """

    close_wanted = Signal()

    def __init__(self, theme: Theme, actions: Actions, session: QWidget) -> None:
        super().__init__()
        self.setWindowTitle("teleconsole")
        self.resize(*_FIRST_SIZE)
        self.setMinimumSize(*_SMALLEST_SIZE)
        self._actions = actions
        self.panes: dict[str, Pane] = {}
        self.rail = Rail(theme, actions, self)
        self.status = StatusLine(theme, self)
        self.banner = Banner(theme, self)
        self._session = session
        self._stack = QStackedWidget(self)
        self._whole = QStackedWidget(self)
        self._work = QWidget(self)
        self._lay_out()
        self._ring = FocusRing(theme, self)
        actions.give(self, "Everywhere")
        self._bind()

    @property
    def pane_name(self) -> str:
        """The pane in front."""
        return next((name for name, pane in self.panes.items() if pane is self._stack.currentWidget()), "")

    @property
    def is_locked(self) -> bool:
        """Whether the session's screen covers the panes."""
        return self._whole.currentWidget() is self._session

    def add_pane(self, name: str, pane: Pane) -> None:
        """Add a pane; the first one added is in front."""
        self.panes[name] = pane
        self._stack.addWidget(pane)

    def show_pane(self, name: str) -> None:
        """Bring a pane to the front; it reads what it shows."""
        before, pane = self._stack.currentWidget(), self.panes[name]
        if isinstance(before, Pane) and before is not pane:
            before.hidden()
        self._stack.setCurrentWidget(pane)
        self.rail.show_pane(name)
        pane.shown()
        inside = any(widget.hasFocus() for widget in pane.findChildren(QWidget))
        if not inside:
            pane.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_session(self) -> None:
        """Cover everything by the session's screen."""
        self._whole.setCurrentWidget(self._session)
        self._allow(panes=False)

    def show_work(self) -> None:
        """Show the panes."""
        self._whole.setCurrentWidget(self._work)
        self._allow(panes=True)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave the end of the program to the application, which saves first."""
        event.ignore()
        self.close_wanted.emit()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self._stack, 1)
        self._whole.addWidget(self._session)
        self._whole.addWidget(self._work)
        central = QWidget(self)
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self._whole, 1)
        column.addWidget(self.status)
        self.setCentralWidget(central)

    def _bind(self) -> None:
        for name in ("today", "cases", "call", "to-send", "settings"):
            self._actions[f"go.{name}"].triggered.connect(lambda _=False, name=name: self.show_pane(name))

    def _allow(self, *, panes: bool) -> None:
        for name in ("today", "cases", "call", "to-send", "settings"):
            self._actions[f"go.{name}"].setEnabled(panes and name in self.panes)
        for action_id in ("lock", "search", "sync"):
            self._actions[action_id].setEnabled(panes)
