"""Reads the queue: pages in an order by keyset, views, search and counts."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from teleconsole.contracts.cases import (
    CaseCounts,
    CasePage,
    CaseRow,
    CaseTypeCount,
    CaseView,
    ClaimState,
    Completeness,
    ListCases,
    ViewCount,
)
from teleconsole.host.clock import from_ms
from teleconsole.host.limits import VAULT_PAGE_CASES, VAULT_SEARCH_WORDS
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import outbox
from teleconsole.vault.store.project_case import CASE_TYPES, PRIORITIES

_COLUMNS = (
    "case_id, patient_id, name, birth_date, reason, case_type, priority_rank, status, business_status, due_sort,"
    " authored_ms, unread_count, photo_count, video_count, document_count, has_vitals, owner_id, owner_name,"
    " claim_until_ms, asked_for, evidence_here, evidence_total, missing_count, unsent_count, has_draft"
)
_NO_DUE = 253402300799000
_ORDERS = {
    "due": (("due_sort", "priority_rank", "case_id"), ""),
    "priority": (("priority_rank", "due_sort", "case_id"), ""),
    "newest": (("authored_ms", "case_id"), " DESC"),
}
_VIEWS: dict[CaseView, str] = {
    "open": "is_open = 1",
    "mine": "is_open = 1 AND (asked_for = 1 OR (owner_id = :me AND owner_id <> ''))",
    "unclaimed": "is_open = 1 AND asked_for = 0 AND (owner_id = ''"
    " OR (owner_id <> :me AND claim_until_ms > 0 AND claim_until_ms < :now))",
    "due-today": "is_open = 1 AND due_sort < :midnight",
    "awaiting-patient": "is_open = 1 AND business_status = 'awaiting-patient'",
    "awaiting-results": "is_open = 1 AND business_status = 'awaiting-results'",
    "closed": "is_open = 0",
    "drafts": "has_draft = 1",
    "incomplete": "is_open = 1 AND (missing_count > 0 OR evidence_here < evidence_total)",
}
_MATCHING = """
SELECT c.case_id AS found FROM case_words w CROSS JOIN case_ c ON c.case_no = w.rowid
WHERE case_words MATCH :match
"""
_FEW = 2_000
_WORD = re.compile(r"\w+", re.UNICODE)


class Reader(msgspec.Struct, frozen=True):
    """Who looks, and when: `midnight_ms` is the end of the person's day."""

    me: str
    now_ms: int
    midnight_ms: int


def list_cases(connection: Connection, ask: ListCases, reader: Reader) -> CasePage:
    """Return a page of a view."""
    where, values = _conditions(ask, reader)
    source = "queue"
    if match := match_words(ask.search):
        values["match"] = match
        if _are_few(connection, match):
            source = f"({_MATCHING}) CROSS JOIN queue ON queue.case_id = found"
        else:
            where += f" AND case_id IN ({_MATCHING})"
    total = int(connection.execute(f"SELECT count(*) FROM {source} WHERE {where}", values).fetchone()[0])  # noqa: S608
    keys, direction = _ORDERS[ask.order]
    key = _key(ask.after_key, len(keys))
    if key is not None:
        names = ", ".join(keys)
        marks = ", ".join(f":k{number}" for number in range(len(keys)))
        where += f" AND ({names}) {'<' if direction else '>'} ({marks})"
        values |= {f"k{number}": value for number, value in enumerate(key)}
    limit = max(1, min(ask.limit, VAULT_PAGE_CASES))
    order = ", ".join(name + direction for name in keys)
    rows = connection.execute(
        f"SELECT {_COLUMNS}, {', '.join(keys)} FROM {source} WHERE {where} ORDER BY {order} LIMIT {limit + 1}",  # noqa: S608
        values,
    ).fetchall()
    shown, columns = rows[:limit], _COLUMNS.count(",") + 1
    next_key = msgspec.json.encode(list(shown[-1][columns:])).decode() if len(rows) > limit else ""
    return CasePage(tuple(case_row(row[:columns], reader) for row in shown), next_key, total)


def one_row(connection: Connection, case_id: str, reader: Reader) -> CaseRow | None:
    """Return the row of one case."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM queue WHERE case_id = ?", (case_id,)).fetchone()  # noqa: S608
    return None if row is None else case_row(row, reader)


def count_cases(connection: Connection, reader: Reader) -> CaseCounts:
    """Return the numbers beside the views."""
    values = _reader_values(reader)
    sums = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in _VIEWS.values())
    row = connection.execute(f"SELECT {sums}, sum(is_open * unread_count) FROM queue", values).fetchone()  # noqa: S608
    types = dict(
        connection.execute("SELECT case_type, count(*) FROM queue WHERE is_open = 1 GROUP BY case_type").fetchall()
    )
    waiting, stuck = outbox.counts(connection)
    return CaseCounts(
        tuple(ViewCount(view, int(count)) for view, count in zip(_VIEWS, row[:-1], strict=True)),
        tuple(CaseTypeCount(kind, int(types.get(kind, 0))) for kind in CASE_TYPES),
        int(row[-1] or 0),
        waiting,
        stuck,
    )


def claim_state(owner_id: str, asked_for: bool, until_ms: int, reader: Reader) -> ClaimState:
    """Return who works on a case as this clinician sees it; another's claim ends with its time."""
    if owner_id and owner_id == reader.me:
        return "mine"
    if asked_for:
        return "asked-for"
    if owner_id and not 0 < until_ms < reader.now_ms:
        return "other"
    return "none"


def completeness(missing: int, here: int, total: int) -> Completeness:
    """Return how much of a case is on this computer."""
    if missing:
        return "partial"
    return "complete" if here == total else "arriving"


def age_years(birth_date: str, now_ms: int) -> int:
    """Return the age in whole years, -1 when the date of birth is not known."""
    parts = [int(part) for part in birth_date.split("-") if part.isdigit()]
    if not parts or not 0 < parts[0] < 10_000:
        return -1
    today = from_ms(now_ms).date()
    try:
        born = date(*[*parts, 1, 1][:3])
    except ValueError:
        born = date(parts[0], 1, 1)
    return max(0, today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


def case_row(row: Any, reader: Reader) -> CaseRow:
    """Return a row of the queue as the console shows it."""
    (
        case_id, patient_id, name, birth_date, reason, case_type, rank, status, business, due_sort,
        authored_ms, unread, photos, videos, documents, vitals, owner_id, owner_name,
        until_ms, asked_for, here, total, missing, unsent, has_draft,
    ) = row  # fmt: skip
    claim = claim_state(owner_id, bool(asked_for), until_ms, reader)
    return CaseRow(
        case_id=case_id,
        patient_id=patient_id,
        name=name,
        age_years=age_years(birth_date, reader.now_ms),
        reason=reason,
        case_type=case_type,
        priority=PRIORITIES[rank],
        status=status,
        business_status=business,
        due_ms=0 if due_sort == _NO_DUE else due_sort,
        authored_ms=authored_ms,
        unread_count=unread,
        photo_count=photos,
        video_count=videos,
        document_count=documents,
        has_vitals=bool(vitals),
        claim=claim,
        claimed_by=owner_name if claim == "other" else "",
        completeness=completeness(missing, here, total),
        evidence_here=here,
        evidence_total=total,
        unsent_count=unsent,
        has_draft=bool(has_draft),
    )


def match_words(search: str) -> str:
    """Return an FTS5 query for what a person typed: every word has to begin so; empty when there is no word."""
    words = _WORD.findall(search)[:VAULT_SEARCH_WORDS]
    return " AND ".join(f'"{word}"*' for word in words)


def _are_few(connection: Connection, match: str) -> bool:
    """Return whether it is better to look each match up in the queue than to walk the queue."""
    query = f"SELECT count(*) FROM (SELECT 1 FROM case_words WHERE case_words MATCH ? LIMIT {_FEW + 1})"  # noqa: S608
    return int(connection.execute(query, (match,)).fetchone()[0]) <= _FEW


def _conditions(ask: ListCases, reader: Reader) -> tuple[str, dict[str, object]]:
    parts, values = [_VIEWS[ask.view]], _reader_values(reader)
    if ask.case_types:
        parts.append(_any("case_type", "t", ask.case_types, values))
    if ask.priorities:
        parts.append(_any("priority_rank", "p", [PRIORITIES.index(one) for one in ask.priorities], values))
    return " AND ".join(f"({part})" for part in parts), values


def _any(column: str, prefix: str, wanted: Sequence[object], values: dict[str, object]) -> str:
    values |= {f"{prefix}{number}": value for number, value in enumerate(wanted)}
    return f"{column} IN ({', '.join(f':{prefix}{number}' for number in range(len(wanted)))})"


def _reader_values(reader: Reader) -> dict[str, object]:
    return {"me": reader.me, "now": reader.now_ms, "midnight": reader.midnight_ms}


def _key(after_key: str, length: int) -> list[object] | None:
    if not after_key:
        return None
    try:
        key = msgspec.json.decode(after_key, type=list[int | str])
    except msgspec.DecodeError:
        return None
    return list(key) if len(key) == length else None
