"""How well the call goes, as four bars: beside the word, for the quick look."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import Tone
from teleconsole.contracts.call import Quality

BARS = 4
_WORDS: dict[Quality, int] = {"unknown": 0, "good": 4, "fair": 3, "poor": 1, "lost": 0}
_LEAST_R: tuple[float, ...] = (80.0, 70.0, 60.0)
"""ITU-T G.109: from here on 4, 3 and 2 bars; below them 1."""
_WIDTH_PX, _GAP_PX, _HEIGHT_PX, _STEP_PX = 4, 2, 16, 4


def bars_for(quality: Quality, r_factor: float) -> int:
    """Return how many bars are filled, 0 to 4.

    Args:
        quality: the word.
        r_factor: of the voice; 0 = not measured yet, then the word alone decides.
    """
    if quality in ("unknown", "lost") or not r_factor:
        return _WORDS[quality]
    by_voice = next((BARS - at for at, least in enumerate(_LEAST_R) if r_factor >= least), 1)
    return min(by_voice, _WORDS[quality]) if quality != "good" else by_voice


class Bars(QWidget):
    """Four bars; it says nothing itself, the word beside it does."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tone: Tone = "secondary"
        self.filled = 0
        self.setFixedSize(BARS * (_WIDTH_PX + _GAP_PX), _HEIGHT_PX)
        theme.changed.connect(self.update)

    def show_bars(self, filled: int, tone: Tone) -> None:
        """Fill so many, in this tone."""
        if (filled, tone) != (self.filled, self._tone):
            self.filled, self._tone = filled, tone
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw them: filled ones in the tone, the others as outlines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self._theme.color(self._tone or "text")
        for index in range(BARS):
            height = _STEP_PX * (index + 1)
            area = QRectF(index * (_WIDTH_PX + _GAP_PX), _HEIGHT_PX - height, _WIDTH_PX, height)
            here = index < self.filled
            painter.setPen(QPen(ink if here else self._theme.color("border"), 1))
            painter.setBrush(ink if here else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 1, 1)
