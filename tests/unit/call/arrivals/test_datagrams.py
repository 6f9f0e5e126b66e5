"""UDP with the kernel's time of arrival."""

import asyncio
import contextlib
import socket
import sys
import time

import pytest

from teleconsole.call.webrtc.arrivals.datagrams import Datagram, datagram_endpoint


class Ear(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.errors: list[Exception] = []
        self.made: list[asyncio.BaseTransport] = []
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.made.append(transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        self.errors.append(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's time is asked for on Linux alone")
async def test_arrival_is_the_kernels_also_when_the_loop_was_held_up() -> None:
    transport, ear = await datagram_endpoint(Ear, ("127.0.0.1", 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other, contextlib.closing(transport):

        async def off_s() -> float:
            other.sendto(b"now", transport.get_extra_info("sockname"))
            sent_s = time.monotonic()
            time.sleep(0.08)  # noqa: ASYNC251 -- holding the loop up is what is tested
            heard = await asyncio.wait_for(ear.heard.get(), 5)
            assert isinstance(heard, Datagram)
            return abs(heard.arrived_s - sent_s)

        # The kernel begins to note arrivals some time after the first socket of the system has asked for it.
        deadline_s = time.monotonic() + 5
        while await off_s() >= 0.04:
            assert time.monotonic() < deadline_s, "no arrival has the kernel's time"
        assert await off_s() < 0.04
    await asyncio.wait_for(ear.lost.wait(), 5)


async def test_endpoints_talk_both_ways_connected_or_not_and_close_twice() -> None:
    one, ear = await datagram_endpoint(Ear, ("127.0.0.1", 0))
    other, far = await datagram_endpoint(Ear, ("127.0.0.1", 0), one.get_extra_info("sockname"))
    assert (ear.made, far.made) == ([one], [other])
    other.sendto(b"ping")
    assert await asyncio.wait_for(ear.heard.get(), 5) == b"ping"
    one.sendto(b"pong", other.get_extra_info("sockname"))
    assert await asyncio.wait_for(far.heard.get(), 5) == b"pong"
    one.close()
    one.close()
    one.sendto(b"nothing", other.get_extra_info("sockname"))
    await asyncio.wait_for(ear.lost.wait(), 5)
    assert one.is_closing()
    other.abort()
    await asyncio.wait_for(far.lost.wait(), 5)


async def test_ipv6_is_bound_where_there_is_some() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6")
    try:
        transport, _ = await datagram_endpoint(Ear, ("::1", 0))
    except OSError:
        pytest.skip("no IPv6 loopback")
    assert transport.get_extra_info("sockname")[0] == "::1"
    transport.close()


async def test_nobody_there_is_told_to_the_protocol_and_ends_nothing() -> None:
    closed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    closed.bind(("127.0.0.1", 0))
    address = closed.getsockname()
    closed.close()
    transport, ear = await datagram_endpoint(Ear, ("127.0.0.1", 0), address)
    transport.sendto(b"hello")
    async with asyncio.timeout(5):
        while not ear.errors:
            transport.sendto(b"hello")
            await asyncio.sleep(0.01)
    assert isinstance(ear.errors[0], ConnectionRefusedError)
    transport.close()
    await asyncio.wait_for(ear.lost.wait(), 5)


async def test_address_of_somebody_else_cannot_be_bound() -> None:
    with pytest.raises(OSError):
        await datagram_endpoint(Ear, ("192.0.2.1", 0))
