"""What all panes of the window have in common."""

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from teleconsole.console.task_scope import TaskScope
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.banner import Banner


class Pane(QFrame):
    """One area of the window, with a banner on top and coroutines of its own.

    Subclasses add their content to `body`, and may override `shown`, `hidden` and `clear`.

    Args:
        theme: colours and fonts.
        title: accessible name of the area.

    Attributes:
        banner: messages that need no decision.
        scope: runs the pane's coroutines; what fails is told in the banner.
        body: layout of the content.
    """

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName(title)
        self.setProperty("kind", "surface")
        self.banner = Banner(theme, self)
        self.scope = TaskScope(self, self.banner.warn)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.banner)
        self.body = QVBoxLayout()
        self.body.setSpacing(0)
        outer.addLayout(self.body, 1)

    def shown(self) -> None:
        """The pane came to the front: read what it shows."""

    def hidden(self) -> None:
        """Another pane came to the front."""

    async def save(self) -> None:
        """Keep what was begun, before a lock. Raises what the vault raises."""

    def clear(self) -> None:
        """Forget every patient: models, texts and pictures. Called by a lock."""
        self.scope.cancel()
        self.banner.hide()
