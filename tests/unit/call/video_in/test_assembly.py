"""From packets to frames: marker bit, order, holes, key frames."""

from dataclasses import dataclass

import pytest
from tests.unit.call.video_in.streams import DELTA_DATA, FIRST, FURTHER, KEY_DATA, FakePacket, packet

from teleconsole.call.webrtc.video_in.assembly import Assembly
from teleconsole.host.media_limits import VIDEO_PENDING_PACKETS

BASE = 70_000


@dataclass
class IdPacket(FakePacket):
    """One with a longer descriptor."""

    skipped: int = 1

    @property
    def _data(self) -> bytes:
        return self.payload[self.skipped :]


def started() -> Assembly:
    """An assembly that has had a key frame, number BASE."""
    assembly = Assembly()
    assembly.add(packet(BASE, 1, key=True), BASE, 0.0)
    assert times(assembly) == [1]
    return assembly


def add(assembly: Assembly, at: int, time: int, **kind: bool) -> None:
    assembly.add(packet(BASE + at, time, **kind), BASE + at, 0.0)


def times(assembly: Assembly) -> list[int]:
    taken = [frame.timestamp & 0xFFFFFFFF for frame in assembly.whole]
    assembly.whole.clear()
    return taken


def test_frame_is_whole_at_its_marker_bit_not_at_the_next_packet() -> None:
    assembly = started()
    add(assembly, 1, 2, marker=False)
    assert times(assembly) == []
    add(assembly, 2, 2, first=False)
    assert times(assembly) == [2]


def test_frame_without_marker_ends_where_the_next_begins() -> None:
    assembly = started()
    add(assembly, 1, 2, marker=False)
    add(assembly, 2, 3)
    assert times(assembly) == [2, 3]


def test_packets_out_of_order_and_twice_give_each_frame_once_and_in_order() -> None:
    assembly = started()
    add(assembly, 3, 3)
    add(assembly, 2, 2, first=False)
    assert (assembly.hole, times(assembly)) == (BASE + 1, [])
    add(assembly, 2, 2, first=False)
    add(assembly, 1, 2, marker=False)
    assert (assembly.hole, times(assembly)) == (None, [2, 3])
    add(assembly, 1, 2, marker=False)
    assert times(assembly) == []


def test_hole_inside_the_frame_that_is_next_is_seen() -> None:
    assembly = started()
    add(assembly, 1, 2, marker=False)
    assert assembly.hole is None  # its end is still on the way
    add(assembly, 3, 2, first=False)
    assert assembly.hole == BASE + 2


def test_nothing_is_taken_before_a_key_frame() -> None:
    assembly = Assembly()
    add(assembly, 0, 1)
    assert (assembly.needs_key, times(assembly)) == (True, [])
    add(assembly, 1, 2, key=True)
    add(assembly, 2, 3)
    assert (assembly.needs_key, times(assembly)) == (False, [2, 3])


def test_key_frame_behind_a_hole_can_be_jumped_to_and_what_was_before_never_comes() -> None:
    assembly = started()
    add(assembly, 2, 3)
    assert (assembly.key_frame_behind(), assembly.jump(0.0)) == (None, False)
    add(assembly, 3, 4, key=True)
    add(assembly, 4, 5)
    assert times(assembly) == []
    assert assembly.key_frame_behind() is not None
    assert (assembly.jump(0.0), times(assembly), assembly.hole) == (True, [4, 5], None)
    add(assembly, 1, 2)
    assert times(assembly) == []


def test_key_frame_that_is_coming_is_known() -> None:
    assembly = started()
    add(assembly, 1, 2)
    assembly.add(packet(BASE + 3, 3, key=True, marker=False), BASE + 3, 77.0)
    assert (assembly.key_frame_began_ms, assembly.key_frame_behind()) == (77.0, None)
    add(assembly, 4, 3, first=False)
    assert assembly.key_frame_behind() is not None


def test_padding_between_frames_is_skipped_and_gives_no_frame_its_time() -> None:
    assembly = started()
    padding = FakePacket((BASE + 1) % 65536, 1, payload=b"\x10")
    assembly.add(padding, BASE + 1, 0.0)
    add(assembly, 2, 2)
    assert times(assembly) == [2]


def test_repaired_packet_marks_its_frame_alone() -> None:
    assembly = started()
    add(assembly, 2, 3)
    assembly.add(packet(BASE + 1, 2), BASE + 1, 9.0, was_repaired=True)
    assert [(f.timestamp & 0xFFFFFFFF, f.was_repaired, f.whole_ms) for f in assembly.whole] == [
        (2, True, 9.0),
        (3, False, 9.0),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(FURTHER + b"middle of a frame", id="no beginning"),
        pytest.param(FIRST + KEY_DATA[:6] + b"\xff\x3f\xff\x3f", id="268 megapixels"),
    ],
)
def test_malformed_frame_is_dropped_and_a_key_frame_needed(bad: bytes) -> None:
    assembly = started()
    assembly.add(FakePacket((BASE + 1) % 65536, 2, 1, payload=bad), BASE + 1, 0.0)
    add(assembly, 2, 3)
    assert (assembly.needs_key, times(assembly)) == (True, [])
    add(assembly, 3, 4, key=True)
    assert times(assembly) == [4]


def test_what_waits_is_bounded() -> None:
    assembly = started()
    for at in range(2, 10_000, 2):
        add(assembly, at, at, marker=False)
        assert len(assembly._packets) <= VIDEO_PENDING_PACKETS
    assert assembly.needs_key


def numbered(at: int, time: int, picture: int, *, wide: bool, key: bool = False, first: bool = True) -> IdPacket:
    """A whole picture with an id of 15 bits or of 7."""
    identity = (0x8000 | picture).to_bytes(2, "big") if wide else bytes((picture,))
    data = KEY_DATA if key else DELTA_DATA
    start = 0x90 if first else 0x80
    return IdPacket(
        (BASE + at) % 65536, time, 1, payload=bytes((start, 0x80)) + identity + data, skipped=2 + len(identity)
    )


@pytest.mark.parametrize(("wide", "last"), [(True, 32_767), (True, 5), (False, 127), (False, 5)])
def test_next_picture_by_its_id_what_is_missing_between_is_not_waited_for(wide: bool, last: int) -> None:
    following = (last + 1) % (1 << 15 if wide else 1 << 7)
    assembly = Assembly()
    assembly.add(numbered(0, 1, last, wide=wide, key=True), BASE, 0.0)
    assembly.add(numbered(4, 2, following, wide=wide), BASE + 4, 0.0)
    assert times(assembly) == [1, 2]
    assert assembly.next_number == BASE + 5


@pytest.mark.parametrize(
    ("picture", "wide", "first"),
    [(7, True, True), (5, True, True), (6, False, True), (6, True, False)],
    ids=["one was missed", "the same", "ids of another size", "its beginning is missed"],
)
def test_other_picture_behind_a_hole_is_waited_for(picture: int, wide: bool, first: bool) -> None:
    assembly = Assembly()
    assembly.add(numbered(0, 1, 5, wide=True, key=True), BASE, 0.0)
    assembly.add(numbered(4, 2, picture, wide=wide, first=first), BASE + 4, 0.0)
    assert times(assembly) == [1]
    assert assembly.hole == BASE + 1
