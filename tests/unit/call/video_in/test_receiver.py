"""The receiver against a made-up sender over made-up links: what is shown when, what is asked for."""

import random

import pytest
from tests.unit.call.video_in.streams import FakePacket, FakeStream, burst_loss, packet, random_loss

from teleconsole.call.webrtc.video_in.receiver import VideoReceiver
from teleconsole.host.media_limits import NARROW_KEY_PAUSE_MOST_MS, NARROW_KEY_PAUSE_MS

FRAME_MS = 1000 / 30


def test_clean_link_shows_each_picture_as_it_comes_over_wraps_of_both_numbers() -> None:
    stream = FakeStream(one_way_ms=5.0)
    stream.run(20_000)
    assert [one.index for one in stream.shown] == list(range(600))
    assert all(one.is_shown for one in stream.shown)
    assert max(stream.latencies_ms()) <= 5.0 + 0.3 * 9 + 0.1
    assert (stream.nacked, stream.plis, stream.key_frames) == ([], [], 1)


@pytest.mark.parametrize("share", [0.02, 0.05])
def test_random_loss_at_100_ms_round_trip_freezes_nothing_for_200_ms(share: float) -> None:
    feedback = random.Random(3)  # noqa: S311 -- has to be repeatable, not secret
    stream = FakeStream(drops=random_loss(share, 5), drops_feedback=lambda: feedback.random() < share)
    stream.run(33_000)
    assert sum(stream.gaps_ms()) <= 150
    latencies = stream.latencies_ms()
    assert latencies[len(latencies) // 2] <= 50 + 180
    assert latencies[-1] <= 50 + 350
    assert [one.index for one in stream.shown] == list(range(len(stream.shown)))  # none is missing, none out of order
    assert (stream.key_frames, stream.plis) == (1, [])


def test_bursts_are_repaired_without_a_key_frame() -> None:
    stream = FakeStream(drops=burst_loss(0.05, 8, 5))
    stream.run(33_000)
    assert sum(stream.gaps_ms()) <= 1_000
    assert stream.key_frames <= 2


def test_ten_percent_loss_both_ways_goes_on() -> None:
    feedback = random.Random(3)  # noqa: S311 -- has to be repeatable, not secret
    stream = FakeStream(drops=random_loss(0.1, 5), drops_feedback=lambda: feedback.random() < 0.1)
    stream.run(33_000)
    assert sum(stream.gaps_ms()) <= 1_500
    assert max(stream.gaps_ms(), default=0) <= 450


def test_jitter_that_reorders_within_frames_holds_back_little_and_asks_for_little() -> None:
    stream = FakeStream(jitter_ms=6.0, size=4)
    stream.run(13_000)
    assert [one.index for one in stream.shown] == list(range(len(stream.shown)))
    assert stream.gaps_ms(over_ms=60) == []
    assert sum(len(lost) for _, lost in stream.nacked) <= 0.2 * len(stream.shown) * 4


def test_lost_retransmission_is_asked_for_again_after_a_round_trip() -> None:
    lost = {(405, False), (405, True)}

    def drops(place: int, again: bool) -> bool:
        is_lost = (place, again) in lost
        lost.discard((place, again))
        return is_lost

    stream = FakeStream(drops=drops, size=10)
    stream.run(3_000)
    number = (stream.first_number + 405) % 65536
    assert [at for at, numbers in stream.nacked if number in numbers] == pytest.approx(
        [stream.nacked[0][0] + after for after in (0, 20, 105, 125)], abs=2
    )
    assert [one.index for one in stream.shown][:60] == list(range(60))
    late = [one for one in stream.shown if one.at_ms - one.index * FRAME_MS > 60]
    assert late and late[0].at_ms - late[0].index * FRAME_MS == pytest.approx(50 + 100 + 105, abs=12)
    caught_up = [one for one in stream.shown if one.at_ms == late[0].at_ms]
    assert [one.is_shown for one in caught_up] == [False] * (len(caught_up) - 1) + [True]  # the newest wins


def test_outage_of_five_seconds_asks_at_once_for_a_key_frame_and_shows_it_when_it_is_whole() -> None:
    stream = FakeStream(silent=lambda at_ms: 5_000 < at_ms < 10_000)
    stream.run(12_000)
    back = [one for one in stream.shown if one.at_ms > 10_000]
    assert stream.plis == [pytest.approx(10_050, abs=FRAME_MS + 5)]
    assert (stream.key_frames, back[0].is_key) == (2, True)
    assert back[0].at_ms <= 10_000 + 50 + 100 + 2 * FRAME_MS + 10
    assert [one.index for one in back] == list(range(back[0].index, back[0].index + len(back)))


def test_first_packet_in_the_middle_of_the_stream_asks_for_a_key_frame() -> None:
    stream = FakeStream(silent=lambda at_ms: at_ms < 1_000)
    stream.run(3_000)
    assert len(stream.plis) == 1
    assert stream.shown[0].is_key and stream.shown[0].at_ms < 1_000 + 250


def test_key_frame_that_is_arriving_is_not_asked_for() -> None:
    receiver = VideoReceiver()
    receiver.add(packet(0, 0, key=True, marker=False), 0.0)
    assert not receiver.step(0.0).wants_key_frame
    receiver.add(packet(1, 0, first=False), 1.0)
    assert [frame.is_key for frame in receiver.step(1.0).frames] == [True]


def playing() -> VideoReceiver:
    """A receiver that has shown frames 0 to 59, one packet each."""
    receiver = VideoReceiver()
    for number in range(60):
        receiver.add(packet(number, round(number * FRAME_MS * 90), key=number == 0), number * FRAME_MS)
        assert len(receiver.step(number * FRAME_MS).frames) == 1
    return receiver


def add(receiver: VideoReceiver, number: int, *, key: bool = False) -> float:
    now_ms = number * FRAME_MS
    receiver.add(packet(number, round(now_ms * 90), key=key), now_ms)
    return now_ms


def test_hole_that_nobody_fills_is_given_up_for_a_key_frame_whole_sequence() -> None:
    receiver = playing()
    states: list[tuple[int, int, bool]] = []
    for number in range(61, 90):  # 60 is lost for ever
        now_ms = add(receiver, number, key=number == 85)
        step = receiver.step(now_ms)
        states.append((number, len(step.frames), step.wants_key_frame))
    waiting = [(number, 0, number == 75) for number in range(61, 85)]
    assert states == [*waiting, *[(number, 1, False) for number in range(85, 90)]]


def test_decoding_that_failed_asks_for_one_key_frame_in_400_ms() -> None:
    receiver = playing()
    now_ms = add(receiver, 60)
    receiver.decoding_failed()
    assert receiver.step(now_ms).wants_key_frame
    receiver.decoding_failed()
    assert not receiver.step(now_ms + 390).wants_key_frame
    assert receiver.step(now_ms + 401).wants_key_frame
    assert receiver.key_frames_asked == 2


def test_decoder_that_does_not_follow_loses_all_until_a_key_frame() -> None:
    receiver = playing()
    now_ms = add(receiver, 60)
    step = receiver.step(now_ms, decoder_waits=21, decoder_most=20)
    assert (step.frames, step.wants_key_frame, receiver.frames_dropped) == ([], True, 1)
    assert receiver.step(add(receiver, 61)).frames == []
    assert len(receiver.step(add(receiver, 62, key=True)).frames) == 1


def test_timer_is_wanted_for_requests_and_for_frames_that_are_held_back_alone() -> None:
    receiver = playing()
    assert receiver.step(60 * FRAME_MS).again_ms is None
    now_ms = add(receiver, 61)
    assert receiver.step(now_ms).again_ms == pytest.approx(now_ms + 20)
    receiver.delay.current_ms = 50.0
    receiver.add(packet(60, round(60 * FRAME_MS * 90)), now_ms + 5, is_retransmission=True)
    step = receiver.step(now_ms + 5)
    assert step.frames == []
    assert step.again_ms == pytest.approx(60 * FRAME_MS + receiver.delay.current_ms, abs=1)


def test_noise_instead_of_packets_never_raises_and_never_gives_a_frame_before_a_key_frame() -> None:
    chance = random.Random(11)  # noqa: S311 -- has to be repeatable, not secret
    receiver = VideoReceiver()
    for at in range(5_000):
        noise = FakePacket(
            chance.randrange(65_536),
            chance.randrange(1 << 32),
            chance.randrange(2),
            payload=chance.randbytes(chance.randrange(1, 30)),
        )
        receiver.add(noise, float(at))
        step = receiver.step(float(at))
        assert step.frames == []
        assert len(step.lost) <= 301


def received(numbers: list[int], receiver: VideoReceiver, from_ms: float) -> tuple[list[int], list[float]]:
    """What is asked for, and when key frames are, while a packet comes each 10 ms."""
    lost: list[int] = []
    keys: list[float] = []
    for at, number in enumerate(numbers):
        now_ms = from_ms + at * 10
        receiver.add(packet(number, number * 300), now_ms)
        step = receiver.step(now_ms)
        lost += step.lost
        keys += [now_ms] if step.wants_key_frame else []
    return lost, keys


def test_while_the_link_is_overrun_nothing_is_asked_for_and_then_a_key_frame() -> None:
    receiver = VideoReceiver()
    receiver.add(packet(0, key=True), 0.0)
    receiver.step(0.0)
    receiver.overrun(1_000.0, begins=True)
    lost, keys = received(list(range(10, 90, 8)), receiver, 1_000.0)
    assert (lost, keys) == ([], [])
    lost, keys = received(list(range(83, 110)), receiver, 1_000.0 + NARROW_KEY_PAUSE_MS)
    assert lost == []
    assert keys[0] <= 1_000.0 + NARROW_KEY_PAUSE_MS + 20


def test_a_link_that_is_overrun_for_ever_gets_a_key_frame_all_the_same() -> None:
    receiver = VideoReceiver()
    receiver.add(packet(0, key=True), 0.0)
    receiver.overrun(1_000.0, begins=True)
    keys: list[float] = []
    for at in range(60):
        now_ms = 1_000.0 + at * 50
        receiver.overrun(now_ms, begins=False)
        keys += received([10 + at * 12], receiver, now_ms)[1]
    assert keys
    assert 1_000.0 + NARROW_KEY_PAUSE_MOST_MS <= keys[0] <= 1_000.0 + NARROW_KEY_PAUSE_MOST_MS + 200


def test_where_no_pictures_are_expected_none_are_asked_for() -> None:
    receiver = VideoReceiver()
    receiver.add(packet(0, key=True), 0.0)
    receiver.is_expected = False
    assert received(list(range(10, 900, 8)), receiver, 1_000.0) == ([], [])
    receiver.is_expected = True
    assert received([900, 901], receiver, 2_500.0)[1] != []
