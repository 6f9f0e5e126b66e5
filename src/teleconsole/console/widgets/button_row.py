"""A row of buttons that never cuts a word: where there is no room, keycaps go first, then icons."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from teleconsole.console.theme.measures import SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button, Density
from teleconsole.console.widgets.label import ElidedLabel

_DENSITIES: tuple[Density, ...] = ("full", "no keycap", "word")
_GAP_PX = SPACE_S_PX - 2


class ButtonRow(QFrame):
    """Buttons at the left, one line of words after them, buttons at the right.

    Args:
        left, right: the buttons, in this order.
        reason: says why one of them is disabled; it keeps its room while it says something.
    """

    def __init__(
        self,
        theme: Theme,
        left: list[Button],
        reason: ElidedLabel,
        right: list[Button],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._buttons = [*left, *right]
        self._reason = reason
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_XL_PX, SPACE_S_PX, SPACE_M_PX, SPACE_S_PX)
        row.setSpacing(_GAP_PX)
        for button in left:
            row.addWidget(button)
        row.addWidget(reason, 1)
        for button in right:
            row.addWidget(button)
        theme.changed.connect(self.fit)

    def minimumSizeHint(self) -> QSize:
        """Any width will do: the buttons give way."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit."""
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        """Fit when a button came, went or changed its word."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().event(event)

    def fit(self) -> None:
        """Show as much of the buttons as there is room for."""
        density = next((one for one in _DENSITIES if self._needs_px(one) <= self.width()), _DENSITIES[-1])
        for button in self._buttons:
            button.set_density(density)

    def _needs_px(self, density: Density) -> int:
        shown = [button for button in self._buttons if not button.isHidden()]
        words = self._reason.text()
        reason_px = self._reason.fontMetrics().horizontalAdvance(words) + _GAP_PX if words else 0
        buttons_px = sum(button.width_px(density) + _GAP_PX for button in shown)
        return SPACE_XL_PX + SPACE_M_PX + buttons_px + reason_px
