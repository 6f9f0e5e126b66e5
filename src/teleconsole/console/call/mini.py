"""The call while the window is minimised: a small picture on top of other windows, with microphone and end."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from teleconsole.console.call.video_view import VideoView
from teleconsole.console.pauses import single_shot
from teleconsole.console.ports import FramesPort
from teleconsole.console.theme.measures import BUTTON_TALL_PX, SPACE_S_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.visits import IN_VISIT, Visits
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.focus_ring import FocusRing
from teleconsole.console.widgets.stethoscope_state import StethoscopeState

_SIZE_PX = (360, 270)
_SMALLEST_PX = (240, 180)
_CONFIRM_MS = 5_000


class MiniCall(QWidget):
    """Shown while a visit goes on, the window is minimised, and the screen is not locked. It names no patient.

    Closing it brings the window back. Where the desktop does not let a window stay on top (Wayland), it is an
    ordinary small window.

    Args:
        window: the one that may be minimised.
        microphone: switches the microphone.
        may_show: whether the store is open.

    Signals:
        end_wanted: End was pressed twice.
    """

    end_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        visits: Visits,
        frames: FramesPort,
        microphone: QAction,
        may_show: Callable[[], bool],
    ) -> None:
        super().__init__(window, Qt.WindowType.Window | Qt.WindowType.WindowStaysOnTopHint)
        self._window = window
        self._visits = visits
        self._may_show = may_show
        self.setWindowTitle("teleconsole")
        self.setAccessibleName("Small call window")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)
        self.setMinimumSize(*_SMALLEST_PX)
        self.resize(*_SIZE_PX)
        self.picture = VideoView(theme, frames, "remote", "Patient's video, small", "No picture yet", self)
        self.microphone = Button(theme, "Mic on", icon="mic", height_px=BUTTON_TALL_PX)
        self.back = Button(theme, icon="maximize", name="Back to the window", height_px=BUTTON_TALL_PX)
        self.end = Button(theme, "End", icon="phone-off", kind="danger", height_px=BUTTON_TALL_PX, name="End the call")
        self.stethoscope = StethoscopeState(theme)
        self._lay_out()
        self._ring = FocusRing(theme, self)
        self._confirm = single_shot(self, _CONFIRM_MS)
        self._confirm.timeout.connect(self._ask_no_more)
        self.microphone.clicked.connect(microphone.trigger)
        self.back.clicked.connect(self.close)
        self.end.clicked.connect(self._on_end)
        window.installEventFilter(self)
        visits.visit_changed.connect(self.follow)

    def follow(self) -> None:
        """Show or hide, as the window, the visit and the lock say."""
        snapshot = self._visits.snapshot
        going_on = snapshot.phase in IN_VISIT and self._may_show()
        if not going_on or not self._window.isMinimized():
            self.cover()
            return
        on = snapshot.microphone_on
        self.microphone.set_text("Mic on" if on else "Mic off", icon="mic" if on else "mic-off")
        self.stethoscope.show_call(snapshot, in_visit=True)
        self.picture.say("No picture yet" if snapshot.patient_camera_on else "The patient's camera is off")
        if not self.isVisible():
            self.show()

    def cover(self) -> None:
        """Hide at once and hold no picture."""
        self._ask_no_more()
        self.hide()
        self.picture.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window."""
        if watched is self._window and event.type() == QEvent.Type.WindowStateChange:
            self.follow()
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        """Bring the window back: a call must not go on unseen."""
        event.ignore()
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.raise_()
        self._window.activateWindow()
        self.cover()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(SPACE_S_PX, SPACE_S_PX, SPACE_S_PX, SPACE_S_PX)
        row.setSpacing(SPACE_S_PX)
        row.addWidget(self.microphone)
        row.addWidget(self.back)
        row.addWidget(self.stethoscope)
        row.addStretch(1)
        row.addWidget(self.end)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.picture, 1)
        column.addLayout(row)

    def _on_end(self) -> None:
        if self._confirm.isActive():
            self._ask_no_more()
            self.end_wanted.emit()
            return
        self.end.set_text("End for both")
        self.end.set_name("End the call for both")
        self._confirm.start()

    def _ask_no_more(self) -> None:
        self._confirm.stop()
        self.end.set_text("End")
        self.end.set_name("End the call")
