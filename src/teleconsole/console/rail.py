"""The rail at the left: the panes, settings and the lock."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout, QWidget

from teleconsole.console.actions import Actions, icon_of
from teleconsole.console.theme.measures import ICON_RAIL_PX, RAIL_ITEM_PX, RAIL_PX, SPACE_S_PX
from teleconsole.console.theme.theme import Theme


class RailItem(QAbstractButton):
    """Icon and word; an accent bar at the left when its pane is shown. Accessible name: "Cases", or "Cases: 9 new"."""

    def __init__(self, theme: Theme, action: QAction, *, checkable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon_of(action.objectName())
        self._count = 0
        self.setText(action.text())
        self.setAccessibleName(action.text())
        self.setToolTip(action.toolTip())
        self.setCheckable(checkable)
        self.setAutoExclusive(checkable)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setProperty("ringed", True)
        theme.changed.connect(self.updateGeometry)
        if checkable:
            # A screen reader toggles a radio button, which is no click; a click toggles it too.
            self.toggled.connect(lambda on: action.trigger() if on else None)
        else:
            self.clicked.connect(action.trigger)

    def set_count(self, count: int, meaning: str) -> None:
        """Show a count at the icon; `meaning` says it ("new", "to send"). The name stays the pane's."""
        self._count = count
        self.setAccessibleDescription(f"{count} {meaning}" if count else "")
        self.update()

    def sizeHint(self) -> QSize:
        """64 x 56, or what the words need at a larger text size."""
        words_px = self._theme.metrics("small", 600).horizontalAdvance(self.text())
        return QSize(max(RAIL_PX, words_px + 2 * SPACE_S_PX) - 1, max(RAIL_ITEM_PX, self._theme.scaled_px(16) + 40))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        here = self.isChecked()
        token = "accent" if here else "secondary"
        if here:
            painter.fillRect(0, 8, 3, self.height() - 16, theme.color("accent"))
        elif self.underMouse():
            painter.fillRect(self.rect(), theme.color("hover"))
        left = (self.width() - ICON_RAIL_PX) / 2
        pixmap = theme.pixmap(self._icon, token, ICON_RAIL_PX, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(left, 10), pixmap)
        painter.setFont(theme.font("small", 600 if here else 400))
        painter.setPen(theme.color(token))
        area = QRectF(0, 33, self.width(), self.height() - 36)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), self.text())
        if self._count:
            self._draw_count(painter, here)

    def _draw_count(self, painter: QPainter, here: bool) -> None:
        theme = self._theme
        words = str(self._count) if self._count < 100 else "99+"
        height = theme.scaled_px(16)
        width = max(height, theme.metrics("small", 600).horizontalAdvance(words) + 8)
        area = QRectF(min(self.width() / 2 + 7, self.width() - width - 2), 4, width, height)
        painter.setPen(QPen(theme.color("background"), 2))
        painter.setBrush(theme.color("accent" if here else "secondary"))
        painter.drawRoundedRect(area.adjusted(-1, -1, 1, 1), height / 2 + 1, height / 2 + 1)
        painter.setFont(theme.font("small", 600))
        painter.setPen(theme.color("on_accent" if here else "background"))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), words)


class Rail(QFrame):
    """The items, panes at the top, settings and lock at the foot."""

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "background")
        self.setAccessibleName("Panes")
        self._theme = theme
        self.items: dict[str, RailItem] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 1, 4)
        column.setSpacing(0)
        for name in ("today", "cases", "call", "to-send", "", "settings"):
            if not name:
                column.addStretch(1)
                continue
            self.items[name] = RailItem(theme, actions[f"go.{name}"], checkable=True, parent=self)
            column.addWidget(self.items[name])
        self.items["lock"] = RailItem(theme, actions["lock"], checkable=False, parent=self)
        column.addWidget(self.items["lock"])
        theme.changed.connect(self._fit_words)
        self._fit_words()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the hairline at the right."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(self._theme.color("hairline"))
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())

    def _fit_words(self) -> None:
        """Be as wide as the widest word needs."""
        self.setFixedWidth(1 + max(item.sizeHint().width() for item in self.items.values()))

    def show_pane(self, name: str) -> None:
        """Mark the pane that is shown."""
        if name in self.items:
            item = self.items[name]
            item.blockSignals(True)  # the pane is shown already
            item.setChecked(True)
            item.blockSignals(False)
