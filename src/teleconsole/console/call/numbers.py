"""The numbers behind the word, in sentences: for a look, a screen reader and a telephone call with IT."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QToolTip

from teleconsole.console.widgets.label import Label
from teleconsole.contracts.call import CallStats, Route

ROUTES: dict[Route, str] = {
    "": "",
    "direct": "Straight to the patient.",
    "relay": "Over the relay that the patient's side uses.",
    "relay-udp": "Over the clinic's relay, by UDP.",
    "relay-tcp": "Over the clinic's relay, by TCP.",
    "relay-tls": "Over the clinic's relay, by TLS.",
}


def words_of(stats: CallStats) -> str:
    """Return the numbers of the last second."""
    picture = (
        f"Picture {stats.frame_width} by {stats.frame_height}, {stats.received_fps:.0f} a second in, "
        f"{stats.sent_fps:.0f} out. {stats.received_kbps:.0f} kbit/s in, {stats.sent_kbps:.0f} out. "
        f"Round trip {stats.round_trip_ms:.0f} ms, loss {stats.loss_percent:.1f} %."
    )
    route = ROUTES[stats.route]
    if not stats.r_factor:
        return f"{picture} {route}".strip()
    voice = (
        f"Voice: rating {stats.r_factor:.0f} of 93 (ITU-T G.107), opinion score {stats.opinion_score:.1f} of 4.5; "
        f"mouth to ear about {stats.one_way_ms:.0f} ms (ITU-T G.114: up to 150 is good), "
        f"{stats.audio_concealed_percent:.1f} % made up."
    )
    if stats.audio_late_ms:
        voice += f" This computer was late with {stats.audio_late_ms:.0f} ms of it."
    freezes = f" The picture froze {stats.freeze_count} times." if stats.freeze_count else ""
    return f"{voice} {picture}{freezes} {route}".strip()


class QualityLabel(Label):
    """The word; the numbers show on hover, and on focus for those who use no mouse."""

    def __init__(self) -> None:
        super().__init__(title="Quality", weight=500)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ringed", True)

    def show_numbers(self, stats: CallStats) -> None:
        """Put the numbers behind the word."""
        words = words_of(stats)
        self.setToolTip(words)
        self.setAccessibleDescription(words)

    def forget(self) -> None:
        """Show no numbers of a call that is over."""
        self.setToolTip("")
        self.setAccessibleDescription("")

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the numbers."""
        super().focusInEvent(event)
        if self.toolTip():
            QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), self.toolTip(), self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide them."""
        super().focusOutEvent(event)
        QToolTip.hideText()
