"""The stethoscope mode of a visit: heart and lung sounds of one side come to the other as they are.

One side at a time sends without processing. While it is the patient's, nothing cancels the echo there, so our own
microphone is muted for the time of the mode; the clinician may switch it on to say "breathe in".
"""

import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.state import CallState
from teleconsole.contracts.channel import LinkReport, Stethoscope, StethoscopeState
from teleconsole.contracts.sound import StethoscopePhase, StethoscopeSide
from teleconsole.domain.errors import ConnectionLost, DeviceUnavailable
from teleconsole.host.media_limits import (
    SEND_WHOLE_AUDIO_BPS,
    SEND_WHOLE_BELOW_BPS,
    SEND_WHOLE_FROM_BPS,
    STETHOSCOPE_ANSWER_S,
    STETHOSCOPE_TOLD_S,
)

NOT_CONNECTED = "There is no connection to the patient now. Begin the stethoscope mode when there is one."
NO_MICROPHONE = "No microphone is open that could be sent. Choose one under Devices, then try again."
ASKED = "Stethoscope: the patient's page is asked to send its microphone as it is."
HEARD = "Stethoscope: you hear the patient's microphone as it is."
SENT = "Stethoscope: your microphone is sent as it is. Use headphones, or the patient hears themselves."
WEAK = "Stethoscope: the connection is too weak for heart and lung sounds. It is plain voice until it is better."
MUTED = "You are muted; press M to speak."
NOT_MUTED = "Use headphones: your voice comes back from there."
NOTHING_SENT = "Your microphone is off; press M."
REFUSED = "The patient's microphone could not be switched to the stethoscope mode. It goes on as before."
STOPPED = "The patient's side ended the stethoscope mode. The call goes on as before."
NO_ANSWER = "The patient's page did not switch to the stethoscope mode. Ask them to load it again, then try again."


class Carrier(Protocol):
    """A connection that carries the call, as `Peer` is."""

    generation: int

    def send_whole(self, *, on: bool) -> None:
        """Send the sound as it is while the link affords it."""

    @property
    def sends_whole(self) -> bool:
        """Whether it is sent as it is now."""
        ...


class StethoscopeMode:
    """Begins and ends the mode, mutes and restores, and says how it stands.

    Args:
        devices: microphone and playout.
        state: of the call; side, phase and words are written here.
        current: returns the connection that carries the call, None when there is none.
        send: a frame on the data channel.
        changed: called after state or devices were changed.
        clock_s: monotonic seconds.

    Thread: the event loop's.
    """

    def __init__(
        self,
        devices: OpenDevices,
        state: CallState,
        current: Callable[[], Carrier | None],
        send: Callable[[msgspec.Struct], bool],
        changed: Callable[[], None],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._devices = devices
        self._state = state
        self._current = current
        self._send = send
        self._changed = changed
        self._clock_s = clock_s
        self._side: StethoscopeSide = ""
        self._has_muted = False
        self._is_afforded = True
        self._since_s = 0.0
        self._obeyed: tuple[int, bool] | None = None

    def choose(self, side: StethoscopeSide) -> None:
        """Begin for a side, change it, or end it ("").

        Raises:
            ConnectionLost: there is no connection to begin on.
            DeviceUnavailable: our own microphone is to be sent and there is none.
        """
        if side and self._state.phase != "connected":
            raise ConnectionLost(NOT_CONNECTED)
        if side == "own" and not self._devices.has_microphone:
            raise DeviceUnavailable(NO_MICROPHONE)
        if side == self._side:
            return
        self._leave()
        self._side, self._is_afforded = side, True
        if side == "patient":
            self._devices.playout.holds = True
            self._has_muted = self._devices.microphone_on
            if self._has_muted:
                self._switch_microphone(on=False)
            self._ask()
        elif side == "own":
            self._obey()
            self._tell(self._own_phase())
        else:
            self._tell("off")

    def prepare(self, peer: Carrier) -> None:
        """Let a connection that is being made send as the mode says, from its first packet on."""
        peer.send_whole(on=self._side == "own")

    def channel_opened(self) -> None:
        """A page has come (again): tell it how things stand, also one that missed the end of the mode."""
        self._obey()
        if self._side == "patient":
            self._ask()
        else:
            self._send(Stethoscope(on=False))

    def take(self, frame: StethoscopeState) -> None:
        """Take what the patient's page says of its microphone."""
        if self._side != "patient":
            return
        if frame.state in ("on", "plain"):
            self._tell(frame.state)
        else:
            self._give_up(REFUSED if frame.state == "refused" else STOPPED)

    def take_report(self, report: LinkReport) -> None:
        """Take what the page measured: it sends as much as its link affords."""
        if self._side != "patient" or not report.estimate_bps:
            return
        least_bps = SEND_WHOLE_BELOW_BPS if self._is_afforded else SEND_WHOLE_FROM_BPS
        if (report.estimate_bps >= least_bps) is not self._is_afforded:
            self._is_afforded = not self._is_afforded
            self._send(self._wanted())

    def look(self) -> None:
        """See how it stands; about once a second."""
        self._obey()
        state, waited_s = self._state, self._clock_s() - self._since_s
        if self._side == "own" and self._own_phase() != state.stethoscope_phase:
            self._tell(self._own_phase())
        elif state.stethoscope_phase == "asked" and state.phase == "connected" and waited_s > STETHOSCOPE_ANSWER_S:
            self._give_up(NO_ANSWER)
        elif not self._side and state.stethoscope_words and waited_s > STETHOSCOPE_TOLD_S:
            self._tell("off")

    def microphone_chosen(self) -> None:
        """The clinician switched the microphone: that holds, also after the mode."""
        self._has_muted = False
        if self._side:
            self._tell(self._state.stethoscope_phase)

    def end(self) -> None:
        """The visit is over."""
        if self._side:
            self._leave()
            self._tell("off")

    def _ask(self) -> None:
        self._send(self._wanted())
        self._tell("asked")

    def _wanted(self) -> Stethoscope:
        return Stethoscope(on=True, bits_per_s=SEND_WHOLE_AUDIO_BPS if self._is_afforded else 0)

    def _give_up(self, why: str) -> None:
        self._leave()
        self._tell("off", why)

    def _leave(self) -> None:
        if self._side == "patient":
            self._send(Stethoscope(on=False))
            self._devices.playout.holds = False
            if self._has_muted:
                self._switch_microphone(on=True)
        self._side, self._has_muted = "", False
        self._obey()

    def _obey(self) -> None:
        """Bring connection and microphone in line with the mode; a plain voice is a processed one."""
        peer, wanted = self._current(), self._side == "own"
        if peer is not None and (peer.generation, wanted) != self._obeyed:
            self._obeyed = peer.generation, wanted
            peer.send_whole(on=wanted)
        self._devices.microphone_raw = wanted and peer is not None and peer.sends_whole

    def _own_phase(self) -> StethoscopePhase:
        return "on" if self._devices.microphone_raw else "plain"

    def _switch_microphone(self, *, on: bool) -> None:
        self._devices.microphone_on = self._state.microphone_on = on

    def _tell(self, phase: StethoscopePhase, words: str = "") -> None:
        self._since_s = self._clock_s()
        state = self._state
        state.stethoscope, state.stethoscope_phase = self._side, phase
        state.stethoscope_words = words or self._words(phase)
        self._changed()

    def _words(self, phase: StethoscopePhase) -> str:
        on = self._devices.microphone_on
        if phase == "off":
            return ""
        if self._side == "own":
            return f"{SENT if phase == 'on' else WEAK}{'' if on else f' {NOTHING_SENT}'}"
        sentence = {"asked": ASKED, "on": HEARD}.get(phase, WEAK)
        return f"{sentence} {NOT_MUTED if on else MUTED}"
