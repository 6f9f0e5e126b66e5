"""Pictures in RED with parities: whole without a request, and nothing that comes in does harm."""

import random
import struct
import tracemalloc
from collections.abc import Callable

import pytest
from tests.unit.call.video_in.red_streams import (
    MUTABLE,
    PARITY,
    PICTURE,
    RED,
    SSRC,
    TYPES,
    RedStream,
    parsed,
    rtp,
    take,
)

from teleconsole.call.webrtc.fec.ulpfec import parity_of, without_mutable
from teleconsole.call.webrtc.video_in.red_fec import PayloadTypes, RedFec

PICTURES = 300
VP8 = b"\x10\x11\x02\x00picture"


def loses(part: float, seed: int) -> Callable[[int, bool], bool]:
    chance = random.Random(seed)  # noqa: S311 -- has to be repeatable, not secret
    return lambda place, is_parity: place > 20 and chance.random() < part


def a_group(count: int = 4, first: int = 100) -> tuple[list[bytes], bytes]:
    """Packets of a picture in RED, and the payload of their parity."""
    payloads = [VP8 + bytes([at]) * at for at in range(count)]
    plain = [rtp(first + at, 9_000, payload, payload_type=PICTURE) for at, payload in enumerate(payloads)]
    inside = [rtp(first + at, 9_000, bytes((PICTURE,)) + payload) for at, payload in enumerate(payloads)]
    return inside, parity_of([without_mutable(one, MUTABLE) for one in plain], range(count))


@pytest.mark.parametrize(("part", "asked_share"), [(0.05, 0.1), (0.1, 0.25)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lost_packets_300_pictures_whole_in_order_few_wait_for_a_request(
    part: float, asked_share: float, seed: int
) -> None:
    stream = RedStream(loses(part, seed))
    stream.run(PICTURES)
    assert [index for index, _ in stream.shown] == list(range(PICTURES))
    assert stream.red_fec.repaired >= (1 - asked_share) * stream.lost > 50
    assert len(set(stream.again)) <= asked_share * stream.lost
    assert stream.receiver.key_frames_asked == 0


def test_lost_packets_without_parities_each_waits_for_a_round_trip() -> None:
    stream = RedStream(loses(0.05, 1), parities=0)
    stream.run(PICTURES)
    assert [index for index, _ in stream.shown] == list(range(PICTURES))
    assert sum(late_ms > 90 for late_ms in stream.late_ms()) > PICTURES / 10
    assert stream.red_fec.repaired == 0


def test_one_lost_packet_in_each_picture_nothing_is_sent_again() -> None:
    stream = RedStream(lambda place, is_parity: not is_parity and place % 13 == 5)
    stream.run(PICTURES)
    assert stream.red_fec.repaired == stream.lost > PICTURES / 3
    assert stream.again == []
    assert max(stream.late_ms()) < 10
    assert stream.receiver.delay.target_ms < 10


def test_all_parities_lost_pictures_go_on_at_once() -> None:
    stream = RedStream(lambda place, is_parity: is_parity)
    stream.run(PICTURES)
    assert [index for index, _ in stream.shown] == list(range(PICTURES))
    assert max(stream.late_ms()) < 1
    assert stream.receiver.nacks.missing == []
    assert stream.receiver.key_frames_asked == 0


def test_lost_parities_without_picture_ids_key_frame_is_asked_for_as_before() -> None:
    stream = RedStream(lambda place, is_parity: is_parity and place > 50, picture_id=None)
    stream.run(PICTURES)
    assert len(stream.shown) < PICTURES
    assert stream.receiver.key_frames_asked > 0


def test_last_parities_lost_then_nothing_more_no_key_frame_is_asked_for() -> None:
    stream = RedStream(lambda place, is_parity: place == 4)
    stream.run(1)
    assert [index for index, _ in stream.shown] == [0]
    assert stream.receiver.step(2_000.0).wants_key_frame is False
    assert stream.receiver.key_frames_asked == 0


def test_picture_ids_wrap_no_picture_is_missed() -> None:
    stream = RedStream(lambda place, is_parity: is_parity, picture_id=(1 << 15) - 7)
    stream.run(20)
    assert [index for index, _ in stream.shown] == list(range(20))
    assert max(stream.late_ms()) < 1


def test_pictures_without_red_parities_in_red_repair_them_too() -> None:
    stream = RedStream(lambda place, is_parity: not is_parity and place % 13 == 5, in_red=False)
    stream.run(PICTURES)
    assert stream.again == []
    assert stream.red_fec.repaired == stream.lost > PICTURES / 3
    assert max(stream.late_ms()) < 10


def test_nothing_negotiated_packet_goes_on_as_it_is() -> None:
    packet = parsed(rtp(1, 0, VP8, payload_type=PICTURE))
    taken = RedFec(PayloadTypes(PICTURE)).take(packet, b"")
    assert taken.packet is packet
    assert taken.repaired == []


def test_red_is_taken_away_picture_and_parity() -> None:
    inside, parity = a_group()
    red_fec = RedFec(TYPES, MUTABLE)
    taken = red_fec.take(parsed(inside[1]), inside[1])
    assert taken.packet is not None
    assert (taken.packet.payload_type, taken.packet.payload) == (PICTURE, VP8 + b"\1")
    assert taken.packet._data == VP8[1:] + b"\1"
    raw = rtp(104, 9_000, bytes((PARITY,)) + parity, marker=1)
    nothing = red_fec.take(parsed(raw), raw)
    assert nothing.packet is not None
    assert nothing.is_parity
    assert (nothing.packet.sequence_number, nothing.packet._data, nothing.packet.marker) == (104, b"", 0)


def test_repaired_packet_is_what_was_sent() -> None:
    inside, parity = a_group()
    red_fec = RedFec(TYPES, MUTABLE)
    for raw in (*inside[:2], inside[3]):
        take(red_fec, raw)
    payloads, repaired = take(red_fec, rtp(104, 9_000, bytes((PARITY,)) + parity))
    assert repaired == 1
    assert payloads[-1] == VP8 + b"\2\2"


def test_copies_are_not_counted_among_the_originals() -> None:
    inside, parity = a_group()
    red_fec = RedFec(TYPES, MUTABLE)
    for raw in inside[:3]:
        assert take(red_fec, raw, is_again=raw is inside[0])[0] != []
    assert take(red_fec, rtp(104, 9_000, bytes((PARITY,)) + parity)) == ([b""], 0)


def test_another_ssrc_repairs_nothing() -> None:
    inside, parity = a_group()
    red_fec = RedFec(TYPES, MUTABLE)
    for raw in inside[:3]:
        take(red_fec, raw)
    assert take(red_fec, rtp(104, 9_000, bytes((PARITY,)) + parity, ssrc=SSRC + 1))[1] == 0


@pytest.mark.parametrize(
    "payload",
    [
        bytes((0x80 | PICTURE, 0, 0, 0, PICTURE)) + VP8,
        bytes((111,)) + VP8,
        bytes((RED, PICTURE)) + VP8,
        bytes((PICTURE, 0x90)),
    ],
    ids=["two blocks", "sound", "red in red", "descriptor cut off"],
)
def test_malformed_red_is_dropped(payload: bytes) -> None:
    assert take(RedFec(TYPES, MUTABLE), rtp(1, 0, payload)) == ([], 0)


@pytest.mark.parametrize("payload", [b"", bytes((PICTURE,)), bytes((PARITY,)), bytes((PARITY, 1, 2, 3))])
def test_empty_block_or_malformed_parity_shows_nothing(payload: bytes) -> None:
    assert take(RedFec(TYPES, MUTABLE), rtp(1, 0, payload)) == ([b""], 0)


@pytest.mark.parametrize(
    "strange",
    [
        rtp(100, 0, VP8, payload_type=111),
        rtp(100, 0, VP8, payload_type=RED),
        b"\x9f" + rtp(100, 0, VP8, payload_type=PICTURE)[1:16],
        b"\xb0" + rtp(100, 0, VP8 + b"\xff", payload_type=PICTURE)[1:],
        rtp(100, 0, b"\xff\xff", payload_type=PICTURE),
        rtp(100, 0, b"", payload_type=PICTURE),
        rtp(100, 0, VP8, payload_type=PICTURE)[:12] + b"\xbe\xde\xff\xff",
    ],
    ids=["sound", "red", "sources cut off", "padding too long", "descriptor cut off", "empty", "extension cut off"],
)
def test_repaired_packet_with_a_strange_header_is_dropped(strange: bytes) -> None:
    red_fec = RedFec(TYPES, MUTABLE)
    take(red_fec, rtp(99, 0, bytes((PICTURE,)) + VP8))
    assert take(red_fec, rtp(101, 0, bytes((PARITY,)) + parity_of([strange], [0]))) == ([b""], 0)
    assert red_fec.repaired == 0


@pytest.mark.parametrize("base", [100, 102, 130, 60_000, 33_000])
def test_repaired_packet_that_nobody_misses_is_dropped(base: int) -> None:
    red_fec = RedFec(TYPES, MUTABLE)
    take(red_fec, rtp(100, 0, bytes((PICTURE,)) + VP8))
    strange = rtp(base, 0, VP8, payload_type=PICTURE)
    assert take(red_fec, rtp(101, 0, bytes((PARITY,)) + parity_of([strange], [0]))) == ([b""], 0)


@pytest.mark.parametrize("seed", range(4))
def test_flood_of_random_packets_raises_nothing_and_keeps_little(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 -- has to be repeatable, not secret
    stream = RedStream(lambda place, is_parity: False)
    stream.run(3)
    red_fec, number = RedFec(TYPES, MUTABLE), 1
    tracemalloc.start()
    try:
        for _ in range(3_000):
            number += chance.choice((1, 1, 1, 2, -1, 40, 30_000))
            start = bytes((chance.choice((PICTURE, PARITY, PARITY, RED, 0xFF)), chance.choice((0, 0x40, 0xFF))))
            base = struct.pack("!BH", PICTURE, (number - chance.randrange(60)) % 65536)
            raw = rtp(number, 0, start + base + chance.randbytes(chance.choice((0, 9, 300, 1_400, 9_000))))
            taken = red_fec.take(parsed(raw), raw)
            for packet in taken.repaired:
                assert packet.payload_type == PICTURE
                stream.receiver.add_repaired(packet, 1_000.0)
            if taken.packet is not None:
                stream.receiver.add(taken.packet, 1_000.0, is_parity=taken.is_parity)
            stream.receiver.step(1_000.0)
        kept_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept_bytes < 16 << 20
