"""The shape of a story: what a made-up patient answers, shows and writes, and what the clinic answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class DaysAgo:
    """A date answer, counted back from the day of the submission.

    Attributes:
        days: whole days, 0 or more.
    """

    days: int


Answer: TypeAlias = "str | bool | int | float | DaysAgo | list[str]"
"""An answer by the type of its item: the code of a choice, a list of codes when it repeats, a text, a number."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the thread.

    Attributes:
        sender: `patient` or `clinician`.
        kind: `message`, `follow-up-question`, `follow-up-answer` or `decision`.
        text: what was written.
        outcome: of a decision: `advice`, `prescription`, `visit`, `referral` or `close`.
    """

    sender: str
    kind: str
    text: str
    outcome: str = ""


def says(text: str) -> Line:
    """A message of the patient, sent with or soon after the intake."""
    return Line("patient", "message", text)


def asks(text: str) -> Line:
    """A follow-up question of the clinician."""
    return Line("clinician", "follow-up-question", text)


def answers(text: str) -> Line:
    """The patient's answer to it."""
    return Line("patient", "follow-up-answer", text)


def decides(outcome: str, text: str) -> Line:
    """The clinician's decision, which closes the case."""
    return Line("clinician", "decision", text, outcome)


@dataclass(frozen=True, slots=True)
class Shown:
    """One file that the patient sends.

    Attributes:
        file: its path in resources/demo.
        caption: the patient's own words.
    """

    file: str
    caption: str


@dataclass(frozen=True, slots=True)
class Story:
    """One case, before it gets a patient, a time and a state.

    Attributes:
        key: unique.
        case_type: also the name of its questionnaire.
        priority: `stat`, `urgent`, `asap` or `routine`.
        intake: answers by linkId; `reason` is the case's one line.
        thread: the whole conversation; how much of it is there depends on the case's state.
        shown: files sent with the intake.
        gender: `female` or `male` when the story needs one.
        ages: years, both included.
        person: name of the one patient it belongs to, when it matters.
        problems: keys of `records.PROBLEMS`; likewise `medicines` and `allergies`.
        series: measurements at home: "" or a key of `vitals.SERIES`.
    """

    key: str
    case_type: str
    priority: str
    intake: Mapping[str, Answer]
    thread: tuple[Line, ...]
    shown: tuple[Shown, ...] = ()
    gender: str = ""
    ages: tuple[int, int] = (19, 78)
    person: str = ""
    problems: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    series: str = ""
