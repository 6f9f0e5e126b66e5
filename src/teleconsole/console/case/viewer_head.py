"""The head of the viewer: the way back, what is shown and of whom, zoom, previous and next."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.case.evidence import KINDS
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_S_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import ElidedLabel, Label
from teleconsole.contracts.cases import EvidenceItem, PatientHeader

_HEAD_PX = 56


class ViewerHead(QFrame):
    """Its buttons are those of the actions `viewer.*`."""

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "surface")
        self.setFixedHeight(_HEAD_PX)
        self._title = ElidedLabel(step="title", weight=600)
        self._patient = ElidedLabel(tone="secondary")
        self._percent = Label(title="Zoom", tone="secondary")
        self._number = Label(title="File", tone="secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_L_PX, 0, SPACE_L_PX, 0)
        row.setSpacing(SPACE_S_PX)
        close = Button.of(theme, actions["viewer.close"], kind="quiet")
        close.set_text("Case", icon="arrow-left")
        close.set_name("Close the viewer")
        row.addWidget(close)
        row.addSpacing(SPACE_M_PX)
        for label in (self._title, self._patient):
            label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            row.addWidget(label)
            row.addSpacing(SPACE_S_PX)
        row.addStretch(1)
        self._zoom = self._zoom_buttons(theme, actions)
        row.addWidget(self._zoom)
        row.addSpacing(SPACE_M_PX)
        previous = Button.of(theme, actions["viewer.previous"], keycap=False)
        previous.set_name("Previous file")
        following = Button.of(theme, actions["viewer.next"], keycap=False)
        following.set_name("Next file")
        for part in (previous, self._number, following):
            row.addWidget(part)

    def show_item(self, item: EvidenceItem, patient: PatientHeader, index: int, total: int) -> None:
        """Show whose file it is and which one of the case."""
        self._title.setText(item.title or KINDS[item.kind])
        age = f" {patient.age_years}" if patient.age_years >= 0 else ""
        self._patient.setText(f"{patient.name}, {patient.gender[:1].upper()}{age}")
        self._number.setText(f"{index + 1} of {total}")

    def show_zoom(self, percent: int | None) -> None:
        """Show the scale; None = what is shown cannot be enlarged."""
        self._zoom.setVisible(percent is not None)
        self._percent.setText(f"{percent} %" if percent is not None else "")

    def clear(self) -> None:
        """Forget the file and the patient."""
        for label in (self._title, self._patient, self._number, self._percent):
            label.setText("")

    def _zoom_buttons(self, theme: Theme, actions: Actions) -> QFrame:
        frame = QFrame()
        row = QHBoxLayout(frame)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_S_PX)
        smaller = Button(theme, "", icon="zoom-out", kind="quiet", name="Zoom out")
        larger = Button(theme, "", icon="zoom-in", kind="quiet", name="Zoom in")
        smaller.clicked.connect(actions["viewer.zoom-out"].trigger)
        larger.clicked.connect(actions["viewer.zoom-in"].trigger)
        self._percent.setFixedWidth(theme.scaled_px(48))
        self._percent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for part in (smaller, self._percent, larger, Button.of(theme, actions["viewer.fit"], kind="quiet")):
            row.addWidget(part)
        return frame
