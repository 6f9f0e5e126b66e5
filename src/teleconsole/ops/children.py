"""Starts a child for the length of one question: commands of IT ask the same processes that the app runs."""

import contextlib
from collections.abc import AsyncIterator

from teleconsole.contracts.wire import Contract
from teleconsole.host.paths import PROFILE_VARIABLE
from teleconsole.ipc.child import BASE_ENVIRONMENT, Child
from teleconsole.ipc.peer import Peer
from teleconsole.ipc.slot import FrameSlot

_VAULT_ENVIRONMENT = frozenset({"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", PROFILE_VARIABLE})
_SOUND_ENVIRONMENT = frozenset({"XDG_RUNTIME_DIR", "PULSE_SERVER"})
_FRAME_BYTES = 1280 * 720 * 4


@contextlib.asynccontextmanager
async def child(contract: Contract, environment: frozenset[str]) -> AsyncIterator[Peer]:
    """Yield a child that answers; it is ended afterwards.

    Args:
        contract: names the child and all that may be said.
        environment: variables that it gets besides the base set.

    Raises:
        PeerLost, DeadlineExceeded: it does not come up.
    """
    slots = {"remote": FrameSlot(_FRAME_BYTES), "self": FrameSlot(_FRAME_BYTES)} if contract.name == "call" else {}
    process = Child(
        contract.name,
        environment=BASE_ENVIRONMENT | environment,
        slots={name: slot.argument for name, slot in slots.items()},
    )
    try:
        yield await process.start({}, contract)
    finally:
        await process.close()
        for slot in slots.values():
            slot.close()


def vault_environment() -> frozenset[str]:
    """Return what the vault needs to reach the keyring and the profile."""
    return _VAULT_ENVIRONMENT


def sound_environment() -> frozenset[str]:
    """Return what the call needs to reach the sound server; never the session bus."""
    return _SOUND_ENVIRONMENT
