"""Made-up people, cases and days for the console's tests and pictures. Nobody of them exists."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from teleconsole.contracts.cases import (
    Answer,
    CaseDetail,
    CaseRow,
    CaseType,
    CaseView,
    EvidenceItem,
    Measurement,
    PatientHeader,
    SafetyItem,
    TimelineEntry,
    VitalSeries,
)
from teleconsole.contracts.visits import AppointmentRow

NOW_MS = int(datetime(2026, 11, 24, 14, 32, tzinfo=UTC).timestamp() * 1000)
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
EVIDENCE_BYTES = 1_000
VIEWS: tuple[CaseView, ...] = (
    "open", "mine", "unclaimed", "due-today", "awaiting-patient", "awaiting-results", "closed", "drafts", "incomplete",
)  # fmt: skip
CASE_TYPES: tuple[CaseType, ...] = ("skin", "wound", "blood-pressure", "mood", "general")

_FIRST = (
    ("Tomas Weil", 71, "Wound open again after stitches", "wound", "stat", -0.2, 1, (4, 0, 0), False, "other"),
    ("Ines Okafor-Lund", 58, "Swollen ankles, rash since a tablet", "skin", "urgent", 1.6, 2, (3, 1, 0), True,
     "mine"),
    ("Amira Haddad", 34, "Rash on forearm, spreading", "skin", "urgent", 2.0, 1, (3, 1, 0), False, "mine"),
    ("Ben Ode", 61, "Home blood pressure 168/102", "blood-pressure", "asap", 3.5, 0, (0, 0, 0), True, "mine"),
    ("Pilar Santacruz", 45, "Cough for three weeks, sound file", "general", "asap", 3.5, 0, (0, 1, 0), False, "mine"),
    ("Henrik Vass", 29, "Eye red and painful since this morning", "general", "asap", 4.0, 1, (2, 0, 0), False, "none"),
    ("Mei-Lin Corrigan", 63, "Sugar values, two weeks", "general", "routine", 4.5, 0, (0, 0, 1), True, "none"),
    ("Samir Obeid", 52, "Inhaler question, peak flow diary", "general", "routine", 20.0, 0, (0, 0, 0), True, "none"),
    ("Greta Lindqvist-Hale", 77, "Leg ulcer, weekly picture", "wound", "routine", 22.0, 0, (2, 0, 0), False, "other"),
    ("Owen Pryce", 38, "Back pain, exercises not helping", "general", "routine", 25.0, 0, (0, 0, 1), False, "none"),
)  # fmt: skip
_GIVEN = ("Yusuf", "Clara", "Ruben", "Anneke", "Noor", "Piotr", "Maren", "Lucia", "Erik", "Olga", "Tariq", "Joao")
_FAMILY = (
    "Demirel",
    "Benedetti",
    "Achterberg",
    "Postma",
    "Rahman",
    "Zielinski",
    "Holt",
    "Ferrante",
    "Sandahl",
    "Brandt",
)
_REASONS = (
    ("Travel vaccines, certificate", "general"),
    ("Acne, month 3 of treatment", "skin"),
    ("Blood pressure, after dose change", "blood-pressure"),
    ("Sleep and mood, third week", "mood"),
    ("Foot wound, weekly picture", "wound"),
)


def rows(count: int, now_ms: int = NOW_MS) -> list[CaseRow]:
    """So many cases, the first ten as on the pictures, in the order of their due times."""
    made = []
    for number in range(count):
        if number < len(_FIRST):
            made.append(_first_row(number, now_ms))
            continue
        reason, case_type = _REASONS[number % len(_REASONS)]
        name = f"{_GIVEN[number % len(_GIVEN)]} {_FAMILY[number // len(_GIVEN) % len(_FAMILY)]}"
        made.append(
            _row(
                number, name, 20 + number * 7 % 70, reason, case_type, "routine", 26.0 + number * 1.5,
                0, (number % 3, 0, number % 2), number % 4 == 0, "none", now_ms,
            )
        )  # fmt: skip
    return made


def _first_row(number: int, now_ms: int) -> CaseRow:
    name, age, reason, case_type, priority, due_h, unread, files, vitals, claim = _FIRST[number]
    return _row(number, name, age, reason, case_type, priority, due_h, unread, files, vitals, claim, now_ms)


def _row(
    number: int, name: str, age: int, reason: str, case_type: str, priority: str, due_h: float, unread: int,
    files: tuple[int, int, int], vitals: bool, claim: str, now_ms: int,
) -> CaseRow:  # fmt: skip
    return msgspec.convert(
        {
            "case_id": f"case-{number}", "patient_id": f"patient-{number}", "name": name, "age_years": age,
            "reason": reason, "case_type": case_type, "priority": priority, "status": "in-progress",
            "business_status": "awaiting-patient" if number % 9 == 8 else "in-review",
            "due_ms": now_ms + int(due_h * HOUR_MS), "authored_ms": now_ms - number * HOUR_MS,
            "unread_count": unread, "photo_count": files[0], "video_count": files[1], "document_count": files[2],
            "has_vitals": vitals, "claim": claim, "claimed_by": "JR" if claim == "other" else "",
            "completeness": "complete", "evidence_here": sum(files), "evidence_total": sum(files),
            "unsent_count": 0, "has_draft": False,
        },
        CaseRow,
    )  # fmt: skip


def in_view(row: CaseRow, view: CaseView, now_ms: int) -> bool:
    """Whether a view shows a row."""
    return {
        "open": True,
        "mine": row.claim in ("mine", "asked-for"),
        "unclaimed": row.claim == "none",
        "due-today": row.due_ms < now_ms + 10 * HOUR_MS,
        "awaiting-patient": row.business_status == "awaiting-patient",
        "drafts": row.has_draft,
        "incomplete": row.completeness != "complete",
    }.get(view, False)


def detail(row: CaseRow, now_ms: int = NOW_MS) -> CaseDetail:
    """The whole case of a row."""
    patient = PatientHeader(
        row.patient_id, row.name, "female", "1968-07-03", row.age_years, "004 417 208", "+44 20 7946 0018",
        "Portuguese", True,
        (SafetyItem("Penicillin, severe", "anaphylaxis, 2011", severe=True),),
        (SafetyItem("amlodipine 5 mg", "since 20 Oct"), SafetyItem("metformin 1 g"), SafetyItem("ramipril 10 mg"),
         SafetyItem("atorvastatin 20 mg")),
        (SafetyItem("Hypertension, type 2 diabetes"), SafetyItem("kidney disease, stage 2")),
        (), now_ms - HOUR_MS,
    )  # fmt: skip
    return CaseDetail(
        row, patient, timeline(row, now_ms), (), now_ms + 4 * HOUR_MS if row.claim == "mine" else 0,
        f"C-{row.case_id[5:]}", now_ms - 2 * HOUR_MS,
    )  # fmt: skip


def timeline(row: CaseRow, now_ms: int = NOW_MS) -> tuple[TimelineEntry, ...]:
    """Intake, message, evidence, measurements, an answer of ours and a new message."""
    at_ms = now_ms - 3 * HOUR_MS
    entries = [
        TimelineEntry(
            f"{row.case_id}-intake", "intake", at_ms, row.name, from_patient=True,
            title="Intake: new symptom after a medicine",
            answers=(
                Answer("Started", "9 days ago, both ankles"),
                Answer("Skin", "red spots, do not fade when pressed", worrying=True),
                Answer("Swelling", "worse in the evening"), Answer("Breath", "as usual, sleeps flat"),
                Answer("Weight", "+1.8 kg in 7 days"), Answer("Fever, pain", "no; itches 3 of 10"),
            ),
        ),
        TimelineEntry(
            f"{row.case_id}-m1", "message", at_ms + 120_000, row.name, from_patient=True,
            text="The spots came first on the left leg, some weeks after the new tablet, and then the ankles got "
            "thick. My shoes leave marks. I still take the tablet every morning. Should I stop?",
        ),
    ]  # fmt: skip
    evidence = _evidence(row, now_ms)
    if evidence:
        entries.append(
            TimelineEntry(
                f"{row.case_id}-e", "evidence", at_ms + 420_000, row.name, from_patient=True, evidence=evidence
            )
        )
    if row.has_vitals:
        entries.append(
            TimelineEntry(
                f"{row.case_id}-v", "vitals", at_ms + 480_000, row.name, from_patient=True, vitals=_vitals(now_ms)
            )
        )
    entries.append(
        TimelineEntry(
            f"{row.case_id}-r1", "message", now_ms - int(2.2 * HOUR_MS), "Dr Ruth Calder", from_me=True,
            text="Thank you, the pictures are clear. Please do not take the tablet tomorrow morning; I want to see the "
            "left shin again first. Do the spots go anywhere above the knee?",
        )
    )  # fmt: skip
    if row.unread_count:
        entries.append(
            TimelineEntry(
                f"{row.case_id}-m2", "message", now_ms - 720_000, row.name, from_patient=True, unread=True,
                text="No, only below the knee. Nothing on my belly or arms. I took one more picture just now.",
            )
        )  # fmt: skip
    return tuple(entries)


def _evidence(row: CaseRow, now_ms: int) -> tuple[EvidenceItem, ...]:
    titles = ("Left shin, coin", "Left calf", "Right ankle", "Right calf")
    photos = [
        EvidenceItem(
            f"{row.case_id}-photo-{number}", "photo", titles[number], "image/jpeg", EVIDENCE_BYTES, EVIDENCE_BYTES,
            now_ms - 3 * HOUR_MS,
        )
        for number in range(row.photo_count)
    ]  # fmt: skip
    videos = [
        EvidenceItem(
            f"{row.case_id}-video-{number}", "video", "presses on ankle", "video/webm", EVIDENCE_BYTES, EVIDENCE_BYTES,
            now_ms - 3 * HOUR_MS,
        )
        for number in range(row.video_count)
    ]  # fmt: skip
    documents = [
        EvidenceItem(
            f"{row.case_id}-document-{number}", "document", "Letter from the hospital", "application/pdf",
            EVIDENCE_BYTES, EVIDENCE_BYTES, now_ms - 3 * HOUR_MS,
        )
        for number in range(row.document_count)
    ]  # fmt: skip
    return (*photos, *videos, *documents)


def _vitals(now_ms: int) -> tuple[VitalSeries, ...]:
    pressure = tuple(
        Measurement(now_ms - (56 - 2 * number) * DAY_MS, 158 - number * 0.9 + 9 * (number % 3), 94 - number * 0.4)
        for number in range(28)
    )
    weight = tuple(Measurement(now_ms - (56 - 7 * number) * DAY_MS, 81.2 + number * 0.3) for number in range(8))
    return (
        VitalSeries("blood-pressure", "Blood pressure at home", "mmHg", pressure, 135.0, 85.0),
        VitalSeries("weight", "Weight", "kg", weight),
    )


def appointments(now_ms: int = NOW_MS) -> tuple[AppointmentRow, ...]:
    """A day with five appointments."""
    people = (
        ("Erik Sandahl", "Blood pressure, video", -5.5, "fulfilled"),
        ("Joao Teles", "Knee after the fall, does it need a scan?", -0.2, "booked"),
        ("Nadia Farouk-Stern", "Migraine diary", 0.0, "booked"),
        ("Leopold Arendt", "Heart failure check", 0.2, "booked"),
        ("Maren Holt", "Contraception, first visit", 1.5, "booked"),
    )
    return tuple(
        AppointmentRow(
            f"appointment-{number}", f"visit-{number + 10}", f"patient-{number + 500}", name, "1979-01-19",
            now_ms + int(start_h * HOUR_MS), now_ms + int((start_h + 0.33) * HOUR_MS), status, reason, "", False,
        )
        for number, (name, reason, start_h, status) in enumerate(people)
    )  # fmt: skip
