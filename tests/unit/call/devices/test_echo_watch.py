"""Whether there is an echo to cancel: in a room, with a headset, and after a headset was pulled."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
import pytest
from tests.bench.call.speech import RATE_HZ, speech

from teleconsole.call.media.echo_watch import EchoWatch
from teleconsole.host.limits import CALL_BLOCK_SAMPLES

Signal = npt.NDArray[np.float64]
_BLOCKS_PER_S = 100
_NOISE = 10 ** (-62 / 20)


@functools.cache
def voice(seconds: int, seed: int) -> Signal:
    return np.asarray(speech(seconds, seed), np.float64) * 0.7


def pause(seconds: float) -> Signal:
    return np.zeros(round(seconds * RATE_HZ))


def echo_of(far: Signal, delay_ms: float, gain: float) -> Signal:
    """A wall, and two more behind it."""
    heard = np.zeros_like(far)
    for later_ms, part in ((0, 1.0), (7, 0.5), (19, 0.3)):
        at = round((delay_ms + later_ms) * RATE_HZ / 1000)
        heard[at:] += gain * part * far[: len(far) - at]
    return heard


def small_loudspeaker(far: Signal, gain: float) -> Signal:
    """One without lows, in a room that rings for 120 ms, 70 ms away; the microphone has a constant and hums."""
    chance = np.random.default_rng(5)
    high = np.diff(far, prepend=0.0) * 4
    count = round(0.12 * RATE_HZ)
    room = chance.normal(0, 1, count) * np.exp(-np.arange(count) / (0.022 * RATE_HZ))
    room[0] = 4.0
    size = 1 << (len(far) + count).bit_length()
    ringing = np.fft.irfft(np.fft.rfft(high, size) * np.fft.rfft(room / np.sqrt(np.sum(room**2)), size), size)
    hum = 0.01 + 0.003 * np.sin(2 * np.pi * 50 * np.arange(len(far)) / RATE_HZ)
    at = round(0.07 * RATE_HZ)
    return gain * np.concatenate((np.zeros(at), ringing))[: len(far)] + hum


def said(watch: EchoWatch, far: Signal, near: Signal) -> list[bool]:
    """Whether it is needed, after each block of 10 ms."""
    noise = np.random.default_rng(3).normal(0, _NOISE, len(far))
    blocks = []
    played, heard = (np.clip(each * 32_768, -32_768, 32_767).astype(np.int16) for each in (far, near + noise))
    for at in range(0, len(far) - CALL_BLOCK_SAMPLES + 1, CALL_BLOCK_SAMPLES):
        watch.hear(heard[at : at + CALL_BLOCK_SAMPLES], played[at : at + CALL_BLOCK_SAMPLES])
        blocks.append(watch.is_needed)
    return blocks


def with_headset() -> EchoWatch:
    """After four seconds of the other side with a headset."""
    watch = EchoWatch()
    far = np.concatenate((pause(2), voice(4, 11)))
    assert not said(watch, far, np.zeros_like(far))[-1]
    return watch


@pytest.mark.parametrize("delay_ms", [20, 60, 200, 350])
@pytest.mark.parametrize("gain", [0.5, 0.05, 0.02])
def test_in_a_room_it_is_always_cancelled(delay_ms: float, gain: float) -> None:
    far = np.concatenate((pause(2), voice(8, 11), pause(2), voice(6, 13)))
    assert all(said(EchoWatch(), far, echo_of(far, delay_ms, gain)))


def test_with_a_headset_it_is_known_soon_although_people_answer_into_the_others_last_words() -> None:
    turn = round(2.5 * RATE_HZ)
    far = np.concatenate(
        [np.concatenate((voice(40, 11)[at : at + turn], pause(2.5))) for at in range(0, 6 * turn, turn)]
    )
    near = np.concatenate(
        [
            np.concatenate((pause(2.3), voice(40, 12)[at : at + turn], pause(0.2)))[: 2 * turn]
            for at in range(0, 6 * turn, turn)
        ]
    )
    assert not any(said(EchoWatch(), far, near)[10 * _BLOCKS_PER_S :])


@pytest.mark.parametrize("gain", [0.5, 0.1])
def test_a_small_loudspeaker_in_a_ringing_room_is_cancelled_although_the_microphone_hums(gain: float) -> None:
    far = np.concatenate((pause(2), voice(8, 11), pause(2), voice(6, 13)))
    assert all(said(EchoWatch(), far, small_loudspeaker(far, gain)))


def test_who_talks_for_long_first_hides_no_echo() -> None:
    far = np.concatenate((pause(12), voice(8, 11)))
    near = np.concatenate((pause(2), 0.7 * voice(10, 12), pause(8)))
    assert all(said(EchoWatch(), far, near + echo_of(far, 60, 0.05)))


def test_what_is_faint_at_the_other_side_proves_nothing() -> None:
    fan = np.random.default_rng(9).normal(0, 10 ** (-38 / 20), 14 * RATE_HZ)
    far = np.concatenate((voice(3, 11), pause(4), voice(3, 13), pause(4))) + fan
    far[:RATE_HZ] = 0.0
    assert all(said(EchoWatch(), far, echo_of(far, 60, 0.02)))


def test_a_device_that_is_changed_in_mid_sentence_does_not_take_the_echo_for_a_pause() -> None:
    watch = EchoWatch()
    far = voice(8, 11)
    assert all(said(watch, far, echo_of(far, 60, 0.1)))
    for at_s in (0.7, 1.3, 2.9):
        watch.begin_anew()
        rest = far[round(at_s * RATE_HZ) :]
        assert all(said(watch, rest, echo_of(far, 60, 0.1)[round(at_s * RATE_HZ) :]))


def test_until_it_is_known_it_is_cancelled() -> None:
    far = np.concatenate((pause(2), voice(4, 11)))
    assert all(said(EchoWatch(), far, np.zeros_like(far))[:_BLOCKS_PER_S])


def test_with_a_headset_nothing_is_cancelled_not_even_when_both_talk() -> None:
    far = np.concatenate((voice(6, 13), pause(1), voice(6, 11)))
    near = np.concatenate((pause(1), voice(6, 12), pause(6)))
    assert not any(said(with_headset(), far, near))


@pytest.mark.parametrize("gain", [0.5, 0.1])
def test_when_the_headset_is_pulled_its_echo_is_noticed(gain: float) -> None:
    far = voice(6, 13)
    assert all(said(with_headset(), far, echo_of(far, 80, gain))[2 * _BLOCKS_PER_S :])


def test_it_is_noticed_too_when_both_talked_meanwhile() -> None:
    far = np.concatenate((voice(6, 13), voice(6, 11)))
    near = echo_of(far, 80, 0.5) + np.concatenate((0.5 * voice(6, 12), pause(6)))
    assert all(said(with_headset(), far, near)[8 * _BLOCKS_PER_S :])


def test_with_another_device_nothing_is_known() -> None:
    watch = with_headset()
    watch.begin_anew()
    assert said(watch, voice(4, 11), pause(4))[0]
