"""The pane Cases: the queue at the left, the case at the right; or the viewer of the case's files in their place."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QStackedWidget, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.case.area import CaseArea
from teleconsole.console.case.viewer import Viewer
from teleconsole.console.pane import Pane
from teleconsole.console.queue.area import QueueArea
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import Hairline
from teleconsole.contracts.cases import CaseDetail


class CasesPane(Pane):
    """Joins queue and case; neither knows the other.

    Signals:
        pane_wanted: name of another pane.
    """

    pane_wanted = Signal(str)

    def __init__(self, theme: Theme, actions: Actions, queue: QueueArea, case: CaseArea, viewer: Viewer) -> None:
        super().__init__(theme, "Cases pane")
        self.queue = queue
        self.case = case
        self.viewer = viewer
        self._before: QWidget | None = None
        self._back_to = ""
        self._work = QWidget()
        self._stack = QStackedWidget()
        row = QHBoxLayout(self._work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(queue)
        row.addWidget(Hairline(Qt.Orientation.Vertical))
        row.addWidget(case, 1)
        self._stack.addWidget(self._work)
        self._stack.addWidget(viewer)
        self.body.addWidget(self._stack)
        actions.give(self._work, "Cases")
        queue.case_chosen.connect(self._on_case_chosen)
        queue.pane_wanted.connect(self.pane_wanted)
        case.left.connect(queue.list.setFocus)
        case.evidence_opened.connect(self.look)
        viewer.left.connect(self._on_viewer_left)

    def shown(self) -> None:
        """Read the queue again, and the case that is open; J and K move at once."""
        self.setFocusProxy(self.queue.list)
        self.queue.shown()
        self.case.reload()

    def open_case(self, case_id: str) -> None:
        """Show a case that another pane asked for."""
        self.close_viewer()
        self.queue.list.select(case_id)
        self.case.open(case_id, focus=True)

    def look(self, detail: CaseDetail, evidence_id: str, back_to: str = "") -> None:
        """Show a file of a case in the viewer; leaving it goes back to where the keyboard was.

        Args:
            detail: the case.
            evidence_id: which of its files.
            back_to: name of the pane that it was opened from, when that is another one.
        """
        self._back_to = back_to
        self._before = QApplication.focusWidget()
        if self._before is not None:
            self._before.destroyed.connect(self._forget_before)
        self._stack.setCurrentWidget(self.viewer)
        self.viewer.open(detail, evidence_id)

    def close_viewer(self) -> None:
        """Show queue and case again."""
        self._back_to = ""
        if self._stack.currentWidget() is self.viewer:
            self.viewer.leave()

    async def save(self) -> None:
        """Keep what is being written."""
        await self.case.save()

    def clear(self) -> None:
        """Forget every patient."""
        super().clear()
        self.viewer.clear()
        self._stack.setCurrentWidget(self._work)
        self.queue.clear()
        self.case.clear()

    def event(self, event: QEvent) -> bool:
        """Space belongs to the button that has the focus; elsewhere it is a shortcut."""
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        space = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        if override and space and isinstance(QApplication.focusWidget(), QAbstractButton):
            event.accept()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The case keeps its room in a narrow window."""
        self.queue.fit(self.width())

    def _on_case_chosen(self, case_id: str, opened: bool) -> None:
        self.case.open(case_id, focus=opened)

    def _on_viewer_left(self) -> None:
        self._stack.setCurrentWidget(self._work)
        back_to, self._back_to = self._back_to, ""
        if back_to:
            self.pane_wanted.emit(back_to)
            return
        (self._before or self.case.timeline).setFocus(Qt.FocusReason.OtherFocusReason)

    def _forget_before(self) -> None:
        self._before = None
