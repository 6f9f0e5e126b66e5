"""The view of truth and pending changes equals the changes applied to truth one by one."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.vault.made_up import ME, NOON_MS, patient, received, task

from teleconsole.vault.sqlcipher import sqlcipher3
from teleconsole.vault.store import outbox
from teleconsole.vault.store.changes import (
    ClaimPayload,
    DecisionPayload,
    NotePayload,
    Payload,
    QuestionPayload,
    ReleasePayload,
    ReplyPayload,
)
from teleconsole.vault.store.effects import CLOSED_STATUSES, TaskState, apply_effect
from teleconsole.vault.store.migrate import migrate
from teleconsole.vault.store.projection import take_in
from teleconsole.vault.store.queue_rows import bring_up_to_date
from teleconsole.vault.store.touched import Touched

STATUSES = ("requested", "received", "accepted", "in-progress", "on-hold", "completed", "rejected", "cancelled")
payloads: st.SearchStrategy[Payload] = st.one_of(
    st.just(ReplyPayload("x")),
    st.just(QuestionPayload("x")),
    st.sampled_from(["advice", "prescription", "visit", "referral", "close"]).map(
        lambda outcome: DecisionPayload(outcome, "x")  # type: ignore[arg-type]  # one of the literals
    ),
    st.just(NotePayload("x")),
    st.just(ClaimPayload(1)),
    st.just(ReleasePayload()),
)
steps = st.lists(st.tuples(payloads, st.sampled_from(["waiting", "sending", "refused", "conflict"])), max_size=6)


cases_of_any_state = st.lists(
    st.tuples(st.sampled_from(STATUSES), st.sampled_from(["", ME, "other"]), steps), min_size=1, max_size=6
)
DIFFERENCE = "SELECT count(*) FROM (SELECT * FROM queue EXCEPT SELECT * FROM case_effective)"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases_of_any_state)
def test_the_view_is_the_changes_applied_to_truth(cases: list[tuple[str, str, Any]]) -> None:
    connection = sqlcipher3.connect(":memory:", isolation_level=None)
    migrate(connection)
    touched = Touched()
    for number, (status, owner, made) in enumerate(cases):
        changed: dict[str, Any] = {"status": status}
        if owner:
            changed["owner"] = {"reference": f"Practitioner/{owner}"}
        truth = [received(patient()), received(task(f"t{number}", **changed))]
        take_in(connection, truth, touched, now_ms=NOON_MS, source="test")
        for payload, state in made:
            id_ = outbox.add(connection, f"t{number}", payload, touched, now_ms=NOON_MS)
            outbox.move(connection, id_, state, touched)
    bring_up_to_date(connection, touched)
    found = connection.execute("SELECT case_id, is_open, status, business_status, owner_id, asked_for FROM queue")
    rows = {row[0]: row[1:] for row in found}
    assert rows == {f"t{number}": _expected(*case) for number, case in enumerate(cases)}
    assert connection.execute(DIFFERENCE).fetchone()[0] == 0
    connection.close()


def _expected(status: str, owner: str, made: list[tuple[Payload, str]]) -> tuple[int, str, str, str, int]:
    """Apply what is on its way; a claim is asked for, not owned, until the server agreed."""
    state, asked_for = TaskState(status, "awaiting-clinician", owner), 0
    for payload, how in made:
        if how not in ("waiting", "sending"):
            continue
        if isinstance(payload, ClaimPayload | ReleasePayload):
            asked_for = int(isinstance(payload, ClaimPayload))
            state = state._replace(owner_id=owner if asked_for else "")
        else:
            state = apply_effect(state, payload, me=ME)
    is_open = state.status not in CLOSED_STATUSES and state.business_status != "closed"
    return int(is_open), state.status, state.business_status, state.owner_id, asked_for
