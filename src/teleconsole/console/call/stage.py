"""The stage of the call: the patient as large as can be, oneself small in the corner."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from teleconsole.console.call.video_view import VideoView
from teleconsole.console.ports import FramesPort
from teleconsole.console.theme.theme import Theme

_SELF_WIDTH_PX, _SELF_HEIGHT_PX, _CORNER_GAP_PX = 208, 160, 16


class Stage(QFrame):
    """Both pictures; nothing lies over the patient's face but oneself, in the corner."""

    def __init__(self, theme: Theme, frames: FramesPort, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "well")
        self.setMinimumSize(320, 240)
        self.remote = VideoView(theme, frames, "remote", "Patient's video", "No picture yet", self)
        self.own = VideoView(theme, frames, "self", "Your video", "Your camera is off", self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep oneself in the corner."""
        super().resizeEvent(event)
        self.remote.setGeometry(self.rect())
        self.own.setGeometry(
            self.width() - _SELF_WIDTH_PX - _CORNER_GAP_PX,
            self.height() - _SELF_HEIGHT_PX - _CORNER_GAP_PX,
            _SELF_WIDTH_PX,
            _SELF_HEIGHT_PX,
        )

    def clear(self) -> None:
        """Forget both pictures."""
        self.remote.clear()
        self.own.clear()
