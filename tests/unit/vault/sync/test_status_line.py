"""The line that is always true, under servers that do not help."""

import asyncio
from uuid import uuid4

import pytest
from tests.unit.vault.fhir.http_script import HttpScript, answer
from tests.unit.vault.sync.clinic_server import CLOCK, NoTokens, listener, until
from tests.unit.vault.sync.memory_store import MemoryStore

from teleconsole.domain.errors import StoreError
from teleconsole.host import limits
from teleconsole.host.clock import to_ms
from teleconsole.vault.fhir.problems import Silent, Unavailable
from teleconsole.vault.store.changes import ReplyPayload
from teleconsole.vault.store.sync_port import ServerAccess
from teleconsole.vault.sync.engine import SyncEngine
from teleconsole.vault.sync.schedule import retry_in_s


async def ended(store: MemoryStore, *replies: bytes) -> tuple[str, int, str]:
    """One sync against a scripted server: phase, synced_ms, sentence."""
    async with HttpScript(*replies) as script:
        engine = SyncEngine(store, ServerAccess(script.base, "p1", NoTokens()), listener([]), CLOCK)
        status = await engine.sync_once()
        await engine.stop()
    return status.phase, status.synced_ms, status.sentence


@pytest.mark.parametrize(
    ("reply", "phase"),
    [
        (answer(b"", "401 Unauthorized"), "sign-in-needed"),
        (answer(b"<html>log in</html>", kind="text/html"), "offline"),
        (answer(b"", "503 Service Unavailable"), "offline"),
        (answer(b"", "403 Forbidden"), "error"),
        (b"", "offline"),
    ],
)
async def test_a_server_that_does_not_help_is_named_and_the_text_waits(reply: bytes, phase: str) -> None:
    store = MemoryStore()
    change = store.add(str(uuid4()), "t1", ReplyPayload("Waits"))
    found, synced_ms, sentence = await ended(store, reply)
    assert found == phase
    assert synced_ms == 0
    assert sentence
    if phase != "error":
        assert store.changes[change.change_id].state == "waiting"
        assert store.changes[change.change_id].payload == ReplyPayload("Waits")


async def test_a_server_that_asks_for_a_pause_gets_it() -> None:
    store = MemoryStore()
    change = store.add(str(uuid4()), "t1", ReplyPayload("Later"))
    before_ms = to_ms(CLOCK.now())
    await ended(store, answer(b"", "503 Service Unavailable", headers="Retry-After: 90\r\n"))
    assert store.changes[change.change_id].next_ms >= before_ms + 90_000


async def test_a_store_that_fails_is_said_and_never_taken_for_synced() -> None:
    class Full(MemoryStore):
        async def count_unsent(self) -> tuple[int, int]:
            raise StoreError("The disk is full.")

    assert await ended(Full(), answer(b"")) == ("error", 0, "The disk is full.")


def test_the_schedule_is_bounded_and_follows_the_server() -> None:
    assert all(0 <= retry_in_s(attempts) <= limits.SYNC_RETRY_LONGEST_S for attempts in range(200))
    assert retry_in_s(0, Unavailable(120.0)) == 120.0


async def test_a_server_that_keeps_one_waiting_is_told_before_it_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FHIR_SLOW_S", 0.05)
    goes_on = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await goes_on.wait()
        writer.write(answer(b"", "503 Service Unavailable"))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/fhir"
    store = MemoryStore()
    engine = SyncEngine(store, ServerAccess(base, "p1", NoTokens()), listener([]), CLOCK)
    syncing = asyncio.create_task(engine.sync_once())
    await until(lambda: engine.status.sentence == Silent.default_sentence)
    assert engine.status.phase == "pulling", "the request goes on"
    store.add(str(uuid4()), "t1", ReplyPayload("Written meanwhile"))
    engine.sync_soon()
    await until(lambda: engine.status.to_send == 1)
    goes_on.set()
    status = await syncing
    await engine.stop()
    server.close()
    assert (status.phase, status.sentence) == ("offline", Unavailable.default_sentence)


async def test_a_server_that_never_answers_is_given_up_with_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FHIR_STALL_S", 0.1)
    given_up = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await given_up.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/fhir"
    engine = SyncEngine(MemoryStore(), ServerAccess(base, "p1", NoTokens()), listener([]), CLOCK)
    status = await engine.sync_once()
    given_up.set()
    await engine.stop()
    server.close()
    assert (status.phase, status.sentence) == ("offline", Silent.default_sentence)
