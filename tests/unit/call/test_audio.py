"""Rings, recordings and tones: bounded, nothing grows."""

import numpy as np
from pywebrtc_audio import AudioProcessor
from tests.bench.call.speech import speech
from tests.journeys.rig.tones import hears

from teleconsole.call.media.levels import MicrophoneHearer
from teleconsole.call.media.microphone_feed import MicrophoneFeed
from teleconsole.call.media.microphones import Inlet, LoopedMicrophone, pulsed_tone
from teleconsole.call.media.playout import Playout
from teleconsole.call.media.processing import VoiceProcessing
from teleconsole.call.media.ring import SampleRing, Samples, level_of, padded
from teleconsole.host.limits import CALL_PCM_QUEUE_SAMPLES

BLOCK = 480


def ramp(count: int, start: int = 0) -> Samples:
    return np.arange(start, start + count).astype(np.int16)


def test_ring_keeps_order_over_its_edge_and_drops_the_oldest() -> None:
    ring = SampleRing(10)
    assert ring.write(ramp(7)) == 0
    assert ring.read(5).tolist() == [0, 1, 2, 3, 4]
    assert ring.write(ramp(9, 7)) == 1
    assert ring.read(99).tolist() == list(range(6, 16))
    assert ring.write(ramp(25)) == 15
    assert ring.read(99).tolist() == list(range(15, 25))


def test_ring_gives_nothing_until_it_is_primed_again() -> None:
    ring = SampleRing(100, prime=20)
    ring.write(ramp(19))
    assert len(ring.read(10)) == 0
    ring.write(ramp(1))
    assert len(ring.read(15)) == 15
    assert len(ring.read(15)) == 5
    ring.write(ramp(10))
    assert len(ring.read(5)) == 0


def test_playout_mixes_a_recording_without_a_voice_and_bounds_it() -> None:
    playout = Playout()
    tone = pulsed_tone(600)
    playout.play_pcm(tone)
    heard = np.concatenate([playout.pull() for _ in range(300)])
    assert hears((heard / 32768).astype(np.float32), 600)
    assert playout.pcm_waiting == 0
    assert playout.pcm_room == CALL_PCM_QUEUE_SAMPLES


def test_looped_microphone_goes_round_without_a_gap() -> None:
    microphone = LoopedMicrophone("file:x", ramp(7), Inlet(VoiceProcessing(), MicrophoneHearer(), MicrophoneFeed()))
    assert microphone.read(10).tolist() == [0, 1, 2, 3, 4, 5, 6, 0, 1, 2]
    assert microphone.read(3).tolist() == [3, 4, 5]


def level_after_processing(*, told: bool) -> float:
    """Level of an echo 60 ms after the loudspeaker's sound, whether or not the processing was told of that sound."""
    rng = np.random.default_rng(7)
    speech = (rng.normal(0, 3000, 48000 * 6) * np.repeat(rng.uniform(0, 1, 60), 4800)).astype(np.int16)
    processing = VoiceProcessing()
    levels = []
    for at in range(2880, len(speech), BLOCK):
        if told:
            processing.played(speech[at : at + BLOCK])
        near = (padded(speech[at - 2880 : at - 2880 + BLOCK], BLOCK) * 0.4).astype(np.int16)
        levels.append(level_of(processing.process(near)))
    return float(np.mean(levels[300:]))


def test_a_voice_leaves_at_the_level_of_a_browser() -> None:
    voice = (np.asarray(speech(20, 12), np.float64) * 32_767).astype(np.int16)
    processing = VoiceProcessing()
    out = np.concatenate(
        [processing.process(voice[at : at + BLOCK]) for at in range(0, len(voice) - BLOCK + 1, BLOCK)]
    )[10 * 48_000 :]
    levels = np.array([level_of(out[at : at + BLOCK]) for at in range(0, len(out) - BLOCK + 1, BLOCK)])
    spoken_db = 20 * np.log10(np.sqrt(np.mean(np.square(levels[levels > 0.02]))))
    assert -24 < spoken_db < -16


def test_the_canceller_never_gets_exact_silence_which_it_is_slow_at() -> None:
    given: list[tuple[bool, bool]] = []

    class Spy(AudioProcessor):
        def process(self, near: Samples, far: Samples) -> Samples:  # type: ignore[override]  # as we call it
            given.append((bool(near.any()), bool(far.any())))
            return near

    processing = VoiceProcessing(make_processor=Spy)
    for block in (ramp(BLOCK, 1), np.zeros(BLOCK, np.int16)):
        processing.played(block)
        assert level_of(processing.process(block)) < 0.1
    assert given == [(True, True)] * 2


def test_processing_takes_the_loudspeaker_out_of_the_microphone() -> None:
    # The gain control lifts what is left, so only the ratio tells: over 10 dB even so.
    assert level_after_processing(told=True) * 3.2 < level_after_processing(told=False)
