"""Brings the gateway into the patient's network: its port is on the loopback there, too.

Pages need a trustworthy origin (localhost) for camera and microphone, and the gateway listens on loopback alone. What
passes here crosses no network.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

from tests.journeys.rig.net import Net

LOOPBACK = "127.0.0.1"
START_WITHIN_S = 10.0
_CHUNK_BYTES = 65_536


class Carrier:
    """Carries TCP from a port of `net` to the same port of the calling thread's network, on a thread of its own."""

    def __init__(self, net: Net, port: int) -> None:
        self._port = port
        self._entry = _listening_in(net, port)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)
        self._thread.start()
        assert self._ready.wait(START_WITHIN_S), "the carrier did not start"

    def close(self) -> None:
        """End it; returns when nothing of it is left."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_WITHIN_S)
        assert not self._thread.is_alive(), "the carrier did not end"
        self._loop.close()

    async def _serve(self) -> None:
        carried: set[asyncio.Task[None]] = set()

        def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._carry(reader, writer))
            carried.add(task)
            task.add_done_callback(carried.discard)

        server = await asyncio.start_server(take, sock=self._entry)
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in carried:
            task.cancel()
        await asyncio.gather(*carried, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            there_reader, there_writer = await asyncio.open_connection(LOOPBACK, self._port)
            with contextlib.closing(there_writer):
                await asyncio.gather(_pour(reader, there_writer), _pour(there_reader, writer))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()


def _listening_in(net: Net, port: int) -> socket.socket:
    made: list[socket.socket] = []

    def listen() -> None:
        net.enter()
        made.append(socket.create_server((LOOPBACK, port)))
        net.leave()

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    return made[0]
