"""Reads the timeline of a case: what the server has, and what is still on its way, in one order."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, cast

import msgspec

from teleconsole.contracts.cases import Answer, EntryKind, EvidenceItem, SendState, TimelineEntry, VitalSeries
from teleconsole.domain.gaps import Span, gaps_of
from teleconsole.host.limits import VAULT_ENTRY_BYTES, VAULT_TIMELINE_BYTES, VAULT_TIMELINE_ENTRIES
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import outbox
from teleconsole.vault.store.changes import (
    ChangeRow,
    ChatPayload,
    DecisionPayload,
    NotePayload,
    QuestionPayload,
    ReplyPayload,
)
from teleconsole.vault.store.queue_read import Reader

_OUTCOMES = {
    "advice": "Advice",
    "prescription": "Prescription",
    "visit": "Needs a visit",
    "referral": "Referral",
    "close": "Closed",
}
_LATE = "written in the visit, arrived after it"
_TOGETHER_MS = 10 * 60_000
"""Files that came so close after each other stand in one entry."""
_SHORTENED_CHARS = 20_000
_ANSWERS = msgspec.json.Decoder(tuple[Answer, ...])
_SPANS = msgspec.json.Decoder(tuple[Span, ...])


def read_timeline(
    connection: Connection, case_id: str, patient_id: str, reader: Reader, vitals: tuple[VitalSeries, ...]
) -> tuple[TimelineEntry, ...]:
    """Return the entries, oldest first; beyond the bounds the oldest are left out."""
    seen = {row[0] for row in connection.execute("SELECT entry_id FROM seen WHERE case_id = ?", (case_id,))}
    name = connection.execute("SELECT name FROM patient WHERE patient_id = ?", (patient_id,)).fetchone()
    patient_name = str(name[0]) if name else ""
    entries = [
        *_intakes(connection, case_id, patient_name, seen),
        *_messages(connection, case_id, patient_name, seen, reader.me),
        *_evidence(connection, case_id, patient_name),
        *_notes(connection, case_id, reader.me),
        *_visits(connection, case_id),
        *_unsent(connection, case_id),
    ]
    if vitals:
        last_ms = max(series.points[-1].at_ms for series in vitals)
        entries.append(
            TimelineEntry(f"vitals/{patient_id}", "vitals", last_ms, patient_name, from_patient=True, vitals=vitals)
        )
    entries.sort(key=lambda entry: (entry.at_ms, entry.kind != "intake", entry.entry_id))
    return _bounded(entries)


def _bounded(entries: list[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    kept: list[TimelineEntry] = []
    size_bytes = 0
    for whole in reversed(entries[-VAULT_TIMELINE_ENTRIES:]):
        entry = _fitting(whole)
        size_bytes += len(msgspec.msgpack.encode(entry))
        if size_bytes > VAULT_TIMELINE_BYTES:
            break
        kept.append(entry)
    return tuple(reversed(kept))


def _fitting(entry: TimelineEntry) -> TimelineEntry:
    """Return the entry, shortened where a stranger sent more than anybody reads; it says so."""
    if len(msgspec.msgpack.encode(entry)) <= VAULT_ENTRY_BYTES:
        return entry
    answers = tuple(
        Answer(answer.question[:300], answer.answer[:600], answer.worrying, answer.group[:100])
        for answer in entry.answers[:100]
    )
    text = entry.text[:_SHORTENED_CHARS]
    return msgspec.structs.replace(
        entry,
        title=f"{entry.title[:200]} (shortened: the whole is on the clinic's server)".strip(),
        text=text,
        answers=answers,
        evidence=entry.evidence[:200],
    )


def _intakes(connection: Connection, case_id: str, author: str, seen: set[str]) -> Iterator[TimelineEntry]:
    for id_, at_ms, answers in connection.execute(
        "SELECT q.intake_id, q.authored_ms, q.answers FROM case_input i JOIN intake q ON q.intake_id = i.id"
        " WHERE i.case_id = ? AND i.type = 'QuestionnaireResponse'",
        (case_id,),
    ).fetchall():
        entry_id = f"QuestionnaireResponse/{id_}"
        yield TimelineEntry(
            entry_id,
            "intake",
            at_ms,
            author,
            from_patient=True,
            answers=_ANSWERS.decode(answers),
            unread=entry_id not in seen,
        )


def _messages(
    connection: Connection, case_id: str, patient_name: str, seen: set[str], me: str
) -> Iterator[TimelineEntry]:
    rows = connection.execute(
        "SELECT m.message_id, m.kind, m.from_patient, m.sender_id, coalesce(nullif(m.sender_name, ''), p.name, ''),"
        " m.text, m.sent_ms, m.outcome, m.encounter_id FROM message m"
        " LEFT JOIN practitioner p ON p.practitioner_id = m.sender_id WHERE m.case_id = ? ORDER BY m.sent_ms",
        (case_id,),
    ).fetchall()
    answered_ms = max((row[6] for row in rows if not row[2]), default=0)
    for id_, kind, from_patient, sender_id, sender, text, sent_ms, outcome, encounter_id in rows:
        late = _LATE if kind == "message" and from_patient and encounter_id else ""
        entry_id = f"Communication/{id_}"
        yield TimelineEntry(
            entry_id,
            cast("EntryKind", "message" if kind == "visit-chat" else kind),
            sent_ms,
            patient_name if from_patient else sender,
            from_me=not from_patient and sender_id == me,
            from_patient=bool(from_patient),
            title="In the visit" if kind == "visit-chat" else late or _OUTCOMES.get(outcome, ""),
            text=text,
            in_visit=kind == "visit-chat",
            unread=bool(from_patient and kind != "visit-chat" and sent_ms > answered_ms and entry_id not in seen),
        )


def _evidence(connection: Connection, case_id: str, patient_name: str) -> Iterator[TimelineEntry]:
    rows = connection.execute(
        "SELECT e.evidence_id, e.kind, e.title, e.content_type, e.size_bytes, b.size_bytes, b.here_bytes, b.state,"
        " e.taken_ms, b.problem, e.from_patient, e.encounter_id, e.document_id, e.visit_id FROM evidence e"
        " LEFT JOIN blob b USING (evidence_id) WHERE e.case_id = ? ORDER BY e.taken_ms, e.evidence_id",
        (case_id,),
    ).fetchall()
    unsent = {
        row[0]: (row[1], row[2], row[3])
        for row in connection.execute(
            "SELECT json_extract(payload, '$.evidence_id'), state, last_error, change_id FROM change"
            " WHERE case_id = ? AND kind = 'still'",
            (case_id,),
        )
    }
    groups = groupby(rows, key=lambda row: (row[8] // _TOGETHER_MS, row[10], row[0] if row[0] in unsent else ""))
    for (_, from_patient, _), together in groups:
        files = list(together)
        state, problem, change_id = unsent.get(files[0][0], ("sent", "", ""))
        yield TimelineEntry(
            f"evidence/{files[0][0]}",
            "evidence",
            files[0][8],
            patient_name if from_patient else "",
            from_patient=bool(from_patient),
            title="In the visit" if any(row[11] or row[13] for row in files) else "",
            evidence=tuple(_item(row) for row in files),
            send_state=cast("SendState", state),
            send_problem=problem,
            change_id=change_id,
        )


def _item(row: Any) -> EvidenceItem:
    id_, kind, title, content_type, announced, size_bytes, here_bytes, state, taken_ms, problem, *_ = row
    whole = size_bytes or announced
    return EvidenceItem(
        id_, kind, title, content_type, whole, whole if state == "here" else here_bytes or 0, taken_ms, problem or ""
    )


def _notes(connection: Connection, case_id: str, me: str) -> Iterator[TimelineEntry]:
    for id_, author_id, author, text, at_ms in connection.execute(
        "SELECT n.note_id, n.author_id, coalesce(nullif(n.author_name, ''), p.name, ''), n.text, n.at_ms FROM note n"
        " LEFT JOIN practitioner p ON p.practitioner_id = n.author_id WHERE n.case_id = ?",
        (case_id,),
    ).fetchall():
        yield TimelineEntry(f"DocumentReference/{id_}", "note", at_ms, author, from_me=author_id == me, text=text)


def _visits(connection: Connection, case_id: str) -> Iterator[TimelineEntry]:
    """A visit that the server knows, or that was held here and is on its way."""
    for id_, visit_id, start_ms, end_ms in connection.execute(
        "SELECT encounter_id, visit_id, start_ms, end_ms FROM encounter WHERE case_id = ? AND status <> 'cancelled'",
        (case_id,),
    ).fetchall():
        begun = connection.execute(
            "SELECT started_ms, ended_ms, spans FROM visit WHERE visit_id = ? AND started_ms > 0", (visit_id,)
        ).fetchone()
        start_ms, end_ms = (begun[0], begun[1] or end_ms) if begun else (start_ms, end_ms)
        yield _visit(f"Encounter/{id_}", start_ms, end_ms, begun[2] if begun else "[]")
    for visit_id, start_ms, end_ms, spans in connection.execute(
        "SELECT visit_id, started_ms, ended_ms, spans FROM visit v WHERE case_id = ? AND started_ms > 0"
        " AND NOT EXISTS (SELECT 1 FROM encounter e WHERE e.visit_id = v.visit_id AND e.case_id = v.case_id)",
        (case_id,),
    ).fetchall():
        yield _visit(f"visit/{visit_id}", start_ms, end_ms, spans)


def _visit(entry_id: str, start_ms: int, end_ms: int, spans: str) -> TimelineEntry:
    gaps = gaps_of(_SPANS.decode(spans), end_ms)
    words = " ".join(f"Interrupted after {_length(a - start_ms)} for {_length(b - a)}." for a, b in gaps)
    duration_s = max(0, end_ms - start_ms) // 1000 if end_ms else 0
    return TimelineEntry(entry_id, "visit", start_ms, "", title="Video visit", text=words, duration_s=duration_s)


def _length(time_ms: int) -> str:
    minutes, seconds = divmod(max(0, round(time_ms / 1000)), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _unsent(connection: Connection, case_id: str) -> Iterator[TimelineEntry]:
    for change in outbox.of_case(connection, case_id):
        match change.payload:
            case ReplyPayload(text):
                yield _change(change, "message", text)
            case QuestionPayload(text):
                yield _change(change, "follow-up-question", text)
            case DecisionPayload(outcome, text):
                yield _change(change, "decision", text, title=_OUTCOMES[outcome])
            case NotePayload(text):
                yield _change(change, "note", text)
            case ChatPayload(_, _, text, from_patient, sent_ms):
                entry = _change(change, "message", text, title="In the visit")
                yield msgspec.structs.replace(
                    entry, from_patient=from_patient, from_me=not from_patient, at_ms=sent_ms, in_visit=True
                )
            case _:
                continue  # shown by the visit itself, the file or the claim


def _change(change: ChangeRow, kind: EntryKind, text: str, *, title: str = "") -> TimelineEntry:
    return TimelineEntry(
        change.change_id,
        kind,
        change.made_ms,
        "",
        from_me=True,
        title=title,
        text=text,
        send_state=change.state,
        send_problem=change.last_error if change.state in ("refused", "conflict") else "",
        change_id=change.change_id,
    )
