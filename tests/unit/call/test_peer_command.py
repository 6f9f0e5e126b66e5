"""`teleconsole peer`: arguments, and links that do not work, in one sentence."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from teleconsole.call import peer_command
from teleconsole.call.patient_session import exchange, split_link
from teleconsole.domain.errors import CallError


@pytest.mark.parametrize(
    "link", ["nonsense", "http://clinic.example/v#token", "https://clinic.example/s#token", "https://clinic.example/v"]
)
def test_what_is_no_link_is_refused_with_status_2(link: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert peer_command.main([link]) == 2
    assert capsys.readouterr().err.startswith("teleconsole peer: This is not a visit's link")


def test_nobody_there_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert peer_command.main(["http://127.0.0.1:9/v#token"]) == 1
    assert "cannot be reached" in capsys.readouterr().err


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        peer_command.main(["--help"])
    assert ended.value.code == 0
    assert "example:" in capsys.readouterr().out


@pytest.fixture
async def gateway() -> AsyncIterator[str]:
    """Answers by the token: a session, a problem, or something that is not ours."""

    async def session(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        token = body["token"]
        if token == "good" and body.get("birthDate") == "1980-02-29":  # noqa: S105 -- a made-up one
            answer = web.json_response({"kind": "visit", "visitId": "visit-0001"})
            answer.set_cookie("teleconsole-visit", "secret", httponly=True)
            return answer
        if token == "html":  # noqa: S105 -- a made-up one
            return web.Response(text="<html>Sign in to this network</html>")
        problem = "birth-date-needed" if token == "good" else token  # noqa: S105 -- a made-up one
        return web.json_response({"problem": problem}, status=401 if token == "good" else 410)  # noqa: S105 -- as above

    app = web.Application()
    app.add_routes([web.post("/patient/session", session)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_exchange_gives_visit_and_cookie_and_shows_neither(gateway: str) -> None:
    url, token = split_link(f"{gateway}/v#good")
    session = await exchange(url, token, birth_date="1980-02-29")
    assert (session.visit_id, session.cookies) == ("visit-0001", {"teleconsole-visit": "secret"})
    assert "secret" not in repr(session)


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("good", "--birth-date"),
        ("expired", "not valid any more"),
        ("unknown", "not valid any more"),
        ("revoked", "withdrawn"),
        ("html", "did not answer as expected"),
    ],
)
async def test_exchange_refused_says_why(gateway: str, token: str, sentence: str) -> None:
    with pytest.raises(CallError, match=sentence):
        await exchange(gateway, token)
