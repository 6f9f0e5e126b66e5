"""The bytes of transport-wide feedback, by the draft's own examples, by hand and by a reader."""

import random

import pytest
from tests.unit.call.arrivals.reading import read

from teleconsole.call.webrtc.arrivals.message import pack_chunks, pack_message


@pytest.mark.parametrize(
    ("symbols", "chunks"),
    [
        pytest.param([0] * 221, [0b0_00_0000011011101], id="section 3.1.3: a run of 221 not received"),
        pytest.param(
            [0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0], [0b1_0_01111100011100], id="section 3.1.4: vector of one bit"
        ),
        pytest.param([0, 2, 1, 1, 1, 0, 0], [0b1_1_00100101010000], id="section 3.1.4: vector of two bits"),
        pytest.param([1] * 3, [0b0_01_0000000000011], id="a short run that is all"),
        pytest.param([1, 0, 1], [0b1_0_10100000000000], id="a vector that is not full"),
        pytest.param([1] * 20 + [2] * 7, [0b0_01_0000000010100, 0b0_10_0000000000111], id="two runs"),
        pytest.param([0] * 9000, [0x1FFF, 9000 - 0x1FFF], id="a run longer than its field"),
        pytest.param([1, 1, 2] + [1] * 11, [0b1_1_01011001010101, 0b0_01_0000000000111], id="vector and run"),
    ],
)
def test_chunks(symbols: list[int], chunks: list[int]) -> None:
    assert list(pack_chunks(symbols)) == chunks


def test_message_made_by_hand() -> None:
    # Packet 7 at 130 ms, 8 lost, 9 at 131 ms, 10 at 300 ms: reference 2 * 64 ms = 128 ms.
    packet, reported = pack_message(0x01020304, 0x05060708, 7, 258, [130.0, None, 131.0, 300.0])
    assert reported == 4
    assert packet.hex(" ") == (
        "af cd 00 06 "  # version 2, padding, FMT 15; RTPFB; 6 words follow
        "01 02 03 04 05 06 07 08 "
        "00 07 00 04 "  # base, count of statuses
        "00 00 02 02 "  # reference time, count of messages modulo 256
        "d1 80 "  # two bits each: received, not, received, received with a large delta
        "08 04 02 a4 "  # 2 ms, 1 ms, 169 ms in units of 250 us
        "00 02"  # padding
    )


def test_message_needs_no_padding_when_it_fills_its_words() -> None:
    packet, _ = pack_message(1, 2, 0, 0, [0.0, 1.0])
    assert packet[0] == 0x8F
    assert read(packet).arrivals == [(0, 0.0), (1, 1.0)]


def test_times_are_rounded_without_adding_up() -> None:
    arrivals = [1000.0 + index * 0.1 for index in range(300)]
    packet, _ = pack_message(1, 2, 65_500, 0, arrivals)
    got = read(packet).arrivals
    assert [number for number, _ in got] == [(65_500 + index) % 65_536 for index in range(300)]
    assert all(at is not None and abs(at - arrival) <= 0.126 for (_, at), arrival in zip(got, arrivals, strict=True))


def test_packet_that_came_before_an_earlier_one_has_a_negative_delta() -> None:
    packet, _ = pack_message(1, 2, 0, 0, [100.0, 90.0, 101.0])
    assert read(packet).arrivals == [(0, 100.0), (1, 90.0), (2, 101.0)]


def test_pause_longer_than_a_delta_ends_the_message() -> None:
    packet, reported = pack_message(1, 2, 0, 0, [0.0, None, 9_000.0])
    assert (reported, read(packet).arrivals) == (2, [(0, 0.0), (1, None)])


def test_any_pattern_is_read_back_as_it_was() -> None:
    chance = random.Random(4)  # noqa: S311 -- has to be repeatable, not secret
    for _ in range(300):
        now_ms, arrivals = chance.random() * 1e9, list[float | None]()
        loss, jump = chance.random() * 0.6, chance.random() * 0.3
        for _ in range(chance.randrange(1, 400)):
            now_ms += chance.choice((0.25, 1.0, 3.5)) if chance.random() > jump else 80.0
            arrivals.append(None if chance.random() < loss else now_ms)
        arrivals.append(now_ms)
        packet, reported = pack_message(1, 2, 65_400, 0, arrivals)
        assert reported == len(arrivals)
        message = read(packet)
        shift = message.reference_ms - int(next(a for a in arrivals if a is not None) // 64) * 64
        for (_, got), given in zip(message.arrivals, arrivals, strict=True):
            assert (got is None) == (given is None)
            assert got is None or given is None or got - shift == pytest.approx(given, abs=0.13)
