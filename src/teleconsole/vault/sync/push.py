"""The outbox: what the clinician meant is sent until the server has it, each exactly once."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from teleconsole.domain.errors import (
    EvidenceError,
    NotFhir,
    Offline,
    Rejected,
    SignInNeeded,
    SyncError,
    VersionConflict,
)
from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.problems import Unavailable, Unreached
from teleconsole.vault.store.changes import ChangeRow, ChatPayload, StillPayload, VisitBegan
from teleconsole.vault.store.sync_port import PullResult, ReceivedResource, SyncStore
from teleconsole.vault.sync.plans import Planner, Settled, Stop
from teleconsole.vault.sync.proof import proven
from teleconsole.vault.sync.schedule import retry_in_s
from teleconsole.vault.sync.sent import Asking, Sent


@dataclass(frozen=True)
class PushListener:
    """Where a push tells what it did.

    Args:
        changed: truth was replaced.
        outbox: the outbox changed.
    """

    changed: Callable[[PullResult], None]
    outbox: Callable[[], None]


class Pusher:
    """Sends changes, first in first out in each case; a stuck one blocks only its own case.

    Args:
        store: the outbox and the truth.
        client: to the server.
        clock: this computer's.
        practitioner_id: of the clinician.
        listener: told what happened.
    """

    def __init__(
        self, store: SyncStore, client: FhirClient, clock: Clock, practitioner_id: str, listener: PushListener
    ) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._listener = listener
        self._planner = Planner(store, client, practitioner_id)
        self._asking = Asking(client)

    async def push(self) -> None:
        """Send all that is due; returns when nothing more can be sent now.

        Raises:
            Offline, NotFhir: the server cannot be reached; the changes wait.
            SignInNeeded: the clinician has to sign in again; the changes wait.
            StoreError: the store could not be written; what was sent is asked for again next time.
        """
        tried: set[str] = set()
        while True:
            due = await self._store.next_changes(to_ms(self._clock.now()), limits.SYNC_CHANGES_AT_ONCE)
            waiting = [change for change in due if change.change_id not in tried]
            if not waiting:
                return
            for change in waiting:
                tried.add(change.change_id)
                await self._send(change)

    async def _send(self, change: ChangeRow) -> None:
        """Send one change, and put down what became of it."""
        was_tried = change.state == "sending" or change.attempts > 0
        await self._store.mark_sending(change.change_id)
        try:
            await self._deliver(change, ask_first=was_tried or _gateway_may_have_brought(change))
        except Unavailable as error:
            await self._later(change, error)  # busy with this one; others may go through
        except (Offline, NotFhir) as error:
            await self._later(change, error)
            raise
        except SignInNeeded as error:
            await self._store.retry_later(change.change_id, to_ms(self._clock.now()), error.sentence, never_left=True)
            raise
        except (Rejected, EvidenceError) as error:
            await self._store.refuse(change.change_id, error.sentence)
        except (SyncError, msgspec.DecodeError) as error:
            await self._later(change, error)
        finally:
            self._listener.outbox()

    async def _deliver(self, change: ChangeRow, *, ask_first: bool) -> None:
        if ask_first and await self._has_arrived(change):
            return
        for _ in range(limits.SYNC_WRITE_TRIES):
            plan = await self._planner.plan(change)
            if isinstance(plan, Stop):
                await self._store.conflict(change.change_id, plan.reason, plan.truth)
                self._listener.changed(
                    PullResult(len(plan.truth), (change.case_id,), appointments=False, quarantined=0)
                )
                return
            if isinstance(plan, Settled):
                await self._settle(change, plan)
                return
            try:
                answered = await self._client.transaction(plan.entries)
            except VersionConflict:
                # 412 means ask: an answer of ours that was lost, or somebody else's change
                if await self._has_arrived(change):
                    return
                continue
            truth = await proven(self._client, plan.entries, answered)
            await self._complete(change, Sent(tuple(truth), _made_case(change, truth)))
            return
        raise Unavailable(
            sentence="This case changes at the server again and again. Your text is kept and tried again."
        )

    async def _has_arrived(self, change: ChangeRow) -> bool:
        found = await self._asking.find(change)
        if found is not None:
            await self._complete(change, found)
        return found is not None

    async def _complete(self, change: ChangeRow, sent: Sent) -> None:
        self._listener.changed(await self._store.complete(change.change_id, sent.truth, case_id=sent.case_id))

    async def _settle(self, change: ChangeRow, settled: Settled) -> None:
        if settled.lost:
            await self._store.drop(change.change_id, settled.truth)
            self._listener.changed(PullResult(1, (change.case_id,), appointments=False, quarantined=0))
        else:
            await self._complete(change, Sent(settled.truth))

    async def _later(self, change: ChangeRow, error: Exception) -> None:
        at_ms = to_ms(self._clock.now()) + round(1000 * retry_in_s(change.attempts, error))
        sentence = error.sentence if isinstance(error, SyncError) else SyncError().sentence
        never_left = isinstance(error, Unreached)
        await self._store.retry_later(change.change_id, at_ms, sentence, never_left=never_left)


def _gateway_may_have_brought(change: ChangeRow) -> bool:
    """Whether the patient's page may have sent the same thing after the visit, its acknowledgement having been lost."""
    match change.payload:
        case ChatPayload(from_patient=from_patient):
            return from_patient
        case StillPayload(kind=kind):
            return kind != "still"
        case _:
            return False


def _made_case(change: ChangeRow, truth: list[ReceivedResource]) -> str:
    """Return the id of the Task that a change made, else nothing."""
    if not (isinstance(change.payload, VisitBegan) and change.payload.makes_case):
        return ""
    return next((each.id for each in truth if each.type == "Task"), "")
