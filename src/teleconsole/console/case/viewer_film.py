"""The film strip of the viewer: all files of the case, 96 x 64 each; the one that is shown is framed."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from teleconsole.console.case.evidence import ICONS, KINDS
from teleconsole.console.case.thumbnails import Thumbnails
from teleconsole.console.theme.measures import CORNER_SMALL_PX, FOCUS_PX, SPACE_M_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import Label
from teleconsole.console.words import count
from teleconsole.contracts.cases import EvidenceItem, EvidenceKind

_WIDTH_PX, _HEIGHT_PX, _FRAME_PX = 96, 64, 4
_STRIP_PX = 96
_HINT = "\u2190 \u2192 other files\n+ \u2212 0 zoom and fit"
_HINT_FROM_PX = 1000


class FilmButton(QAbstractButton):
    """One file. Accessible name: "File 2: Photo, Left calf", with what is missing."""

    def __init__(
        self, theme: Theme, item: EvidenceItem, number: int, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._item = item
        self._picture: QPixmap | None = None
        self._is_here = item.here_bytes >= item.size_bytes
        self._alive = True
        self.setCheckable(True)
        self.setProperty("ringed", True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._problem = item.problem
        title = f", {item.title}" if item.title else ""
        self.setAccessibleName(
            f"File {number}: {KINDS[item.kind]}{title}" + ("" if self._is_here else ", not here yet")
        )
        self.setToolTip(item.title or KINDS[item.kind])
        if self._is_here and not item.problem and item.kind != "audio":
            thumbnails.ask(item, self._on_picture)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """The picture and its frame."""
        return QSize(_WIDTH_PX + 2 * _FRAME_PX, _HEIGHT_PX + 2 * _FRAME_PX)

    def retire(self) -> None:
        """The button goes: pictures that still come are not for it."""
        self._alive = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, or the icon of its kind, and the frame of the one that is shown."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(_FRAME_PX, _FRAME_PX, _WIDTH_PX, _HEIGHT_PX)
        path = QPainterPath()
        path.addRoundedRect(area, CORNER_SMALL_PX, CORNER_SMALL_PX)
        painter.fillPath(path, self._theme.color("well"))
        if self._picture is not None:
            painter.setClipPath(path)
            scale = max(area.width() / self._picture.width(), area.height() / self._picture.height())
            width, height = area.width() / scale, area.height() / scale
            left = (self._picture.width() - width) / 2
            top = 0.0 if self._item.kind == "document" else (self._picture.height() - height) / 2
            painter.drawPixmap(area, self._picture, QRectF(left, top, width, height))
            painter.setClipping(False)
        line = Qt.PenStyle.SolidLine if self._is_here else Qt.PenStyle.DashLine
        painter.setPen(QPen(self._theme.color("border"), 1, line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), CORNER_SMALL_PX, CORNER_SMALL_PX)
        self._draw_kind(painter, area)
        if self.isChecked():
            painter.setPen(QPen(self._theme.color("accent"), FOCUS_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            corner_px = CORNER_SMALL_PX + FOCUS_PX
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), corner_px, corner_px)

    def _draw_kind(self, painter: QPainter, area: QRectF) -> None:
        """Say by an icon what is no photo, and what is not there."""
        item, theme = self._item, self._theme
        if self._picture is not None and item.kind != "video":
            return
        name = "triangle-alert" if self._problem else ICONS[item.kind] if self._is_here else "download"
        name = "play" if self._picture is not None else name
        painter.setPen(Qt.PenStyle.NoPen)
        if self._picture is not None:
            painter.setBrush(theme.color("badge"))
            painter.drawEllipse(area.center(), 13, 13)
        pixmap = theme.pixmap(name, "badge_text" if self._picture is not None else "well_secondary", 16,
                              self.devicePixelRatioF())  # fmt: skip
        shift = QPointF(7, 8) if name == "play" else QPointF(8, 8)
        painter.drawPixmap(area.center() - shift, pixmap)

    def _on_picture(self, picture: QPixmap | None, problem: str) -> None:
        if self._alive:
            self._picture, self._problem = picture, problem
            self.setAccessibleDescription(problem)
            self.update()


class FilmStrip(QFrame):
    """All files in their order, with how many there are.

    Signals:
        chosen: index of a file.
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._thumbnails = thumbnails
        self._buttons: list[FilmButton] = []
        self.setProperty("kind", "background")
        self.setAccessibleName("Files of the case")
        self.setFixedHeight(_STRIP_PX)
        self._count = Label(step="small", tone="secondary")
        self._holder = QFrame()
        self._holder.setProperty("kind", "background-page")
        self._row = QHBoxLayout(self._holder)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._holder)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_XL_PX, 0, SPACE_XL_PX, 0)
        row.setSpacing(SPACE_M_PX)
        row.addWidget(self._count)
        row.addWidget(self._scroll, 1)
        self._hint = Label(_HINT, step="small", tone="secondary")
        row.addWidget(self._hint)

    @property
    def buttons(self) -> list[FilmButton]:
        """One for each file."""
        return self._buttons

    @property
    def is_waiting(self) -> bool:
        """Whether small pictures are still being made."""
        return self._thumbnails.is_working

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say the keys where there is room for it."""
        super().resizeEvent(event)
        self._hint.setVisible(self.width() >= _HINT_FROM_PX)

    def show_items(self, items: list[EvidenceItem]) -> None:
        """Show these files."""
        self.clear()
        for number, item in enumerate(items):
            button = FilmButton(self._theme, item, number + 1, self._thumbnails, self._holder)
            button.clicked.connect(lambda _=False, number=number: self.chosen.emit(number))
            self._row.insertWidget(number, button)
            self._buttons.append(button)
        kinds: dict[EvidenceKind, int] = {}
        for item in items:
            kinds[item.kind] = kinds.get(item.kind, 0) + 1
        self._count.setText("\n".join(count(number, kind) for kind, number in kinds.items()))

    def mark(self, index: int) -> None:
        """Frame the file that is shown."""
        for number, button in enumerate(self._buttons):
            button.setChecked(number == index)
        if 0 <= index < len(self._buttons):
            self._scroll.ensureWidgetVisible(self._buttons[index], SPACE_XL_PX, 0)

    def clear(self) -> None:
        """Forget all files."""
        self._thumbnails.forget_waiting()
        for button in self._buttons:
            button.retire()
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        self._count.setText("")
