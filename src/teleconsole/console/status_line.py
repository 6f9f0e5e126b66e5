"""The line at the foot of the window: always true, and each part opens what it speaks of."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QSizePolicy, QWidget

from teleconsole.console.theme.measures import STATUS_LINE_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.words import clock_time, moment
from teleconsole.contracts.vault import SyncStatus

_PADDING_PX = 12
_MARK_PX = 16


class StatusPart(QAbstractButton):
    """One part: a mark, words, and a hairline at its side. Its accessible name is what it shows."""

    def __init__(
        self, theme: Theme, *, bold: bool = False, at_right: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mark = ""
        self._tone = "secondary"
        self._bold = bold
        self._at_right = at_right
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setProperty("ringed", True)
        theme.changed.connect(self.updateGeometry)
        self.say("")

    def say(self, words: str, *, mark: str = "", tone: str = "secondary") -> None:
        """Show these words; empty words hide the part.

        Args:
            words: what is so.
            mark: "dot", "ring" or the name of an icon; empty = none.
            tone: token of words and mark.
        """
        self._mark, self._tone = mark, tone
        self.setText(words)
        self.setAccessibleName(words or "Nothing to tell")
        self.setVisible(bool(words))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as mark and words."""
        words_px = self._theme.metrics("small", 500).horizontalAdvance(self.text())
        height_px = max(STATUS_LINE_PX, self._theme.scaled_px(16) + 8)
        return QSize(2 * _PADDING_PX + words_px + (_MARK_PX + 6 if self._mark else 0) + 2, height_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.fillRect(self.rect(), theme.color("hover"))
        color = theme.color(self._tone)
        left, middle = float(_PADDING_PX), self.height() / 2
        if self._mark == "dot":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("good"))
            painter.drawEllipse(int(left + 2), int(middle - 4), 8, 8)
        elif self._mark == "ring":
            painter.setPen(QPen(theme.color("warn"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(int(left + 3), int(middle - 4), 7, 7)
        elif self._mark:
            pixmap = theme.pixmap(self._mark, self._tone, 14, self.devicePixelRatioF())
            painter.drawPixmap(int(left), int(middle - 7), pixmap)
        left += _MARK_PX + 4 if self._mark else 0
        painter.setFont(theme.font("small", 500 if self._bold else 400))
        painter.setPen(color)
        area = self.rect().adjusted(int(left), 0, 0, 0)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self.text())
        painter.setPen(theme.color("hairline"))
        edge = 0 if self._at_right else self.width() - 1
        painter.drawLine(edge, 0, edge, self.height())


class StatusLine(QFrame):
    """The parts, left: network, sync, to send, decisions, call; right: lock, who.

    Signals:
        wanted: what a click on a part opens: "sync", "to-send", "call", "settings", "lock".
    """

    wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "background")
        self.setAccessibleName("Status")
        self._offline_since_ms = 0
        self.network = StatusPart(theme, bold=True, parent=self)
        self.synced = StatusPart(theme, parent=self)
        self.to_send = StatusPart(theme, bold=True, parent=self)
        self.decisions = StatusPart(theme, bold=True, parent=self)
        self.call = StatusPart(theme, bold=True, parent=self)
        self.lock = StatusPart(theme, at_right=True, parent=self)
        self.who = StatusPart(theme, at_right=True, parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 1, 0, 0)
        row.setSpacing(0)
        for part in (self.network, self.synced, self.to_send, self.decisions, self.call):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.lock)
        row.addWidget(self.who)
        for part, target in (
            (self.network, "sync"), (self.synced, "sync"), (self.to_send, "to-send"), (self.decisions, "to-send"),
            (self.call, "call"), (self.lock, "settings"), (self.who, "settings"),
        ):  # fmt: skip
            part.clicked.connect(lambda _=False, target=target: self.wanted.emit(target))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the hairline on top."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(self.palette().mid().color())
        painter.setOpacity(0.35)
        painter.drawLine(0, 0, self.width(), 0)

    def show_sync(self, status: SyncStatus, now_ms: int) -> None:
        """Show how sync stands.

        Args:
            status: the vault's.
            now_ms: the server's time now.
        """
        offline = status.phase in ("offline", "error")
        if not offline:
            self._offline_since_ms = 0
        elif not self._offline_since_ms:
            self._offline_since_ms = now_ms
        if status.phase == "not-signed-in":
            self.network.say("Not signed in", mark="ring", tone="warn")
        elif status.phase == "sign-in-needed":
            self.network.say("Sign-in needed", mark="ring", tone="warn")
        elif offline:
            word = "Offline" if status.phase == "offline" else "Server problem"
            self.network.say(f"{word} since {clock_time(self._offline_since_ms)}", mark="ring", tone="warn")
        elif status.sentence:
            self.network.say("Server does not answer", mark="ring", tone="warn")
        else:
            self.network.say("Online", mark="dot", tone="text")
        self.network.setToolTip(status.sentence)
        self._show_synced(status, offline, now_ms)
        self._show_outbox(status, offline)

    def show_vault_away(self, sentence: str) -> None:
        """The vault is not there: nothing is known for now."""
        self.network.say("Case store is starting", mark="ring", tone="warn")
        self.network.setToolTip(sentence)
        self.synced.say("")

    def show_locked(self, at_ms: int) -> None:
        """The screen is locked: nothing of the clinic's is shown."""
        self.network.say(f"Locked {clock_time(at_ms)}", mark="lock", tone="text")
        self.synced.say("Sync waits until you unlock")
        for part in (self.to_send, self.decisions, self.lock, self.who):
            part.say("")

    def show_session(self, who: str, lock_minutes: int) -> None:
        """Show who works here and when the screen locks."""
        self.who.say(who)
        self.lock.say(f"Locks after {lock_minutes} min")

    def show_call(self, words: str, tone: str = "text") -> None:
        """Show the call; empty words when there is none."""
        self.call.say(words, mark="video", tone=tone)

    def _show_synced(self, status: SyncStatus, offline: bool, now_ms: int) -> None:
        phases = {"pushing": "Sending", "pulling": "Reading the server", "fetching-files": "Fetching files"}
        if status.phase in phases:
            left = f", {status.files_left} left" if status.phase == "fetching-files" and status.files_left else ""
            self.synced.say(phases[status.phase] + left)
        elif not status.synced_ms:
            self.synced.say("Not synced yet")
        elif offline:
            self.synced.say(f"Showing what was here at {moment(status.synced_ms, now_ms)}")
        else:
            self.synced.say(f"Synced {moment(status.synced_ms, now_ms)} (server time)")

    def _show_outbox(self, status: SyncStatus, offline: bool) -> None:
        words = f"{status.to_send} to send" if status.to_send else ""
        self.to_send.say(
            f"{words} when the network is back" if words and offline else words, mark="upload", tone="text"
        )
        many = status.could_not_send
        needs = "needs" if many == 1 else "need"
        self.decisions.say(f"{many} {needs} your decision" if many else "", mark="columns-2", tone="warn")
