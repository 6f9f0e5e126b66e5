"""What is not here yet: resources that cases name, patients to read, files to fetch."""

from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store.sync_port import CaseManifest, MissingFile

_DAY_MS = 86_400_000


def of_cases(connection: Connection, incomplete_only: bool, limit: int) -> tuple[CaseManifest, ...]:
    """Return the manifests of cases, open and urgent ones first."""
    rows = connection.execute(
        "SELECT case_id, patient_id FROM queue WHERE missing_count > 0 OR ? = 0"
        " ORDER BY is_open DESC, priority_rank, due_sort, case_id LIMIT ?",
        (int(incomplete_only), limit),
    ).fetchall()
    return tuple(
        CaseManifest(case_id, patient_id, _missing(connection, case_id, patient_id)) for case_id, patient_id in rows
    )


def _missing(connection: Connection, case_id: str, patient_id: str) -> tuple[tuple[str, str], ...]:
    named = connection.execute(
        "SELECT i.type, i.id FROM case_input i WHERE i.case_id = ?"
        " AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.type = i.type AND r.id = i.id)",
        (case_id,),
    ).fetchall()
    here = connection.execute("SELECT 1 FROM resource WHERE type = 'Patient' AND id = ?", (patient_id,)).fetchone()
    patient = [("Patient", patient_id)] if patient_id and here is None else []
    return tuple((str(type_), str(id_)) for type_, id_ in [*patient, *named])


def open_patients(connection: Connection, now_ms: int) -> tuple[str, ...]:
    """Return patients of open cases, most urgent first, then of appointments from yesterday on."""
    rows = connection.execute(
        "SELECT patient_id FROM queue WHERE is_open = 1 AND patient_id <> '' ORDER BY priority_rank, due_sort"
    ).fetchall()
    rows += connection.execute(
        "SELECT patient_id FROM appointment WHERE start_ms >= ? AND patient_id <> '' ORDER BY start_ms",
        (now_ms - _DAY_MS,),
    ).fetchall()
    return tuple(dict.fromkeys(str(row[0]) for row in rows))


def missing_files(connection: Connection, now_ms: int, limit: int) -> tuple[MissingFile, ...]:
    """Return files to fetch: open and urgent cases first, small before large, pictures before video."""
    rows = connection.execute(
        "SELECT b.evidence_id, e.case_id, e.url, e.content_type, e.size_bytes, e.sha1_base64, b.attempts"
        " FROM blob b JOIN evidence e USING (evidence_id) LEFT JOIN queue q ON q.case_id = e.case_id"
        " WHERE b.state IN ('missing', 'arriving') AND b.next_ms <= ? AND e.url <> ''"
        " ORDER BY coalesce(q.is_open, 0) DESC, coalesce(q.priority_rank, 9), e.kind IN ('video', 'audio'),"
        " e.size_bytes, b.evidence_id LIMIT ?",
        (now_ms, limit),
    ).fetchall()
    return tuple(MissingFile(*row) for row in rows)


def count_missing_files(connection: Connection) -> int:
    """Return how many files are still to be fetched."""
    row = connection.execute(
        "SELECT count(*) FROM blob b JOIN evidence e USING (evidence_id)"
        " WHERE b.state IN ('missing', 'arriving') AND e.url <> ''"
    ).fetchone()
    return int(row[0])
