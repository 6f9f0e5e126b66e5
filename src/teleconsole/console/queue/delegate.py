"""Draws rows and group heads of the queue, with hover, selection and focus."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from teleconsole.console.queue.model import CASE_ROLE, HEAD_ROLE, QueueModel
from teleconsole.console.theme.measures import GROUP_HEAD_PX, ROW_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.case_row import CaseRowPainter
from teleconsole.contracts.cases import CaseRow


class QueueDelegate(QStyledItemDelegate):
    """One row of 52 px, one head of 28."""

    def __init__(self, theme: Theme, model: QueueModel) -> None:
        super().__init__()
        self._theme = theme
        self._model = model
        self._rows = CaseRowPainter(theme)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Rows grow with the person's text scale."""
        head = index.data(HEAD_ROLE) is not None
        return QSize(0, self._theme.scaled_px(GROUP_HEAD_PX if head else ROW_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw ground, content, lower hairline and, when focused, the ring inside."""
        theme = self._theme
        painter.save()
        head = index.data(HEAD_ROLE)
        if head is not None:
            painter.fillRect(option.rect, theme.color("background"))
            painter.setFont(theme.font("small"))
            painter.setPen(theme.color("secondary"))
            painter.drawText(option.rect.adjusted(12, 0, -12, 0), 0x0080 | 0x0001, head.words)
        row = index.data(CASE_ROLE)
        if isinstance(row, CaseRow):
            self._draw_ground(painter, option)
            self._rows.draw(painter, option.rect, row, self._model.now_ms(), painter.device().devicePixelRatioF())
        painter.setPen(theme.color("hairline"))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        if option.state & QStyle.StateFlag.State_HasFocus and row is not None:
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRect(option.rect.adjusted(1, 1, -1, -1))
        painter.restore()

    def _draw_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        theme = self._theme
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        token = "selection" if selected else "hover" if hovered else "surface"
        painter.fillRect(option.rect, theme.color(token))
        if selected:
            painter.fillRect(option.rect.x(), option.rect.y(), 3, option.rect.height(), theme.color("accent"))
            if theme.tokens.frames_selection:
                painter.setPen(QPen(theme.color("accent"), 2))
                painter.drawRect(option.rect.adjusted(1, 1, -1, -1))
