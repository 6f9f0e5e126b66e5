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
    """The sixty states in an order that looks like chance; the first two cases are new to everybody."""
    mixed = dice.shuffled([state for state, count in MIX for _ in range(count)], "states")
    for place in range(2):
        other = mixed.index(_NEW, place)
        mixed[place], mixed[other] = mixed[other], mixed[place]
    return mixed


def state_for(priority: str, state: CaseState, number: int) -> CaseState:
    """The state; of stat cases, which nobody would let lie, every other one is new and the rest is worked on."""
    if priority != "stat":
        return state
    return _WORKED_ON if number % 2 else _NEW


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
    """Times that fit the priority and the state; a few open cases are late."""
    allowance = timedelta(hours=ALLOWANCE_H[priority])
    throw = dice.fraction("age", number)
    share = 1.5 + throw * 2.5 if state.closed else 0.06 + throw * 0.98
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
