"""The report after the call: minutes, steps, interruptions, its bound, and nothing of a person in IT's copy."""

from __future__ import annotations

import json

from teleconsole.call.webrtc.report import CallReport
from teleconsole.contracts.call import CallStats
from teleconsole.host.media_limits import REPORT_PIECES, REPORT_STEPS

GOOD = CallStats(received_fps=30, round_trip_ms=40, one_way_ms=140, r_factor=89.8, received_kbps=900, sent_kbps=800)
BAD = CallStats(
    received_fps=10, round_trip_ms=240, loss_percent=8, audio_concealed_percent=6, one_way_ms=260, r_factor=60,
    audio_late_ms=4, freeze_count=2, freezes_s=1.5,
)  # fmt: skip


def two_minutes() -> CallReport:
    """A good minute; then ten seconds of nothing, and the rest of the minute is bad, with two freezes."""
    report = CallReport()
    report.look(90.0, "connecting", CallStats())
    for second in range(60):
        report.look(100.0 + second, "connected", GOOD)
    for second in range(60, 70):
        report.look(100.0 + second, "reconnecting", GOOD)
    report.step(170.0, "180p", "loss")
    for second in range(70, 120):
        report.look(100.0 + second, "connected", BAD)
    return report


def test_each_minute_has_its_means_and_its_interruption() -> None:
    first, second = (piece.mean() for piece in two_minutes().pieces)
    assert (first.at_s, first.seconds, first.loss_percent, first.round_trip_ms, first.received_fps) == (
        0,
        60,
        0,
        40,
        30,
    )
    assert (second.at_s, second.seconds, second.loss_percent, second.down_s) == (60, 50, 8, 10)
    assert (second.freezes, second.freezes_s, second.concealed_percent) == (2, 1.5, 6)


def test_it_can_be_read() -> None:
    words = two_minutes().words().splitlines()
    assert words[0] == "How the call went"
    assert words[1].startswith(
        "Voice fair: rating 76 of 93 (ITU-T G.107), opinion score 3.9 of 4.5, mouth to ear about "
    )
    assert "2 freezes of the picture, 10 s without connection." in words[2]
    assert words[3] == "01:10 step 180p (loss)"
    assert words[4].startswith("00:00 loss 0.0 %, round trip 40 ms, 30 pictures/s, 0 freezes")
    assert words[5].endswith(", 200 ms of silence because this computer was late, 10 s without connection")
    assert len(words) == 6


def test_a_call_of_a_day_is_told_in_longer_pieces_and_loses_nothing() -> None:
    report = CallReport()
    for ten_seconds in range(8_640):
        report.look(ten_seconds * 10.0, "connected", GOOD)
        report.step(ten_seconds * 10.0, "720p", "better")
    assert len(report.pieces) <= REPORT_PIECES
    assert sum(piece.seconds for piece in report.pieces) == 8_640
    assert len(report.steps) == REPORT_STEPS
    assert len(report.words()) < 64_000


def test_nobody_was_there() -> None:
    report = CallReport()
    report.look(1.0, "admitting", CallStats())
    assert report.is_empty


def test_the_copy_for_it_names_nobody_and_nothing_but_numbers() -> None:
    told = json.loads(two_minutes().without_names())
    assert set(told) == {"day", "whole", "pieces", "steps"}
    assert told["steps"] == [{"at_s": 70.0, "step": "180p", "cause": "loss"}]
    for piece in (told["whole"], *told["pieces"]):
        assert all(isinstance(value, int | float) for value in piece.values())
