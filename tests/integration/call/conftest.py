"""Fixtures of the call's integration tests."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.bench.call.link import Link
from tests.integration.call.network import entered_network
from tests.integration.call.peer_process import STARTED
from tests.journeys.rig.net import Net, NetUnavailableError
from tests.journeys.rig.sound import Sound

AUDIO = frozenset({"PULSE_SERVER", "PULSE_RUNTIME_PATH", "XDG_RUNTIME_DIR"})
"""Variables by which the call process finds the sound server."""


@pytest.fixture
def net() -> Iterator[Net]:
    """This thread is inside a network of the test's own."""
    yield from entered_network()


@pytest.fixture
def sound(net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sound]:
    """PulseAudio, found by the call process as a person's would be."""
    home, runtime = tmp_path / "home", tmp_path / "run"
    home.mkdir()
    runtime.mkdir(mode=0o700)
    env = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
    server = Sound(net, tmp_path, home, runtime, env)
    for name in (*AUDIO, "HOME"):
        monkeypatch.setenv(name, server.env[name])
    yield server
    server.close()


@pytest.fixture
def link() -> Iterator[Link]:
    """Two networks; this thread is in the clinic's."""
    try:
        link = Link()
    except NetUnavailableError as unavailable:
        pytest.skip(str(unavailable))
    yield link
    assert not link.close()


@pytest.fixture(autouse=True)
async def none_is_left() -> AsyncIterator[None]:
    """A test that fails leaves no process behind."""
    yield
    while STARTED:
        process = STARTED.pop()
        if process.returncode is None:
            process.kill()
            await process.communicate()
