"""Files: by ranges, as base64, from where they must not come."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.unit.vault.fhir.http_script import HttpScript, Reply, answer

from teleconsole.domain.errors import EvidenceRefused, NotFhir, Offline
from teleconsole.host import limits
from teleconsole.host.clock import SystemClock
from teleconsole.vault.fhir.client import FhirClient
from teleconsole.vault.fhir.downloads import Download, Downloads
from teleconsole.vault.fhir.problems import Gone
from teleconsole.vault.store.sync_port import ServerAccess

CONTENT = bytes(range(256)) * 3000
ETAG = 'ETag: "v1"\r\n'


class Tokens:
    async def access_token(self, *, fresh: bool = False) -> str:
        return "secret-token"


@asynccontextmanager
async def files(*replies: Reply) -> AsyncIterator[tuple[Downloads, HttpScript]]:
    async with (
        HttpScript(*replies) as script,
        FhirClient(ServerAccess(script.base, "p1", Tokens()), SystemClock()) as client,
    ):
        yield Downloads(client.transport, client.clock), script


async def whole(download: Download) -> bytes:
    return b"".join([piece async for piece in download.pieces])


async def test_native_bytes_go_on_where_they_broke_off() -> None:
    rest = answer(
        CONTENT[1000:], "206 Partial Content", "image/png",
        f"{ETAG}Content-Range: bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}\r\n",
    )  # fmt: skip
    async with (
        files(rest) as (downloads, script),
        downloads.open("Binary/b1", "image/png", offset_bytes=1000, etag='"v1"') as download,
    ):
        assert (download.start_bytes, download.etag, download.can_resume) == (1000, '"v1"', True)
        assert await whole(download) == CONTENT[1000:]
    asked = script.requests[0].lower()
    assert b"range: bytes=1000-" in asked
    assert b'if-range: "v1"' in asked
    assert b"bearer secret-token" in asked


async def test_a_changed_file_comes_whole_from_its_beginning() -> None:
    reply = answer(CONTENT, kind="image/png", headers='ETag: "v2"\r\nAccept-Ranges: bytes\r\n')
    async with (
        files(reply) as (downloads, _),
        downloads.open("Binary/b1", "image/png", offset_bytes=1000, etag='"v1"') as download,
    ):
        assert (download.start_bytes, download.etag) == (0, '"v2"')
        assert await whole(download) == CONTENT


async def test_another_range_than_asked_for_is_not_taken() -> None:
    rest = answer(b"x", "206 Partial Content", "image/png", f"{ETAG}Content-Range: bytes 5-5/9\r\n")
    async with files(rest) as (downloads, _):
        with pytest.raises(NotFhir):
            async with downloads.open("Binary/b1", "image/png", offset_bytes=4, etag='"v1"'):
                pass


async def test_base64_in_json_is_decoded_while_it_arrives() -> None:
    data = base64.b64encode(CONTENT).replace(b"/", b"\\/")
    body = b'{"resourceType":"Binary", "contentType":"image/png", "data" : "' + data + b'"}'
    async with files(answer(body)) as (downloads, _), downloads.open("Binary/b1", "image/png") as download:
        assert await whole(download) == CONTENT


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"resourceType":"Binary","data":"AAA', Offline),
        (b'{"resourceType":"Binary","data":"A*AA"}', NotFhir),
        (b'{"resourceType":"Patient"}', NotFhir),
    ],
)
async def test_a_binary_that_is_none_is_not_a_file(body: bytes, error: type[Exception]) -> None:
    async with files(answer(body)) as (downloads, _), downloads.open("Binary/b1", "image/png") as download:
        with pytest.raises(error):
            await whole(download)


async def test_a_binary_without_data_is_an_empty_file() -> None:
    body = b'{"resourceType":"Binary","contentType":"image/png"}'
    async with files(answer(body)) as (downloads, _), downloads.open("Binary/b1", "image/png") as download:
        assert await whole(download) == b""


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "http://files.example/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://localhost/x",
        "https://user@files.example/x",
        "https://files.example/" + "x" * 5_000,
    ],
)
async def test_addresses_that_nothing_is_fetched_from(url: str) -> None:
    async with files(answer(b"")) as (downloads, script):
        with pytest.raises(EvidenceRefused):
            async with downloads.open(url, "image/png"):
                pass
        assert script.requests == []


async def test_the_login_page_of_a_network_is_no_picture() -> None:
    async with files(answer(b"<html>", kind="text/html")) as (downloads, _):
        with pytest.raises(NotFhir):
            async with downloads.open("Binary/b1", "image/png"):
                pass


async def test_a_file_beyond_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VAULT_FILE_BYTES", 1000)
    async with (
        files(answer(CONTENT, kind="image/png")) as (downloads, _),
        downloads.open("Binary/b1", "image/png") as download,
    ):
        with pytest.raises(EvidenceRefused):
            await whole(download)


async def test_a_file_that_went_away_is_gone() -> None:
    async with files(answer(b"", "404 Not Found")) as (downloads, _):
        with pytest.raises(Gone):
            async with downloads.open("Binary/b1", "image/png"):
                pass
