"""Numbers that wrap; what is read of VP8."""

import pytest
from tests.unit.call.video_in.streams import DELTA_DATA, KEY_DATA

from teleconsole.call.webrtc.video_in.counting import Unwrapper
from teleconsole.call.webrtc.video_in.vp8 import begins_frame, is_key_frame, is_too_large, picture_id


def test_unwrapper_counts_over_the_end_and_back() -> None:
    unwrapper = Unwrapper(16)
    base = unwrapper.unwrap(65_534)
    assert [unwrapper.unwrap(number) - base for number in (65_535, 1, 0, 65_530, 2)] == [1, 3, 2, -4, 4]


def test_unwrapper_of_a_first_low_number_takes_an_older_high_one() -> None:
    unwrapper = Unwrapper(16)
    base = unwrapper.unwrap(1)
    assert base > 0
    assert unwrapper.unwrap(65_535) == base - 2


def test_vp8_first_packet_is_known_by_start_bit_and_partition_zero() -> None:
    assert begins_frame(b"\x10data") and begins_frame(b"\x90\x80\x01data") and begins_frame(b"\x30")
    assert not begins_frame(b"\x00data") and not begins_frame(b"\x11data") and not begins_frame(b"")


def test_vp8_key_frame_is_known_and_its_size_is_bounded() -> None:
    assert is_key_frame(KEY_DATA) and not is_key_frame(DELTA_DATA) and not is_key_frame(KEY_DATA[:8])
    assert not is_too_large(KEY_DATA)
    assert is_too_large(KEY_DATA[:6] + b"\xff\x3f\xff\x3f")
    scaled = KEY_DATA[:6] + b"\x00\xc5\xd0\x42"  # the upper two bits are a scale for the screen
    assert not is_too_large(scaled)


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ("9080 80 00", (0, 1 << 15)),
        ("9080 ff ff 01", (32_767, 1 << 15)),
        ("90c0 7f 05", (127, 1 << 7)),
        ("9080 00", (0, 1 << 7)),
        ("9080 81", None),
        ("9080", None),
        ("90", None),
        ("", None),
        ("1080 81 01", None),
        ("9040 81 01", None),
    ],
)
def test_picture_id_is_read_in_both_sizes(payload: str, found: tuple[int, int] | None) -> None:
    assert picture_id(bytes.fromhex(payload)) == found
