"""The time, as something that can be handed in."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; tests hand in one that stands still."""

    def now(self) -> datetime:
        """Return the time now, aware, in UTC."""
        ...


class SystemClock:
    """This computer's clock."""

    def now(self) -> datetime:
        """Return the time now, aware, in UTC."""
        return datetime.now(UTC)


def to_ms(at: datetime) -> int:
    """Return Unix milliseconds of an aware datetime."""
    return round(at.timestamp() * 1000)


def from_ms(at_ms: int) -> datetime:
    """Return the aware UTC datetime of Unix milliseconds."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)
