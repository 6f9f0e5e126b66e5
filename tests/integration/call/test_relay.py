"""A real coturn, reached by every transport, through a proxy, in spite of dead servers; private peers are denied."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aioice.stun import TransactionFailed
from tests.integration.call.chromium import chromium
from tests.integration.call.clinic_call import clinic_call
from tests.integration.call.peer_process import PeerProcess
from tests.integration.call.real_page import open_waiting_room
from tests.integration.call.turn_server import TRANSPORTS, Echo, carries_to_another, gone, reach_of, turn_server
from tests.integration.call.waiting import until
from tests.journeys.rig.coturn import SECRET, Coturn
from tests.journeys.rig.net import Net

from teleconsole.call.webrtc.ice.chooser import RelayChooser
from teleconsole.call.webrtc.ice.ports import PortRange
from teleconsole.call.webrtc.ice.relay import Reach, RelayUnreachable, open_relay
from teleconsole.call.webrtc.ice.servers import Transport
from teleconsole.contracts.call import HangUp
from teleconsole.contracts.signal import IceServer
from teleconsole.gateway.config import TurnConfig

Record = Callable[[str, object], None]


@pytest.fixture
async def relay(net: Net, tmp_path: Path) -> AsyncIterator[Coturn]:
    """A running relay at this network's address."""
    async with turn_server(net, tmp_path / "turn", net.address) as running:
        yield running


async def test_every_transport_carries_packets_between_two_allocations(relay: Coturn, record_property: Record) -> None:
    for kind in TRANSPORTS:
        began_s = time.monotonic()
        one, here = await open_relay(relay.server(kind), Echo, reach_of(relay))
        took_ms = (time.monotonic() - began_s) * 1000
        await carries_to_another(relay, kind, one)
        record_property(f"allocation by {kind}, ms", round(took_ms, 1))
        sys.stdout.write(f"\nallocation by {kind}: {took_ms:.0f} ms\n")
        await gone(one, here)


async def test_tls_of_an_unknown_authority_and_old_credentials_are_refused(relay: Coturn) -> None:
    with pytest.raises(RelayUnreachable):
        await open_relay(relay.server("tls"), Echo, Reach())
    with pytest.raises(RelayUnreachable):
        await open_relay(relay.server("udp", lifetime_s=-10), Echo, reach_of(relay))


async def test_tls_goes_through_a_proxy(relay: Coturn) -> None:
    asked: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split(b"\r\n")[0])
        host, port = head.split()[1].decode().rsplit(":", 1)
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pump(reader, there_writer), pump(there_reader, writer))

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4_096):
                writer.write(data)
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        one, here = await open_relay(relay.server("tls"), Echo, reach_of(relay, f"http://127.0.0.1:{port}"))
        assert asked == [f"CONNECT {relay.address}:5349 HTTP/1.1".encode()]
        await gone(one, here)
        with pytest.raises(RelayUnreachable):
            await open_relay(relay.server("tls"), Echo, reach_of(relay, "http://127.0.0.1:9"))


async def test_private_peers_are_denied_by_the_configuration_that_is_shipped(relay: Coturn) -> None:
    one, here = await open_relay(relay.server("udp"), Echo, reach_of(relay))
    for peer in ("10.1.2.3", "192.168.0.1", "127.0.0.1", "169.254.169.254", "172.20.0.1"):
        one.sendto(b"hello", (peer, 5000))
        failure = await asyncio.wait_for(here.failed.get(), 5)
        assert isinstance(failure, TransactionFailed)
        assert failure.response.error_code == 403
    await gone(one, here)


async def test_local_ports_lie_in_the_range_of_the_policy(relay: Coturn) -> None:
    ports = PortRange(50_200, 50_219)
    ends = [await open_relay(relay.server("udp"), Echo, reach_of(relay, ports=ports)) for _ in range(3)]
    used = {int(transport.get_extra_info("related_address")[1]) for transport, _ in ends}
    assert len(used) == 3
    assert all(ports.first <= port <= ports.last for port in used)
    for transport, protocol in ends:
        await gone(transport, protocol)


async def test_a_dead_relay_costs_less_than_half_a_second(relay: Coturn, record_property: Record) -> None:
    loop = asyncio.get_running_loop()
    silent, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(relay.address, 0))
    port = silent.get_extra_info("sockname")[1]
    chooser = RelayChooser(reach_of(relay))
    pair = relay.server("tcp")
    urls = [f"turn:{relay.address}:{port}?transport=udp", relay.url("tcp"), relay.url("tls")]
    began_s = time.monotonic()
    chooser.renew([IceServer(urls, pair.username, pair.credential)])
    found = await chooser.relay()
    took_s = time.monotonic() - began_s
    assert found is not None
    assert found.transport == "tcp"
    assert took_s < 1.5
    record_property("udp blocked: relay found, s", round(took_s, 2))
    sys.stdout.write(f"\nudp blocked: relay by tcp found after {took_s:.2f} s\n")
    assert await chooser.relay() == found
    await chooser.close()
    silent.close()


@pytest.mark.parametrize("kind", TRANSPORTS)
async def test_a_whole_call_over_the_relay_only(
    net: Net,
    relay: Coturn,
    tmp_path: Path,
    kind: Transport,
    record_property: Record,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(f'{{"extraCaFile": "{relay.authority}", "relayOnly": true}}')
    monkeypatch.setenv("TELECONSOLE_POLICY", str(policy))
    turn = TurnConfig(urls=[relay.url(kind)], secret=SECRET)
    async with clinic_call(tmp_path, turn=turn, relay_only=True, extra_ca=str(relay.authority)) as call:
        patient = await PeerProcess.start(call.link, "--camera", "test:bars:640x360@15")
        await call.until_stage("waiting")
        began_s = time.monotonic()
        await call.start()
        await call.until_connected()
        took_s = time.monotonic() - began_s
        record_property(f"relay only by {kind}: to the first picture, s", round(took_s, 2))
        sys.stdout.write(f"\nrelay only by {kind}: first picture {took_s:.2f} s after admission\n")
        await until(lambda: call.remote.look() >= 8, "pictures")
        await call.peer.ask(HangUp())
        await patient.end()


async def test_the_page_obeys_relay_only_and_udp_that_is_blocked_for_the_console(
    net: Net, relay: Coturn, tmp_path: Path
) -> None:
    loop = asyncio.get_running_loop()
    silent, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(relay.address, 0))
    port = silent.get_extra_info("sockname")[1]
    turn = TurnConfig(urls=[f"turn:{relay.address}:{port}?transport=udp", relay.url("tcp")], secret=SECRET)
    script = """(() => {
      const Real = RTCPeerConnection;
      window.candidates = [];
      window.RTCPeerConnection = class extends Real {
        constructor(...given) {
          super(...given);
          this.addEventListener("icecandidate", ({ candidate }) => {
            if (candidate?.candidate) window.candidates.push(candidate.type);
          });
        }
      };
    })()"""
    async with clinic_call(tmp_path, turn=turn, relay_only=True) as call, chromium(frames_per_s=15) as browser:
        page = await open_waiting_room(browser, call.link, script)
        await call.until_stage("waiting")
        await call.start()
        await call.until_connected()
        await until(lambda: call.snapshot.phase == "connected", "connected")
        assert set(await page.evaluate("candidates")) == {"relay"}
        await call.peer.ask(HangUp())
    silent.close()
