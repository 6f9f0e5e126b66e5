"""Where the person was, and what is said when a part of the program that had stopped works again."""

from dataclasses import dataclass

from teleconsole.console.case.drafts import DraftKind

BACK = {
    "vault": "The case store had stopped and works again. What was saved is safe.",
    "call": "The part that makes calls had stopped and works again. Chat, notes and stills are kept.",
}


@dataclass(frozen=True)
class Place:
    """Where the person was before a lock; ids only."""

    pane: str
    case_id: str
    writing: DraftKind | None
