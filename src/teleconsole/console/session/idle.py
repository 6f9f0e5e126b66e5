"""Tells when nobody has touched keyboard or mouse for so many minutes."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication

from teleconsole.console.pauses import single_shot

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.InputMethod,
    }
)


class IdleWatch(QObject):
    """Watches the whole application.

    Signals:
        idle: nobody touched anything for the time that holds.
    """

    idle = Signal()

    def __init__(self, app: QApplication, minutes: int) -> None:
        super().__init__(app)
        self._timer = single_shot(self, minutes * 60_000)
        self._timer.timeout.connect(self.idle)
        app.installEventFilter(self)
        self._timer.start()

    def set_minutes(self, minutes: int) -> None:
        """Another time holds from now on."""
        self._timer.setInterval(minutes * 60_000)
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Start over at every touch."""
        if event.type() in _TOUCHES:
            self._timer.start()
        return False


def lock_minutes(chosen: int, policy: int) -> int:
    """Return the minutes that hold: the person's, never longer than the policy's; 0 chosen = the policy's."""
    return min(chosen, policy) if chosen else policy
