"""Calls over IPv6 with the real call process, gateway, page and relay: there alone, and instead of IPv4 in mid-call."""

import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

from playwright.async_api import Page
from tests.integration.call.clinic_call import ClinicCall, clinic_call
from tests.integration.call.real_page import open_waiting_room
from tests.integration.call.turn_server import TRANSPORTS, Echo, carries_to_another, gone, reach_of, turn_server
from tests.integration.call.two_families import CONSOLE, Families, two_families
from tests.integration.call.two_networks import SignalWire, chromium_in
from tests.integration.call.waiting import until, until_async
from tests.journeys.rig import counter
from tests.journeys.rig.candidates import KEEP_CONNECTIONS, SELECTED_ADDRESSES

from teleconsole.call.webrtc.ice.relay import open_relay
from teleconsole.contracts.call import HangUp

Record = Callable[[str, object], None]
PICTURES = "document.querySelector('video.remote').getVideoPlaybackQuality().totalVideoFrames"
BACK_WITHIN_S = 20.0


@asynccontextmanager
async def visit(families: Families, folder: Path) -> AsyncIterator[tuple[ClinicCall, Page]]:
    """A call that stands, with pictures on both sides; it is ended with the block."""
    camera = counter.write_mjpeg(folder / "camera.mjpeg", 300)
    flag = f"--use-file-for-fake-video-capture={camera}"
    async with clinic_call(folder) as call:
        port = int(call.clinic.base_url.rpartition(":")[2])
        async with SignalWire().joined(families.patient, port), chromium_in(families.patient, folder, flag) as browser:
            page = await open_waiting_room(browser, call.link, KEEP_CONNECTIONS)
            await call.until_stage("waiting")
            await call.start()
            await call.until_connected()
            await until_pictures(call, page)
            yield call, page
            assert call.stats[-1].stats.route == "direct"
            await call.peer.ask(HangUp())


async def until_pictures(call: ClinicCall, page: Page) -> None:
    """Both sides show further pictures of the other."""
    here, there = call.remote.look(), int(await page.evaluate(PICTURES))
    await until(lambda: call.remote.look() >= here + 3, "the patient's pictures", within_s=BACK_WITHIN_S)

    async def more() -> bool:
        return int(await page.evaluate(PICTURES)) >= there + 3

    await until_async(more, "the clinician's pictures", within_s=BACK_WITHIN_S)


async def used(page: Page) -> set[int]:
    """The families of the addresses that the page's connections use, at both ends."""
    pairs: list[list[str]] = await page.evaluate(SELECTED_ADDRESSES)
    return {ip_address(address).version for pair in pairs for address in pair}


async def test_a_call_where_there_is_ipv6_alone(tmp_path: Path) -> None:
    with two_families(6) as families:
        async with visit(families, tmp_path) as (_, page):
            assert await used(page) == {6}


async def test_a_relay_where_there_is_ipv6_alone(tmp_path: Path) -> None:
    with two_families(6) as families:
        async with turn_server(families.console, tmp_path / "turn", CONSOLE[6]) as relay:
            for kind in TRANSPORTS:
                one, here = await open_relay(relay.server(kind), Echo, reach_of(relay))
                assert ip_address(one.get_extra_info("sockname")[0]).version == 6
                await carries_to_another(relay, kind, one)
                await gone(one, here)


async def test_ipv4_is_cut_in_mid_call_and_it_goes_on_over_ipv6(tmp_path: Path, record_property: Record) -> None:
    with two_families(4, 6) as families:
        families.cut(6)
        async with visit(families, tmp_path) as (call, page):
            assert await used(page) == {4}
            families.mend(6)
            families.cut(4)
            cut_s = time.monotonic()

            async def is_over_ipv6() -> bool:
                return await used(page) == {6} and call.snapshot.phase == "connected"

            await until_async(is_over_ipv6, "a call over IPv6", within_s=BACK_WITHIN_S)
            took_s = time.monotonic() - cut_s
            record_property("IPv4 cut: back over IPv6, s", round(took_s, 2))
            sys.stdout.write(f"\nIPv4 cut: back over IPv6 after {took_s:.2f} s\n")
            await until_pictures(call, page)
            assert set(call.phases[1:]) <= {"admitting", "connecting", "connected", "reconnecting"}
