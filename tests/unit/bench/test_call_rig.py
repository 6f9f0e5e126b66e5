"""The call's rig judges what it is said to judge: faults, numbers in pictures, delays, gaps and goals."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from tests.bench.call import stamp
from tests.bench.call.goals import Goal
from tests.bench.call.hearing import hear, sound_late_s
from tests.bench.call.impairment import NEVER_S, Direction, Impairment
from tests.bench.call.measure import gaps_s, missing_percent, moving_again_s, picture_latencies
from tests.bench.call.notes import Notes, Paint
from tests.bench.call.plots import write_plots
from tests.bench.call.quality import psnr_of_bgra
from tests.bench.call.scenarios import SCENARIOS
from tests.bench.call.speech import RATE_HZ, speech, turns

PACKETS = 20_000


def fates(faults: Impairment, *, packets: int = PACKETS, gap_s: float = 0.001, size: int = 1000) -> list[float]:
    direction = Direction(1)
    direction.set(faults)
    return [direction.due_s(at * gap_s, size) for at in range(packets)]


def test_impairment_random_loss_is_as_stated_and_repeatable() -> None:
    lost = fates(Impairment(loss_percent=5))
    assert lost.count(NEVER_S) / PACKETS == pytest.approx(0.05, abs=0.006)
    assert lost == fates(Impairment(loss_percent=5))


@pytest.mark.parametrize(("percent", "burst"), [(5, 4), (10, 8)])
def test_impairment_bursts_have_the_stated_share_and_length(percent: float, burst: float) -> None:
    due = fates(Impairment(loss_percent=percent, burst_packets=burst), packets=200_000)
    bursts = [len(list(run)) for lost, run in itertools.groupby(due, NEVER_S.__eq__) if lost]
    assert sum(bursts) / len(due) == pytest.approx(percent / 100, rel=0.1)
    assert np.mean(bursts) == pytest.approx(burst, rel=0.1)


def test_impairment_jitter_overtakes_only_when_it_may() -> None:
    kept = fates(Impairment(delay_ms=30, jitter_ms=60))
    assert kept == sorted(kept)
    loose = fates(Impairment(delay_ms=30, jitter_ms=60, reorder=True))
    assert loose != sorted(loose)
    waits_s = [due - at * 0.001 for at, due in enumerate(loose)]
    assert min(waits_s) >= 0.030
    assert max(waits_s) <= 0.0901


def test_impairment_cap_fills_its_queue_and_drops_the_rest() -> None:
    # a megabit a second offered to half of it: 1000 bytes every 8 ms
    due = fates(Impairment(rate_kbps=500, queue_ms=300), packets=1000, gap_s=0.008)
    arrived = [at_s for at_s in due if at_s != NEVER_S]
    assert len(arrived) * 8 / 8.0 == pytest.approx(500, rel=0.06)
    waits_s = [at_s - at * 0.008 for at, at_s in enumerate(due) if at_s != NEVER_S]
    assert 0.28 < max(waits_s) <= 0.317


def test_impairment_outage_lets_nothing_pass() -> None:
    assert set(fates(Impairment(outage=True), packets=100)) == {NEVER_S}


def test_impairment_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="outage"):
        Impairment(loss_percent=100)
    with pytest.raises(ValueError, match="one packet"):
        Impairment(burst_packets=0.5)
    with pytest.raises(ValueError, match="negative"):
        Impairment(delay_ms=-1)


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_stamp_numbers_are_read_at_every_size_of_the_ladder(scale: int) -> None:
    for number in (0, 1, 119, 4095):
        luma = np.full((stamp.HEIGHT, stamp.WIDTH), 128, np.uint8)
        stamp.draw(luma, number)
        assert stamp.read(luma[::scale, ::scale]) == number
    assert stamp.read(np.full((360, 640), 128, np.uint8)) is None


def test_quality_of_the_same_picture_is_high_and_falls_with_noise() -> None:
    luma = np.clip(np.add.outer(np.arange(720) * 0.1, np.arange(1280) * 0.08) + 30, 16, 235).astype(np.uint8)
    grey = ((luma.astype(np.float32) - 16) * 255 / 219).round()
    same = np.repeat(grey[..., None], 4, axis=2).clip(0, 255).astype(np.uint8)
    noisy = (grey[..., None] + np.random.default_rng(1).normal(0, 10, (720, 1280, 1))).clip(0, 255)
    assert psnr_of_bgra(same, luma) > 45
    assert 25 < psnr_of_bgra(np.repeat(noisy, 4, axis=2).astype(np.uint8), luma) < 32


def test_hearing_finds_the_delay_and_the_holes() -> None:
    said = turns(speech(20, 3), first=True)
    heard = np.roll(said, int(0.137 * RATE_HZ)) * np.float32(0.5)
    whole = hear(said, heard, 4, 18)
    assert len(whole.delays) > 10
    assert whole.windows == len(whole.delays)
    assert [ms for _, ms in whole.delays] == pytest.approx([137] * len(whole.delays), abs=1)
    assert whole.silent_percent == 0
    holed = heard.copy()
    for at_s in np.arange(4, 18, 0.4):
        holed[int(at_s * RATE_HZ) : int((at_s + 0.1) * RATE_HZ)] = 0
    assert 10 < hear(said, holed, 4, 18).silent_percent < 40
    assert hear(said, np.zeros_like(heard), 4, 18).silent_percent == 100


def test_hearing_sound_that_comes_back_late_is_told_from_a_pause() -> None:
    said = turns(speech(20, 3), first=True)
    heard = np.roll(said, int(0.1 * RATE_HZ))
    for back_s in (6.0, 8.5, 9.9):  # the second is in the other person's turn
        usual = sound_late_s(said, heard, back_s, 0.1)
        assert usual is not None
        assert usual < 0.05
    heard[int(10 * RATE_HZ) : int(10.8 * RATE_HZ)] = 0
    late = sound_late_s(said, heard, 10.0, 0.1)
    assert late is not None
    assert 0.5 < late < 1.0


def test_measure_latency_takes_the_newest_capture_of_a_number() -> None:
    source = Notes(captures=[(10.0, 7), (14.0, 7), (14.033, 8)])
    sink = Notes(paints=[Paint(14.1, 7, 1280, 720, 0), Paint(14.2, 8, 1280, 720, 0), Paint(14.3, 99, 1280, 720, 0)])
    assert [round(ms) for _, ms in picture_latencies(source, sink)] == [100, 167]


def test_measure_gaps_and_motion() -> None:
    assert gaps_s([0, 0.1, 0.5, 0.6]) == pytest.approx([0.4])
    still_then_moving = [1.0, 3.0, *(4 + at / 30 for at in range(10))]
    assert moving_again_s(still_then_moving, 0.5) == 4.0
    assert moving_again_s([1.0, 2.0], 0.5) is None


def test_measure_missing_sound_of_a_browser_and_of_the_console() -> None:
    def noted(at_s: float, concealed: int, total: int) -> dict[str, object]:
        audio = {"id": "a", "concealedSamples": concealed, "totalSamplesReceived": total}
        return {"at_s": at_s, "peer": 0, "inbound-rtp-audio": audio}

    assert missing_percent([noted(1, 0, 0), noted(2, 480, 48_000), noted(3, 480, 96_000)], 0, 4) == 0.5
    assert missing_percent([{"at_s": at, "audio_concealed_percent": at} for at in (1.0, 3.0)], 0, 4) == 2.0
    assert missing_percent([], 0, 4) is None


def test_goals_are_met_only_when_all_that_is_promised_holds() -> None:
    goal = Goal("gaps", "loss2", "gap_s_per_min", most=0.1, over_reference=0.3)
    assert goal.met(0.1, 0.0) is True
    assert goal.met(0.2, 0.0) is False
    assert goal.met(None, 0.0) is None
    assert Goal("bits", "clean", "kbps", least_by_reference=0.95).met(94, 100) is False
    assert Goal("bits", "clean", "kbps", least_by_reference=0.95).met(95, None) is None
    assert goal.limit == "≤ 0.1, ≤ ref + 0.3"


def test_plots_are_drawn_with_holes_where_nothing_was_measured(tmp_path: Path) -> None:
    seconds = [
        {"s": s, "fps": 30, "video_ms": None if s == 2 else 40.0, "sound_ms": 100.0, "kbps": 1} for s in range(5)
    ]
    run = {
        "scenario": "clean",
        "pair": "console",
        "to_clinic": {"timeline": seconds},
        "to_patient": {"timeline": seconds},
    }
    (path,) = write_plots([run], tmp_path)
    text = path.read_text()
    assert text.startswith("<svg")
    assert text.count("<polyline") == 2 * (2 + 1 + 1)


def test_scenarios_begin_before_their_phases_and_end_after_them() -> None:
    for scenario in SCENARIOS.values():
        assert all(0 <= phase.at_s < scenario.seconds for phase in scenario.phases)
        assert scenario.warm_s > 0
