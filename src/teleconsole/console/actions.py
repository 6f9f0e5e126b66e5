"""Every intention of a person as a QAction with its shortcut; the shortcut sheet is made from this list."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from teleconsole.console.theme.theme import Theme


@dataclass(frozen=True)
class Spec:
    """One intention.

    Attributes:
        group: where it works, a heading of the shortcut sheet; `Actions.give` binds a group to a pane.
        keys: in Qt's portable form; the first is shown.
    """

    action_id: str
    group: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""


SPECS = (
    Spec("go.today", "Everywhere", "Today", ("Ctrl+1",), "calendar-clock"),
    Spec("go.cases", "Everywhere", "Cases", ("Ctrl+2",), "inbox"),
    Spec("go.call", "Everywhere", "Call", ("Ctrl+3",), "video"),
    Spec("go.to-send", "Everywhere", "To send", ("Ctrl+4",), "upload"),
    Spec("go.settings", "Everywhere", "Settings", ("Ctrl+,",), "sliders-horizontal"),
    Spec("lock", "Everywhere", "Lock", ("Ctrl+L",), "lock"),
    Spec("search", "Everywhere", "Search", ("Ctrl+K", "/"), "search"),
    Spec("sync", "Everywhere", "Sync now", ("F5",), "refresh-cw"),
    Spec("shortcuts", "Everywhere", "Shortcuts", ("F1",), "keyboard"),
    Spec("quit", "Everywhere", "Quit", ("Ctrl+Q",), "log-out"),
    Spec("queue.next", "Cases", "Next case", ("J",)),
    Spec("queue.previous", "Cases", "Previous case", ("K",)),
    Spec("queue.open", "Cases", "Open case", ("O",), "inbox"),
    Spec("queue.next-due", "Cases", "Next unclaimed case", ("N",)),
    Spec("case.reply", "Cases", "Reply", ("R",), "reply"),
    Spec("case.call", "Cases", "Call now", ("Shift+K",), "phone"),
    Spec("case.ask", "Cases", "Ask for more", ("A",), "circle-question-mark"),
    Spec("case.decide", "Cases", "Decide", ("E",), "check"),
    Spec("case.note", "Cases", "Note", ("W",), "notebook-pen"),
    Spec("case.claim", "Cases", "Claim", ("C",), "user-check"),
    Spec("case.release", "Cases", "Release", ("Shift+C",), "user"),
    Spec("case.look", "Cases", "Look at the evidence", ("Space",), "image"),
    Spec("case.send", "Cases", "Send", ("Ctrl+Return",), "send"),
    Spec("case.leave", "Cases", "Back to the list", ("Esc",), "arrow-left"),
    Spec("today.admit", "Today", "Admit", ("A",), "video"),
    Spec("today.open", "Today", "Open case", ("Shift+O",), "inbox"),
    Spec("today.message", "Today", "Message", ("Shift+M",), "message-square"),
    Spec("today.next-case", "Today", "Next case", ("N",), "inbox"),
    Spec("call.microphone", "Call", "Microphone", ("M",), "mic"),
    Spec("call.camera", "Call", "Camera", ("V",), "video"),
    Spec("call.still", "Call", "Still", ("S",), "camera"),
    Spec("call.chat", "Call", "Chat", ("T",), "message-square"),
    Spec("call.note", "Call", "Notes", ("W",), "notebook-pen"),
    Spec("call.stage", "Call", "Back to the picture", ("Esc",)),
    Spec("call.step", "Call", "Picture", ("P",), "signal"),
    Spec("call.devices", "Call", "Devices", ("D",), "headphones"),
    Spec("call.stethoscope", "Call", "Stethoscope", ("H",), "heart-pulse"),
    Spec("call.end", "Call", "End", ("Ctrl+Shift+E",), "phone-off"),
    Spec("viewer.next", "Viewer", "Next", ("Right", "Space"), "chevron-right"),
    Spec("viewer.previous", "Viewer", "Previous", ("Left",), "chevron-left"),
    Spec("viewer.zoom-in", "Viewer", "Zoom in", ("+", "="), "zoom-in"),
    Spec("viewer.zoom-out", "Viewer", "Zoom out", ("-",), "zoom-out"),
    Spec("viewer.fit", "Viewer", "Fit", ("0",), "maximize"),
    Spec("viewer.play", "Viewer", "Play", ("P",), "play"),
    Spec("viewer.next-page", "Viewer", "Next page", ("PgDown",), "chevron-down"),
    Spec("viewer.previous-page", "Viewer", "Previous page", ("PgUp",), "chevron-up"),
    Spec("viewer.close", "Viewer", "Close", ("Esc",), "x"),
)


class Actions(QObject):
    """The actions of the program by id.

    A shortcut of one key works only while the pane that got its group is on the screen, and never in a text field,
    which takes the key itself.

    Args:
        theme: colours the icons.
    """

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._actions = {spec.action_id: self._make(spec) for spec in SPECS}
        theme.changed.connect(self._paint_icons)
        self._paint_icons()

    def __getitem__(self, action_id: str) -> QAction:
        """Return the action of that id.

        Raises:
            KeyError: there is none.
        """
        return self._actions[action_id]

    def give(self, widget: QWidget, group: str) -> None:
        """Let a group's shortcuts work while this widget is shown in the active window."""
        for spec in SPECS:
            if spec.group == group:
                widget.addAction(self._actions[spec.action_id])

    def _make(self, spec: Spec) -> QAction:
        action = QAction(spec.text, self)
        action.setObjectName(spec.action_id)
        action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        if spec.keys:
            action.setToolTip(f"{spec.text} ({key_words(spec.keys[0])})")
        return action

    def _paint_icons(self) -> None:
        for spec in SPECS:
            if spec.icon:
                self._actions[spec.action_id].setIcon(self._theme.icon(spec.icon))


def icon_of(action_id: str) -> str:
    """Return the name of an action's icon, empty when it has none."""
    return next((spec.icon for spec in SPECS if spec.action_id == action_id), "")


def key_words(keys: str) -> str:
    """Return a shortcut as this platform writes it."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
