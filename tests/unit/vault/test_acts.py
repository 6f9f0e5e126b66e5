"""What the clinician does with a case: shown at once, kept in the outbox, taken over by truth when it was sent."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.vault.made_up import ME, OPENING_WORDS, FakeClock, FakeKeyring, message, patient, received, task

from teleconsole.contracts.cases import (
    AskFollowUp,
    Claim,
    CountCases,
    Decide,
    ListCases,
    OpenCase,
    Release,
    Reply,
    SaveDraft,
    WriteNote,
)
from teleconsole.contracts.vault import CreateVault, ListChanges, PrepareLock, TakeBack, TryAgain, Unlock
from teleconsole.contracts.wire import Ask, News
from teleconsole.domain.errors import StoreError
from teleconsole.host.paths import Profile
from teleconsole.host.policy import Policy
from teleconsole.vault.handlers_cases import CaseHandlers
from teleconsole.vault.handlers_lock import LockHandlers
from teleconsole.vault.handlers_sync import SyncHandlers
from teleconsole.vault.handlers_visits import VisitHandlers
from teleconsole.vault.keys.keeper import KeyKeeper
from teleconsole.vault.session import VaultSession
from teleconsole.vault.sync.engine import SyncEngine


class Desk:
    """All handlers over one profile, without a process between."""

    def __init__(self, folder: Path) -> None:
        self.news: list[News] = []
        self.clock = FakeClock()
        profile = Profile(folder)
        keeper = KeyKeeper(profile, FakeKeyring(), self.clock)
        self.lock = LockHandlers(
            profile, keeper, policy=Policy(), clock=self.clock, make_engine=SyncEngine, tell=self.news.append
        )
        session = self.lock.session
        self.answers = {
            **self.lock.handlers(),
            **CaseHandlers(session).handlers(),
            **SyncHandlers(session).handlers(),
            **VisitHandlers(session).handlers(),
        }

    @property
    def session(self) -> VaultSession:
        return self.lock.session()

    async def ask(self, ask: Ask[Any]) -> Any:
        return await self.answers[type(ask)](ask)

    async def pull(self, *resources: dict[str, Any]) -> None:
        await self.session.sync_store.apply_pull("test", [received(one) for one in resources], None)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    one = Desk(tmp_path)
    await one.ask(CreateVault(OPENING_WORDS))
    one.session.store.me = ME
    await one.pull(patient(), task(), message("m1", "It itches"))
    yield one
    await one.lock.close()


async def test_a_reply_stands_in_the_case_at_once_and_its_draft_is_gone(desk: Desk) -> None:
    await desk.ask(SaveDraft("t1", "reply", "Use the cr"))
    assert (await desk.ask(ListCases("drafts"))).total == 1
    made = await desk.ask(Reply("t1", "Use the cream"))
    case = await desk.ask(OpenCase("t1"))
    assert [(entry.text, entry.send_state) for entry in case.timeline] == [
        ("It itches", "sent"),
        ("Use the cream", "waiting"),
    ]
    assert case.drafts == ()
    assert (case.row.status, case.row.unsent_count, case.row.unread_count) == ("in-progress", 1, 0)
    (change,) = await desk.ask(ListChanges())
    assert (change.change_id, change.patient_name, change.text) == (made.change_id, "Ada Okafor", "Use the cream")


async def test_truth_takes_the_place_of_the_change_in_one_step(desk: Desk) -> None:
    made = await desk.ask(Reply("t1", "Use the cream"))
    sync = desk.session.sync_store
    (change,) = await sync.next_changes(0)
    await sync.mark_sending(change.change_id)
    answer = message("m2", "Use the cream", sender=f"Practitioner/{ME}", hour=12)
    answer["identifier"] = [{"system": "urn:teleconsole:change", "value": made.change_id}]
    await sync.complete(
        change.change_id, [received(answer), received(task(status="in-progress", meta={"versionId": "2"}))]
    )
    case = await desk.ask(OpenCase("t1"))
    assert [(entry.text, entry.send_state, entry.from_me) for entry in case.timeline] == [
        ("It itches", "sent", False),
        ("Use the cream", "sent", True),
    ]
    assert await sync.next_changes(0) == ()
    assert await sync.count_unsent() == (0, 0)


@pytest.mark.parametrize(
    ("ask", "status", "business", "view"),
    [
        (AskFollowUp("t1", "Since when?"), "on-hold", "awaiting-patient", "awaiting-patient"),
        (Decide("t1", "close", "All is well"), "completed", "closed", "closed"),
        (Decide("t1", "referral", "See the clinic"), "on-hold", "awaiting-results", "awaiting-results"),
        (Decide("t1", "advice", "Rest"), "in-progress", "awaiting-clinician", "open"),
    ],
)
async def test_an_intent_moves_the_case_before_it_is_sent(
    desk: Desk, ask: Ask[Any], status: str, business: str, view: Any
) -> None:
    await desk.ask(ask)
    (row,) = (await desk.ask(ListCases(view))).rows
    assert (row.status, row.business_status) == (status, business)
    (change,) = await desk.ask(ListChanges())
    await desk.session.sync_store.refuse(change.change_id, "Not allowed")
    (row,) = (await desk.ask(ListCases("open"))).rows
    assert row.business_status == "awaiting-clinician"
    assert (await desk.ask(CountCases())).could_not_send == 1


async def test_a_claim_is_asked_for_until_the_server_agreed(desk: Desk) -> None:
    await desk.ask(Claim("t1"))
    assert [row.claim for row in (await desk.ask(ListCases("mine"))).rows] == ["asked-for"]
    (change,) = await desk.session.sync_store.next_changes(0)
    owned = task(owner={"reference": f"Practitioner/{ME}"}, status="accepted", meta={"versionId": "2"})
    await desk.session.sync_store.complete(change.change_id, [received(owned)])
    assert [row.claim for row in (await desk.ask(ListCases("mine"))).rows] == ["mine"]
    await desk.ask(Release("t1"))
    assert (await desk.ask(ListCases("mine"))).rows == ()
    assert (await desk.ask(ListCases("unclaimed"))).total == 1


async def test_anothers_claim_ends_with_its_time(desk: Desk) -> None:
    owner = {"reference": "Practitioner/other", "display": "Dr Lund"}
    until = {"url": "urn:teleconsole:claim-until", "valueDateTime": "2026-03-02T13:00:00Z"}
    await desk.pull(task(owner=owner, extension=[until], meta={"versionId": "2"}))
    (row,) = (await desk.ask(ListCases())).rows
    assert (row.claim, row.claimed_by) == ("other", "Dr Lund")
    desk.clock.move(2 * 3600)
    (row,) = (await desk.ask(ListCases("unclaimed"))).rows
    assert (row.claim, row.claimed_by) == ("none", "")


async def test_one_stuck_change_blocks_only_its_own_case(desk: Desk) -> None:
    await desk.pull(task("t2"))
    first = await desk.ask(Reply("t1", "one"))
    await desk.ask(WriteNote("t1", "two"))
    other = await desk.ask(Reply("t2", "three"))
    sync = desk.session.sync_store
    assert [change.change_id for change in await sync.next_changes(0)] == [first.change_id, other.change_id]
    await sync.refuse(first.change_id, "No")
    assert [change.change_id for change in await sync.next_changes(0)] == [other.change_id]
    await sync.retry_later(other.change_id, 5_000, "Offline")
    assert await sync.next_changes(4_999) == ()
    assert await sync.next_change_ms() == 5_000
    await desk.ask(TryAgain(first.change_id))
    assert [change.change_id for change in await sync.next_changes(0)] == [first.change_id]


async def test_a_text_can_be_taken_back_unless_it_is_on_its_way(desk: Desk) -> None:
    made = await desk.ask(Reply("t1", "Use the cream"))
    await desk.ask(SaveDraft("t1", "reply", "And rest"))
    draft = await desk.ask(TakeBack(made.change_id))
    assert draft.text == "Use the cream\n\nAnd rest"
    assert await desk.ask(ListChanges()) == ()
    made = await desk.ask(Reply("t1", "Again"))
    await desk.session.sync_store.mark_sending(made.change_id)
    with pytest.raises(StoreError):
        await desk.ask(TakeBack(made.change_id))
    assert len(await desk.ask(ListChanges())) == 1


async def test_everything_is_there_after_a_lock(desk: Desk) -> None:
    await desk.ask(SaveDraft("t1", "note", "half a thou"))
    made = await desk.ask(Reply("t1", "Use the cream"))
    await desk.ask(PrepareLock())
    with pytest.raises(StoreError):
        await desk.ask(ListCases())
    await desk.ask(Unlock(OPENING_WORDS, after_lock=True))
    case = await desk.ask(OpenCase("t1"))
    assert [draft.text for draft in case.drafts] == ["half a thou"]
    assert [change.change_id for change in await desk.ask(ListChanges())] == [made.change_id]
    report = await desk.session.store.verify_audit(desk.session.keys.anchor)
    assert report.ok
    assert report.size >= 6


async def test_the_queue_is_paged_by_key_and_searched_by_the_beginnings_of_words(desk: Desk) -> None:
    await desk.pull(*[task(f"x{number:03}", description=f"Cough {number}") for number in range(25)])
    page = await desk.ask(ListCases(limit=10))
    seen = [row.case_id for row in page.rows]
    while page.next_key:
        page = await desk.ask(ListCases(limit=10, after_key=page.next_key))
        seen += [row.case_id for row in page.rows]
    assert page.total == 26
    assert len(set(seen)) == len(seen) == 26
    assert (await desk.ask(ListCases(search="cou 7"))).total == 1
    assert (await desk.ask(ListCases(search="itch"))).total == 1
    assert (await desk.ask(ListCases(search='MRN-p1 " OR ) *'))).total == 0
    assert (await desk.ask(ListCases(search="okaf mrn", order="newest"))).total == 26
    assert (await desk.ask(ListCases(case_types=("mood",)))).total == 0
    assert (await desk.ask(ListCases(priorities=("urgent", "stat"), order="priority"))).total == 26


async def test_what_a_stranger_made_huge_is_shown_shortened_and_fits_a_message(desk: Desk) -> None:
    items = [{"linkId": str(n), "text": "q" * 5_000, "answer": [{"valueString": "a" * 5_000}]} for n in range(400)]
    intake = {"resourceType": "QuestionnaireResponse", "id": "q1", "authored": "2026-03-02T08:00:00Z", "item": items}
    named = task(input=[{"valueReference": {"reference": "QuestionnaireResponse/q1"}}], meta={"versionId": "2"})
    await desk.pull(intake, named, message("m2", "x" * 150_000), message("m3", "short", hour=10))
    case = await desk.ask(OpenCase("t1"))
    assert len(msgspec.msgpack.encode(case)) < 1 << 20
    assert [(entry.kind, "shortened" in entry.title) for entry in case.timeline] == [
        ("intake", True),
        ("message", False),
        ("message", True),
        ("message", False),
    ]


async def test_a_text_that_may_have_arrived_cannot_be_taken_back_but_one_that_never_left_can(desk: Desk) -> None:
    made = await desk.ask(Reply("t1", "Use the cream"))
    sync = desk.session.sync_store
    await sync.mark_sending(made.change_id)
    await sync.retry_later(made.change_id, 0, "The answer was lost")
    with pytest.raises(StoreError, match="may have reached"):
        await desk.ask(TakeBack(made.change_id))
    other = await desk.ask(Reply("t1", "Rest"))
    for _ in range(3):
        await sync.mark_sending(other.change_id)
        await sync.retry_later(other.change_id, 0, "No connection", never_left=True)
    assert (await desk.ask(TakeBack(other.change_id))).text == "Rest"
