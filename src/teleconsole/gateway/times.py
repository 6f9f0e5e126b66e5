"""FHIR's dates and instants as Unix time, and back."""

from datetime import UTC, datetime
from typing import Any


def instant_s(value: Any) -> int:
    """Return Unix seconds of a FHIR instant or dateTime with a zone, 0 when it is none."""
    if not isinstance(value, str):
        return 0
    try:
        at = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return 0
    return int(at.timestamp()) if at.tzinfo is not None else 0


def fhir_instant(at: datetime) -> str:
    """Return an aware datetime as a FHIR instant in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
