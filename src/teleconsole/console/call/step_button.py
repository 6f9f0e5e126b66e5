"""The button that opens and closes the choice of how much is sent, and says what holds."""

from PySide6.QtWidgets import QWidget

from teleconsole.console.call.step_panel import TITLES, Choice
from teleconsole.console.theme.measures import BUTTON_TALL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button


class StepButton(Button):
    """An icon; its accessible name carries the choice: "Picture: Automatic". In accent while the clinician holds it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", icon="signal", height_px=BUTTON_TALL_PX, name="Picture: Automatic", parent=parent)

    def show_choice(self, choice: Choice) -> None:
        """Say what holds."""
        words = f"Picture: {TITLES[choice]}"
        self.set_name(words)
        self.setToolTip(f"{words} (P)")
        self.set_tone("" if not choice else "accent")
