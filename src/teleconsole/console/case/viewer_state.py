"""What stands in the viewer where no picture is: opening, missing, refused; one sentence and a way on."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import IconLabel, Label
from teleconsole.console.words import size

_CARD_PX = 400


class ViewerState(QFrame):
    """A card on the well.

    Signals:
        cancelled: the person does not want to wait for the file.
        again: the person wants it opened once more.
    """

    cancelled = Signal()
    again = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "well")
        self._icon = IconLabel(theme, "hourglass", "secondary", 24)
        self._words = Label(title="File", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._cancel = Button(theme, "Cancel", icon="x", name="Cancel opening")
        self._again = Button(theme, "Open again", icon="rotate-cw")
        self._cancel.clicked.connect(self.cancelled)
        self._again.clicked.connect(self.again)
        self._card = QFrame()
        self._card.setProperty("kind", "card")
        self._card.setFixedWidth(theme.scaled_px(_CARD_PX))
        column = QVBoxLayout(self._card)
        column.setContentsMargins(SPACE_XL_PX, SPACE_L_PX, SPACE_XL_PX, SPACE_L_PX)
        column.setSpacing(SPACE_M_PX)
        column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._words)
        column.addWidget(self._progress)
        column.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._again, 0, Qt.AlignmentFlag.AlignHCenter)
        outer = QVBoxLayout(self)
        outer.addWidget(self._card, 0, Qt.AlignmentFlag.AlignCenter)
        self.clear()

    @property
    def words(self) -> str:
        """The sentence; empty while nothing is said."""
        return self._words.text()

    def clear(self) -> None:
        """Say nothing: the well is empty."""
        self._words.setText("")
        self._card.hide()

    def show_progress(self, here_bytes: int, size_bytes: int) -> None:
        """Say how far opening is."""
        self._show("hourglass", "secondary", f"Opening, {size(here_bytes)} of {size(size_bytes)}")
        self._progress.setRange(0, 100)
        self._progress.setValue(100 * here_bytes // max(1, size_bytes))
        self._progress.setAccessibleName(f"Opening: {self._progress.value()} percent")
        self._progress.show()
        self._cancel.show()

    def say(self, icon: str, sentence: str, *, tone: str = "secondary", again: bool = False) -> None:
        """Say what is so; `again` offers to open the file once more."""
        self._show(icon, tone, sentence)
        self._again.setVisible(again)

    def _show(self, icon: str, tone: str, words: str) -> None:
        self._icon.set_icon(icon, tone)
        self._words.setText(words)
        self._progress.hide()
        self._cancel.hide()
        self._again.hide()
        self._card.show()
