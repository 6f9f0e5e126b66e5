"""Which step of the ladder a call is on. In this form the person decides: the camera on or off."""

from teleconsole.contracts.signal import LadderStep, Step

_WHY = {
    "720p": "The clinician's picture is on.",
    "audio-only": "The clinician has switched the picture off; you can still talk.",
}


def step_for(*, camera_on: bool) -> LadderStep:
    """Return the step of a call."""
    return "720p" if camera_on else "audio-only"


def announcement(step: LadderStep) -> Step:
    """Return the frame that tells the other side."""
    return Step(step=step, why=_WHY.get(step, ""))
