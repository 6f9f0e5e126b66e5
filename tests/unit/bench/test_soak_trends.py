"""Figures of a long call: slopes that a few bad samples do not move, growth after settling, and whose a glitch is."""

from typing import Any

import pytest
from tests.bench.soak.trends import figures, glitches, growth, slope_per_min


def sample(at_s: float, *, concealed: float = 0.0, loss: float = 0.0, late_ms: float = 1.0, lost: int = 0) -> Any:
    size = {"pss_mib": 100 + at_s / 60, "anonymous_mib": 80.0, "threads": 21, "fds": 25, "cpu_s": at_s / 5,
            "waited_s": 0.0}  # fmt: skip
    second = int(at_s)
    told = {"at_ms": second * 1000 + 500, "concealed_percent": concealed, "loss_percent": loss, "delay_ms": 40.0}
    ear = {"ms": 120 + at_s / 600}
    return {
        "at_s": at_s, "call": size, "console": size, "seconds": [told], "link": {"lost": [lost, 0], "dropped": [0, 0]},
        "heard": {"to_clinic": ear, "to_patient": ear}, "late_ms": {str(second - 1): late_ms}, "load": 1.0,
    }  # fmt: skip


def test_slope_is_that_of_most_points() -> None:
    points = [(10.0 * at, 100 + 0.5 * at) for at in range(30)]
    points[7] = points[7][0], 900.0
    assert slope_per_min(points) == pytest.approx(3.0, abs=0.01)
    assert slope_per_min(points[:1]) is None


def test_growth_begins_when_caches_are_filled() -> None:
    points = [(10.0 * at, 50.0 if at < 12 else 100 + at) for at in range(60)]
    assert growth(points) == pytest.approx(45)
    assert growth(points[:15]) is None


def test_glitches_belong_to_network_machine_or_nobody() -> None:
    found = glitches([
        sample(10),
        sample(20, concealed=5),
        sample(30, concealed=5, late_ms=90),
        sample(40, concealed=5, loss=2),
        sample(50, concealed=5, lost=3),
        sample(60, concealed=5, lost=3),
    ])  # fmt: skip
    assert found == {"seconds": 6, "made_up": 5, "network": 2, "machine": 1, "unexplained": 2}


def test_figures_of_a_call() -> None:
    found = figures([sample(10.0 * at) for at in range(1, 61)])
    assert found["minutes"] == 10
    assert found["growth"]["pss_mib"] == pytest.approx(46 / 6, abs=0.01)
    assert found["growth"]["fds"] == 0
    assert found["cpu_cores"] == pytest.approx(0.2)
    assert found["mouth_to_ear"]["to_clinic"]["slope_ms_per_min"] == pytest.approx(0.1)
