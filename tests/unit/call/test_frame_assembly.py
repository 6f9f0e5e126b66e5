"""From packets to frames: marker bit, order, holes."""

from dataclasses import dataclass

import pytest

from teleconsole.call.webrtc.frame_assembly import VideoAssembly

KEY = b"\x10\x02\x00\x9d\x01\x2a\x00\x00"
DELTA = b"\x11\x00\x00\x00\x00\x00\x00\x00"


@dataclass
class FakePacket:
    sequence_number: int
    timestamp: int
    marker: int = 0
    _data: bytes = DELTA


def frames(assembly: VideoAssembly) -> list[int]:
    taken = [frame.timestamp for frame in assembly.whole]
    assembly.whole.clear()
    return taken


def test_video_frame_is_whole_at_its_marker_bit_not_at_the_next_packet() -> None:
    assembly = VideoAssembly()
    assert not assembly.add(FakePacket(65535, 1))
    assert frames(assembly) == []
    assembly.add(FakePacket(0, 1, marker=1))
    assert frames(assembly) == [1]


def test_video_packets_out_of_order_give_frames_in_order() -> None:
    assembly = VideoAssembly()
    for number, time, marker in ((5, 1, 1), (7, 2, 1), (8, 3, 1), (6, 2, 0)):
        assembly.add(FakePacket(number, time, marker))
    assert frames(assembly) == [1, 2, 3]
    assembly.add(FakePacket(6, 2, 0))
    assert frames(assembly) == []


def test_video_hole_is_given_up_for_a_key_frame_that_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("teleconsole.call.webrtc.frame_assembly.time.monotonic", lambda: now[0])
    assembly = VideoAssembly()
    assembly.add(FakePacket(0, 1, 1))
    assembly.add(FakePacket(2, 3, 1))  # 1 is lost
    now[0] += 0.5
    assert assembly.add(FakePacket(3, 4, 1))  # nothing to jump to: a key frame is asked for
    assert not assembly.add(FakePacket(4, 5, 1))  # not twice at once
    assert frames(assembly) == [1]
    assembly.add(FakePacket(5, 6, 1, KEY))
    assembly.add(FakePacket(6, 7, 1))
    assert frames(assembly) == [6, 7]


def test_video_outage_asks_for_a_key_frame_at_once_and_shows_nothing_broken() -> None:
    assembly = VideoAssembly()
    assembly.add(FakePacket(0, 1, 1))
    assert assembly.add(FakePacket(900, 2, 1))
    assert frames(assembly) == [1]
    assembly.add(FakePacket(901, 3, 1, KEY))
    assert frames(assembly) == [3]


def test_video_never_holds_more_than_its_bound() -> None:
    assembly = VideoAssembly()
    for number in range(0, 5000, 2):  # every second packet is lost, no frame is ever whole
        assembly.add(FakePacket(number, number))
    assert len(assembly._packets) <= 600
