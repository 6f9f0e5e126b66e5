"""A TCP connection through an HTTP proxy (RFC 9110 section 9.3.6, CONNECT), for relays that are reached by TLS."""

import asyncio
import base64
import socket
from urllib.parse import unquote, urlsplit

from teleconsole.host.media_limits import ICE_PROXY_HEAD_BYTES


async def connect_through(proxy: str, host: str, port: int) -> socket.socket:
    """Return a connected socket to `host` that goes through the proxy; TLS begins on it afterwards.

    Args:
        proxy: `http://[user:password@]host:port`.
        host: name or address that the proxy looks up.
        port: of the server.

    Raises:
        ConnectionError: the proxy refused, or what answered is none.
        OSError: it cannot be reached.
    """
    parts = urlsplit(proxy)
    if parts.scheme != "http" or not parts.hostname:
        raise ConnectionError("only proxies of http:// are spoken to")
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(parts.hostname, parts.port or 3128, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    link = socket.socket(family, kind, protocol)
    link.setblocking(False)
    try:
        await loop.sock_connect(link, address)
        await loop.sock_sendall(link, _request(host, port, parts.username, parts.password))
        await _read_answer(link)
    except BaseException:
        link.close()
        raise
    return link


def _request(host: str, port: int, username: str | None, password: str | None) -> bytes:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    head = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if username:
        pair = f"{unquote(username)}:{unquote(password or '')}"
        head.append("Proxy-Authorization: Basic " + base64.b64encode(pair.encode()).decode())
    return ("\r\n".join(head) + "\r\n\r\n").encode()


async def _read_answer(link: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if len(head) > ICE_PROXY_HEAD_BYTES:
            raise ConnectionError("the proxy's answer is too long")
        # one byte at a time: what comes after the empty line belongs to TLS
        piece = await loop.sock_recv(link, 1)
        if not piece:
            raise ConnectionError("the proxy closed the connection")
        head += piece
    words = head.split(b"\r\n", 1)[0].split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].startswith(b"2"):
        raise ConnectionError("the proxy does not let us through")
