"""Thumbnails of evidence in the timeline: four in a row, each a button that opens the viewer."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QWidget
from shiboken6 import isValid

from teleconsole.console.case.thumbnails import Thumbnails
from teleconsole.console.theme.measures import CORNER_SMALL_PX, SPACE_S_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.words import size
from teleconsole.contracts.cases import EvidenceItem, EvidenceKind

_WIDTH_PX, _HEIGHT_PX, _CAPTION_PX = 158, 108, 20
_TOP_PX, _LEAST_PX = 2, 128
COLUMNS = 4
KINDS: dict[EvidenceKind, str] = {
    "photo": "Photo", "video": "Video", "audio": "Sound", "document": "Document", "still": "Still",
}  # fmt: skip
ICONS: dict[EvidenceKind, str] = {
    "photo": "image", "video": "square-play", "audio": "audio-lines", "document": "file-text", "still": "camera",
}  # fmt: skip


class EvidenceButton(QAbstractButton):
    """A thumbnail with its caption. Accessible name: "Photo 1: Left shin", with what is missing."""

    def __init__(
        self, theme: Theme, item: EvidenceItem, number: int, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._item = item
        self._picture: QPixmap | None = None
        self._problem = item.problem
        title = f": {item.title}" if item.title else ""
        self._caption = f"{number} · {item.title}" if item.title else f"{number} · {KINDS[item.kind]}"
        self._name = f"{KINDS[item.kind]} {number}{title}"
        self.setProperty("ringed", True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._tell()
        if self.is_here and not item.problem and item.kind != "audio":
            thumbnails.ask(item, self._on_picture)
        theme.changed.connect(self.update)

    @property
    def is_here(self) -> bool:
        """Whether the whole file is on this computer."""
        return self._item.here_bytes >= self._item.size_bytes

    def sizeHint(self) -> QSize:
        """158 x 108 and the caption."""
        return QSize(_WIDTH_PX, _HEIGHT_PX + self._theme.scaled_px(_CAPTION_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture, or what stands in its place, and caption."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(0, 0, self.width(), _HEIGHT_PX)
        if self._picture is not None:
            self._draw_picture(painter, area, self._picture)
        else:
            self._draw_place(painter, area)
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("warn" if not self.is_here else "secondary"))
        caption = QRect(0, _HEIGHT_PX, self.width(), self.height() - _HEIGHT_PX)
        mark = "◐ " if not self.is_here else ""
        metrics = self._theme.metrics("small")
        words = metrics.elidedText(mark + self._caption, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(caption, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), words)

    def _draw_picture(self, painter: QPainter, area: QRectF, picture: QPixmap) -> None:
        painter.save()
        path = QPainterPath()
        path.addRoundedRect(area, CORNER_SMALL_PX, CORNER_SMALL_PX)
        painter.setClipPath(path)
        painter.fillRect(area, self._theme.color("well"))
        scale = max(area.width() / picture.width(), area.height() / picture.height())
        width, height = area.width() / scale, area.height() / scale
        source = QRectF((picture.width() - width) / 2, (picture.height() - height) / 2, width, height)
        painter.drawPixmap(area, picture, source)
        painter.restore()
        if self._item.kind == "video":
            self._draw_play(painter, area.center())

    def _draw_play(self, painter: QPainter, middle: QPointF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("badge"))
        painter.drawEllipse(middle, 16, 16)
        pixmap = self._theme.pixmap("play", "badge_text", 16, self.devicePixelRatioF())
        painter.drawPixmap(middle - QPointF(7, 8), pixmap)

    def _draw_place(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        dashed = Qt.PenStyle.SolidLine if self.is_here else Qt.PenStyle.DashLine
        painter.setPen(QPen(theme.color("border"), 1, dashed))
        painter.setBrush(theme.color("background"))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), CORNER_SMALL_PX, CORNER_SMALL_PX)
        icon = ICONS[self._item.kind] if self.is_here else "download"
        icon = "triangle-alert" if self._problem else icon
        pixmap = theme.pixmap(icon, "secondary", 20, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(area.center().x() - 10, area.top() + 22), pixmap)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("secondary"))
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        painter.drawText(area.adjusted(8, 48, -8, -2), flags, self._place_words())

    def _place_words(self) -> str:
        item = self._item
        if self._problem:
            return "Cannot be shown. The original is kept."
        if self.is_here:
            return "Sound recording" if item.kind == "audio" else KINDS[item.kind]
        if item.here_bytes:
            return f"Arriving, {size(item.here_bytes)} of {size(item.size_bytes)}"
        return f"Not here yet, {size(item.size_bytes)}\nComes with the network"

    def _on_picture(self, picture: QPixmap | None, problem: str) -> None:
        if not isValid(self):
            return  # the entry was drawn anew while its picture was being made
        self._picture = picture
        self._problem = problem
        self._tell()
        self.update()

    def _tell(self) -> None:
        missing = "" if self.is_here else ", not here yet"
        self.setAccessibleName(self._name + missing)
        self.setToolTip(self._problem or self._item.title)
        self.setAccessibleDescription(self._problem)


class EvidenceGrid(QFrame):
    """All files of an entry, as many beside each other as there is room for, at most four.

    Signals:
        opened: id of the evidence.
    """

    opened = Signal(str)

    def __init__(
        self, theme: Theme, items: tuple[EvidenceItem, ...], thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._buttons = [EvidenceButton(theme, item, place + 1, thumbnails, self) for place, item in enumerate(items)]
        for button, item in zip(self._buttons, items, strict=True):
            button.clicked.connect(lambda _=False, evidence_id=item.evidence_id: self.opened.emit(evidence_id))

    def hasHeightForWidth(self) -> bool:
        """A narrow window has more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows."""
        rows = -(-len(self._buttons) // _columns(width))
        return _TOP_PX + rows * (self._button_px().height() + SPACE_S_PX) - SPACE_S_PX

    def sizeHint(self) -> QSize:
        """All in one row, or four in a row."""
        across = min(COLUMNS, max(1, len(self._buttons)))
        width = across * (_WIDTH_PX + SPACE_S_PX) - SPACE_S_PX
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """One beside the other where there is no room for two."""
        return QSize(_LEAST_PX, self._button_px().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put them into rows."""
        columns, height = _columns(self.width()), self._button_px().height()
        width = min(_WIDTH_PX, max(_LEAST_PX, (self.width() + SPACE_S_PX) // columns - SPACE_S_PX))
        for place, button in enumerate(self._buttons):
            left = (place % columns) * (width + SPACE_S_PX)
            top = _TOP_PX + (place // columns) * (height + SPACE_S_PX)
            button.setGeometry(QRect(left, top, width, height))

    def _button_px(self) -> QSize:
        return self._buttons[0].sizeHint() if self._buttons else QSize(_WIDTH_PX, _HEIGHT_PX)


def _columns(width: int) -> int:
    return min(COLUMNS, max(1, (width + SPACE_S_PX) // (_LEAST_PX + SPACE_S_PX)))
