"""Chat beside the video: lines with their state, and a field that sends by Enter."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.visit_chat import Line
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import Hairline, Label
from teleconsole.console.words import clock_time
from teleconsole.contracts.call import ChatState
from teleconsole.host.limits import CALL_CHAT_CHARS

_STATES: dict[ChatState, str] = {"sealed": "Saved", "sent": "Sent", "acknowledged": "Delivered"}


class _LineView(QFrame):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self.line = line
        who = "Patient" if line.from_patient else "You"
        self._head = Label(step="small", tone="secondary")
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_XL_PX, SPACE_S_PX, SPACE_XL_PX, SPACE_S_PX)
        column.setSpacing(2)
        column.addWidget(self._head)
        self._words = Label(line.text, title=who, wrap=True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self._words)
        self.show_state(line)

    def show_state(self, line: Line) -> None:
        self.line = line
        if line.from_patient:
            words = f"Patient · {clock_time(line.sent_ms)} · {'Saved' if line.state != 'sent' else 'Arriving'}"
        else:
            words = f"You · {clock_time(line.sent_ms)} · {_STATES[line.state]}"
        self._head.setText(words)

    def forget(self) -> None:
        """Hold no words any more until it is deleted."""
        self._words.setText("")
        self.line = replace(self.line, text="")


class ChatView(QWidget):
    """The lines of this visit.

    Signals:
        sent: a line that the person wrote.
    """

    sent = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views: dict[str, _LineView] = {}
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, SPACE_S_PX, 0, SPACE_S_PX)
        self._list.setSpacing(0)
        self._list.addStretch(1)
        page = QWidget()
        page.setProperty("kind", "page")
        page.setLayout(self._list)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("Chat lines")
        self._scroll.setWidget(page)
        bar = self._scroll.verticalScrollBar()
        bar.rangeChanged.connect(lambda low, high: bar.setValue(high))
        self.field = QLineEdit()
        self.field.setMaxLength(CALL_CHAT_CHARS)
        self.field.setPlaceholderText("Write to the patient")
        self.field.setAccessibleName("Chat message")
        self._send = Button(theme, "Send", icon="send", name="Send chat message")
        self.field.returnPressed.connect(self._on_send)
        self._send.clicked.connect(self._on_send)
        foot = QHBoxLayout()
        foot.setContentsMargins(SPACE_XL_PX, SPACE_M_PX, SPACE_XL_PX, SPACE_M_PX)
        foot.setSpacing(SPACE_S_PX)
        foot.addWidget(self.field, 1)
        foot.addWidget(self._send)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._scroll, 1)
        column.addWidget(Hairline())
        column.addLayout(foot)

    def show_lines(self, lines: list[Line]) -> None:
        """Show these lines; those that are there already only change their state."""
        wanted = {line.item_id for line in lines}
        for item_id in [known for known in self._views if known not in wanted]:
            view = self._views.pop(item_id)
            self._list.removeWidget(view)
            view.forget()
            view.deleteLater()
        for index, line in enumerate(lines):
            known = self._views.get(line.item_id)
            if known is None:
                self._views[line.item_id] = view = _LineView(line)
                self._list.insertWidget(index, view)
            elif known.line != line:
                known.show_state(line)

    def allow(self, *, allowed: bool) -> None:
        """Let lines be written, or not any more."""
        self.field.setEnabled(allowed)
        self._send.setEnabled(allowed)
        self.field.setPlaceholderText("Write to the patient" if allowed else "The visit has ended")

    def give_back(self, text: str) -> None:
        """Put a line that could not be sent back into the field, unless another one is being written."""
        if not self.field.text():
            self.field.setText(text)

    def clear(self) -> None:
        """Forget every line, and what was being written."""
        self.show_lines([])
        self.field.clear()

    def _on_send(self) -> None:
        text = self.field.text().strip()
        if text:
            self.field.clear()
            self.sent.emit(text)
