"""Measurements over time: a chart for the eye, the same numbers as a table for everything else."""

from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from teleconsole.console.case.vitals_chart import VitalsChart, summary
from teleconsole.console.theme.measures import SPACE_XS_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import Label
from teleconsole.console.words import local
from teleconsole.contracts.cases import VitalSeries

_TABLE_ROWS_SHOWN = 6


class VitalsPanel(QFrame):
    """A chart for each series, with a button that shows the numbers as a table instead."""

    def __init__(self, theme: Theme, series: tuple[VitalSeries, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS_PX)
        for number, one in enumerate(series):
            if number:
                column.addWidget(Label(f"{one.title} · {summary(one)}", step="small", tone="secondary", wrap=True))
            chart, table = VitalsChart(theme, one, self), _table(one, self)
            table.hide()
            button = Button(theme, "Show the numbers", kind="link", height_px=20, parent=self)
            button.set_name(f"Show the numbers: {one.title}")
            button.clicked.connect(lambda _=False, parts=(chart, table, button, one): _swap(*parts))
            column.addWidget(chart)
            column.addWidget(table)
            column.addWidget(button)


def _swap(chart: VitalsChart, table: QTableWidget, button: Button, series: VitalSeries) -> None:
    numbers = table.isHidden()
    table.setVisible(numbers)
    chart.setVisible(not numbers)
    button.set_text("Show the chart" if numbers else "Show the numbers")
    button.set_name(f"{button.text()}: {series.title}")


def _table(series: VitalSeries, parent: QWidget) -> QTableWidget:
    pressure = series.code == "blood-pressure"
    columns = ["When", f"Systolic, {series.unit}", f"Diastolic, {series.unit}"] if pressure else ["When", series.unit]
    table = QTableWidget(len(series.points), len(columns), parent)
    table.setAccessibleName(series.title)
    table.setHorizontalHeaderLabels(columns)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.verticalHeader().hide()
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    for row, point in enumerate(reversed(series.points)):
        at = local(point.at_ms)
        cells = [f"{at.day} {at:%b %Y %H:%M}", f"{point.value:g}", f"{point.second:g}"]
        for column, words in enumerate(cells[: len(columns)]):
            table.setItem(row, column, QTableWidgetItem(words))
    table.setMinimumWidth(240)
    table.setMaximumWidth(640)
    table.setFixedHeight(30 * (_TABLE_ROWS_SHOWN + 1))
    return table
