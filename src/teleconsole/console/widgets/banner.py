"""A quiet message in a pane: what happened, what is safe, what to do."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from teleconsole.console.theme.measures import SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import IconLabel, Label


class Banner(QFrame):
    """One sentence on a tinted ground; hidden while there is none. Accessible name: "Message: …"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "banner-warn")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_XL_PX - 3, SPACE_S_PX, SPACE_M_PX, SPACE_S_PX)
        row.setSpacing(SPACE_M_PX)
        self._icon = IconLabel(theme, "triangle-alert", "warn", parent=self)
        self._text = Label(title="Message", wrap=True, parent=self)
        self._close = Button(theme, "", icon="x", kind="quiet", name="Close the message", parent=self)
        self._close.clicked.connect(self.hide)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._text, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says now; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def warn(self, sentence: str) -> None:
        """Say something that went wrong or needs care."""
        self._say(sentence, "warn", "triangle-alert")

    def danger(self, sentence: str) -> None:
        """Say something that stopped."""
        self._say(sentence, "danger", "circle-alert")

    def _say(self, sentence: str, tone: str, icon: str) -> None:
        self.setProperty("kind", f"banner-{tone}")
        self.style().unpolish(self)
        self.style().polish(self)
        self._icon.set_icon(icon, tone)
        self._text.setText(sentence)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self._text, QAccessible.Event.Alert))
