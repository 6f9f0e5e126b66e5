"""Keeps the queue's rows and the searchable words in step with truth and pending changes."""

from collections.abc import Iterable

from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store.touched import Touched


def bring_up_to_date(connection: Connection, touched: Touched) -> tuple[str, ...]:
    """Make the queue say what `case_effective` says of every touched case, and return those cases.

    Called at the end of each transaction that changed anything of a case.
    """
    for patient_id in touched.patients:
        for (case_id,) in connection.execute(
            "SELECT case_id FROM case_ WHERE patient_id = ?", (patient_id,)
        ).fetchall():
            touched.case(case_id, words=True)
    _project(connection, touched.cases)
    _index_words(connection, touched.words)
    return tuple(sorted(touched.cases))


def _project(connection: Connection, case_ids: Iterable[str]) -> None:
    ids = [(case_id,) for case_id in case_ids]
    connection.executemany("DELETE FROM queue WHERE case_id = ?", ids)
    connection.executemany("INSERT INTO queue SELECT * FROM case_effective WHERE case_id = ?", ids)


def _index_words(connection: Connection, case_ids: Iterable[str]) -> None:
    ids = [(case_id,) for case_id in case_ids]
    connection.executemany("DELETE FROM case_words WHERE rowid IN (SELECT case_no FROM case_ WHERE case_id = ?)", ids)
    connection.executemany(
        "INSERT INTO case_words (rowid, name, mrn, reason, messages)"
        " SELECT c.case_no, coalesce(p.name, ''), coalesce(p.mrn, ''), c.reason || ' ' || c.case_number,"
        " coalesce((SELECT group_concat(m.text, ' ') FROM message m WHERE m.case_id = c.case_id), '')"
        " FROM case_ c LEFT JOIN patient p ON p.patient_id = c.patient_id WHERE c.case_id = ?",
        ids,
    )
