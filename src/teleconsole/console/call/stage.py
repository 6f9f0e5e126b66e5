"""The stage of the call: the patient as large as can be, oneself small in the corner."""

from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from teleconsole.console.call.video_view import VideoView
from teleconsole.console.ports import FramesPort
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import Label
from teleconsole.contracts.call import CallSnapshot

_MOVING = frozenset({"720p", "360p", "180p"})
_SELF_WIDTH_PX, _SELF_HEIGHT_PX, _CORNER_GAP_PX = 208, 160, 16


class Stage(QFrame):
    """Both pictures; nothing lies over the patient's face but oneself, in the corner.

    It takes the keyboard, so that the keys of the call work after a text was written.
    """

    def __init__(self, theme: Theme, frames: FramesPort, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "well")
        self.setMinimumSize(320, 240)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ringed", True)
        self.setAccessibleName("Pictures of the call")
        self.remote = VideoView(theme, frames, "remote", "Patient's video", "No picture yet", self)
        self.own = VideoView(theme, frames, "self", "Your video", "Your camera is off", self)
        self.age = Label(title="Picture", step="small")
        self.age.setParent(self)
        self.age.setAutoFillBackground(True)
        self.age.hide()
        self._still_ms = 0
        self._since = QElapsedTimer()

    def show_visit(self, snapshot: CallSnapshot, *, is_over: bool) -> None:
        """Say why there is no picture, where there is none."""
        is_interrupted = snapshot.phase == "reconnecting" and not is_over
        self.remote.hold(on=is_interrupted)
        self.own.say("Starting your camera" if snapshot.camera_on and not is_over else "Your camera is off")
        if is_over:
            self.clear()
            self.remote.say("The visit has ended")
            self._show_still(0)
            return
        if not snapshot.camera_on:
            self.own.clear()
        moves = snapshot.step in _MOVING
        if not snapshot.patient_camera_on or not (moves or snapshot.still_ms):
            self.remote.clear()
        if not snapshot.patient_camera_on:
            self.remote.say("The patient's camera is off")
        elif is_interrupted:
            self.remote.say("No picture: the connection is interrupted")
        elif moves:
            self.remote.say("No picture yet")
        else:
            self.remote.say("No moving picture now. You hear each other." if snapshot.step != "case" else "No picture")
        self._show_still(snapshot.still_ms)

    def show_age(self) -> None:
        """Say how old the still is; called once a second."""
        if self._still_ms:
            self.age.setText(f"Still, {self._since.elapsed() // 1000} s old")
            self.age.adjustSize()

    def _show_still(self, still_ms: int) -> None:
        """Show or hide the age; it counts from the moment in which the still came here, without any clock's time."""
        if still_ms != self._still_ms:
            self._still_ms = still_ms
            self._since.start()
        self.age.setVisible(bool(still_ms))
        self.show_age()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep oneself in the corner; in a small window smaller, so that the patient's face is not covered."""
        super().resizeEvent(event)
        self.remote.setGeometry(self.rect())
        self.age.move(_CORNER_GAP_PX, _CORNER_GAP_PX)
        scale = min(1.0, self.width() / 4 / _SELF_WIDTH_PX, self.height() / 4 / _SELF_HEIGHT_PX)
        width, height = round(_SELF_WIDTH_PX * scale), round(_SELF_HEIGHT_PX * scale)
        self.own.setGeometry(
            self.width() - width - _CORNER_GAP_PX, self.height() - height - _CORNER_GAP_PX, width, height
        )

    def clear(self) -> None:
        """Forget both pictures."""
        self.remote.clear()
        self.own.clear()
