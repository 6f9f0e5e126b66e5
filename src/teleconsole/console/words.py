"""Values in words, as the screen says them: times, due times, sizes, priorities, names of kinds."""

from datetime import UTC, datetime

from teleconsole.contracts.cases import CaseRow, EvidenceKind

_KIND_WORDS: dict[EvidenceKind, tuple[str, str]] = {
    "photo": ("photo", "photos"),
    "video": ("video", "videos"),
    "audio": ("sound recording", "sound recordings"),
    "document": ("document", "documents"),
    "still": ("still", "stills"),
}


def local(at_ms: int) -> datetime:
    """Return a time of day here."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone()


def clock_time(at_ms: int) -> str:
    """Return "14:02", or nothing for 0."""
    return f"{local(at_ms):%H:%M}" if at_ms else ""


def day(at_ms: int, now_ms: int) -> str:
    """Return "Today, Tuesday 24 November", or the day with its year when that is another one."""
    at, now = local(at_ms), local(now_ms)
    words = f"{at:%A} {at.day} {at:%B}" + ("" if at.year == now.year else f" {at.year}")
    days = (now.date() - at.date()).days
    return {0: f"Today, {words}", 1: f"Yesterday, {words}"}.get(days, words)


def moment(at_ms: int, now_ms: int) -> str:
    """Return the shortest unmistakable time: "14:02", "Mon 14:02", "3 Nov 14:02", "3 Nov 2025"."""
    at, now = local(at_ms), local(now_ms)
    days = abs((now.date() - at.date()).days)
    if days == 0:
        return f"{at:%H:%M}"
    if days < 7:
        return f"{at:%a %H:%M}"
    return f"{at.day} {at:%b %H:%M}" if at.year == now.year else f"{at.day} {at:%b %Y}"


def span(seconds: float) -> str:
    """Return "5 min", "1 h 37", "3 days"."""
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest:02d}" if rest else f"{hours} h"
    return f"{hours // 24} days"


def duration(seconds: int) -> str:
    """Return "14:08" or "1:02:03", for a call that lasts."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"


def due(due_ms: int, now_ms: int) -> tuple[str, bool]:
    """Return when something is due, in words, and whether that has passed: ("12 min late", True)."""
    if not due_ms:
        return "", False
    if due_ms < now_ms:
        return f"{span((now_ms - due_ms) / 1000)} late", True
    return moment(due_ms, now_ms), False


def birth_date(text: str) -> str:
    """Return "3 Jul 1968" of an ISO date, or what there is of a partial one."""
    try:
        at = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return text
    return f"{at.day} {at:%b %Y}"


def size(count_bytes: int) -> str:
    """Return "2.1 MB"."""
    if count_bytes < 1_000_000:
        return f"{max(1, round(count_bytes / 1000))} kB"
    return f"{count_bytes / 1_000_000:.1f} MB"


def count(number: int, kind: EvidenceKind) -> str:
    """Return "3 photos"."""
    one, many = _KIND_WORDS[kind]
    return f"{number} {one if number == 1 else many}"


def name_and_age(row: CaseRow) -> str:
    """Return "Ines Okafor-Lund, 58"."""
    return row.name if row.age_years < 0 else f"{row.name}, {row.age_years}"


def row_in_words(row: CaseRow, now_ms: int) -> str:
    """Return all that a row of the queue shows, as a screen reader says it."""
    when, late = due(row.due_ms, now_ms)
    parts = [name_and_age(row), row.reason, row.priority]
    if when:
        parts.append(when if late else f"due {when}")
    if row.unread_count:
        parts.append(f"{row.unread_count} new")
    if row.photo_count:
        parts.append(count(row.photo_count, "photo"))
    if row.video_count:
        parts.append(count(row.video_count, "video"))
    if row.document_count:
        parts.append(count(row.document_count, "document"))
    if row.has_vitals:
        parts.append("measurements")
    parts += _states(row)
    return ", ".join(parts)


def _states(row: CaseRow) -> list[str]:
    states = []
    if row.claim == "mine":
        states.append("claimed by you")
    elif row.claim == "asked-for":
        states.append("claim asked for")
    elif row.claim == "other":
        states.append(f"claimed by {row.claimed_by}")
    if row.completeness != "complete":
        states.append(f"{row.evidence_here} of {row.evidence_total} files here")
    if row.unsent_count:
        states.append(f"{row.unsent_count} not sent")
    if row.has_draft:
        states.append("draft")
    return states
