"""URLs of servers: order, ports, and what is left out."""

import pytest

from teleconsole.call.webrtc.ice.description import has_name, without_candidates
from teleconsole.call.webrtc.ice.ports import PortRange
from teleconsole.call.webrtc.ice.servers import StunServer, TurnServer, read_servers
from teleconsole.contracts.signal import IceServer


def test_relays_are_tried_udp_tcp_tls_and_the_list_keeps_its_order_within() -> None:
    urls = ["turns:a.example", "turn:a.example?transport=tcp", "turn:b.example:3479", "turn:a.example?transport=udp"]
    servers = read_servers([IceServer(["stun:s.example"]), IceServer(urls, "user", "word")])
    assert servers.stun == (StunServer("s.example", 3478),)
    assert [server.place for server in servers.turn] == [
        ("b.example", 3479, "udp"),
        ("a.example", 3478, "udp"),
        ("a.example", 3478, "tcp"),
        ("a.example", 5349, "tls"),
    ]
    assert {(server.username, server.credential) for server in servers.turn} == {("user", "word")}


def test_addresses_of_version_6_have_brackets() -> None:
    (server,) = read_servers([IceServer(["turn:[2001:db8::1]:3480"], "u", "c")]).turn
    assert server.place == ("2001:db8::1", 3480, "udp")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://turn.example",
        "turn:",
        "turn://turn.example",
        "turn:turn.example:0",
        "turn:turn.example:70000",
        "turn:turn.example?transport=sctp",
        "turns:turn.example?transport=udp",
        "stun:stun.example?transport=udp",
        "stun:user@stun.example",
        "turn:a b",
    ],
)
def test_what_makes_no_sense_is_left_out(url: str) -> None:
    servers = read_servers([IceServer([url], "u", "c")])
    assert (servers.stun, servers.turn) == ((), ())


def test_the_list_has_a_bound() -> None:
    servers = read_servers([IceServer([f"turn:{n}.example" for n in range(100)], "u", "c")])
    assert len(servers.turn) == 16


def test_a_relay_in_a_log_has_no_credentials() -> None:
    assert "word" not in repr(TurnServer("a.example", 3478, "udp", "user", "word"))


@pytest.mark.parametrize(("first", "last"), [(0, 1), (80, 90), (50_000, 49_999), (60_000, 70_000)])
def test_a_range_of_ports_is_one(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="UDP ports"):
        PortRange(first, last)


def test_every_port_of_a_range_is_tried_once() -> None:
    assert sorted(PortRange(50_000, 50_009).shuffled()) == list(range(50_000, 50_010))
    assert PortRange().shuffled() == [0]


def test_candidates_are_taken_out_of_a_description_addresses_before_names() -> None:
    plain = "candidate:1 1 udp 2 192.0.2.1 5000 typ host"
    named = "candidate:2 1 udp 2 0f0e0d0c-1111-2222-3333-444455556666.local 5001 typ host"
    first, second = f"a={named}\r\na={plain}\r\na=end-of-candidates\r\n", f"a={plain}\r\na=mid:1\r\n"
    sdp = f"v=0\r\nm=audio 9 X\r\n{first}m=video 9 X\r\n{second}"
    rest, candidates = without_candidates(sdp)
    assert rest == "v=0\r\nm=audio 9 X\r\nm=video 9 X\r\na=mid:1\r\n"
    assert candidates == [plain, named]
    assert [has_name(each) for each in candidates] == [False, True]


def test_a_flood_of_candidates_is_cut() -> None:
    lines = [f"a=candidate:{n} 1 udp 2 192.0.2.1 {n + 1} typ host\r\n" for n in range(500)]
    names = [f"a=candidate:{n} 1 udp 2 {n}.local {n + 1} typ host\r\n" for n in range(500)]
    _, candidates = without_candidates("".join(lines + names))
    assert len(candidates) == 48
