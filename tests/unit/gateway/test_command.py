"""`teleconsole gateway`: its configuration, its sentences, and one start and stop for real."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import signal
import sys
from pathlib import Path

import aiohttp
import msgspec
import pytest
from tests.unit.gateway.clinic import DEADLINE_S

from teleconsole.gateway.command import main
from teleconsole.gateway.config import GatewayConfig, TurnConfig
from teleconsole.gateway.turn import IceServers
from teleconsole.host.clock import SystemClock

GOOD = {
    "dataFolder": "data",
    "fhirBase": "http://127.0.0.1:1/fhir",
    "clinic": "Hollow Lane Clinic",
    "practitioner": {"id": "dr-moss", "name": "Dr Ada Moss"},
    "port": 0,
}


def write(tmp_path: Path, content: object, mode: int = 0o600) -> Path:
    file = tmp_path / "gateway.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    file.chmod(mode)
    return file


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        (GOOD, 0o644, "chmod 600"),
        ("{", 0o600, "not valid"),
        (GOOD | {"unknown": 1}, 0o600, "not valid"),
        (GOOD | {"fhirBase": "http://fhir.example.org"}, 0o600, "https://"),
        (GOOD | {"publicBaseUrl": "http://visits.example.org"}, 0o600, "https://"),
    ],
)
def test_bad_configuration_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: object, mode: int, words: str
) -> None:
    assert main(["--config", str(write(tmp_path, content, mode))]) == 1
    told = capsys.readouterr().err
    assert words in told and told.count("\n") == 1 and "Traceback" not in told


def test_missing_file_and_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(tmp_path / "none.json")]) == 1
    assert main([]) == 2
    assert main(["--help"]) == 0
    assert "example" in capsys.readouterr().out
    assert main(["--config", str(write(tmp_path, GOOD)), "--check"]) == 0


async def test_start_sign_in_and_stop(tmp_path: Path) -> None:
    config = write(tmp_path, GOOD | {"dataFolder": str(tmp_path / "data")})
    code = "import sys; from teleconsole.gateway.command import main; sys.exit(main(sys.argv[1:]))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, "--config", str(config), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(DEADLINE_S * 3):
            address = (await process.stdout.readline()).decode().split()[-1]
            code = (await process.stdout.readline()).decode().split()[-1]
            assert re.fullmatch(r"([A-Z0-9]{4}-){2}[A-Z0-9]{4}", code)
            async with aiohttp.ClientSession() as http:
                async with http.get(f"{address}/api/health") as response:
                    assert (await response.json())["status"] == "ok"
                async with http.post(f"{address}/api/sign-in", json={"code": code.lower()}) as response:
                    account = await response.json()
                    assert response.status == 200 and account["practitionerId"] == "dr-moss"
                    assert account["fhirBase"] == GOOD["fhirBase"] and account["clinic"] == GOOD["clinic"]
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
    assert code.encode() not in kept and account["refreshToken"].encode() not in kept


def test_turn_credentials_follow_coturn(config: GatewayConfig) -> None:
    turn = TurnConfig(urls=["turn:turn.example.org"], secret="s3cret")
    clock = SystemClock()
    config = msgspec.structs.replace(config, turn=turn, stun_urls=["stun:stun.example.org"])
    stun, server = IceServers(config, clock).for_visit("visit-0001")
    assert stun.urls == ["stun:stun.example.org"] and not stun.credential
    expiry, _, name = server.username.partition(":")
    assert name == "visit-0001" and 0 < int(expiry) - clock.now().timestamp() <= 3600
    wanted = hmac.digest(b"s3cret", server.username.encode(), hashlib.sha1)
    assert base64.b64decode(server.credential) == wanted
