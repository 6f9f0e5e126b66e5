"""How far the sixty cases have come: states, owners, times."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from teleconsole.demo.dice import Dice

ALLOWANCE_H = {"stat": 1, "urgent": 8, "asap": 48, "routine": 120}
"""Hours from the submission to the time when a case is due."""


@dataclass(frozen=True, slots=True)
class CaseState:
    """A state of a Task.

    Attributes:
        status: FHIR Task status.
        business: code of `urn:teleconsole:business-status`.
        stage: how much of the thread is there: `opening`, `asked`, `answered`, `decided`.
        claimed: whether a clinician owns it.
    """

    status: str
    business: str
    stage: str
    claimed: bool

    @property
    def closed(self) -> bool:
        """Whether nothing more is to be done."""
        return self.business == "closed"


_NEW = CaseState("requested", "awaiting-clinician", "opening", claimed=False)
_WORKED_ON = CaseState("in-progress", "awaiting-clinician", "answered", claimed=True)

MIX: tuple[tuple[CaseState, int], ...] = (
    (_NEW, 24),
    (CaseState("received", "awaiting-clinician", "opening", claimed=False), 4),
    (CaseState("accepted", "awaiting-clinician", "opening", claimed=True), 8),
    (_WORKED_ON, 8),
    (CaseState("on-hold", "awaiting-patient", "asked", claimed=True), 6),
    (CaseState("on-hold", "awaiting-results", "answered", claimed=True), 2),
    (CaseState("completed", "closed", "decided", claimed=True), 5),
    (CaseState("rejected", "closed", "opening", claimed=True), 1),
    (CaseState("cancelled", "closed", "opening", claimed=False), 2),
)
"""Sixty cases over all states."""


def states(dice: Dice) -> list[CaseState]:
    """The sixty states in an order that looks like chance."""
    return dice.shuffled([state for state, count in MIX for _ in range(count)], "states")


def state_for(priority: str, state: CaseState) -> CaseState:
    """The state, unless nobody would let a case of that priority lie in it."""
    if priority != "stat" or state in (_NEW, _WORKED_ON):
        return state
    return _WORKED_ON if state.claimed else _NEW


@dataclass(frozen=True, slots=True)
class CaseTimes:
    """When things happened in a case; all in the past of `now` but `due` and `claimed_until`.

    Attributes:
        authored: the submission.
        asked: the clinician's question.
        answered: the patient's answer.
        decided: the decision.
        due: when an answer is owed.
        claimed_until: when a claim lapses.
    """

    authored: datetime
    asked: datetime
    answered: datetime
    decided: datetime
    due: datetime
    claimed_until: datetime


def times_for(priority: str, state: CaseState, number: int, dice: Dice, now: datetime) -> CaseTimes:
    """Times that fit the priority and the state; about one open case in twelve is late."""
    allowance = timedelta(hours=ALLOWANCE_H[priority])
    throw = dice.fraction("age", number)
    share = 1.5 + throw * 2.5 if state.closed else 0.1 + throw * 0.98
    age = max(allowance * share, timedelta(minutes=8))
    authored = (now - age).replace(microsecond=0)
    return CaseTimes(
        authored=authored,
        asked=authored + age * 0.4,
        answered=authored + age * 0.7,
        decided=authored + age * 0.9,
        due=authored + allowance,
        claimed_until=now + timedelta(minutes=dice.between(45, 240, "claim", number)),
    )
