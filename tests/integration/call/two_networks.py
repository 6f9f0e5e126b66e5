"""Console and patient in a network each, joined by one cable that can be pulled; signalling by a wire of its own."""

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from tests.integration.call.network import entered_network
from tests.journeys.rig.browser import FLAGS, find_chromium
from tests.journeys.rig.net import Net

CONSOLE, PATIENT = "10.88.0.1", "10.88.0.2"
MOVED = "10.88.0.77"


class Cable:
    """The link between two networks.

    Attributes:
        console: network of the console and the gateway; the test's thread is inside.
        patient: network of the browser.
    """

    def __init__(self, console: Net, patient: Net) -> None:
        self.console = console
        self.patient = patient
        env = dict(os.environ)
        for net in (console, patient):
            net.run(["ip", "link", "delete", "v0"], env=env)
        console.run(["ip", "link", "add", "c0", "type", "veth", "peer", "name", "p0", "netns", patient.name], env=env)
        for net, device, address in ((console, "c0", CONSOLE), (patient, "p0", PATIENT)):
            net.run(["ip", "address", "add", f"{address}/24", "dev", device], env=env)
            net.run(["ip", "link", "set", device, "up"], env=env)

    def pull(self) -> None:
        """Nothing goes over it any more."""
        self._ip("link", "set", "p0", "down")

    def plug(self) -> None:
        """It is there again."""
        self._ip("link", "set", "p0", "up")

    def move_patient(self) -> None:
        """The patient's computer comes into another network: the old address is gone, another one is there."""
        self._ip("address", "delete", f"{PATIENT}/24", "dev", "p0")
        self._ip("address", "add", f"{MOVED}/24", "dev", "p0")

    def move_console(self) -> None:
        """The same for the console's computer."""
        env = dict(os.environ)
        self.console.run(["ip", "address", "delete", f"{CONSOLE}/24", "dev", "c0"], env=env)
        self.console.run(["ip", "address", "add", f"{MOVED}/24", "dev", "c0"], env=env)

    def _ip(self, *arguments: str) -> None:
        self.patient.run(["ip", *arguments], env=dict(os.environ))


@contextmanager
def cable() -> Iterator[Cable]:
    """Two networks and the cable; this thread is in the console's."""
    patient = Net()
    inside = contextmanager(entered_network)()
    try:
        with inside as console:
            yield Cable(console, patient)
    finally:
        left = patient.close()
        assert not left, f"left running: {left}"


class SignalWire:
    """Brings the gateway into the patient's network: TCP from a port there to the same port here.

    Attributes:
        held: nothing goes through, and nobody is told (a link that is down).
    """

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._lost: set[asyncio.Task[None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def hold(self) -> None:
        """Whatever is sent waits."""
        self._open.clear()

    def free(self) -> None:
        """What waited goes on."""
        self._open.set()

    def lose(self) -> None:
        """The connections of now carry nothing any more and do not end; new ones work."""
        self._lost |= self._tasks

    @asynccontextmanager
    async def joined(self, net: Net, port: int) -> AsyncIterator[None]:
        """Listen inside `net` on this port."""
        server = await asyncio.start_server(lambda r, w: self._take(r, w, port), sock=_listening_in(net, port))
        try:
            yield
        finally:
            server.close()
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        for pair in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.get_running_loop().create_task(self._pump(*pair))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        me = asyncio.current_task()
        try:
            while data := await reader.read(65_536):
                await self._open.wait()
                if me not in self._lost:
                    writer.write(data)
                    await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


def _listening_in(net: Net, port: int) -> socket.socket:
    made: list[socket.socket] = []

    def listen() -> None:
        net.enter()
        made.append(socket.create_server(("127.0.0.1", port)))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    return made[0]


@asynccontextmanager
async def chromium_in(net: Net, folder: Path, *flags: str) -> AsyncIterator[Browser]:
    """A browser inside a network, ended with the block."""
    start = folder / "chromium"
    start.write_text(f'#!/bin/sh\nexec nsenter --net={net.path} -- {find_chromium()} "$@"\n')
    start.chmod(0o700)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=start,
            args=[*FLAGS, "--use-fake-device-for-media-stream=fps=15", *flags],
            chromium_sandbox=os.geteuid() != 0,
            timeout=30_000,
        )
        try:
            yield browser
        finally:
            with contextlib.suppress(Exception):
                await browser.close()
