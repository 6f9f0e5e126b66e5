"""Icons of one set (Lucide, ISC licence), drawn in any colour."""

import re
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_STROKE = re.compile(r'stroke-width="[^"]*"')
_STROKE_WIDTH = 1.75


class IconSet:
    """Reads the SVG files once and draws them.

    Args:
        folder: with `NAME.svg`.

    Thread: Qt's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sources: dict[str, str] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}

    def pixmap(self, name: str, color: str, size_px: int, device_pixel_ratio: float = 1.0) -> QPixmap:
        """Return the icon as a square picture.

        Raises:
            FileNotFoundError: the set has no icon of that name.
        """
        key = (name, color, size_px, device_pixel_ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = self._draw(*key)
        return self._pixmaps[key]

    def icon(self, name: str, color: str, disabled: str, size_px: int) -> QIcon:
        """Return a QIcon with a disabled look, sharp on screens of scale 1 and 2."""
        icon = QIcon()
        for ratio in (1.0, 2.0):
            icon.addPixmap(self.pixmap(name, color, size_px, ratio), QIcon.Mode.Normal)
            icon.addPixmap(self.pixmap(name, disabled, size_px, ratio), QIcon.Mode.Disabled)
        return icon

    def _draw(self, name: str, color: str, size_px: int, device_pixel_ratio: float) -> QPixmap:
        pixmap = QPixmap(QSize(size_px, size_px) * device_pixel_ratio)
        pixmap.setDevicePixelRatio(device_pixel_ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        svg = self._source(name).replace("currentColor", color)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size_px, size_px))
        painter.end()
        return pixmap

    def _source(self, name: str) -> str:
        if name not in self._sources:
            text = (self._folder / f"{name}.svg").read_text(encoding="utf-8")
            self._sources[name] = _STROKE.sub(f'stroke-width="{_STROKE_WIDTH}"', text)
        return self._sources[name]
