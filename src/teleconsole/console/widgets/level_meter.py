"""A bar that shows how loud it is, with a name and a value for screen readers."""

import math

from PySide6.QtWidgets import QProgressBar, QWidget

_QUIETEST_DB = -60.0
_STEP_PERCENT = 5


def level_percent(level: float) -> int:
    """Return where a level stands between -60 dB (0) and full scale (100), in steps of 5.

    Args:
        level: root mean square, full scale 1.0.
    """
    if level <= 0.0:
        return 0
    share = (20.0 * math.log10(level) - _QUIETEST_DB) / -_QUIETEST_DB
    return max(0, min(100, round(share * 100 / _STEP_PERCENT) * _STEP_PERCENT))


class LevelMeter(QProgressBar):
    """Shows the levels that it is told, as often as it is told them: a few times a second.

    Args:
        name: accessible name, "Microphone level".
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setRange(0, 100)
        self.setTextVisible(False)
        self.setToolTip(name)
        self.setValue(0)

    def show_level(self, level: float) -> None:
        """Show a level, root mean square, full scale 1.0."""
        percent = level_percent(level)
        if percent != self.value():
            self.setValue(percent)
