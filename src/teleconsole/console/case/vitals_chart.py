"""A chart of one series, drawn: bars from systolic to diastolic, or a line, with dashed targets."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from teleconsole.console.theme.theme import Theme
from teleconsole.console.words import local
from teleconsole.contracts.cases import Measurement, VitalSeries

_WIDTH_PX, _LEAST_WIDTH_PX = 656, 320
_LEFT_PX, _RIGHT_PX, _TOP_PX, _BOTTOM_PX = 36, 76, 8, 22
_MARK_PX = 4.0


def summary(series: VitalSeries) -> str:
    """Return a series in one sentence: how many, from when to when, lowest, highest and latest values."""
    if not series.points:
        return "no measurements"
    first, last = series.points[0], series.points[-1]
    values = [point.value for point in series.points]
    words = (
        f"{len(series.points)} readings, {_day(first.at_ms)} to {_day(last.at_ms)}, "
        f"from {min(values):.4g} to {max(values):.4g}, latest {_value(last)} {series.unit}"
    )
    if series.target_high:
        words += f", target below {series.target_high:g}"
        words += f"/{series.target_low:g}" if series.target_low else ""
        words += f", {sum(point.value > series.target_high for point in series.points)} above it"
    return words


def _value(point: Measurement) -> str:
    return f"{point.value:.0f}/{point.second:.0f}" if point.second else f"{point.value:g}"


def _day(at_ms: int) -> str:
    at = local(at_ms)
    return f"{at.day} {at:%b}"


class VitalsChart(QWidget):
    """One series in at most 656 x 132, grown by the text scale. Its accessible name is the series in one sentence."""

    def __init__(self, theme: Theme, series: VitalSeries, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._series = series
        self.setAccessibleName(f"{series.title}: {summary(series)}")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(theme.scaled_px(_WIDTH_PX))
        self._left_px, self._right_px, self._bottom_px = map(theme.scaled_px, (_LEFT_PX, _RIGHT_PX, _BOTTOM_PX))
        self._line_px = theme.scaled_px(18)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Blood pressure is taller than a line."""
        height_px = 132 if self._series.code == "blood-pressure" else 92
        return QSize(self.maximumWidth(), self._theme.scaled_px(height_px))

    def minimumSizeHint(self) -> QSize:
        """A narrow window draws the days closer together."""
        return QSize(_LEAST_WIDTH_PX, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes, targets and values."""
        if not self._series.points:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font("small"))
        low, high = self._range()
        self._draw_scale(painter, low, high)
        self._draw_days(painter)
        self._draw_targets(painter, low, high)
        if self._series.code == "blood-pressure":
            for point in self._series.points:
                self._draw_bar(painter, point, low, high)
        else:
            self._draw_line(painter, low, high)

    def _range(self) -> tuple[float, float]:
        if self._series.code == "blood-pressure":
            highest = max(point.value for point in self._series.points)
            return 60.0, 180.0 + 60.0 * max(0, math.ceil((highest - 182) / 60))
        values = [point.value for point in self._series.points]
        room = max(1.0, (max(values) - min(values)) * 0.2)
        return min(values) - room, max(values) + room

    def _x(self, at_ms: int) -> float:
        first, last = self._series.points[0].at_ms, self._series.points[-1].at_ms
        width = self.width() - self._left_px - self._right_px - 16
        return self._left_px + 8 + (width * (at_ms - first) / (last - first) if last > first else width / 2)

    def _y(self, value: float, low: float, high: float) -> float:
        height = self.height() - _TOP_PX - self._bottom_px
        return _TOP_PX + height * (high - value) / (high - low)

    def _draw_scale(self, painter: QPainter, low: float, high: float) -> None:
        steps = 3 if self._series.code == "blood-pressure" else 2
        for step in range(steps + 1):
            value = low + (high - low) * step / steps
            y = self._y(value, low, high)
            painter.setPen(self._theme.color("hairline"))
            painter.drawLine(QPointF(self._left_px, y), QPointF(self.width() - self._right_px, y))
            painter.setPen(self._theme.color("secondary"))
            words = f"{value:.0f}" if high - low > 8 else f"{value:.1f}"
            right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(QRectF(0, y - self._line_px / 2, self._left_px - 8, self._line_px), right, words)

    def _draw_days(self, painter: QPainter) -> None:
        points = self._series.points
        painter.setPen(self._theme.color("secondary"))
        center = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
        drawn_to, width = -1000.0, self._theme.scaled_px(60)
        for point in points:
            x = self._x(point.at_ms)
            if x - drawn_to >= width:
                area = QRectF(x - width / 2, self.height() - self._line_px, width, self._line_px)
                painter.drawText(area, center, _day(point.at_ms))
                drawn_to = x

    def _draw_targets(self, painter: QPainter, low: float, high: float) -> None:
        for value, word in ((self._series.target_high, " target"), (self._series.target_low, "")):
            if not low < value < high:
                continue
            y = self._y(value, low, high)
            painter.setPen(QPen(self._theme.color("secondary"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(self._left_px, y), QPointF(self.width() - self._right_px, y))
            painter.setPen(self._theme.color("secondary"))
            left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            area = QRectF(self.width() - self._right_px + 8, y - self._line_px / 2, self._right_px, self._line_px)
            painter.drawText(area, left, f"{value:g}{word}")

    def _draw_bar(self, painter: QPainter, point: Measurement, low: float, high: float) -> None:
        """Draw one reading: triangles are filled outside the target and hollow within it."""
        x = self._x(point.at_ms)
        top, bottom = self._y(point.value, low, high), self._y(point.second, low, high)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        series = self._series
        above = not series.target_high or point.value > series.target_high
        below = not series.target_low or point.second > series.target_low
        for y, down, filled in ((top, True, above), (bottom, False, below)):
            painter.setPen(QPen(self._theme.color("text"), 1))
            painter.setBrush(self._theme.color("text" if filled else "surface"))
            tip = y + _MARK_PX if down else y - _MARK_PX
            base = y - _MARK_PX / 2 if down else y + _MARK_PX / 2
            painter.drawPolygon(QPolygonF([QPointF(x - _MARK_PX, base), QPointF(x + _MARK_PX, base), QPointF(x, tip)]))

    def _draw_line(self, painter: QPainter, low: float, high: float) -> None:
        marks = [QPointF(self._x(point.at_ms), self._y(point.value, low, high)) for point in self._series.points]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.color("secondary"), 1.5))
        painter.drawPolyline(QPolygonF(marks))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("text"))
        for mark in marks:
            painter.drawEllipse(mark, 2.5, 2.5)
