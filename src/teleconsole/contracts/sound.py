"""Levels, and what devices are tried out with, before a call and in it. Part of the contract `call`."""

from typing import Literal

from teleconsole.contracts.wire import Ask, Done, News

EchoTestPhase = Literal["idle", "recording", "playing"]
StethoscopeSide = Literal["", "patient", "own"]
StethoscopePhase = Literal["off", "asked", "on", "plain"]
"""asked: the patient's page has not answered yet. plain: the link affords a plain voice only, for now."""


class TryDevices(Ask[Done], frozen=True):
    """Open what is chosen to try it out, or give it back: levels are told, the slot `self` shows the camera.

    Nothing is sent to anybody. Has no effect on a call.
    """

    on: bool


class PlayTestTone(Ask[Done], frozen=True):
    """Play a short chime on the loudspeaker. Raises: device-unavailable."""


class RunEchoTest(Ask[Done], frozen=True):
    """Record the microphone for three seconds, then play it; kept in memory only.

    Answered at once, `EchoTestChanged` follows. Raises: device-unavailable; call (a visit goes on).
    """


class SetStethoscope(Ask[Done], frozen=True):
    """Send the microphone of one side as it is, for heart and lung sounds; "" = of none. Ends with the visit.

    How it stands is told by `CallSnapshot`. Raises: connection-lost; device-unavailable.
    """

    side: StethoscopeSide


class LevelsChanged(News, frozen=True):
    """Four times a second in a call and while devices are tried out.

    Attributes:
        microphone: the loudest 10 ms since the last news, root mean square, full scale 1.0; also while it is off.
        speaker: of what is heard, likewise.
        speaks_muted: somebody speaks into the microphone, which is off.
    """

    microphone: float
    speaker: float
    speaks_muted: bool = False


class EchoTestChanged(News, frozen=True):
    """What the echo test does now."""

    phase: EchoTestPhase


SOUND_ASKS = (TryDevices, PlayTestTone, RunEchoTest, SetStethoscope)
SOUND_NEWS = (LevelsChanged, EchoTestChanged)
