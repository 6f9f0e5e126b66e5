"""The doctor asks the real children, finds seven things, and calls nothing well that it could not look at."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from teleconsole.host.policy import LoadedPolicy, Policy
from teleconsole.ops.doctor import Check, examine, judge_walls

NAMES = ["vault", "keyring", "devices", "walls", "server", "clock", "policy"]


def _by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


@pytest.fixture(autouse=True)
def _own_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELECONSOLE_PROFILE", str(tmp_path / "profile"))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)


async def test_seven_things_are_looked_at_and_an_unknown_server_is_not_well() -> None:
    checks = await examine(LoadedPolicy(Policy()), "")
    assert [check.name for check in checks] == NAMES
    found = _by_name(checks)
    assert found["vault"].ok
    assert found["policy"].ok
    assert found["walls"].ok, found["walls"].sentence
    assert not found["server"].ok
    assert "No clinic's address" in found["server"].sentence
    assert not found["clock"].ok


async def test_a_gateway_that_answers_makes_server_and_clock_well() -> None:
    async def health(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "time": "2026-01-01T00:00:00Z"})

    app = web.Application()
    app.router.add_get("/api/health", health)
    async with TestServer(app) as server:
        policy = Policy(gateway_url=f"http://127.0.0.1:{server.port}")
        found = _by_name(await examine(LoadedPolicy(policy, "policy.json"), ""))
    assert found["server"].ok
    assert found["clock"].ok
    assert "policy.json" in found["policy"].sentence


async def test_a_policy_that_is_not_valid_is_told_in_its_own_words() -> None:
    found = _by_name(await examine(None, "The policy file x is not valid."))
    assert not found["policy"].ok
    assert found["policy"].sentence == "The policy file x is not valid."


def test_the_command_prints_json_and_its_status_says_whether_all_is_well(tmp_path: Path) -> None:
    variables = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "teleconsole", "doctor", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=variables, timeout=120)
    told = msgspec.json.decode(ran.stdout)
    assert [check["name"] for check in told["checks"]] == NAMES
    assert told["ok"] is False
    assert ran.returncode == 1


@pytest.mark.parametrize("stands", ["none", "", "namespace+seccomp", "landlock+seccomp"])
def test_a_wall_that_does_not_stand_is_named(stands: str) -> None:
    check = judge_walls(stands)
    assert not check.ok
    assert ("landlock" if "landlock" not in stands else "namespace") in check.sentence
