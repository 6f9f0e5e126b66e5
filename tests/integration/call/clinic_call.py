"""A real gateway, a real call process as the console starts it, and what it told."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from unittest import mock

import aiohttp
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tests.integration.call.slots import SlotWatch
from tests.integration.call.waiting import until
from tests.unit.call.opening import open_items
from tests.unit.gateway.clinic import FakeFhir, TestClinic

from teleconsole.call.sandbox import READS_VARIABLE
from teleconsole.contracts.call import (
    CALL,
    CallChanged,
    CallSnapshot,
    JoinGateway,
    SelectDevices,
    StartVisit,
    StatsChanged,
    WaitingRoomChanged,
)
from teleconsole.contracts.dropbox import SealedItem
from teleconsole.contracts.wire import News
from teleconsole.gateway.config import GatewayConfig, PractitionerConfig, TurnConfig
from teleconsole.gateway.service import Gateway
from teleconsole.host.paths import PROFILE_VARIABLE, Profile
from teleconsole.ipc.child import BASE_ENVIRONMENT, Child
from teleconsole.ipc.peer import Peer

N = TypeVar("N", bound=News)


@dataclass
class ClinicCall:
    """The clinician's side of one visit."""

    clinic: TestClinic
    child: Child
    peer: Peer
    visit_id: str
    link: str
    folder: Path
    private_key: X25519PrivateKey
    remote: SlotWatch
    own: SlotWatch
    extra_ca: str = ""
    news: list[News] = field(default_factory=list)

    def of(self, kind: type[N]) -> list[N]:
        """All news of a kind so far."""
        return [news for news in self.news if isinstance(news, kind)]

    @property
    def snapshot(self) -> CallSnapshot:
        """The newest state told."""
        return self.of(CallChanged)[-1].snapshot

    @property
    def phases(self) -> list[str]:
        """The phases told, in order."""
        told = [news.snapshot.phase for news in self.of(CallChanged)]
        return [phase for at, phase in enumerate(told) if at == 0 or told[at - 1] != phase]

    @property
    def stats(self) -> list[StatsChanged]:
        """All statistics so far."""
        return self.of(StatsChanged)

    def items(self) -> list[SealedItem]:
        """What lies in the drop-box, opened as the vault does."""
        return open_items(self.folder, self.private_key, self.visit_id)

    async def join(self) -> None:
        """Join the gateway with a fresh token."""
        token = await self.clinic.token("signalling")
        await self.peer.ask(JoinGateway(self.clinic.base_url, token, extra_ca=self.extra_ca))
        await until(lambda: self.of(CallChanged) and self.snapshot.gateway == "connected", "the gateway is there")

    async def restart(self) -> None:
        """Kill the call process and start another, as the console's supervisor does."""
        self.child.kill()
        await self.child.exited.wait()
        self.news.clear()
        slots = {"remote": self.remote.slot, "self": self.own.slot}
        self.child = Child("call", slots=slots, environment=BASE_ENVIRONMENT | {READS_VARIABLE})
        self.peer = await self.child.start({}, CALL)
        self.peer.on_news(News, self.news.append)
        await self.peer.ask(SelectDevices("test:bars:640x360@15", "test:tone:880", "none"))
        await self.join()

    async def until_stage(self, stage: str) -> None:
        """Wait until the patient is at this stage."""

        def there() -> bool:
            rooms = self.of(WaitingRoomChanged)
            return bool(rooms and rooms[-1].patients and rooms[-1].patients[0].stage == stage)

        await until(there, f"the patient is {stage}", within_s=20)

    async def start(self) -> None:
        """Admit the patient."""
        key = self.private_key.public_key().public_bytes_raw()
        await self.peer.ask(StartVisit(self.visit_id, str(self.folder), key))

    async def until_connected(self) -> None:
        """Wait for the first picture."""
        await until(lambda: self.snapshot.phase == "connected", "connected", within_s=15)
        await until(lambda: self.snapshot.first_frame_ms, "a picture")


@asynccontextmanager
async def clinic_call(
    folder: Path,
    camera: str = "test:bars:640x360@15",
    microphone: str = "test:tone:880",
    speaker: str = "none",
    environment: frozenset[str] = frozenset(),
    *,
    turn: TurnConfig | None = None,
    relay_only: bool = False,
    extra_ca: str = "",
) -> AsyncIterator[ClinicCall]:
    """A clinic with one visit of a patient, joined by a call process; this thread is inside a network."""
    profile = Profile(folder / "profile")
    profile.make()
    drop_box = profile.spool / "drop-box"
    drop_box.mkdir()
    played = [device.removeprefix("file:") for device in (camera, microphone) if device.startswith("file:")]
    places = {PROFILE_VARIABLE: str(profile.folder), READS_VARIABLE: os.pathsep.join([str(folder), *played])}
    with mock.patch.dict(os.environ, places):
        async with _joined_call(folder, drop_box, environment, turn, relay_only) as call:
            call.extra_ca = extra_ca
            await call.peer.ask(SelectDevices(camera, microphone, speaker))
            await call.join()
            yield call


@asynccontextmanager
async def _joined_call(
    folder: Path, drop_box: Path, environment: frozenset[str], turn: TurnConfig | None, relay_only: bool
) -> AsyncIterator[ClinicCall]:
    remote, own = SlotWatch(), SlotWatch()
    async with FakeFhir() as fhir:
        config = GatewayConfig(
            data_folder=folder / "gateway",
            fhir_base=fhir.base_url,
            clinic="Hollow Lane Clinic",
            practitioner=PractitionerConfig(id="dr-moss", name="Dr Ada Moss"),
            port=0,
            turn=turn,
            relay_only=relay_only,
        )
        async with Gateway(config) as gateway, aiohttp.ClientSession() as http:
            clinic = TestClinic(gateway, http)
            await clinic.sign_in()
            visit_id, link = await clinic.visit()
            slots = {"remote": remote.slot, "self": own.slot}
            child = Child("call", slots=slots, environment=BASE_ENVIRONMENT | environment | {READS_VARIABLE})
            peer = await child.start({}, CALL)
            call = ClinicCall(clinic, child, peer, visit_id, link, drop_box, X25519PrivateKey.generate(), remote, own)
            peer.on_news(News, call.news.append)
            try:
                yield call
            finally:
                await call.child.close()
                for slot in (remote, own):
                    await asyncio.to_thread(slot.close)
