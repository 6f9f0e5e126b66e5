"""The microphone's clock is not ours: nothing is lost, nothing runs dry, and no seam is heard."""

import numpy as np
import pytest

from teleconsole.call.media.ring import Samples
from teleconsole.call.media.steady import SteadyRing
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_MICROPHONE_RING_SAMPLES
from teleconsole.host.media_limits import STEADY_SPARE_MS

BLOCK, PIECE = 480, 960
KEPT = STEADY_SPARE_MS[0] * CALL_AUDIO_HZ // 1000
PRIME = 1_440
PHASE_S = 0.005
"""We read between two blocks of the device."""
PITCH_HZ = 180.0
AMPLITUDE = 8_000.0


def voice(at: int, count: int) -> Samples:
    """A vowel: a pitch and its overtones, which go on without a break from one block to the next."""
    t = np.arange(at, at + count) / CALL_AUDIO_HZ
    parts = sum(np.sin(2 * np.pi * PITCH_HZ * k * t) / k for k in (1, 2, 3))
    return (AMPLITUDE * np.asarray(parts)).astype(np.int16)


class Clock:
    """Ours; the test moves it."""

    def __init__(self) -> None:
        self.now_s = 1.0

    def __call__(self) -> float:
        return self.now_s


def ring_and_clock() -> tuple[SteadyRing, Clock]:
    clock = Clock()
    return SteadyRing(CALL_MICROPHONE_RING_SAMPLES, PRIME, clock), clock


def run(ring: SteadyRing, clock: Clock, seconds: float, skew_ppm: float, *, late_ms: float = 4.0) -> list[Samples]:
    """What was read in a time by our clock while the device's runs faster or slower; both threads are a bit late."""
    rng = np.random.default_rng(3)
    block_s = BLOCK / CALL_AUDIO_HZ / (1 + skew_ppm * 1e-6)
    heard, written = [], 0
    for piece in range(int(seconds * CALL_AUDIO_HZ / PIECE)):
        now_s = PHASE_S + piece * PIECE / CALL_AUDIO_HZ + rng.uniform(0, late_ms / 1000)
        while written * block_s <= now_s:
            clock.now_s = 1.0 + written * block_s
            ring.write(voice(written * BLOCK, BLOCK))
            written += 1
        clock.now_s = 1.0 + now_s
        heard.append(ring.read(PIECE))
    return heard


@pytest.mark.parametrize("skew_ppm", [-1_000.0, -100.0, 100.0, 1_000.0])
def test_a_skewed_device_neither_overflows_nor_runs_dry(skew_ppm: float) -> None:
    ring, clock = ring_and_clock()
    heard = np.concatenate(run(ring, clock, 120, skew_ppm)[3:])
    assert ring.dropped == 0
    drift = abs(skew_ppm) * 1e-6 * len(heard)
    assert abs(ring.stretched - drift) <= PRIME
    steepest = float(np.max(np.abs(np.diff(voice(0, CALL_AUDIO_HZ).astype(np.int32)))))
    assert float(np.max(np.abs(np.diff(heard.astype(np.int32))))) < 1.5 * steepest
    assert ring.spare <= (STEADY_SPARE_MS[1] + 20) * CALL_AUDIO_HZ // 1000


def test_equal_clocks_are_left_alone() -> None:
    ring, clock = ring_and_clock()
    heard = np.concatenate([piece for piece in run(ring, clock, 60, 0.0) if piece.any()])
    assert ring.stretched == 0
    np.testing.assert_array_equal(heard, voice(0, len(heard)))


def test_what_piled_up_while_nobody_read_goes_down_again() -> None:
    ring, clock = ring_and_clock()
    ring.write(voice(0, PRIME))
    ring.read(PIECE)
    ring.write(voice(PRIME, 2_880))
    for piece in range(400):
        clock.now_s += 0.02
        ring.read(PIECE)
        ring.write(voice(PRIME + 2_880 + piece * PIECE, PIECE))
    ring.read(PIECE)
    assert ring.spare <= STEADY_SPARE_MS[1] * CALL_AUDIO_HZ // 1000
    assert ring.dropped == 0


def test_noise_without_a_period_is_not_cut_but_stays_bounded() -> None:
    rng = np.random.default_rng(5)
    ring, clock = ring_and_clock()
    for _ in range(200):
        clock.now_s += 0.02
        ring.write(rng.integers(-8_000, 8_000, PIECE + 8).astype(np.int16))
        ring.read(PIECE)
    assert ring.stretched == 0
    assert ring.spare <= CALL_MICROPHONE_RING_SAMPLES


def test_a_device_that_stands_still_gives_silence_and_begins_anew() -> None:
    ring, _ = ring_and_clock()
    ring.write(voice(0, PRIME))
    assert ring.read(PIECE).any()
    ring.read(PIECE)
    assert not ring.read(PIECE).any()
    ring.write(voice(0, PIECE))
    assert not ring.read(PIECE).any()
    ring.write(voice(PIECE, PIECE))
    np.testing.assert_array_equal(ring.read(PIECE), voice(0, PIECE))


def test_sound_that_must_not_be_bent_has_a_wider_band() -> None:
    ring, clock = ring_and_clock()
    ring.holds = True
    heard = np.concatenate([piece for piece in run(ring, clock, 120, 100.0) if piece.any()])
    assert ring.stretched == 0
    np.testing.assert_array_equal(heard, voice(0, len(heard)))
    assert ring.dropped == 0


def test_what_is_old_when_reading_begins_is_not_sent() -> None:
    ring, clock = ring_and_clock()
    ring.write(voice(0, CALL_MICROPHONE_RING_SAMPLES))
    np.testing.assert_array_equal(ring.read(PIECE)[-1:], voice(CALL_MICROPHONE_RING_SAMPLES - KEPT - 1, 1))
    for block in range(10):
        ring.write(voice(CALL_MICROPHONE_RING_SAMPLES + block * BLOCK, BLOCK))
    clock.now_s += 1.0
    ring.read(PIECE)
    assert ring.spare == KEPT
