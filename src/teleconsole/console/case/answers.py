"""The intake: questions and answers in two columns; a worrying answer is bold."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from teleconsole.console.widgets.label import Label, Tone
from teleconsole.contracts.cases import Answer

_SHORT_CHARS = 14


class Answers(QFrame):
    """All answers. Short questions stand in two columns of pairs, long ones one under the other."""

    def __init__(self, answers: tuple[Answer, ...], *, narrow: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Intake answers")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        short = all(len(answer.question) <= _SHORT_CHARS for answer in answers)
        pairs = 2 if short and not narrow else 1
        row, column, group = 0, 0, ""
        for answer in answers:
            if answer.group and answer.group != group:
                row, column, group = row + (1 if column else 0), 0, answer.group
                grid.addWidget(Label(group, step="small", tone="secondary", weight=600), row, 0, 1, 4)
                row += 1
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(Label(answer.question, tone="secondary", wrap=not short), row, column * 2, top)
            weight, tone = 600 if answer.worrying else 400, _tone(answer)
            shown = answer.answer or "not answered"
            words = Label(shown, title=answer.question, wrap=True, tone=tone, weight=weight)
            grid.addWidget(words, row, column * 2 + 1, top)
            column = (column + 1) % pairs
            row += column == 0
        for number in range(pairs):
            grid.setColumnMinimumWidth(number * 2, 68 if short else 100 if narrow else 200)
            grid.setColumnStretch(number * 2 + 1, 1)
        if not short:
            grid.setColumnStretch(0, 1)


def _tone(answer: Answer) -> Tone:
    return "" if answer.answer else "secondary"
