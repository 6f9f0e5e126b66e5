"""The chat of one visit: lines as the call tells them, and as the case has them after a lock, without doubles."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from teleconsole.contracts.call import ChatChanged, ChatState
from teleconsole.contracts.cases import TimelineEntry
from teleconsole.host.limits import VISIT_CHAT_LINES_SHOWN

_CLOCKS_DIFFER_MS = 10_000


@dataclass(frozen=True)
class Line:
    """A line of chat as it stands.

    Attributes:
        filed: it was read from the case, where it has another id than in the call.
    """

    item_id: str
    from_patient: bool
    text: str
    sent_ms: int
    state: ChatState
    filed: bool = False


class VisitChat:
    """Holds the newest lines in order; a line that comes on both ways is one."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def clear(self) -> None:
        """Forget every line."""
        self.lines.clear()

    def told(self, news: ChatChanged) -> None:
        """Take a line, or its new state, from the call."""
        line = Line(news.item_id, news.from_patient, news.text, news.sent_ms, news.state)
        index = self._index_of(line)
        if index is None:
            self.lines.append(line)
            del self.lines[:-VISIT_CHAT_LINES_SHOWN]
        else:
            known = self.lines[index]
            self.lines[index] = replace(line, text=line.text or known.text, sent_ms=known.sent_ms)

    def read_back(self, timeline: Iterable[TimelineEntry], began_ms: int) -> None:
        """Take what the case has of this visit; lines that came after it was read stay.

        What one wrote oneself is called saved, for the record does not say whether the patient has it.
        """
        filed = [
            Line(
                entry.entry_id, entry.from_patient, entry.text, entry.at_ms,
                "acknowledged" if entry.from_patient else "sealed", filed=True,
            )
            for entry in timeline
            if entry.in_visit and entry.text and entry.at_ms >= began_ms - _CLOCKS_DIFFER_MS
        ]  # fmt: skip
        fresh = []
        for line in self.lines:
            if line.filed:
                continue
            index = next((place for place, known in enumerate(filed) if known.filed and _same(line, known)), None)
            if index is None:
                fresh.append(line)
            else:
                filed[index] = line
        self.lines = sorted([*filed, *fresh], key=lambda line: line.sent_ms)[-VISIT_CHAT_LINES_SHOWN:]

    def _index_of(self, line: Line) -> int | None:
        for index, known in enumerate(self.lines):
            if known.item_id == line.item_id:
                return index
        return next((index for index, known in enumerate(self.lines) if known.filed and _same(line, known)), None)


def _same(line: Line, filed: Line) -> bool:
    """Return whether two lines are one: told by the call, and read from the case, where it has another id."""
    near = abs(line.sent_ms - filed.sent_ms) < _CLOCKS_DIFFER_MS
    return near and line.text == filed.text and line.from_patient == filed.from_patient
