"""A form in one column of 408 px: icon, title, fields, one button, what went wrong, what is safe."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from teleconsole.console.theme.measures import BUTTON_TALL_PX, SPACE_L_PX, SPACE_M_PX, SPACE_S_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import Hairline, IconLabel, Label

COLUMN_PX = 408


class Form(QFrame):
    """The parts of one page of the session.

    Signals:
        submitted: the button, or Enter in the last field.
    """

    submitted = Signal()

    def __init__(self, theme: Theme, icon: str, title: str, button: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", "background")
        self.setFixedWidth(COLUMN_PX)
        self.setAccessibleName(f"{title}, page")
        self.fields: list[QLineEdit] = []
        self._icon = IconLabel(theme, icon, "secondary", 24)
        self.title = Label(title, step="name")
        self.subtitle = Label(tone="secondary", wrap=True)
        self._message = Label(title="Message", tone="danger", wrap=True)
        self._message.hide()
        self.button = Button(theme, button, kind="primary", keycap="Enter", height_px=BUTTON_TALL_PX)
        self.button.clicked.connect(self.submitted)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(SPACE_S_PX)
        self._fields = QVBoxLayout()
        self._fields.setSpacing(6)
        self._line = Hairline()
        self._line.hide()
        self._lay_out()

    def add_field(self, title: str, *, secret: bool = False, max_chars: int = 256) -> QLineEdit:
        """Add a field under its title, which is also its accessible name."""
        field = QLineEdit()
        field.setAccessibleName(title)
        field.setProperty("tall", "true")
        field.setMaxLength(max_chars)
        if secret:
            self._make_secret(field)
        label = Label(title, weight=500)
        label.setBuddy(field)
        self._fields.addWidget(label)
        self._fields.addWidget(field)
        self._fields.addSpacing(SPACE_M_PX)
        field.returnPressed.connect(lambda: self._on_return(field))
        self.fields.append(field)
        return field

    def tell(self, sentence: str) -> None:
        """Say what went wrong; nothing hides it."""
        self._message.setText(sentence)
        self._message.setVisible(bool(sentence))

    @property
    def message(self) -> str:
        """What went wrong."""
        return self._message.text()

    def set_busy(self, *, busy: bool) -> None:
        """Refuse a second submission while the first one runs."""
        self.button.setEnabled(not busy)
        for field in self.fields:
            field.setReadOnly(busy)

    def set_facts(self, facts: list[tuple[str, str, str]]) -> None:
        """Say under a line what is safe: icon, token of its colour, words."""
        while self._facts.count():
            item = self._facts.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for icon, ink, words in facts:
            row = QFrame()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(SPACE_S_PX)
            line.addWidget(IconLabel(self._theme, icon, ink, 16), 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(Label(words, wrap=True), 1)
            self._facts.addWidget(row)
        self._line.setVisible(bool(facts))

    def clear(self) -> None:
        """Empty the fields; a passphrase never stays."""
        for field in self.fields:
            field.clear()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S_PX)
        column.addWidget(self._icon)
        column.addSpacing(SPACE_S_PX)
        column.addWidget(self.title)
        column.addWidget(self.subtitle)
        column.addSpacing(SPACE_L_PX)
        column.addLayout(self._fields)
        column.addWidget(self._message)
        column.addWidget(self.button)
        column.addSpacing(SPACE_XL_PX)
        column.addWidget(self._line)
        column.addSpacing(SPACE_S_PX)
        column.addLayout(self._facts)

    def _make_secret(self, field: QLineEdit) -> None:
        field.setEchoMode(QLineEdit.EchoMode.Password)
        eye = field.addAction(self._theme.icon("eye", "secondary"), QLineEdit.ActionPosition.TrailingPosition)
        eye.setToolTip("Show the passphrase")

        def show() -> None:
            hidden = field.echoMode() == QLineEdit.EchoMode.Password
            field.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
            eye.setIcon(self._theme.icon("eye-off" if hidden else "eye", "secondary"))

        eye.triggered.connect(show)

    def _on_return(self, field: QLineEdit) -> None:
        place = self.fields.index(field)
        if place + 1 < len(self.fields):
            self.fields[place + 1].setFocus()
        elif self.button.isEnabled():
            self.submitted.emit()
