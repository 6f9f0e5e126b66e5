"""Parities by RFC 5109: what is lost is computed, bit by bit, as long as enough is there."""

import random

import pytest

from teleconsole.call.webrtc.fec.plan import Protection, positions
from teleconsole.call.webrtc.fec.ulpfec import FecReceiver, parity_of, without_mutable
from teleconsole.host.media_limits import FEC_GROUP_PACKETS, FEC_KEPT_PACKETS, FEC_KEPT_PARITIES, FEC_SHARE_MOST

SSRC = 0xDEADBEEF
BASE = 65_530
"""Numbers wrap within a picture."""


def rtp(number: int, payload: bytes, *, marker: bool = False, timestamp: int = 90_000, payload_type: int = 97) -> bytes:
    head = bytes([0x90, (0x80 if marker else 0) | payload_type])
    extension = bytes.fromhex("bede0003") + b"\x10a" + b"\x32\x00\x00\x00" + b"\x41\x00\x00" + bytes(3)
    numbers = (number % 65_536).to_bytes(2, "big") + timestamp.to_bytes(4, "big") + SSRC.to_bytes(4, "big")
    return head + numbers + extension + payload


def picture(count: int, seed: int = 1) -> list[bytes]:
    dice = random.Random(seed)  # noqa: S311 -- the same losses each time
    sizes = [dice.randrange(1, 1150) for _ in range(count)]
    return [rtp(BASE + at, dice.randbytes(size), marker=at == count - 1) for at, size in enumerate(sizes)]


def test_header_of_a_parity_is_that_of_the_rfc() -> None:
    one = bytes.fromhex("8061000a00000064deadbeef") + b"\x01\x02\x03"
    other = bytes.fromhex("80e1000c00000064deadbeef") + b"\xff"
    parity = parity_of([one, other], [0, 1])
    assert parity[:10] == bytes.fromhex("0080000a000000000002")  # marker's XOR, base 10, equal times, lengths 3 ^ 1
    assert parity[10:14] == bytes.fromhex("0003a000")  # three bytes long; numbers 10 and 12
    assert parity[14:] == b"\xfe\x02\x03"


@pytest.mark.parametrize("count", [1, 2, 10, 16, 17, FEC_GROUP_PACKETS])
def test_any_single_loss_comes_back_exactly(count: int) -> None:
    packets = picture(count)
    parity = parity_of(packets, range(count))
    for lost in range(count):
        receiver = FecReceiver(SSRC)
        for at, packet in enumerate(packets):
            assert at == lost or receiver.take_packet(BASE + at, packet) == []
        assert receiver.take_parity(BASE + count, parity) == [(BASE + lost, packets[lost])]
        assert receiver.recovered == 1


def test_one_repair_makes_the_next_one_possible_in_any_order() -> None:
    packets = picture(10)
    parities = [parity_of(packets, chosen) for chosen in positions(10, 4)]
    dice = random.Random(4)  # noqa: S311 -- the same losses each time
    inside = [[at in one for one in positions(10, 4)] for at in range(10)]
    pairs = [{one, other} for one in range(10) for other in range(one) if inside[one] != inside[other]]
    assert len(pairs) >= 40, "two of the same two parities are lost for good"
    for lost in pairs:
        receiver, back = FecReceiver(SSRC), dict[int, bytes]()
        arrivals = [("packet", at) for at in range(10) if at not in lost] + [("parity", at) for at in range(4)]
        dice.shuffle(arrivals)
        for kind, at in arrivals:
            found = (
                receiver.take_packet(BASE + at, packets[at])
                if kind == "packet"
                else receiver.take_parity(BASE + 10 + at, parities[at])
            )
            back.update(found)
        assert {BASE + at for at in lost} <= set(back), "some came back before they arrived"
        assert all(packet == packets[number - BASE] for number, packet in back.items())


def test_at_five_percent_loss_nearly_every_picture_is_whole() -> None:
    dice = random.Random(7)  # noqa: S311 -- the same losses each time
    packets, broken = picture(10), 0
    parities = [parity_of(packets, chosen) for chosen in positions(10, 4)]
    for _ in range(2_000):
        receiver, there = FecReceiver(SSRC), set()
        for at, packet in enumerate(packets):
            if dice.random() >= 0.05:
                there |= {BASE + at} | {number for number, _ in receiver.take_packet(BASE + at, packet)}
        for at, parity in enumerate(parities):
            if dice.random() >= 0.05:
                there |= {number for number, _ in receiver.take_parity(BASE + 10 + at, parity)}
        broken += len(there) < 10
    assert broken < 0.025 * 2_000


def test_malformed_and_hostile_parities_give_nothing_and_keep_nothing() -> None:
    receiver, packets, dice = FecReceiver(SSRC), picture(4), random.Random(9)  # noqa: S311 -- the same losses each time
    for number in range(4):
        receiver.take_packet(BASE + number, packets[number])
    parity = parity_of(packets, range(4))
    for cut in range(len(parity)):
        assert receiver.take_parity(BASE + 4, parity[:cut]) == []
    for _ in range(3_000):
        for _, packet in receiver.take_parity(dice.randrange(1 << 20), dice.randbytes(dice.randrange(0, 60))):
            assert int.from_bytes(packet[8:12], "big") == SSRC
    for number in range(5_000):
        receiver.take_packet(100_000 + number, packets[0])
    assert len(receiver._packets) <= 2 * FEC_KEPT_PACKETS
    assert len(receiver._parities) <= FEC_KEPT_PARITIES


def test_what_changes_on_the_way_out_is_zero_and_nothing_else() -> None:
    packet = rtp(5, b"payload")
    told = bytearray(packet)
    told[18 + 1 : 18 + 4], told[22 + 1 : 22 + 3] = b"\x12\x34\x56", b"\xab\xcd"
    assert without_mutable(bytes(told), (3, 4)) == packet
    assert without_mutable(bytes(told), (3,)) != packet
    plain = bytes([0x80]) + packet[1:12] + b"x"
    assert without_mutable(plain, (3, 4)) == plain
    for cut in range(12, len(told)):
        assert len(without_mutable(bytes(told[:cut]), (3, 4))) == cut


def test_every_packet_is_in_two_parities_and_a_burst_hits_different_ones() -> None:
    for packets in range(1, 49):
        for parities in range(3, max(4, packets // 2)):
            chosen = positions(packets, parities)
            assert all(one == sorted(set(one)) for one in chosen)
            assert all(sum(at in one for one in chosen) == 2 for at in range(packets))
    assert positions(3, 1) == [[0, 1, 2]]
    assert positions(4, 2) == [[0, 2], [1, 3]]


def test_parities_come_with_losses_and_go_when_they_would_harm() -> None:
    protection = Protection()
    protection.update(0.0, 100, 2e6, 0, 0)
    assert protection.parities(10) == 0
    protection.update(0.05, 100, 2e6, 0, 33)
    assert protection.parities(10) == 4
    assert protection.parities(1) == 1
    protection.update(0.0, 100, 2e6, 0, 66)
    assert protection.parities(10) > 0, "one second without a loss is no proof"
    protection.update(0.2, 100, 2e6, 0, 99)
    assert protection.overhead == FEC_SHARE_MOST
    for link in [(0.05, 10, 2e6, 0), (0.05, 100, 2e5, 0), (0.05, 100, 2e6, 200)]:
        protection.update(*link, 132)
        assert protection.parities(10) == 0
    for second in range(1, 40):
        protection.update(0.0, 100, 2e6, 0, 132 + second * 1000)
    assert protection.parities(10) == 0
