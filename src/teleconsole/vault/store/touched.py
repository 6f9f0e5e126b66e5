"""What a transaction touched, so that the queue is brought up to date once at its end."""

from dataclasses import dataclass, field


@dataclass
class Touched:
    """Collected by the projections.

    Attributes:
        cases: whose queue row may have changed.
        words: cases whose searchable words may have changed.
        patients: all cases of these are touched, words too.
        appointments: whether an appointment changed.
    """

    cases: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    patients: set[str] = field(default_factory=set)
    appointments: bool = False

    def case(self, case_id: str, *, words: bool = False) -> None:
        """Note a case; the empty id is none."""
        if case_id:
            self.cases.add(case_id)
            if words:
                self.words.add(case_id)
