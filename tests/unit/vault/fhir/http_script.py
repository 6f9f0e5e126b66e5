"""A scripted HTTP server on the loopback: each request gets the next raw answer, byte for byte."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

Reply = bytes | Callable[[bytes], bytes]


def answer(
    body: bytes, status: str = "200 OK", kind: str = "application/fhir+json", headers: str = "", length: int = -1
) -> bytes:
    size = len(body) if length < 0 else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n{headers}Connection: close\r\n\r\n"
    return head.encode() + body


class HttpScript:
    """Answers in order; the last answer is repeated. `requests` holds what was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[bytes] = []
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
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            self.requests.append(head + await reader.readexactly(length))
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            writer.write(reply(self.requests[-1]) if callable(reply) else reply)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
