"""The button of every pane: icon, word, keycap; drawn by itself so that it keeps its measures."""

from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from teleconsole.console.actions import icon_of
from teleconsole.console.theme.measures import BUTTON_PX, CORNER_PX, CORNER_SMALL_PX, ICON_PX, KEYCAP_PX
from teleconsole.console.theme.theme import Theme

ButtonKind = Literal["normal", "primary", "quiet", "danger", "link"]
Density = Literal["full", "no keycap", "word"]
_PADDING_PX = 10
_GAP_PX = 8


class Button(QPushButton):
    """A push button in one of five kinds. Its accessible name is its word, unless another is given.

    Args:
        keycap: key that does the same, shown at the right.
        name: accessible name when the word alone does not say it; with an icon alone also the tooltip.
        height_px: 32, in calls and on the locked screen 44, for decisions 40.
        wide: stretches, with the word at the left and the keycap at the right.
    """

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        *,
        icon: str = "",
        keycap: str = "",
        kind: ButtonKind = "normal",
        name: str = "",
        height_px: int = BUTTON_PX,
        wide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._icon = icon
        self._keycap = keycap
        self._kind: ButtonKind = kind
        self._height_px = height_px
        self._wide = wide
        self._tone = ""
        self._density: Density = "full"
        self._fixed_name = name
        self.setAccessibleName(name or text)
        if not text:
            self.setToolTip(name)
        horizontal = QSizePolicy.Policy.Expanding if wide else QSizePolicy.Policy.Fixed
        self.setSizePolicy(horizontal, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self._on_theme_changed)

    @classmethod
    def of(
        cls,
        theme: Theme,
        action: QAction,
        *,
        kind: ButtonKind = "normal",
        text: str = "",
        height_px: int = BUTTON_PX,
        keycap: bool = True,
        parent: QWidget | None = None,
    ) -> "Button":
        """Return a button that triggers an action and is enabled while that is."""
        shortcut = action.shortcut().toString() if keycap else ""
        button = cls(
            theme,
            text or action.text(),
            icon=icon_of(action.objectName()),
            keycap=shortcut.replace("Return", "Enter").replace("Shift+", "⇧").replace("Ctrl+", "Ctrl "),
            kind=kind,
            height_px=height_px,
            parent=parent,
        )
        button.clicked.connect(action.trigger)

        def follow() -> None:
            button.setEnabled(action.isEnabled())

        action.changed.connect(follow, Qt.ConnectionType.AutoConnection)
        button.destroyed.connect(lambda: action.changed.disconnect(follow))
        follow()
        return button

    def set_text(self, text: str, *, icon: str | None = None) -> None:
        """Show and say another word, and another icon if one is given."""
        self.setText(text)
        if icon is not None:
            self._icon = icon
        if not self._fixed_name:
            self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def set_name(self, name: str) -> None:
        """Say another name than the word that is shown."""
        self._fixed_name = name
        self.setAccessibleName(name)

    def set_tone(self, token: str) -> None:
        """Draw icon and word in a token's colour; empty = as the kind says."""
        self._tone = token
        self.update()

    def set_density(self, density: Density) -> None:
        """Leave the keycap away, or the icon too, where there is no room; a button without a word keeps its icon."""
        if density != self._density:
            self._density = density
            self.updateGeometry()
            self.update()

    def width_px(self, density: Density) -> int:
        """Return how wide it is at a density."""
        kept, self._density = self._density, density
        width = self.sizeHint().width()
        self._density = kept
        return width

    def sizeHint(self) -> QSize:
        """As wide as its parts."""
        padding_px = 0 if self._kind == "link" else 2 * _PADDING_PX
        width = padding_px + sum(self._parts_px()) + _GAP_PX * (len(self._parts_px()) - 1)
        height = max(self._height_px, self._theme.scaled_px(18) + 4)
        return QSize(max(width, height if self._kind != "link" else 0), height)

    def minimumSizeHint(self) -> QSize:
        """As wide as its parts: words are never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, icon, word and keycap."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter)
        ink = self._ink()
        content_px = sum(self._parts_px()) + _GAP_PX * (len(self._parts_px()) - 1)
        left = float(_PADDING_PX if self._wide else max(0, (self.width() - content_px) / 2))
        middle = self.height() / 2
        if self._shows_icon():
            token = self._tone or self._token()
            pixmap = self._theme.pixmap(self._icon, token, self._icon_px(), self.devicePixelRatioF())
            painter.drawPixmap(QPointF(left, middle - self._icon_px() / 2), pixmap)
            left += self._icon_px() + _GAP_PX
        if self.text():
            painter.setFont(self._theme.font("base", self._weight()))
            painter.setPen(ink)
            word_px = self._word_px()
            flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
            painter.drawText(QRectF(left, 0, word_px + 2, self.height()), flags, self.text())
            left += word_px + _GAP_PX
        if self._shows_keycap():
            self._draw_keycap(painter, self.width() - _PADDING_PX - self._keycap_px() if self._wide else left, ink)

    def _draw_ground(self, painter: QPainter) -> None:
        theme = self._theme
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ground, frame = QColor(0, 0, 0, 0), QColor(0, 0, 0, 0)
        lit = self.underMouse() or self.isDown()
        if not self.isEnabled():
            frame = theme.color("hairline") if self._kind not in ("quiet", "link") else frame
        elif self._kind in ("primary", "danger"):
            ground = theme.color("accent" if self._kind == "primary" else "danger")
            ground = ground.darker(112) if lit and not theme.tokens.dark else ground.lighter(108) if lit else ground
        elif self._kind != "link":
            ground = theme.color("hover") if lit else ground
            frame = theme.color("border") if self._kind == "normal" else frame
        if self.isCheckable() and self.isChecked() and self._kind in ("normal", "quiet"):
            ground, frame = theme.color("selection"), theme.color("accent")
        painter.setBrush(ground)
        painter.setPen(QPen(frame, 1))
        painter.drawRoundedRect(area, CORNER_PX, CORNER_PX)

    def _draw_keycap(self, painter: QPainter, left: float, ink: QColor) -> None:
        height_px = max(KEYCAP_PX, self._theme.metrics("small").height() + 2)
        area = QRectF(left, (self.height() - height_px) / 2, self._keycap_px(), height_px)
        area = area.adjusted(0.5, 0.5, -0.5, -0.5)
        frame = QColor(ink) if self._kind in ("primary", "danger") else self._theme.color("hairline")
        if self._kind in ("primary", "danger"):
            frame.setAlphaF(0.6)
        painter.setPen(QPen(frame, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, CORNER_SMALL_PX, CORNER_SMALL_PX)
        painter.setFont(self._theme.font("small"))
        painter.setPen(ink if self._kind in ("primary", "danger") else self._theme.color("secondary"))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), self._keycap)

    def _token(self) -> str:
        if not self.isEnabled():
            return "secondary"
        tokens = {"primary": "on_accent", "danger": "on_accent", "link": "accent"}
        return tokens.get(self._kind, "text")

    def _ink(self) -> QColor:
        return self._theme.color(self._tone if self._tone and self.isEnabled() else self._token())

    def _weight(self) -> int:
        return 600 if self._kind in ("primary", "danger") else 500

    def _icon_px(self) -> int:
        return 20 if self._height_px >= 44 else ICON_PX

    def _word_px(self) -> int:
        return self._theme.metrics("base", self._weight()).horizontalAdvance(self.text())

    def _keycap_px(self) -> int:
        return max(KEYCAP_PX - 2, self._theme.metrics("small").horizontalAdvance(self._keycap) + 8)

    def _shows_keycap(self) -> bool:
        return bool(self._keycap) and self.isEnabled() and self._density == "full"

    def _shows_icon(self) -> bool:
        return bool(self._icon) and not (self._density == "word" and self.text())

    def changeEvent(self, event: QEvent) -> None:
        """A disabled button has no keycap, so it takes less room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self.updateGeometry()

    def _parts_px(self) -> list[int]:
        parts = [self._icon_px()] if self._shows_icon() else []
        parts += [self._word_px()] if self.text() else []
        return parts + ([self._keycap_px()] if self._shows_keycap() else [])

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
