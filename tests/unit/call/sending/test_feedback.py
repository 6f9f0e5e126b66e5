"""Transport-wide feedback is read bit by bit as its draft draws it."""

import struct

import pytest

from teleconsole.call.webrtc.sending.feedback import TransportFeedback, parse_feedback, split_feedback
from teleconsole.call.webrtc.sending.sent import SentPacket, SentPackets


def header(base: int, count: int, reference: int) -> bytes:
    return struct.pack("!HHI", base, count, (reference << 8) | 7)


def test_feedback_run_of_small_deltas() -> None:
    fci = header(10, 3, 2) + struct.pack("!H", 1 << 13 | 3) + bytes([4, 8, 0])
    assert parse_feedback(fci).arrivals == ((10, 129.0), (11, 131.0), (12, 131.0))


def test_feedback_vector_of_one_bit_with_a_hole_at_the_wrap() -> None:
    fci = header(0xFFFF, 3, 0) + struct.pack("!H", 0x8000 | 0b101 << 11) + bytes([4, 4])
    assert parse_feedback(fci).arrivals == ((0xFFFF, 1.0), (0, None), (1, 2.0))


def test_feedback_vector_of_two_bits_with_a_step_back() -> None:
    chunk = 0xC000 | 1 << 12 | 2 << 10 | 0 << 8 | 1 << 6
    fci = header(5, 4, 1) + struct.pack("!H", chunk) + struct.pack("!Bh", 40, -8) + bytes([4])
    assert parse_feedback(fci).arrivals == ((5, 74.0), (6, 72.0), (7, None), (8, 73.0))


@pytest.mark.parametrize(
    "fci",
    [
        b"",
        header(1, 5, 0),
        header(1, 2, 0) + struct.pack("!H", 1 << 13 | 2) + b"\x01",
        header(1, 1, 0) + struct.pack("!H", 2 << 13 | 1) + b"\x01",
        header(0, 0xFFFF, 0) + b"\x20\x01",
    ],
)
def test_feedback_malformed_is_refused(fci: bytes) -> None:
    with pytest.raises(ValueError, match="feedback"):
        parse_feedback(fci)


def test_split_takes_feedback_out_of_a_compound_and_leaves_nacks() -> None:
    report = struct.pack("!BBHI", 0x80, 201, 1, 1)
    nack = struct.pack("!BBHIIHH", 0x81, 205, 3, 1, 2, 7, 0)
    fci = header(10, 1, 2) + struct.pack("!H", 1 << 13 | 1) + bytes([4, 0])
    body = struct.pack("!II", 1, 2) + fci
    padded = struct.pack("!BBH", 0xAF, 205, (len(body)) // 4) + body[:-1] + b"\x01"
    taken, rest = split_feedback(report + padded + nack)
    assert taken == [fci[:-1]]
    assert rest == report + nack
    assert split_feedback(b"\x80\xc9\x00") == ([], b"\x80\xc9\x00")
    assert split_feedback(b"\x8f\xcd\x00\x09abcd") == ([], b"\x8f\xcd\x00\x09abcd")


def test_sent_packets_are_accounted_for_once_over_the_wrap() -> None:
    sent = SentPackets()
    for number in range(70_000):
        last = sent.add(SentPacket(float(number), 100))
    assert last == 70_000 & 0xFFFF
    feedback = TransportFeedback(64, ((last - 1, 80.0), (last, None), (last + 1, 90.0)))
    results = sent.results(feedback)
    assert [(result.sent.sent_ms, result.arrived_ms) for result in results] == [(69_998.0, 80.0), (69_999.0, None)]
    assert sent.results(feedback) == []


def test_sent_packets_follow_the_other_clock_over_its_wrap() -> None:
    sent = SentPackets()
    first, second = sent.add(SentPacket(0.0, 100)), sent.add(SentPacket(1.0, 100))
    wrap_ms = (1 << 24) * 64
    before = sent.results(TransportFeedback(wrap_ms - 64, ((first, wrap_ms - 10.0),)))
    after = sent.results(TransportFeedback(0, ((second, 5.0),)))
    assert after[0].arrived_ms is not None
    assert before[0].arrived_ms is not None
    assert after[0].arrived_ms - before[0].arrived_ms == 15.0
    assert sent.in_flight_bytes == 0
