"""The ladder at work in a visit: measures once a second, decides, obeys, and tells both sides."""

import asyncio
import time
from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from teleconsole.call.state import CallState
from teleconsole.call.webrtc.ladder.machine import Ladder
from teleconsole.call.webrtc.ladder.measure import sample_of
from teleconsole.call.webrtc.ladder.steps import PROFILES, announcement, why
from teleconsole.call.webrtc.profile import SendProfile, SendReport
from teleconsole.call.webrtc.report import CallReport
from teleconsole.contracts.call import CallStats
from teleconsole.contracts.channel import LinkReport
from teleconsole.contracts.signal import LadderStep
from teleconsole.host.limits import CALL_STATS_S
from teleconsole.host.media_limits import LADDER_REPORT_OLD_S, LADDER_STATS_OLD_S, NARROW_TOLD_AGAIN_S


class Carrier(Protocol):
    """A connection that carries the call, as `Peer` is."""

    generation: int

    def apply(self, profile: SendProfile) -> None:
        """Send no more than this from now."""

    def send_report(self) -> SendReport:
        """Return how sending goes."""
        ...

    @property
    def is_acknowledged(self) -> bool:
        """Whether the page has all that was sent to it."""
        ...

    def hurry(self) -> None:
        """Send again at once what it has not."""


class CallLadder:
    """Joins the ladder with a visit.

    Args:
        state: of the call; step, cause and choice are written here.
        current: returns the connection that carries the call, None when there is none.
        send: a frame on the data channel.
        changed: called after the state was written.
        on_case: called when the call became a case (True) and when it is a call again (False).
        report: told every second and every step.

    Thread: the event loop's.
    """

    def __init__(
        self,
        state: CallState,
        current: Callable[[], Carrier | None],
        send: Callable[[msgspec.Struct], bool],
        changed: Callable[[], None],
        on_case: Callable[[bool], None],
        report: CallReport,
    ) -> None:
        self._state = state
        self._current = current
        self._send = send
        self._changed = changed
        self._on_case = on_case
        self._call_report = report
        self._ladder = Ladder()
        self._stats = CallStats()
        self._stats_s = 0.0
        self._report: LinkReport | None = None
        self._report_s = 0.0
        self._silent_since_s: float | None = None
        self._applied: tuple[int, LadderStep] | None = None
        self._was_case = False

    async def run(self) -> None:
        """Look once a second, until cancelled."""
        while True:
            await asyncio.sleep(CALL_STATS_S)
            self.look(time.monotonic())

    def prepare(self, peer: Carrier) -> None:
        """Let a connection that is being made send no more than the step of now, from its first packet on."""
        peer.apply(PROFILES[self._ladder.step])

    def take_stats(self, stats: CallStats, now_s: float) -> None:
        """Take the numbers of the last second."""
        self._stats, self._stats_s = stats, now_s

    def take_report(self, report: LinkReport) -> None:
        """Take what the patient's page measured."""
        self._report, self._report_s = report, time.monotonic()

    def choose(self, step: LadderStep | Literal[""]) -> None:
        """Take the clinician's choice; it holds for this visit."""
        self._ladder.choose(step)
        self._tell()

    def narrow(self, width_bps: float) -> None:
        """The link carries only this from one moment to the next: the step follows at once, and the page is told."""
        if self._state.phase != "connected" or not self._ladder.narrow(width_bps, time.monotonic()):
            return
        self._tell()
        loop = asyncio.get_running_loop()
        for delay_s in NARROW_TOLD_AGAIN_S:
            loop.call_later(delay_s, self._hurry)

    def channel_opened(self) -> None:
        """Tell a page that has come (again) which step holds."""
        self._tell_page()
        self._obey()

    def _hurry(self) -> None:
        peer = self._current()
        if peer is not None and not peer.is_acknowledged:
            peer.hurry()

    def _tell_page(self) -> None:
        self._send(announcement(self._ladder.step, self._ladder.cause))

    def look(self, now_s: float) -> None:
        """Measure and decide; only while there is a call."""
        self._call_report.look(now_s, self._state.phase, self._stats)
        if self._state.phase not in ("connected", "reconnecting"):
            self._silent_since_s = None
            return
        peer = self._current()
        if self._state.phase == "connected" or self._hears(now_s):
            self._silent_since_s = None
        elif self._silent_since_s is None:
            self._silent_since_s = now_s
        sample = sample_of(
            now_s,
            step=self._ladder.step,
            stats=self._stats if self._state.patient_microphone_on else _without_voice(self._stats),
            sending=peer.send_report() if peer is not None else None,
            page=self._report if now_s - self._report_s < LADDER_REPORT_OLD_S else None,
            silent_s=0.0 if self._silent_since_s is None else now_s - self._silent_since_s,
            generation=peer.generation if peer is not None else 0,
        )
        if self._ladder.take(sample):
            self._tell()
        self._obey()

    def _hears(self, now_s: float) -> bool:
        """Return whether something arrives: a link so thin that no ping is answered is no outage, but a lower step."""
        return self._stats.received_kbps > 0 and now_s - self._stats_s < LADDER_STATS_OLD_S

    def _tell(self) -> None:
        step, cause = self._ladder.step, self._ladder.cause
        self._call_report.step(time.monotonic(), step, cause)
        state = self._state
        state.step, state.step_cause, state.chosen_step = step, cause, self._ladder.chosen
        state.step_why = why(step, cause)
        self._tell_page()
        self._obey()
        if (step == "case") is not self._was_case:
            self._was_case = step == "case"
            self._on_case(self._was_case)
        self._changed()

    def _obey(self) -> None:
        """Apply the step's profile to the connection that carries the call, once each."""
        peer = self._current()
        if peer is None:
            return
        wanted = peer.generation, self._ladder.step
        if wanted != self._applied:
            self._applied = wanted
            peer.apply(PROFILES[self._ladder.step])


def _without_voice(stats: CallStats) -> CallStats:
    """Return the numbers without concealment: a patient who is muted sends no voice that could break."""
    return msgspec.structs.replace(stats, audio_concealed_percent=0.0)
