"""The bars under the picture of the viewer: of a recording, and of a document with pages."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSlider, QStyle, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import ElidedLabel, Label

_BAR_PX = 48
_STEP_MS = 5_000


class _Timeline(QSlider):
    """A slider that goes where it is clicked."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there, and follow the pointer while it is held."""
        if event.button() == Qt.MouseButton.LeftButton:
            at = round(event.position().x())
            self.setSliderDown(True)
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, self.width()))
        super().mousePressEvent(event)


class PlayerBar(QFrame):
    """Play and pause, where it is, how long it is.

    Signals:
        sought: position in ms that the person chose.
    """

    sought = Signal(int)

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "surface")
        self.setFixedHeight(_BAR_PX)
        self._duration_ms = 0
        self.button = Button.of(theme, actions["viewer.play"])
        self.slider = _Timeline(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Position")
        self.slider.setSingleStep(_STEP_MS)
        self.slider.setPageStep(2 * _STEP_MS)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.valueChanged.connect(self._on_value)
        self.slider.sliderReleased.connect(lambda: self.sought.emit(self.slider.value()))
        self.slider.setAccessibleName("Position")
        self._time = Label()
        self._sound = ElidedLabel(step="small", tone="secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_L_PX, 0, SPACE_L_PX, 0)
        row.setSpacing(SPACE_M_PX)
        row.addWidget(self.button)
        row.addWidget(self.slider, 3)
        row.addWidget(self._time)
        row.addWidget(self._sound, 1)

    def show_recording(self, duration_ms: int, *, has_sound: bool) -> None:
        """Show another recording, at its beginning."""
        self._duration_ms = duration_ms
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(1, duration_ms))
        self.slider.blockSignals(False)
        self.say_sound("" if has_sound else "This recording has no sound.")
        self.show_playing(playing=False)
        self.show_position(0)

    def show_playing(self, *, playing: bool) -> None:
        """Show what the button does now."""
        self.button.set_text("Pause" if playing else "Play", icon="pause" if playing else "play")

    def show_position(self, position_ms: int) -> None:
        """Show where it is, unless the person is choosing another place."""
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(position_ms)
            self.slider.blockSignals(False)
            self._tell()

    def say_sound(self, sentence: str) -> None:
        """Say what is the matter with the sound; empty = nothing."""
        self._sound.setText(sentence)
        self._sound.setVisible(bool(sentence))

    def _on_value(self, value: int) -> None:
        self._tell()
        if not self.slider.isSliderDown():
            self.sought.emit(value)

    def _tell(self) -> None:
        words = f"{minutes(self.slider.value())} of {minutes(self._duration_ms)}"
        if self._time.text() != words:
            self._time.setText(words)
            self._time.setAccessibleName(f"Time: {words}")
            self.slider.setAccessibleName(f"Position: {words}")


class PageBar(QFrame):
    """Which page of a document is shown. Accessible name of its label: "Page 2 of 3"."""

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "surface")
        self.setFixedHeight(_BAR_PX)
        self._page = Label(weight=500)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_L_PX, 0, SPACE_L_PX, 0)
        row.setSpacing(SPACE_M_PX)
        row.addStretch(1)
        row.addWidget(Button.of(theme, actions["viewer.previous-page"], keycap=False))
        row.addWidget(self._page)
        row.addWidget(Button.of(theme, actions["viewer.next-page"], keycap=False))
        row.addStretch(1)

    def show_page(self, page: int, page_count: int) -> None:
        """Show the number of a page; `page` counts from 0."""
        self._page.setText(f"Page {page + 1} of {page_count}")


def minutes(position_ms: int) -> str:
    """Return "0:38" or "1:02:03"."""
    seconds = position_ms // 1000
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
