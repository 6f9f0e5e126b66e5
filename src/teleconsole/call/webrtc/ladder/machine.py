"""Decides the step of a call: down within seconds, up slowly and after a probe that held, never to and fro.

Pure: it knows no clock, no connection and no device. The same samples and choices always give the same steps.
"""

from typing import Literal

from teleconsole.call.webrtc.ladder.judge import DOWN_CAUSES, allows_step, hold_s, troubles
from teleconsole.call.webrtc.ladder.sample import LinkSample
from teleconsole.call.webrtc.ladder.steps import STEPS, has_picture, index_of
from teleconsole.contracts.signal import LadderStep, StepCause
from teleconsole.host.media_limits import (
    LADDER_BACK_S,
    LADDER_CONCEALED_STRAIGHT,
    LADDER_FLAP_S,
    LADDER_GRACE_S,
    LADDER_LEAVE_BPS,
    LADDER_NARROW_GRACE_S,
    LADDER_SETTLE_S,
    LADDER_UNPROVED,
    LADDER_UP_HOLD_MAX_S,
    LADDER_UP_HOLD_S,
)

_VOICE = index_of("audio-only")
_LAST = len(STEPS) - 1


class Ladder:
    """The step of one call.

    Attributes:
        step: now.
        cause: why.
        chosen: the highest step that the clinician allows, empty = automatic.

    Thread: one.
    """

    def __init__(self) -> None:
        self.step: LadderStep = "720p"
        self.cause: StepCause = "start"
        self.chosen: LadderStep | Literal[""] = ""
        self._since_s: dict[StepCause, float] = {}
        self._clean_since_s: float | None = None
        self._proved = False
        self._recovers = False
        self._settled_s = 0.0
        self._rose_s: float | None = None
        self._falls_after_rise = 0
        self._generation = 0
        self._grace_until_s = 0.0
        self._now_s = 0.0

    @property
    def up_hold_s(self) -> float:
        """How long the link must be clean before the next step up is tried."""
        return min(LADDER_UP_HOLD_MAX_S, LADDER_UP_HOLD_S * 2.0**self._falls_after_rise)

    def choose(self, step: LadderStep | Literal[""]) -> bool:
        """Take the clinician's choice: this step and not higher, or "" = automatic. Return whether the step changed.

        A choice above the step of now is tried at once; the link may still take it down again.
        """
        was_held = self.cause == "chosen"
        self.chosen = step
        wanted = self._ceiling
        here = index_of(self.step)
        if self.cause == "gone" and wanted < _LAST:
            return False  # nothing arrives: there is nothing to try
        if wanted > here or (wanted < here and (step or was_held)):
            self._falls_after_rise = 0
            self._go(wanted, "chosen" if step else "better", rises=wanted < here)
            return True
        if step and wanted == here:
            self.cause = "chosen"
        return False

    def narrow(self, width_bps: float, now_s: float) -> bool:
        """The link carries only this all at once: fall to what fits. Return whether the step changed.

        What it carries was measured. A browser's estimate falls far below that meanwhile, and says nothing against the
        picture that fits until it has grown again; losses and delay do.
        """
        self._now_s = now_s
        to = _fitting(width_bps)
        if self.cause == "gone" or to <= index_of(self.step):
            return False
        if has_picture(STEPS[to]):
            self._grace_until_s = now_s + LADDER_NARROW_GRACE_S
        return self._fall(to, "slow")

    def take(self, sample: LinkSample) -> bool:
        """Take what the link is like now; return whether the step changed."""
        self._now_s = sample.at_s
        if sample.generation and sample.generation != self._generation:
            self._generation = sample.generation
            self._grace_until_s = max(self._grace_until_s, sample.at_s + LADDER_GRACE_S)
        found = troubles(self.step, sample, settled=sample.at_s >= self._settled_s, in_grace=self._in_grace)
        if "gone" in found:
            return self._fall(_LAST, "gone")
        if self.cause == "gone":
            return self._return(sample)
        if sample.silent_s > 0:
            return self._wait_for_the_link(sample)
        self._follow(found, sample)
        return self._down(sample) or self._up(sample)

    @property
    def _in_grace(self) -> bool:
        return self._now_s < self._grace_until_s

    @property
    def _ceiling(self) -> int:
        return index_of(self.chosen) if self.chosen else 0

    def _follow(self, found: frozenset[StepCause], sample: LinkSample) -> None:
        """Note since when each trouble holds, and since when there is none."""
        for cause in DOWN_CAUSES:
            if cause in found:
                self._since_s.setdefault(cause, sample.at_s)
            else:
                self._since_s.pop(cause, None)
        here = index_of(self.step)
        if here == 0 or not allows_step(STEPS[here - 1], sample, from_picture=has_picture(self.step)):
            self._clean_since_s, self._proved = None, False
            return
        was_proved, self._proved = self._proved, _is_proved(STEPS[here - 1], sample)
        if self._clean_since_s is None or (self._proved and not was_proved):
            self._clean_since_s = sample.at_s

    def _down(self, sample: LinkSample) -> bool:
        here = index_of(self.step)
        if here == _LAST:
            return False
        for cause in DOWN_CAUSES:
            since_s = self._since_s.get(cause)
            if since_s is not None and sample.at_s - since_s >= hold_s(self.step, cause, sample):
                return self._fall(self._below(cause, sample), cause)
        return False

    def _below(self, cause: StepCause, sample: LinkSample) -> int:
        """Return the step to fall to: straight to what the estimate carries, or to the voice when that breaks."""
        one = index_of(self.step) + 1
        if cause == "slow":
            return max(one, _fitting(sample.estimate_bps))
        if cause == "voice" and sample.concealed_fraction >= LADDER_CONCEALED_STRAIGHT:
            return max(one, _VOICE)
        return one

    def _up(self, sample: LinkSample) -> bool:
        here = index_of(self.step)
        if here <= self._ceiling or self._clean_since_s is None:
            return False
        hold_s = self.up_hold_s * (1 if self._proved or self._recovers else LADDER_UNPROVED)
        if sample.at_s - self._clean_since_s < hold_s:
            return False
        self._go(here - 1, "chosen" if self.chosen and here - 1 == self._ceiling else "better", rises=True)
        return True

    def _wait_for_the_link(self, sample: LinkSample) -> bool:
        """Nothing arrives: that says nothing about what the link carries when it is back, so the step stays."""
        self._since_s.clear()
        self._clean_since_s = None
        self._settled_s = max(self._settled_s, sample.at_s + LADDER_SETTLE_S)
        return False

    def _return(self, sample: LinkSample) -> bool:
        """Something arrives again: the voice first, the picture after it as the link allows."""
        if sample.silent_s > LADDER_BACK_S:
            return False
        self._go(max(_VOICE, self._ceiling), "chosen" if self._ceiling > _VOICE else "better", rises=False)
        self._falls_after_rise = 0
        self._recovers = True  # an outage says nothing against the link: the steps are taken up again sooner
        return True

    def _fall(self, to: int, cause: StepCause) -> bool:
        if self.step == STEPS[to]:
            changed = self.cause != cause
            self.cause = cause
            return changed
        if self._rose_s is not None and self._now_s - self._rose_s < LADDER_FLAP_S and cause != "gone":
            self._falls_after_rise += 1
        elif self._rose_s is None or self._now_s - self._rose_s > LADDER_UP_HOLD_MAX_S:
            self._falls_after_rise = 0
        self._go(to, cause, rises=False)
        self._recovers = False
        return True

    def _go(self, to: int, cause: StepCause, *, rises: bool) -> None:
        self.step, self.cause = STEPS[to], cause
        self._since_s.clear()
        self._clean_since_s, self._proved = None, False
        self._settled_s = self._now_s + LADDER_SETTLE_S
        if rises:
            self._rose_s = self._now_s
            self._grace_until_s = max(self._grace_until_s, self._now_s + LADDER_GRACE_S)


def _fitting(bps: float) -> int:
    """Return the highest step that so much carries."""
    return next(at for at, leave_bps in enumerate(LADDER_LEAVE_BPS) if leave_bps <= bps)


def _is_proved(step: LadderStep, sample: LinkSample) -> bool:
    """Return whether the estimate itself speaks for a step; without one, only a longer quiet does."""
    return bool(sample.estimate_bps) and allows_step(step, sample, from_picture=True, needs_estimate=True)
