"""Real Opus through a network that loses: what is repaired, what is made up, and that it is never silent."""

import numpy as np
import pytest
from tests.unit.call.neteq.voices import NOISE_RMS, Network, encode, listen, speech, tone

VOICE = encode(speech(12))
VOICE_WITHOUT_FEC = encode(speech(12), fec=False)


def test_without_loss_nothing_is_made_up_and_the_delay_is_the_least() -> None:
    heard = listen(VOICE, Network())
    assert heard.counters.concealed_samples == 0
    assert heard.counters.accelerated_samples == heard.counters.expanded_samples == 0
    assert heard.delays_ms[-1] == pytest.approx(40, abs=6)


@pytest.mark.parametrize(("loss", "most_percent"), [(0.05, 0.5), (0.10, 2.0)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_loss_is_repaired_by_copies_and_fec(loss: float, most_percent: float, seed: int) -> None:
    heard = listen(VOICE, Network(loss=loss, seed=seed), copies=1)
    assert heard.counters.red_samples > 0
    assert heard.percent(heard.counters.concealed_samples) <= most_percent
    assert heard.quietest_rms() > NOISE_RMS / 4


def test_opus_own_redundancy_alone_halves_what_is_missing() -> None:
    lossy = Network(loss=0.08)
    without = listen(VOICE_WITHOUT_FEC, lossy)
    with_fec = listen(VOICE, lossy)
    assert with_fec.counters.fec_samples > 10 * 960
    assert with_fec.counters.missing_samples < 0.7 * without.counters.missing_samples


def test_missing_samples_are_those_that_were_lost() -> None:
    network = Network(loss=0.05, seed=4)
    heard = listen(VOICE_WITHOUT_FEC, network)
    lost_in_the_middle = len([n for n in network.lost if n < len(VOICE_WITHOUT_FEC) - 5]) * 960
    assert heard.counters.missing_samples == pytest.approx(lost_in_the_middle, abs=2 * 960)


def test_bursts_are_never_silent_and_fade_into_the_background() -> None:
    heard = listen(VOICE, Network(loss=0.15, burst=12, seed=5), copies=1)
    assert heard.counters.concealed_samples > 0
    assert heard.quietest_rms() > NOISE_RMS / 4


def test_tone_goes_on_over_losses_without_a_click() -> None:
    clean = listen(encode(tone(6)), Network())
    lossy = listen(encode(tone(6)), Network(loss=0.06, seed=3))
    assert lossy.counters.concealed_samples > 0
    assert lossy.steepest() < 3 * clean.steepest()


def test_outage_ends_with_sound_at_once_at_the_target_delay() -> None:
    def silent(number: int) -> bool:
        return 200 <= number < 350

    voice = tone(10) + speech(10) // 8
    gone = Network(delay_ms=lambda number: 1e9 if silent(number) else 0.0)
    heard = listen(encode(voice), gone)
    back = 350 * 2 + 5  # block in which the first packet after the outage comes
    blocks = heard.sound.reshape(-1, 480).astype(np.float64)
    levels = np.sqrt(np.mean(np.square(blocks), axis=1))
    assert levels[430:695].min() > 0
    assert levels[430:700].max() < 100
    assert levels[back + 6 : back + 20].min() > 2000
    assert heard.delays_ms[back + 30] < 60


def test_sixty_ms_packets_are_repaired_too() -> None:
    heard = listen(encode(speech(12), packet_ms=60), Network(loss=0.05, seed=2), copies=1, packet_ms=60)
    assert heard.counters.red_samples > 0
    assert heard.percent(heard.counters.concealed_samples) <= 0.7
    assert heard.delays_ms[-1] < 130
