"""The pane Cases: the queue at the left, the case at the right."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout

from teleconsole.console.actions import Actions
from teleconsole.console.case.area import CaseArea
from teleconsole.console.pane import Pane
from teleconsole.console.queue.area import QueueArea
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import Hairline

_NARROW_PX = 1130
"""Below this width of the pane the views fold away, so that list and case keep their room."""


class CasesPane(Pane):
    """Joins queue and case; neither knows the other.

    Signals:
        pane_wanted: name of another pane.
    """

    pane_wanted = Signal(str)

    def __init__(self, theme: Theme, actions: Actions, queue: QueueArea, case: CaseArea) -> None:
        super().__init__(theme, "Cases pane")
        self.queue = queue
        self.case = case
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(queue)
        row.addWidget(Hairline(Qt.Orientation.Vertical))
        row.addWidget(case, 1)
        self.body.addLayout(row)
        actions.give(self, "Cases")
        queue.case_chosen.connect(self._on_case_chosen)
        queue.pane_wanted.connect(self.pane_wanted)
        case.left.connect(queue.list.setFocus)

    def shown(self) -> None:
        """Read the queue again, and the case that is open."""
        self.queue.shown()
        self.case.reload()

    def open_case(self, case_id: str) -> None:
        """Show a case that another pane asked for."""
        self.queue.list.select(case_id)
        self.case.open(case_id, focus=True)

    async def save(self) -> None:
        """Keep what is being written."""
        await self.case.save()

    def clear(self) -> None:
        """Forget every patient."""
        super().clear()
        self.queue.clear()
        self.case.clear()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the views away where there is no room for them."""
        self.queue.views.setVisible(self.width() >= _NARROW_PX)

    def _on_case_chosen(self, case_id: str, opened: bool) -> None:
        self.case.open(case_id, focus=opened)
