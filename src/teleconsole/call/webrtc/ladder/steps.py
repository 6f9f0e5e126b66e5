"""The steps of the ladder: their order, what each one sends, and its words for both sides."""

from teleconsole.call.webrtc.profile import SendProfile
from teleconsole.contracts.channel import Step
from teleconsole.contracts.signal import LadderStep, StepCause
from teleconsole.host.limits import CALL_VIDEO_MAX_BPS

STEPS: tuple[LadderStep, ...] = ("720p", "360p", "180p", "audio-only", "voice-and-stills", "case")
"""From the top down."""

PROFILES: dict[LadderStep, SendProfile] = {
    "720p": SendProfile(1280, 720, 30, CALL_VIDEO_MAX_BPS),
    "360p": SendProfile(640, 360, 30, 800_000),
    "180p": SendProfile(320, 180, 15, 220_000),
    "audio-only": SendProfile(0, 0, 0, 0),
    "voice-and-stills": SendProfile(0, 0, 0, 0, audio="thin"),
    "case": SendProfile(0, 0, 0, 0, audio="thin"),
}
"""What each step lets the sender send. At the last one the thin voice goes on: it shows when the link is back."""

_NAMES: dict[LadderStep, str] = {
    "720p": "Full picture",
    "360p": "Smaller picture",
    "180p": "Small picture",
    "audio-only": "Voice only",
    "voice-and-stills": "Voice and stills",
    "case": "Messages for the case",
}
_CAUSES: dict[StepCause, str] = {
    "start": "",
    "slow": "the connection is slow, and the voice comes first",
    "loss": "the connection loses too much, and the voice comes first",
    "delay": "the connection answers too late, and the voice comes first",
    "voice": "the voice was breaking up",
    "cpu": "the computer is at its limit",
    "gone": "the connection is gone. What you write is kept and delivered when it is back",
    "chosen": "chosen by the clinician",
    "better": "the connection is better",
}


def index_of(step: LadderStep) -> int:
    """Return the place of a step, 0 = the top."""
    return STEPS.index(step)


def has_picture(step: LadderStep) -> bool:
    """Return whether moving pictures are sent."""
    return PROFILES[step].width_px > 0


def why(step: LadderStep, cause: StepCause) -> str:
    """Return one sentence for the clinician, empty at the top, where nothing is missing."""
    if step == STEPS[0] or not _CAUSES[cause]:
        return ""
    return f"{_NAMES[step]}: {_CAUSES[cause]}."


def announcement(step: LadderStep, cause: StepCause) -> Step:
    """Return the frame that tells the other side; its page has words of its own for step and cause."""
    return Step(step=step, why=why(step, cause), cause=cause)
