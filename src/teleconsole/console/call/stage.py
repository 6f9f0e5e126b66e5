"""The stage of the call: the patient as large as can be, oneself small in the corner."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from teleconsole.console.call.video_view import VideoView
from teleconsole.console.ports import FramesPort
from teleconsole.console.theme.theme import Theme
from teleconsole.contracts.call import CallSnapshot

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

    def show_visit(self, snapshot: CallSnapshot, *, is_over: bool) -> None:
        """Say why there is no picture, where there is none."""
        self.own.say("Starting your camera" if snapshot.camera_on and not is_over else "Your camera is off")
        if is_over:
            self.clear()
            self.remote.say("The visit has ended")
            return
        if not snapshot.camera_on:
            self.own.clear()
        if not snapshot.patient_camera_on:
            self.remote.clear()
        self.remote.say("No picture yet" if snapshot.patient_camera_on else "The patient's camera is off")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep oneself in the corner; in a small window smaller, so that the patient's face is not covered."""
        super().resizeEvent(event)
        self.remote.setGeometry(self.rect())
        scale = min(1.0, self.width() / 4 / _SELF_WIDTH_PX, self.height() / 4 / _SELF_HEIGHT_PX)
        width, height = round(_SELF_WIDTH_PX * scale), round(_SELF_HEIGHT_PX * scale)
        self.own.setGeometry(
            self.width() - width - _CORNER_GAP_PX, self.height() - height - _CORNER_GAP_PX, width, height
        )

    def clear(self) -> None:
        """Forget both pictures."""
        self.remote.clear()
        self.own.clear()
