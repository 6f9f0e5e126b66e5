"""The FHIR client against what servers, proxies and networks really answer."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest
from tests.unit.vault.fhir.http_script import HttpScript, Reply, answer

from teleconsole.domain.errors import NotFhir, Offline, Rejected, SignInNeeded, SyncError, VersionConflict
from teleconsole.host import limits
from teleconsole.host.clock import SystemClock
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.problems import Gone, Unavailable
from teleconsole.vault.store.sync_port import ServerAccess


class Tokens:
    """Gives numbered tokens and remembers how often a fresh one was wanted."""

    def __init__(self) -> None:
        self.fresh = 0

    async def access_token(self, *, fresh: bool = False) -> str:
        self.fresh += fresh
        return f"token-{self.fresh}"


@asynccontextmanager
async def talking(*replies: Reply) -> AsyncIterator[tuple[FhirClient, HttpScript, Tokens]]:
    tokens = Tokens()
    async with (
        HttpScript(*replies) as script,
        FhirClient(ServerAccess(script.base, "p1", tokens), SystemClock()) as client,
    ):
        yield client, script, tokens


def bundle(*resources: object, link: object = None, kind: str = "searchset") -> bytes:
    found: dict[str, object] = {"resourceType": "Bundle", "type": kind}
    found["entry"] = [{"resource": each, "search": {"mode": "match"}} for each in resources]
    if link:
        found["link"] = link
    return orjson.dumps(found)


def task(id_: str = "a", **more: object) -> dict[str, object]:
    meta = {"versionId": "1", "lastUpdated": "2026-11-24T10:00:00.120Z"}
    return {"resourceType": "Task", "id": id_, "meta": meta, **more}


async def test_search_keeps_the_bytes_of_each_row() -> None:
    odd = b'{"resourceType":"Task","id":"a","x":98.60,"y":12345678901234567890123,"_status":{"z":[ ]}}'
    body = b'{"resourceType":"Bundle","type":"searchset","entry":[{"resource":' + odd + b"}]}"
    async with talking(answer(body)) as (client, _, _):
        page = await client.search("Task", [("status", "requested,accepted")])
    assert page.rows[0].raw == odd
    assert page.rows[0].last_updated_ms == 0


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (answer(b"<html>log in</html>", kind="text/html"), NotFhir),
        (answer(b"<html>log in</html>"), NotFhir),
        (answer(b""), NotFhir),
        (answer(b"[]"), NotFhir),
        (answer(bundle(task()), length=100_000), Offline),
        (answer(b"", "302 Found", headers="Location: https://elsewhere.example/fhir\r\n"), NotFhir),
        (answer(b"<h1>busy</h1>", "503 Service Unavailable", "text/html", "Retry-After: 7\r\n"), Unavailable),
        (answer(b"", "407 Proxy Authentication Required"), NotFhir),
        (answer(b"", "412 Precondition Failed"), VersionConflict),
        (answer(b"", "410 Gone"), Gone),
        (answer(orjson.dumps(task())), NotFhir),
        (b"garbage\r\n\r\n", Offline),
        (b"", Offline),
    ],
)
async def test_each_bad_answer_has_its_error(reply: bytes, error: type[SyncError]) -> None:
    async with talking(reply) as (client, _, _):
        with pytest.raises(error) as raised:
            await client.search("Task", [])
    assert type(raised.value) is error


async def test_good_json_with_a_wrong_content_type_and_a_bom_is_read() -> None:
    async with talking(answer(b"\xef\xbb\xbf" + bundle(task()), kind="text/plain")) as (client, _, _):
        page = await client.search("Task", [])
    assert [row.id for row in page.rows] == ["a"]


@pytest.mark.parametrize(("asked", "waits_s"), [("7", 7), ("-5", 0), ("315360000", 3600), ("soon", 0)])
async def test_retry_after_is_bounded(asked: str, waits_s: float) -> None:
    reply = answer(b"", "429 Too Many Requests", headers=f"Retry-After: {asked}\r\n")
    async with talking(reply) as (client, _, _):
        with pytest.raises(Unavailable) as raised:
            await client.read("Task", "a")
    assert raised.value.retry_after_s == waits_s


async def test_every_issue_of_an_outcome_is_in_the_sentence() -> None:
    issue = [{"severity": "error", "code": "invalid", "diagnostics": f"reason {n}"} for n in range(3)]
    issue.append({"severity": "error", "code": "value", "details": {"text": "in words"}})  # type: ignore[dict-item]  # mixed
    outcome = orjson.dumps({"resourceType": "OperationOutcome", "issue": issue})
    async with talking(answer(outcome, "422 Unprocessable Entity")) as (client, _, _):
        with pytest.raises(Rejected) as raised:
            await client.transaction([{"request": {"method": "POST", "url": "Task"}}])
    for words in ("reason 0", "reason 1", "reason 2", "in words"):
        assert words in raised.value.sentence


async def test_a_gzip_bomb_is_refused_and_honest_gzip_is_read() -> None:
    bomb = gzip.compress(b'{"resourceType":"Bundle","x":"' + b"0" * (limits.FHIR_GZIP_FREE_BYTES * 8) + b'"}')
    async with talking(
        answer(bomb, headers="Content-Encoding: gzip\r\n"),
        answer(gzip.compress(bundle(task())), headers="Content-Encoding: gzip\r\n"),
        answer(gzip.compress(bundle(task()))[:-6], headers="Content-Encoding: gzip\r\n"),
    ) as (client, _, _):
        with pytest.raises(NotFhir):
            await client.search("Task", [])
        assert len((await client.search("Task", [])).rows) == 1
        with pytest.raises(Offline):
            await client.search("Task", [])


async def test_a_body_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FHIR_ANSWER_BYTES", 10_000)
    async with talking(answer(b'{"x":"' + b"0" * 20_000 + b'"}')) as (client, _, _):
        with pytest.raises(NotFhir):
            await client.search("Task", [])


async def test_a_401_asks_once_for_a_fresh_token() -> None:
    async with talking(answer(b"", "401 Unauthorized"), answer(bundle())) as (client, script, tokens):
        await client.search("Task", [])
        assert tokens.fresh == 1
        assert b"Bearer token-1" in script.requests[1]
    async with talking(answer(b"", "401 Unauthorized")) as (client, script, _):
        with pytest.raises(SignInNeeded):
            await client.search("Task", [])
        assert len(script.requests) == 2


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/fhir?page=2",
        "//elsewhere.example/fhir?page=2",
        "http://user@127.0.0.1/fhir?page=2",
        "/other?page=2",
        "Task?" + "x" * 5_000,
    ],
)
async def test_a_foreign_next_link_is_never_followed(link: str) -> None:
    body = bundle(task(), link=[{"relation": "next", "url": link}])
    async with talking(answer(body)) as (client, _, _):
        page = await client.search("Task", [])
    assert page.has_more
    assert page.next_url == ""


async def test_bad_entries_cost_no_other() -> None:
    good = orjson.dumps(task())
    deep = b'{"resourceType":"Task","id":"d","x":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    bad = [
        b'{"resourceType":"Task","id":"n","x":NaN}',
        b'{"resourceType":"Task","id":"s","x":"\\ud800"}',
        deep,
        b'{"resourceType":"Task","id":"../x"}',
        b'{"resourceType":"Task"}',
        b'{"resourceType":"Patient","id":"p"}',
        b'{"resourceType":5,"id":"p"}',
    ]
    entries = b",".join(b'{"resource":' + each + b"}" for each in [*bad, good])
    body = b'{"resourceType":"Bundle","type":"searchset","entry":[null,' + entries + b'],"link":[]}'
    async with talking(answer(body)) as (client, _, _):
        page = await client.search("Task", [])
    assert [row.id for row in page.rows] == ["a"]
    assert len(page.bad) == len(bad)


async def test_included_and_subsetted_rows_are_passed_over() -> None:
    part = task("b", meta={"tag": [{"code": "SUBSETTED"}]})
    entries = [
        {"resource": task(), "search": {"mode": "match"}},
        {"resource": part},
        {"resource": task("c"), "search": {"mode": "include"}},
    ]
    body = orjson.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries})
    async with talking(answer(body)) as (client, _, _):
        page = await client.search("Task", [])
    assert [row.id for row in page.rows] == ["a"]
    assert page.bad == ()


async def test_a_transaction_answer_of_another_length_is_no_proof() -> None:
    body = orjson.dumps({"resourceType": "Bundle", "type": "transaction-response", "entry": []})
    async with talking(answer(body)) as (client, _, _):
        with pytest.raises(NotFhir):
            await client.transaction([{"request": {"method": "POST", "url": "Task"}}])


async def test_the_servers_clock_is_learned_as_a_median() -> None:
    late = answer(bundle(), headers="Date: Tue, 24 Nov 2099 10:00:00 GMT\r\n")
    async with talking(late) as (client, _, _):
        await client.search("Task", [])
        assert client.clock.offset_ms > 365 * 86_400_000


async def test_nobody_listens() -> None:
    async with HttpScript(b"") as script:
        base = script.base
    async with FhirClient(ServerAccess(base, "p1", Tokens()), SystemClock()) as client:
        with pytest.raises(Offline):
            await client.read("Task", "a")
