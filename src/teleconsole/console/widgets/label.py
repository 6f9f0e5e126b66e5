"""Labels whose accessible name carries their value, and lines that are cut with an ellipsis."""

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from teleconsole.console.theme.measures import TypeStep
from teleconsole.console.theme.theme import Theme

Tone = Literal["", "secondary", "accent", "good", "warn", "danger", "well", "well-secondary"]


class Label(QLabel):
    """Plain text, never markup (a patient's words may hold it), in a step, a tone and a weight of the theme.

    Args:
        title: what the text is the value of: the accessible name is then "title: text"; else it is the text.
    """

    def __init__(
        self,
        text: str = "",
        *,
        title: str = "",
        step: TypeStep = "base",
        tone: Tone = "",
        weight: int = 400,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title = title
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setProperty("step", step)
        self.setProperty("tone", tone)
        if weight != 400:
            self.setProperty("weight", str(weight))
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show the text and say it."""
        super().setText(text)
        self.setAccessibleName(f"{self._title}: {text}" if self._title else text)

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped text, which never runs wider than the label may be.

        A layout asks for the height at its own width, also when that is wider than the label's maximum.
        """
        return super().heightForWidth(min(width, self.maximumWidth()))

    def set_tone(self, tone: Tone) -> None:
        """Show it in another tone."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class ElidedLabel(Label):
    """One line that ends in an ellipsis where it does not fit; the whole text is its tooltip and accessible name."""

    def __init__(
        self,
        text: str = "",
        *,
        title: str = "",
        step: TypeStep = "base",
        tone: Tone = "",
        weight: int = 400,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, title=title, step=step, tone=tone, weight=weight, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if shown != self.text() else "")
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)


class Hairline(QFrame):
    """A line of 1 px that separates without meaning."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Horizontal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "hairline")
        if orientation == Qt.Orientation.Horizontal:
            self.setFixedHeight(1)
        else:
            self.setFixedWidth(1)


class IconLabel(QLabel):
    """An icon in a token's colour that stands beside words and says nothing itself."""

    def __init__(
        self, theme: Theme, name: str, ink: str = "secondary", size_px: int = 16, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._ink = ink
        self._size_px = size_px
        self.setFixedSize(size_px, size_px)
        theme.changed.connect(self._paint)
        self._paint()

    def set_icon(self, name: str, ink: str) -> None:
        """Show another icon."""
        self._name, self._ink = name, ink
        self._paint()

    def _paint(self) -> None:
        self.setPixmap(self._theme.pixmap(self._name, self._ink, self._size_px, self.devicePixelRatioF()))
