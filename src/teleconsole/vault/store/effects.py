"""What a change does to the Task: one rule for the view (`migrations/0002_views.sql`) and for what sync sends."""

from typing import NamedTuple

from teleconsole.vault.store.changes import (
    ClaimPayload,
    DecisionPayload,
    Payload,
    QuestionPayload,
    ReleasePayload,
    ReplyPayload,
)

CLOSED_STATUSES = ("completed", "rejected", "cancelled", "failed", "entered-in-error")
_UNTOUCHED = ("requested", "received", "accepted")


class TaskState(NamedTuple):
    """The elements of a Task that a change may move; `owner_id` empty = nobody."""

    status: str
    business_status: str
    owner_id: str


def apply_effect(state: TaskState, payload: Payload, *, me: str) -> TaskState:
    """Return the Task's state after a change.

    Args:
        state: as the server has it.
        payload: any; most leave the Task alone.
        me: id of the Practitioner who made it.
    """
    match payload:
        case ReplyPayload():
            return _answered(state)
        case QuestionPayload():
            return state._replace(status="on-hold", business_status="awaiting-patient")
        case DecisionPayload(outcome="close"):
            return state._replace(status="completed", business_status="closed")
        case DecisionPayload(outcome="referral"):
            return state._replace(status="on-hold", business_status="awaiting-results")
        case DecisionPayload():
            return _answered(state)
        case ClaimPayload():
            status = "accepted" if state.status in ("requested", "received") else state.status
            return state._replace(status=status, owner_id=me)
        case ReleasePayload():
            status = "requested" if state.status == "accepted" else state.status
            return state._replace(status=status, owner_id="")
        case _:
            return state


def _answered(state: TaskState) -> TaskState:
    return state._replace(status="in-progress") if state.status in _UNTOUCHED else state
