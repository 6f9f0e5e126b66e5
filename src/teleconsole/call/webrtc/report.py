"""What is told of a call when it is over: minute by minute for the case, and without anything of a person for IT.

Bounded: a call of many hours is told in longer pieces, never in more of them.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from teleconsole.call.webrtc.quality import opinion_score, word_of
from teleconsole.contracts.call import CallPhase, CallStats
from teleconsole.contracts.signal import LadderStep, StepCause
from teleconsole.host.media_limits import REPORT_PIECES, REPORT_STEPS

_WORDS = {"good": "good", "fair": "fair", "poor": "weak"}
_FIRST_PIECE_S = 60.0


class Piece(msgspec.Struct):
    """A minute of a call, or a longer piece of a long one: sums over its seconds.

    Attributes:
        at_s: its begin, after the call's.
        seconds: in which something was measured.
        down_s: in which nothing arrived.
        late_ms: silence at the loudspeaker because this computer served it too late.
    """

    at_s: float
    seconds: int = 0
    down_s: float = 0.0
    loss_percent: float = 0.0
    round_trip_ms: float = 0.0
    received_fps: float = 0.0
    received_kbps: float = 0.0
    sent_kbps: float = 0.0
    concealed_percent: float = 0.0
    late_ms: float = 0.0
    r_factor: float = 0.0
    one_way_ms: float = 0.0
    freezes: int = 0
    freezes_s: float = 0.0

    def add(self, stats: CallStats) -> None:
        """Add a second."""
        self.seconds += 1
        for name, value in (
            ("loss_percent", stats.loss_percent),
            ("round_trip_ms", stats.round_trip_ms),
            ("received_fps", stats.received_fps),
            ("received_kbps", stats.received_kbps),
            ("sent_kbps", stats.sent_kbps),
            ("concealed_percent", stats.audio_concealed_percent),
            ("late_ms", stats.audio_late_ms),
            ("r_factor", stats.r_factor),
            ("one_way_ms", stats.one_way_ms),
        ):
            setattr(self, name, getattr(self, name) + value)

    def join(self, other: "Piece") -> None:
        """Take in the piece that follows."""
        for name in self.__struct_fields__[1:]:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def mean(self) -> "Piece":
        """Return it with means in the place of sums; freezes and times stay sums."""
        whole = ("at_s", "seconds", "down_s", "late_ms", "freezes", "freezes_s")
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        count = max(1, self.seconds)
        return Piece(**{name: value if name in whole else round(value / count, 2) for name, value in values.items()})


class StepAt(msgspec.Struct, frozen=True):
    """The ladder went to a step."""

    at_s: float
    step: LadderStep
    cause: StepCause


@dataclass
class CallReport:
    """Collects the numbers of one visit.

    Attributes:
        pieces: so far.
        steps: of the ladder so far.

    Thread: one.
    """

    pieces: list[Piece] = field(default_factory=list)
    steps: list[StepAt] = field(default_factory=list)
    _began_s: float | None = None
    _now_s: float = 0.0
    _piece_s: float = _FIRST_PIECE_S
    _freezes: tuple[int, float] = (0, 0.0)

    @property
    def is_empty(self) -> bool:
        """Whether nobody was ever connected."""
        return self._began_s is None

    def step(self, now_s: float, step: LadderStep, cause: StepCause) -> None:
        """The ladder went to this step."""
        if len(self.steps) < REPORT_STEPS:
            self.steps.append(StepAt(round(max(0.0, self._at_s(now_s)), 1), step, cause))

    def look(self, now_s: float, phase: CallPhase, stats: CallStats) -> None:
        """Take a second of the call.

        Args:
            now_s: of a clock that never goes back.
            phase: of the call.
            stats: of the last second.
        """
        if phase not in ("connected", "reconnecting"):
            return
        if self._began_s is None:
            self._began_s = self._now_s = now_s
        passed_s, self._now_s = now_s - self._now_s, now_s
        piece = self._piece(now_s)
        if phase == "reconnecting":
            piece.down_s = round(piece.down_s + passed_s, 2)
            return
        piece.add(stats)
        piece.freezes += max(0, stats.freeze_count - self._freezes[0])
        piece.freezes_s = round(piece.freezes_s + max(0.0, stats.freezes_s - self._freezes[1]), 2)
        self._freezes = stats.freeze_count, stats.freezes_s

    def words(self) -> str:
        """Return it for the case: a summary, then the steps, then the minutes."""
        whole = self._whole()
        word = _WORDS.get(word_of(whole.r_factor, whole.one_way_ms), "weak")
        lines = [
            "How the call went",
            f"Voice {word}: rating {whole.r_factor:.0f} of 93 (ITU-T G.107), opinion score "
            f"{opinion_score(whole.r_factor):.1f} of 4.5, mouth to ear about {whole.one_way_ms:.0f} ms, "
            f"{whole.concealed_percent:.1f} % made up.",
            f"Loss {whole.loss_percent:.1f} %, round trip {whole.round_trip_ms:.0f} ms, "
            f"{whole.freezes} freezes of the picture, {whole.down_s:.0f} s without connection.",
        ]
        lines += [f"{_clock(each.at_s)} step {each.step} ({each.cause})" for each in self.steps]
        lines += [_row(piece.mean()) for piece in self.pieces]
        return "\n".join(lines)

    def without_names(self) -> bytes:
        """Return it for IT as one line of JSON: no visit, no patient, no clinician, and only the day of the call."""
        told = {
            "day": datetime.now(UTC).date().isoformat(),
            "whole": self._whole(),
            "pieces": [piece.mean() for piece in self.pieces],
            "steps": self.steps,
        }
        return msgspec.json.encode(told)

    def _whole(self) -> Piece:
        whole = Piece(at_s=0.0)
        for piece in self.pieces:
            whole.join(piece)
        return whole.mean()

    def _at_s(self, now_s: float) -> float:
        return now_s - self._began_s if self._began_s is not None else 0.0

    def _piece(self, now_s: float) -> Piece:
        """Return the piece of now; where there are too many, each two become one of twice the length."""
        at_s = self._at_s(now_s) // self._piece_s * self._piece_s
        if not self.pieces or self.pieces[-1].at_s < at_s:
            self.pieces.append(Piece(at_s=at_s))
        if len(self.pieces) > REPORT_PIECES:
            self._piece_s *= 2
            joined: dict[float, Piece] = {}
            for piece in self.pieces:
                begin_s = piece.at_s // self._piece_s * self._piece_s
                if begin_s in joined:
                    joined[begin_s].join(piece)
                else:
                    piece.at_s = begin_s
                    joined[begin_s] = piece
            self.pieces = list(joined.values())
        return self.pieces[-1]


def _row(piece: Piece) -> str:
    return (
        f"{_clock(piece.at_s)} loss {piece.loss_percent:.1f} %, round trip {piece.round_trip_ms:.0f} ms, "
        f"{piece.received_fps:.0f} pictures/s, {piece.freezes} freezes, {piece.concealed_percent:.1f} % made up, "
        f"{piece.received_kbps:.0f} kbit/s in, {piece.sent_kbps:.0f} out"
        + (f", {piece.late_ms:.0f} ms of silence because this computer was late" if piece.late_ms >= 1 else "")
        + (f", {piece.down_s:.0f} s without connection" if piece.down_s else "")
    )


def _clock(at_s: float) -> str:
    minutes, seconds = divmod(int(at_s), 60)
    return f"{minutes:02d}:{seconds:02d}"
