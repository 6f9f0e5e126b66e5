"""Cutting a stream into frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teleconsole.host.limits import IPC_FRAME_BYTES
from teleconsole.ipc.errors import FrameRefused
from teleconsole.ipc.framing import Framer, frame


@given(st.lists(st.binary(min_size=1, max_size=50)), st.integers(1, 20))
def test_any_cutting_gives_the_same_bodies(bodies: list[bytes], step: int) -> None:
    stream = b"".join(map(frame, bodies))
    framer = Framer()
    got = []
    for start in range(0, len(stream), step):
        got += framer.feed(stream[start : start + step])
    assert got == bodies
    assert not framer.incomplete


def test_the_largest_frame_passes_and_a_larger_one_does_not() -> None:
    body = b"x" * IPC_FRAME_BYTES
    assert Framer().feed(frame(body)) == [body]
    with pytest.raises(FrameRefused):
        frame(body + b"x")
    with pytest.raises(FrameRefused, match=str(IPC_FRAME_BYTES + 1)):
        Framer().feed((IPC_FRAME_BYTES + 1).to_bytes(4, "big"))


def test_an_empty_frame_is_refused() -> None:
    with pytest.raises(FrameRefused):
        frame(b"")
    with pytest.raises(FrameRefused):
        Framer().feed(bytes(4))


def test_half_a_frame_is_known_as_such() -> None:
    framer = Framer()
    assert framer.feed(frame(b"abc")[:-1]) == []
    assert framer.incomplete
