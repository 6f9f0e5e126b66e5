"""The servers of a visit, read from the URLs that the gateway sends, in the order in which they are tried."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from teleconsole.contracts.signal import IceServer
from teleconsole.host.media_limits import ICE_SERVERS, ICE_STUN_SERVERS

Transport = Literal["udp", "tcp", "tls"]

_ORDER: tuple[Transport, ...] = ("udp", "tcp", "tls")
_URL = re.compile(
    r"(?P<scheme>stun|turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[^][:?/@\s]+)(?::(?P<port>\d{1,5}))?(?:\?transport=(?P<transport>udp|tcp))?"
)
"""RFC 7064 section 3.1 and RFC 7065 section 3.1; TURN over DTLS is left out, no browser speaks it."""


@dataclass(frozen=True)
class StunServer:
    """Tells which address a packet of ours came from (RFC 8489)."""

    host: str
    port: int


@dataclass(frozen=True)
class TurnServer:
    """Relays for us (RFC 8656).

    Attributes:
        transport: how it is reached; the relayed side is UDP always.
        username: short-lived.
        credential: belongs to it.
    """

    host: str
    port: int
    transport: Transport
    username: str
    credential: str

    @property
    def place(self) -> tuple[str, int, Transport]:
        """Which server it is and how it is reached, whatever the credentials of today are."""
        return self.host, self.port, self.transport

    def __repr__(self) -> str:
        """Without the credentials: this stands in logs."""
        return f"TurnServer({self.host}:{self.port}, {self.transport})"


@dataclass(frozen=True)
class Servers:
    """A list of servers, usable ones only.

    Attributes:
        stun: at most `ICE_STUN_SERVERS`.
        turn: udp before tcp before tls, else in the order of the list.
    """

    stun: tuple[StunServer, ...] = ()
    turn: tuple[TurnServer, ...] = ()


def read_servers(entries: Iterable[IceServer]) -> Servers:
    """Return what can be used of the gateway's list; URLs that make no sense are left out."""
    stun: dict[StunServer, None] = {}
    turn: dict[TurnServer, None] = {}
    urls = [(url, entry) for entry in entries for url in entry.urls]
    for url, entry in urls[:ICE_SERVERS]:
        match = _URL.fullmatch(url)
        if match is None:
            continue
        scheme, host, transport = match["scheme"], match["host"].strip("[]"), match["transport"]
        port = int(match["port"] or (5349 if scheme == "turns" else 3478))
        if not 0 < port < 65_536:
            continue
        if scheme == "stun" and transport is None:
            stun[StunServer(host, port)] = None
        elif scheme == "turn":
            turn[TurnServer(host, port, _plain(transport), entry.username, entry.credential)] = None
        elif scheme == "turns" and transport != "udp":
            turn[TurnServer(host, port, "tls", entry.username, entry.credential)] = None
    ordered = sorted(turn, key=lambda server: _ORDER.index(server.transport))
    return Servers(tuple(stun)[:ICE_STUN_SERVERS], tuple(ordered))


def _plain(transport: str | None) -> Transport:
    return "tcp" if transport == "tcp" else "udp"
