"""Draws one row of the queue: three straight columns, so that a list is read down without moving the eye sideways."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from teleconsole.console.theme.measures import CORNER_SMALL_PX, TypeStep
from teleconsole.console.theme.theme import Theme
from teleconsole.console.words import due, name_and_age
from teleconsole.contracts.cases import CaseRow, Priority

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_PRIORITY_PX = 76
_INDENT_PX = 17
_TOKENS: dict[Priority, str] = {"stat": "danger", "urgent": "warn", "asap": "text", "routine": "secondary"}


def draw_priority(painter: QPainter, theme: Theme, priority: Priority, left: float, middle: float) -> None:
    """Draw shape and word of a priority, 12 px of shape, a gap of 5 and the word."""
    color = theme.color(_TOKENS[priority])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    word_left = left + _INDENT_PX
    if priority == "stat":
        for step in (0.0, 11.0):
            painter.drawPolygon(_triangle(left + step, middle))
        word_left += 9
    elif priority == "urgent":
        painter.drawPolygon(_triangle(left + 1, middle))
    elif priority == "asap":
        painter.drawEllipse(QPointF(left + 6, middle), 4, 4)
    else:
        painter.drawRect(QRectF(left + 1, middle - 1, 10, 2))
    painter.setPen(color)
    painter.setFont(theme.font("small", 500 if priority in ("stat", "urgent") else 400))
    line_px = theme.scaled_px(18)
    painter.drawText(QRectF(word_left, middle - line_px / 2, theme.scaled_px(70), line_px), _LEFT, priority)
    painter.restore()


def priority_width_px(theme: Theme, priority: Priority) -> int:
    """Return how wide `draw_priority` draws."""
    extra = 9 if priority == "stat" else 0
    return _INDENT_PX + extra + theme.metrics("small", 500).horizontalAdvance(priority)


class CaseRowPainter:
    """Draws rows of cases, in the queue and under Today.

    Args:
        theme: colours and fonts.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def draw(self, painter: QPainter, area: QRect, row: CaseRow, now_ms: int, ratio: float = 1.0) -> None:
        """Draw the two lines of a row inside the area, without its ground; `ratio` is the screen's, for sharp icons."""
        line_px = self._theme.scaled_px(18)
        top = area.top() + (area.height() - 2 * line_px) // 2
        left, right = area.left() + 12, area.right() - 11
        first = QRect(left, top, right - left, line_px)
        second = first.translated(0, line_px)
        body = left + self._theme.scaled_px(_PRIORITY_PX)
        draw_priority(painter, self._theme, row.priority, left, first.center().y() + 1)
        self._draw_unread(painter, second, row)
        name_right = self._draw_due(painter, first, row, now_ms)
        self._draw_text(painter, QRect(body, first.top(), name_right - body, line_px), name_and_age(row), "text",
                        700 if row.unread_count else 500, "base")  # fmt: skip
        reason_right = self._draw_facts(painter, second, row, ratio)
        self._draw_text(painter, QRect(body, second.top(), reason_right - body, line_px), row.reason,
                        "text" if row.unread_count else "secondary", 400, "small")  # fmt: skip

    def _draw_text(self, painter: QPainter, area: QRect, text: str, token: str, weight: int, size: TypeStep) -> None:
        painter.setFont(self._theme.font(size, weight))
        painter.setPen(self._theme.color(token))
        shown = self._theme.metrics(size, weight).elidedText(text, Qt.TextElideMode.ElideRight, max(0, area.width()))
        painter.drawText(area, _LEFT, shown)

    def _draw_unread(self, painter: QPainter, line: QRect, row: CaseRow) -> None:
        if row.unread_count:
            painter.setFont(self._theme.font("small", 500))
            painter.setPen(self._theme.color("accent"))
            painter.drawText(line.adjusted(_INDENT_PX, 0, 0, 0), _LEFT, f"{row.unread_count} new")

    def _draw_due(self, painter: QPainter, line: QRect, row: CaseRow, now_ms: int) -> int:
        words, late = due(row.due_ms, now_ms)
        painter.setFont(self._theme.font("small", 600 if late else 400))
        painter.setPen(self._theme.color("danger" if late else "text"))
        painter.drawText(line, _RIGHT, words)
        return line.right() - self._theme.metrics("small", 600).horizontalAdvance(words) - 12

    def _draw_facts(self, painter: QPainter, line: QRect, row: CaseRow, ratio: float) -> int:
        """Draw claim, measurements and evidence from the right; return where the reason has to end."""
        right = self._draw_chip(painter, line, row)
        if row.has_draft:
            right = self._draw_icon(painter, right, line, "pencil", "secondary", "", ratio)
        if row.unsent_count:
            right = self._draw_icon(painter, right, line, "upload", "warn", str(row.unsent_count), ratio)
        if row.has_vitals:
            right = self._draw_icon(painter, right, line, "activity", "secondary", "", ratio)
        if row.completeness != "complete":
            words = f"{row.evidence_here} of {row.evidence_total}"
            return self._draw_icon(painter, right, line, "hourglass", "warn", words, ratio)
        for name, count in (
            ("file-text", row.document_count),
            ("square-play", row.video_count),
            ("image", row.photo_count),
        ):
            if count:
                right = self._draw_icon(painter, right, line, name, "secondary", str(count), ratio)
        return right

    def _draw_icon(
        self, painter: QPainter, right: int, line: QRect, name: str, token: str, words: str, ratio: float
    ) -> int:
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color(token))
        if words:
            width = self._theme.metrics("small").horizontalAdvance(words)
            painter.drawText(QRect(right - width, line.top(), width + 1, line.height()), _LEFT, words)
            right -= width + 4
        right -= 14
        if name == "hourglass":
            _draw_half(painter, self._theme.color(token), QRectF(right + 1, line.center().y() - 5, 11, 11))
        else:
            painter.drawPixmap(QPointF(right, line.center().y() - 6.5), self._theme.pixmap(name, token, 14, ratio))
        return right - 8

    def _draw_chip(self, painter: QPainter, line: QRect, row: CaseRow) -> int:
        words = {"mine": "You", "asked-for": "Asked for", "other": initials(row.claimed_by)}.get(row.claim, "")
        if not words:
            return line.right()
        mine = row.claim == "mine"
        width = self._theme.metrics("small", 600 if mine else 400).horizontalAdvance(words) + 10
        area = QRectF(line.right() - width + 0.5, line.center().y() - 8 + 0.5, width - 1, 16)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("text" if mine else "secondary"), 1))
        painter.setBrush(QColor(0, 0, 0, 0))
        painter.drawRoundedRect(area, CORNER_SMALL_PX, CORNER_SMALL_PX)
        painter.setFont(self._theme.font("small", 600 if mine else 400))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), words)
        painter.restore()
        return line.right() - width - 8


def initials(name: str) -> str:
    """Return "TW" of "Dr Tomasz Wilk"; short names and initials stay as they are."""
    words = [word for word in name.split() if word.rstrip(".").lower() not in ("dr", "prof", "mr", "ms", "mrs")]
    if len(name) <= 4 or not words:
        return name or "Taken"
    return "".join(word[0] for word in (words if len(words) < 3 else (words[0], words[-1])))


def _triangle(left: float, middle: float) -> QPolygonF:
    return QPolygonF([QPointF(left, middle + 4), QPointF(left + 10, middle + 4), QPointF(left + 5, middle - 5)])


def _draw_half(painter: QPainter, color: QColor, area: QRectF) -> None:
    """Draw ◐: half of it is here."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(area)
    painter.setBrush(color)
    painter.drawPie(area, 90 * 16, 180 * 16)
    painter.restore()
