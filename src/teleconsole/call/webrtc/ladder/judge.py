"""What speaks against a step, and what speaks for the next one up: thresholds alone, without memory."""

from teleconsole.call.webrtc.ladder.sample import LinkSample
from teleconsole.call.webrtc.ladder.steps import STEPS, has_picture, index_of
from teleconsole.contracts.signal import LadderStep, StepCause
from teleconsole.host.media_limits import (
    LADDER_BACK_S,
    LADDER_CASE_HOLD_S,
    LADDER_CONCEALED_BAD,
    LADDER_CONCEALED_CLEAN,
    LADDER_CONCEALED_NO_VOICE,
    LADDER_CPU_HOLD_S,
    LADDER_ENTER_BPS,
    LADDER_GONE_S,
    LADDER_LEAVE_BPS,
    LADDER_LINK_HOLD_S,
    LADDER_LOSS_BAD,
    LADDER_LOSS_CLEAN,
    LADDER_LOSS_NO_VOICE,
    LADDER_LOSS_SEEN,
    LADDER_QUEUE_BAD_MS,
    LADDER_QUEUE_CLEAN_MS,
    LADDER_ROUND_TRIP_BAD_MS,
    LADDER_ROUND_TRIP_CLEAN_MS,
    LADDER_ROUND_TRIP_SEEN_MS,
    LADDER_SEVERE_HOLD_S,
    LADDER_SEVERE_PART,
    LADDER_SLOW_HOLD_S,
    LADDER_VOICE_HOLD_S,
)

DOWN_CAUSES: tuple[StepCause, ...] = ("voice", "slow", "loss", "delay", "cpu")
"""What leads down, the most urgent first."""

_HOLD_S: dict[StepCause, float] = {
    "voice": LADDER_VOICE_HOLD_S,
    "slow": LADDER_SLOW_HOLD_S,
    "loss": LADDER_LINK_HOLD_S,
    "delay": LADDER_LINK_HOLD_S,
    "cpu": LADDER_CPU_HOLD_S,
}

_SMALLER = index_of("360p")
_STILLS = index_of("voice-and-stills")


def hold_s(step: LadderStep, cause: StepCause, sample: LinkSample) -> float:
    """Return for how many seconds this trouble must last before the step is left; longest where the voice goes too."""
    if index_of(step) == len(STEPS) - 2:
        return max(LADDER_CASE_HOLD_S, _HOLD_S[cause])
    if cause == "slow" and sample.estimate_bps < LADDER_SEVERE_PART * LADDER_LEAVE_BPS[index_of(step)]:
        return LADDER_SEVERE_HOLD_S
    return _HOLD_S[cause]


def troubles(step: LadderStep, sample: LinkSample, *, settled: bool, in_grace: bool) -> frozenset[StepCause]:
    """Return what speaks against a step now.

    Args:
        step: of now.
        sample: of now.
        settled: whether the last change is long enough ago to be judged.
        in_grace: whether the estimate is still growing after the connection began.
    """
    if sample.silent_s >= LADDER_GONE_S:
        return frozenset({"gone"})
    if not settled:
        return frozenset()
    here = index_of(step)
    found: set[StepCause] = set()
    content = sample.limited_by != "network" and has_picture(step)  # a still scene needs no more than it sends
    if 0 < sample.estimate_bps < LADDER_LEAVE_BPS[here] and not content and not in_grace:
        found.add("slow")
    if sample.concealed_fraction >= (LADDER_CONCEALED_NO_VOICE if here >= _STILLS else LADDER_CONCEALED_BAD):
        found.add("voice" if _by_the_link(sample) else "cpu")
    if sample.loss_fraction >= (LADDER_LOSS_NO_VOICE if here >= _STILLS else LADDER_LOSS_BAD):
        found.add("loss")
    late = sample.round_trip_ms >= LADDER_ROUND_TRIP_BAD_MS or sample.queue_ms >= LADDER_QUEUE_BAD_MS
    if late and here < _STILLS:  # a voice that comes late is still a voice
        found.add("delay")
    if sample.limited_by == "cpu":
        found.add("cpu")
    if here >= _SMALLER:  # so far it saves work that is worth it; the encoders adapt by themselves below
        found.discard("cpu")
    return frozenset(found)


def allows_step(step: LadderStep, sample: LinkSample, *, from_picture: bool, needs_estimate: bool = False) -> bool:
    """Return whether the link speaks for this step, or at least not against trying it.

    Args:
        step: the next one up.
        sample: of now.
        from_picture: whether a picture is sent now; without one the estimate has nothing to grow by.
        needs_estimate: ask for an estimate that carries the step.
    """
    clean = (
        sample.silent_s < LADDER_BACK_S
        and sample.loss_fraction < LADDER_LOSS_CLEAN
        and (sample.concealed_fraction < LADDER_CONCEALED_CLEAN or not _by_the_link(sample))
        and sample.round_trip_ms < LADDER_ROUND_TRIP_CLEAN_MS
        and sample.queue_ms < LADDER_QUEUE_CLEAN_MS
        and sample.limited_by != "cpu"
    )
    if not clean:
        return False
    carried = sample.estimate_bps >= LADDER_ENTER_BPS[index_of(step)]
    if carried or needs_estimate:
        return carried
    return not sample.estimate_bps or not from_picture or sample.limited_by != "network"


def _by_the_link(sample: LinkSample) -> bool:
    """Return whether the link shows why the voice breaks; else a computer does not keep up with playing it."""
    return (
        sample.loss_fraction >= LADDER_LOSS_SEEN
        or sample.round_trip_ms >= LADDER_ROUND_TRIP_SEEN_MS
        or sample.queue_ms >= LADDER_QUEUE_CLEAN_MS
    )
