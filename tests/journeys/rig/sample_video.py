"""A window that shows pictures one after another, as a video view does: `python sample_video.py FOLDER`.

The PNG files of FOLDER are shown in order, 15 a second, fitted into the window with dark bars.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

FRAME_MS = 66


class VideoView(QWidget):
    """Paints the current picture, scaled with its shape kept."""

    def __init__(self, pictures: list[QImage]) -> None:
        super().__init__()
        self.setAccessibleName("Video")
        self._pictures = pictures
        self._shown = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_next)
        self._timer.start(FRAME_MS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bars and picture."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(20, 22, 26))
        picture = self._pictures[self._shown]
        size = picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect((self.width() - size.width()) // 2, (self.height() - size.height()) // 2, 0, 0)
        place.setSize(size)
        painter.drawImage(place, picture)

    def _on_next(self) -> None:
        self._shown = (self._shown + 1) % len(self._pictures)
        self.update()


def main() -> int:
    """Show the window until it is closed."""
    application = QApplication(sys.argv)
    application.setApplicationName("rig-video")
    window = QWidget()
    layout = QVBoxLayout(window)
    layout.addWidget(VideoView([QImage(str(path)) for path in sorted(Path(sys.argv[1]).glob("*.png"))]))
    window.resize(900, 700)
    window.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
