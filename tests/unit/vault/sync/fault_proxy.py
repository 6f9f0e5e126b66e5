"""A proxy between our client and the real server that does to each exchange what a test says."""

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Literal, Self

Fate = Literal["pass", "lose-answer", "lose-request", "half-answer"]
Rule = Callable[[str, str], Fate]
"""Takes method and path of a request, and says what becomes of it."""


class FaultProxy:
    """Listens on the loopback. `between` is called after the server answered and before the client hears it."""

    def __init__(self, server_base: str, rule: Rule = lambda method, path: "pass") -> None:
        self._upstream_port = int(server_base.split(":")[2].split("/")[0])
        self.rule = rule
        self.between: Callable[[str, str], None] = lambda method, path: None
        self.asked: list[tuple[str, str]] = []
        self.base = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/fhir"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await _message(reader)
            method, path = request.split(b" ", 2)[:2]
            key = method.decode(), path.decode()
            self.asked.append(key)
            fate = self.rule(*key)
            if fate != "lose-request":
                answer = await self._ask(request)
                await asyncio.to_thread(self.between, *key)
                if fate == "pass":
                    writer.write(answer)
                elif fate == "half-answer":
                    writer.write(answer[: len(answer) // 2])
                await writer.drain()
        writer.close()

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        try:
            head, _, body = request.partition(b"\r\n\r\n")
            lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            writer.write(b"\r\n".join([*lines, b"Connection: close", b"", body]))
            await writer.drain()
            return await _message(reader)
        finally:
            writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    return head + await reader.readexactly(length)
